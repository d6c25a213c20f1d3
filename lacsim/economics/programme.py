"""What is bought to run coordination: filled and vacant posts, managers, membership, by ward and period.

All of it follows from the plan and the parameters, nothing from simulated lives, so it can be priced again without
a run. A new post is vacant until recruitment is over and then as often as any other; a manager is there while any
post is, and more than one above the span of one.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lacsim.economics.items import POST_PARTS
from lacsim.model import stages as s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lacsim.runs.scenario import Period, Scenario
    from lacsim.units import Value

Floats = npt.NDArray[np.float64]

MEASURES: Final = ("posts_filled", "posts_vacant", "managers", "memberships")
CITY: Final = "(whole city)"  # managers and membership belong to no ward


class Piece(NamedTuple):
    """A year, or a month as a part of its year, in seconds from the first day."""

    begins: int
    ends: int
    year_begins: int
    year_ends: int


def years_of(period: Period) -> list[Piece]:
    """The financial years of a period."""
    starts = period.year_starts
    return [Piece(a, b, a, b) for a, b in itertools.pairwise(starts)]


def months_of(period: Period) -> list[Piece]:
    """The months of a period, each with its financial year."""
    starts, years = period.month_starts, period.year_starts
    return [Piece(a, b, years[m // 12], years[m // 12 + 1]) for m, (a, b) in enumerate(itertools.pairwise(starts))]


def _overlap(begins: Floats, ends: int, pieces: Sequence[Piece]) -> Floats:
    """Part of each piece's year between two seconds, shape (n_futures, n_pieces)."""
    edges = np.array(pieces, np.float64)
    there = np.minimum(ends, edges[:, 1]) - np.maximum(begins[:, np.newaxis], edges[:, 0])
    return np.asarray(np.clip(there, 0.0, None) / (edges[:, 3] - edges[:, 2]))


def programme_quantities(
    scenario: Scenario,
    period: Period,
    wards: Sequence[str],
    values: Sequence[Mapping[str, Value]],
    pieces: Sequence[Piece],
) -> npt.NDArray[np.int64]:
    """Post-years and memberships in millionths.

    Parameters
    ----------
    values
        By future; reads `programme.recruitment_lead_days`, `coordination.vacancy_share` and
        `programme.coordinators_per_manager`.
    pieces
        From `years_of` or `months_of`; twelve months add up to their year to within rounding.

    Returns
    -------
        Shape (n_futures, n_pieces, n_wards + 1, len(MEASURES)); the last ward is `CITY`.
    """
    lead, vacant, span = (
        np.array([float(chosen[name]) for chosen in values])
        for name in (
            "programme.recruitment_lead_days",
            "coordination.vacancy_share",
            "programme.coordinators_per_manager",
        )
    )
    lead = np.floor(lead * s.DAY)
    amounts = np.zeros((len(values), len(pieces), len(wards) + 1, len(MEASURES)))
    first, last = period.horizon, 0
    for post in scenario.posts:
        begins = period.seconds(post.starts)
        ends = period.horizon if post.ends is None else period.seconds(post.ends)
        is_new = begins >= 0 and period.name != "history"
        paid = post.posts * _overlap(np.full(len(values), float(begins)), ends, pieces)
        filled = post.posts * _overlap(begins + lead * is_new, ends, pieces) * (1.0 - vacant[:, np.newaxis])
        w = wards.index(post.ward)
        amounts[:, :, w, 0] += filled
        amounts[:, :, w, 1] += paid - filled
        first, last = min(first, begins), max(last, ends)
    if scenario.posts:
        there = _overlap(np.full(len(values), float(first)), last, pieces)
        posts = amounts[..., :2].sum(axis=(2, 3))
        amounts[:, :, -1, 2] = np.maximum(there, posts / span[:, np.newaxis])
        for k, piece in enumerate(pieces):
            if min(last, piece.year_ends) > max(first, piece.year_begins):
                amounts[:, k, -1, 3] = (piece.ends - piece.begins) / (piece.year_ends - piece.year_begins)
    return np.rint(amounts * POST_PARTS).astype(np.int64)
