"""Two scenarios of one future, life by life: what was prevented, reduced, delayed, brought forward or added.

An event has a name that does not depend on the scenario: the resident, the clock that led to it and which occasion of
that clock it was. So the same event can be found in both lives. It was *prevented* if only the comparator has it
within the period, *added* if only the scenario has it, *delayed* or *brought forward* if its date differs, *reduced*
if it began on the same second and took less time (*lengthened* if more). Prevented and added events are the whole
difference of the totals; nothing is estimated.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED

EVENTS: Final = ("admissions", "assessments", "care_home_entries")
CLASSES: Final = ("prevented", "reduced", "delayed", "brought_forward", "added", "lengthened", "unchanged")
_PROGRAMME_STAGES = (s.COORDINATION,)
_PROGRAMME_BITS = s.CASELOAD_PLACE | s.CARRY_OVER | s.ON_WAITING_LIST
_PROGRAMME_CLOCKS = (s.COORDINATION_ENDS, s.EFFECT_FADES, s.STOPS_WAITING)


class Found(NamedTuple):
    """Events of one kind in one trace: name (one number each), second, and seconds they took."""

    name: np.ndarray
    at: np.ndarray
    took: np.ndarray


def _names(resident: np.ndarray, clock: np.ndarray, occasion: np.ndarray) -> np.ndarray:
    """One number for (resident, clock, occasion); occasions from -1."""
    return (resident.astype(np.int64) << 32) | (clock.astype(np.int64) << 24) | (occasion.astype(np.int64) + 1)


def find_events(trace: np.ndarray, kind: str, horizon: int) -> Found:
    """All events of a kind; those still running at the horizon are cut there."""
    happened = trace["what"] == HAPPENED
    cause = trace["cause"]
    if kind == "admissions":
        begins = happened & ((cause == s.SUDDEN_ADMISSION) | (cause == s.LATE_ADMISSION))
        ends = (trace["left"] == s.HOSPITAL) & (trace["entered"] != s.HOSPITAL)
        key = cause
    elif kind == "assessments":
        begins = (trace["what"] == GRANTED) & (cause == s.ASSESSOR)
        ends = begins & False
        key = trace["because"]
    else:
        begins = (trace["outcome"] == s.CARE_HOME_ENTERED) & (happened | (trace["what"] == GRANTED))
        ends = begins & False
        key = trace["because"]
    rows = trace[begins]
    name = _names(rows["resident"], key[begins], rows["occasion"])
    at = rows["seconds"].astype(np.int64)
    took = np.zeros(len(rows), np.int64)
    if kind == "admissions":
        took = _lengths(rows["resident"], at, trace["resident"][ends], trace["seconds"][ends], horizon)
    order = np.argsort(name, kind="stable")
    return Found(name[order], at[order], took[order])


def _lengths(
    resident: np.ndarray, at: np.ndarray, end_resident: np.ndarray, end_at: np.ndarray, horizon: int
) -> np.ndarray:
    """Seconds from each beginning to the same resident's next end, or to the horizon."""
    span = np.int64(horizon + 1)
    ends = np.sort(end_resident.astype(np.int64) * span + end_at)
    begins = resident.astype(np.int64) * span + at
    where = np.searchsorted(ends, begins, side="left")
    found = np.append(ends, np.int64(-1))[where]
    same = (where < len(ends)) & (found // span == resident)
    return np.asarray(np.where(same, found - begins, horizon - at), dtype=np.int64)


def classify(a: Found, b: Found) -> dict[str, int]:
    """Number of events in each class from comparator `a` to scenario `b`, and the difference of the totals (b - a).

    `added` minus `prevented` equals `difference`, exactly.
    """
    _, in_a, in_b = np.intersect1d(a.name, b.name, assume_unique=True, return_indices=True)
    later, sooner = b.at[in_b] > a.at[in_a], b.at[in_b] < a.at[in_a]
    same_time = ~(later | sooner)
    shorter = same_time & (b.took[in_b] < a.took[in_a])
    longer = same_time & (b.took[in_b] > a.took[in_a])
    counts = {
        "prevented": len(a.name) - len(in_a),
        "reduced": int(shorter.sum()),
        "delayed": int(later.sum()),
        "brought_forward": int(sooner.sum()),
        "added": len(b.name) - len(in_b),
        "lengthened": int(longer.sum()),
        "unchanged": int((same_time & ~shorter & ~longer).sum()),
    }
    return {**counts, "difference": len(b.name) - len(a.name)}


def lives(trace: np.ndarray) -> np.ndarray:
    """The trace without the programme's own rows and marks: what is left are residents' lives.

    Rows about caseload places, the end of coordination, fading and giving up the waiting list are dropped; the
    coordination stage is read as the community, and programme bits of what is held are cleared.
    """
    pool_row = trace["what"] != HAPPENED
    own = pool_row & (trace["cause"] == s.CASELOAD) & (trace["what"] <= GRANTED)
    own |= ~pool_row & np.isin(trace["cause"], _PROGRAMME_CLOCKS)
    rest = trace[~own].copy()
    for column in ("left", "entered"):
        rest[column][np.isin(rest[column], _PROGRAMME_STAGES)] = s.COMMUNITY
    rest["holds"] &= np.uint16(0xFFFF ^ _PROGRAMME_BITS)
    return np.asarray(rest)
