"""What is priced, counted from one trace: whole events and whole person-seconds, by period and group of residents.

Groups are wards for the ledger and single residents for a person's own account; both come from the same pass, so a
ward's figure is the sum of its residents' to the last second. The tally counts most of this as well, by other means;
they are compared in tests. Nothing here knows a price.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED

EVENTS: Final = ("admissions", "short_stays", "assessments", "reablement_episodes")
TIMES: Final = (
    "package_at_home",
    "council_residential",
    "council_nursing",
    "own_residential",
    "own_nursing",
    "delayed_beyond_price",
    "caseload",
)
PRICED: Final = (*EVENTS, *TIMES)  # events, then person-seconds
_ADMISSIONS, _SHORT, _ASSESSMENTS, _REABLEMENT = range(len(EVENTS))
_PACKAGE, _HOMES, _DELAYED, _CASELOAD = 4, 5, 9, 10


@kernel
def _spend(out: Any, periods: Any, group: int, measure: int, since: int, now: int) -> None:
    """Add the time from `since` to `now`, cut where a period ends."""
    if now <= since:
        return
    p = np.searchsorted(periods, since, side="right") - 1
    at = since
    while at < now:
        until = min(now, periods[p + 1])
        out[p, group, measure] += until - at
        at = until
        p += 1


@kernel
def _spend_state(
    out: Any, periods: Any, group: int, since: int, now: int, stage: int, holds: int, delayed: int, spell_ends: int
) -> None:
    """Add the time in one unchanged state to every measure it belongs to."""
    if stage >= s.DIED or now <= since:
        return
    if holds & s.PACKAGE and stage <= s.ASSESSMENT:
        _spend(out, periods, group, _PACKAGE, since, now)
    if holds & s.CARE_HOME:
        kind = (0 if holds & s.COUNCIL_SUPPORTED else 2) + (1 if holds & s.NURSING else 0)
        _spend(out, periods, group, _HOMES + kind, since, now)
    if delayed:
        _spend(out, periods, group, _DELAYED, max(since, spell_ends), now)
    if holds & s.CASELOAD_PLACE:
        _spend(out, periods, group, _CASELOAD, since, now)


@kernel
def _pass_over(
    trace: Any,
    group: Any,
    stage: Any,
    holds: Any,
    periods: Any,
    short_stay: int,
    covered: int,
    out: Any,
    since: Any,
    delayed: Any,
    admitted: Any,
) -> None:
    """Read the trace once and fill `out`."""
    p = 0
    for j in range(trace.shape[0]):
        row = trace[j]
        i, now, what, cause = row.resident, row.seconds, row.what, row.cause
        while periods[p + 1] <= now:
            p += 1
        late: Any = np.int64(delayed[i])
        if what == HAPPENED and row.outcome == s.READY_TO_LEAVE:
            late = 1
        elif row.entered != s.HOSPITAL:
            late = 0
        if late != delayed[i] or row.entered != stage[i] or row.holds != holds[i]:
            ends = max(admitted[i], 0) + covered
            _spend_state(out, periods, group[i], since[i], now, stage[i], holds[i], delayed[i], ends)
            since[i] = now
            delayed[i] = late
        leaves = row.left == s.HOSPITAL and row.entered != s.HOSPITAL
        if leaves and admitted[i] >= 0 and now - admitted[i] <= short_stay:
            out[np.searchsorted(periods, admitted[i], side="right") - 1, group[i], _SHORT] += 1
        if what == HAPPENED and cause in (s.SUDDEN_ADMISSION, s.LATE_ADMISSION):
            out[p, group[i], _ADMISSIONS] += 1
            admitted[i] = now
        if what == GRANTED and cause == s.ASSESSOR:
            out[p, group[i], _ASSESSMENTS] += 1
        if what in (HAPPENED, CHANGED) and row.outcome in (s.REABLED, s.REABLED_TO_PACKAGE):
            out[p, group[i], _REABLEMENT] += 1
        stage[i] = row.entered
        holds[i] = row.holds
    end = periods[periods.shape[0] - 1]
    for i in range(group.shape[0]):
        ends = max(admitted[i], 0) + covered
        _spend_state(out, periods, group[i], since[i], end, stage[i], holds[i], delayed[i], ends)


def quantities(
    trace: np.ndarray,
    start: np.ndarray,
    *,
    period_starts: list[int],
    group: np.ndarray,
    n_groups: int,
    short_stay_days: float,
    spell_days: float,
) -> np.ndarray:
    """Everything that is priced, in whole events and person-seconds.

    Parameters
    ----------
    trace
        Rows of one run (`TRACE`).
    start
        The people on the first day (fields stage and holds).
    period_starts
        Seconds at which periods (years or months) begin, ending with the horizon.
    group
        Group of each resident from 0 (the ward, or the resident's own number), shape (n_people,).
    n_groups
        Number of groups.
    short_stay_days
        A hospital stay of at most this many days is a short one, counted in the period of admission.
    spell_days
        Days of a stay that the price of a spell covers; a delayed day is counted only after them. Stays that had
        begun before the first day are taken to have begun on it.

    Returns
    -------
        Shape (n_periods, n_groups, len(PRICED)), int64.
    """
    out = np.zeros((len(period_starts) - 1, n_groups, len(PRICED)), np.int64)
    _pass_over(
        trace,
        np.ascontiguousarray(group, np.int64),
        start["stage"].copy(),
        start["holds"].copy(),
        np.array(period_starts, np.int64),
        round(short_stay_days * s.DAY),
        round(spell_days * s.DAY),
        out,
        np.zeros(len(start), np.int64),
        np.zeros(len(start), np.uint8),
        np.full(len(start), -1, np.int64),
    )
    return out


def years_of_months(monthly: np.ndarray) -> np.ndarray:
    """Sums over twelve months at a time along the first axis."""
    return np.asarray(monthly.reshape(-1, 12, *monthly.shape[1:]).sum(axis=1))
