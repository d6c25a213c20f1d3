"""Two scenarios of one future, life by life: what was prevented, reduced, delayed, brought forward or added.

An event has a name that does not depend on the scenario: the resident, the clock that led to it and which occasion of
that clock it was. So the same event can be found in both lives. It was *prevented* if only the comparator has it
within the period, *added* if only the scenario has it, *delayed* or *brought forward* if its date differs, *reduced*
if it began on the same second and took less time (*lengthened* if more). Prevented and added events are the whole
difference of the totals; nothing is estimated.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel, step
from lacsim.model.memory import kept
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


def find_events(trace: np.ndarray, horizon: int) -> dict[str, Found]:
    """All events of every kind of `EVENTS`, by name; those still running at the horizon are cut there.

    Parameters
    ----------
    trace
        Rows of one run (`TRACE`), those of each resident in the order of time.
    horizon
        Seconds at which the run ends.
    """
    n_residents = int(trace["resident"].max(initial=-1)) + 1
    found = [kept(f"found {kind}", (len(trace), 3), np.int64) for kind in EVENTS]
    numbers = _pick(trace, np.full(n_residents, -1, np.int32), horizon, *found)
    events = {}
    for kind, rows, n in zip(EVENTS, found, numbers, strict=True):
        order = np.argsort(rows[:n, 0], kind="stable")  # nearly in order where rows stand resident by resident
        events[kind] = Found(*rows[order].T)
    return events


@step
def _note(events: Any, n: int, row: Any, clock: int, took: int) -> int:
    """Write one more event of a kind: its name, its second, and the seconds it took; returns how many there are now.

    A name is one number for the resident, the clock that led to the event, and its occasion, from -1.
    """
    event = events[n]
    event[0] = (np.int64(row.resident) << 32) | (np.int64(clock) << 24) | (np.int64(row.occasion) + 1)
    event[1], event[2] = row.seconds, took
    return n + 1


@kernel
def _pick(trace: Any, stay: Any, horizon: int, admissions: Any, assessments: Any, entries: Any) -> tuple[int, int, int]:
    """Write (name, second, seconds it took) of each event into the array of its kind; returns how many of each.

    `stay` holds for each resident the place in `admissions` of a stay in hospital that is still open, or -1.
    """
    n_admissions, n_assessments, n_entries = 0, 0, 0
    for j in range(trace.shape[0]):
        row = trace[j]
        if row.left == s.HOSPITAL and row.entered != s.HOSPITAL and stay[row.resident] >= 0:
            open_stay = admissions[stay[row.resident]]
            open_stay[2] = row.seconds - open_stay[1]
            stay[row.resident] = -1
        if row.what == HAPPENED and (row.cause == s.SUDDEN_ADMISSION or row.cause == s.LATE_ADMISSION):
            stay[row.resident] = n_admissions
            n_admissions = _note(admissions, n_admissions, row, row.cause, horizon - row.seconds)
        elif row.what == GRANTED and row.cause == s.ASSESSOR:
            n_assessments = _note(assessments, n_assessments, row, row.because, 0)
        elif row.outcome == s.CARE_HOME_ENTERED and (row.what == HAPPENED or row.what == GRANTED):
            n_entries = _note(entries, n_entries, row, row.because, 0)
    return n_admissions, n_assessments, n_entries


def classify(a: Found, b: Found) -> dict[str, int]:
    """Number of events in each class from comparator `a` to scenario `b`, and the difference of the totals (b - a).

    `added` minus `prevented` equals `difference`, exactly.
    """
    counts = np.zeros(len(CLASSES), np.int64)
    _merge(a.name, a.at, a.took, b.name, b.at, b.took, counts)
    return {**dict(zip(CLASSES, counts.tolist(), strict=True)), "difference": len(b.name) - len(a.name)}


_PREVENTED, _REDUCED, _DELAYED, _BROUGHT_FORWARD, _ADDED, _LENGTHENED, _UNCHANGED = range(len(CLASSES))


@kernel
def _merge(a_name: Any, a_at: Any, a_took: Any, b_name: Any, b_at: Any, b_took: Any, counts: Any) -> None:
    """Walk along both lists of names, which are in order and hold each name once, and count the classes."""
    i, j = 0, 0
    while i < a_name.shape[0] and j < b_name.shape[0]:
        if a_name[i] < b_name[j]:
            counts[_PREVENTED] += 1
            i += 1
        elif a_name[i] > b_name[j]:
            counts[_ADDED] += 1
            j += 1
        else:
            if b_at[j] > a_at[i]:
                counts[_DELAYED] += 1
            elif b_at[j] < a_at[i]:
                counts[_BROUGHT_FORWARD] += 1
            elif b_took[j] < a_took[i]:
                counts[_REDUCED] += 1
            elif b_took[j] > a_took[i]:
                counts[_LENGTHENED] += 1
            else:
                counts[_UNCHANGED] += 1
            i += 1
            j += 1
    counts[_PREVENTED] += a_name.shape[0] - i
    counts[_ADDED] += b_name.shape[0] - j


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
