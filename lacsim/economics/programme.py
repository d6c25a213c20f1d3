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


def _overlap(begins: int, ends: int, piece: Piece) -> float:
    return max(0, min(ends, piece.ends) - max(begins, piece.begins)) / (piece.year_ends - piece.year_begins)


def programme_quantities(
    scenario: Scenario,
    period: Period,
    wards: Sequence[str],
    values: Mapping[str, Value],
    pieces: list[Piece],
) -> npt.NDArray[np.int64]:
    """Post-years and memberships in millionths.

    Parameters
    ----------
    values
        Reads `programme.recruitment_lead_days`, `coordination.vacancy_share` and
        `programme.coordinators_per_manager`.
    pieces
        From `years_of` or `months_of`; twelve months add up to their year to within rounding.

    Returns
    -------
        Shape (n_pieces, n_wards + 1, len(MEASURES)); the last ward is `CITY`.
    """
    lead = int(float(values["programme.recruitment_lead_days"]) * s.DAY)
    vacant, span = float(values["coordination.vacancy_share"]), float(values["programme.coordinators_per_manager"])
    amounts = np.zeros((len(pieces), len(wards) + 1, len(MEASURES)))
    spans = [
        (period.seconds(post.starts), period.horizon if post.ends is None else period.seconds(post.ends), post)
        for post in scenario.posts
    ]
    for k, piece in enumerate(pieces):
        for begins, ends, post in spans:
            is_new = begins >= 0 and period.name != "history"
            paid = post.posts * _overlap(begins, ends, piece)
            filled = post.posts * _overlap(begins + lead * is_new, ends, piece) * (1.0 - vacant)
            w = wards.index(post.ward)
            amounts[k, w, 0] += filled
            amounts[k, w, 1] += paid - filled
        if spans:
            first, last = min(b for b, _, _ in spans), max(e for _, e, _ in spans)
            there = _overlap(first, last, piece)
            posts = amounts[k, :, :2].sum()
            amounts[k, -1, 2] = max(there, posts / span)
            in_year = min(last, piece.year_ends) > max(first, piece.year_begins)
            length = (piece.ends - piece.begins) / (piece.year_ends - piece.year_begins)
            amounts[k, -1, 3] = length if in_year else 0.0
    return np.rint(amounts * POST_PARTS).astype(np.int64)
