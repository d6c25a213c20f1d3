"""Residents whose lives are the same in two worlds, so that the second need not live them again.

A resident's life depends on their own luck, on the record of their ward, and on when they are given a place. Whoever
never had, wanted or waited for a place, and whose ward is the same in both worlds, lives the same life in both and
changes nobody else's: in the second world their rows are copied and their last state is left as it is. Whether two
worlds have the same ward is for the caller to say.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lacsim.model.compiling import kernel
from lacsim.model.memory import words_of
from lacsim.model.stages import NOTHING
from lacsim.model.trace import HAPPENED


class Unchanged(NamedTuple):
    """Who lives as in an earlier world of the same people.

    Attributes
    ----------
    who
        1 for residents whose life is the same, else 0; shape (n,), uint8.
    trace
        The trace of the earlier world, with the rows of all its residents.
    """

    who: np.ndarray
    trace: np.ndarray


@kernel
def _find(who: Any, people: Any, ward_is_same: Any, trace: Any) -> None:
    """Mark residents of unchanged wards whose rows speak of no place and who have, and want, none at the end."""
    for i in range(people.shape[0]):
        person = people[i]
        who[i] = ward_is_same[person.ward]
        for kind in range(person.wants.shape[0]):
            if person.wants[kind] or person.has[kind] != NOTHING:
                who[i] = 0
    for j in range(trace.shape[0]):
        if trace[j].what != HAPPENED:
            who[trace[j].resident] = 0


def unchanged_lives(people: np.ndarray, trace: np.ndarray, ward_is_same: np.ndarray) -> Unchanged:
    """Who of a world that has been lived will live the same life in another.

    Parameters
    ----------
    people
        Its people in their last state, shape (n,).
    trace
        Its trace. Every use of a place has a row, so whoever has none and holds none at the end never held one.
    ward_is_same
        Whether each ward has the same records on the same dates, and the same places held on the first day, in both
        worlds; shape (n_wards,), bool.
    """
    who = np.empty(len(people), np.uint8)
    _find(who, people, ward_is_same.astype(np.uint8), trace)
    return Unchanged(who, trace)


@kernel
def _copy(to: Any, of: Any, who: Any) -> None:
    """Copy the words of each record that is not marked."""
    for i in range(to.shape[0]):
        if not who[i]:
            for word in range(to.shape[1]):
                to[i, word] = of[i, word]


def restore_others(people: np.ndarray, first: np.ndarray, who: np.ndarray) -> None:
    """Give everyone who is not in `who` the record they have in `first`; shapes (n,)."""
    _copy(words_of(people), words_of(first), who)
