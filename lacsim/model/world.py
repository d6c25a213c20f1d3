"""A world is what an engine is given: residents, wards, rates, pools and a calendar of changes, all checked arrays.

Both engines read the same world, so neither knows where its numbers came from. `lacsim.runs.bind` makes a
world from the register and a scenario; tests make small ones by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

CAPACITY: Final = 0  # the pool `target` has `value` places from now on
CONDITIONS: Final = 1  # the ward `target` lives by record `value` of `wards` from now on

QUIETLY: Final = 2  # as CONDITIONS, but nobody is told: residents meet the record when they are next looked at

CALENDAR = np.dtype([("seconds", np.int64), ("what", np.int64), ("target", np.int64), ("value", np.int64)])


@dataclass(frozen=True)
class World:
    """Everything an engine needs, and nothing that is not in an array.

    Attributes
    ----------
    people
        One record per resident (the rule set's `PERSON`), shape (n,). Engines change it: hand over a copy.
    wards
        One record per ward and period, shape (n_rows,).
    rates
        The rule set's rates, shape (1,).
    row_of_ward
        Which record of `wards` each ward lives by at the start, shape (n_wards,).
    first_pool, by_ward
        For each kind of pool: index of its first pool, and whether there is one per ward; shape (n_kinds,).
    capacity
        Places of each pool at the start, shape (n_pools,); a very large number stands for no limit.
    calendar
        Changes in the order they happen, dtype `CALENDAR`, all within (0, horizon).
    horizon
        Seconds; nothing happens at or after it.
    members, first_member
        Residents by ward in ascending order, and where each ward begins; shapes (n,) and (n_wards + 1,).
    n_urgencies
        How many classes of urgency a queue knows.
    """

    people: np.ndarray
    wards: np.ndarray
    rates: np.ndarray
    row_of_ward: np.ndarray
    first_pool: np.ndarray
    by_ward: np.ndarray
    capacity: np.ndarray
    calendar: np.ndarray
    horizon: int
    members: np.ndarray
    first_member: np.ndarray
    n_urgencies: int = 3


def members_by_ward(ward: np.ndarray, n_wards: int) -> tuple[np.ndarray, np.ndarray]:
    """Residents sorted by ward and number, and the start of each ward in that list."""
    members = np.argsort(ward, kind="stable").astype(np.int32)
    first = np.searchsorted(ward[members], np.arange(n_wards + 1)).astype(np.int64)
    return members, first
