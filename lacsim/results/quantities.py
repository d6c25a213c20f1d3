"""What is priced, counted from one trace: whole events and whole person-seconds, by period and group of residents.

Groups are wards for the ledger and single residents for a person's own account; both come from the same pass, so a
ward's figure is the sum of its residents' to the last second. The tally counts most of this as well, by other means;
they are compared in tests. Nothing here knows a price.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel, step
from lacsim.model.memory import kept
from lacsim.model.prefetch import fetch
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED
from lacsim.results.periods import period_of, periods_of

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


# One resident while the trace is read: a quarter of a line of cache, so that a row costs one look into memory.
_STATE = np.dtype(
    [
        ("group", np.int32),
        ("since", np.int32),  # of the present unchanged state
        ("admitted", np.int32),  # -1 = never within the run
        ("holds", np.uint16),
        ("stage", np.uint8),
        ("delayed", np.uint8),
    ],
    align=True,
)
_COUNTED_HOLDS: Final = s.PACKAGE | s.CARE_HOME | s.CASELOAD_PLACE
_AHEAD: Final = 12  # rows


@step
def _spend(out: Any, periods: Any, group: int, measure: int, since: int, now: int) -> None:
    """Add the time from `since` to `now`, cut where a period ends."""
    if now <= since:
        return
    p = period_of(periods, since)
    at = since
    while at < now:
        until = min(now, periods.starts[p + 1])
        out[p, group, measure] += until - at
        at = until
        p += 1


@step
def _spend_state(out: Any, periods: Any, one: Any, now: int, covered: int) -> None:
    """Add the time in one unchanged state to every measure it belongs to."""
    stage, holds, group = one.stage, one.holds, one.group
    since: Any = np.int64(one.since)
    if stage >= s.DIED or not (holds & _COUNTED_HOLDS or one.delayed):
        return
    if holds & s.PACKAGE and stage <= s.ASSESSMENT:
        _spend(out, periods, group, _PACKAGE, since, now)
    if holds & s.CARE_HOME:
        kind = (0 if holds & s.COUNCIL_SUPPORTED else 2) + (1 if holds & s.NURSING else 0)
        _spend(out, periods, group, _HOMES + kind, since, now)
    if one.delayed:
        priced_from: Any = np.int64(one.admitted)
        priced_from = max(priced_from, 0) + covered
        _spend(out, periods, group, _DELAYED, max(since, priced_from), now)
    if holds & s.CASELOAD_PLACE:
        _spend(out, periods, group, _CASELOAD, since, now)


@kernel
def _pass_over(
    trace: Any, start: Any, group: Any, state: Any, periods: Any, short_stay: int, covered: int, out: Any
) -> None:
    """Read the trace once and fill `out`."""
    for i in range(state.shape[0]):
        one = state[i]
        one.group, one.stage, one.holds = group[i], start[i].stage, start[i].holds
        one.since, one.admitted, one.delayed = 0, -1, 0
    n_rows = trace.shape[0]
    for j in range(n_rows):
        if j + _AHEAD < n_rows:
            fetch(state, trace[j + _AHEAD].resident)
        row = trace[j]
        now, what, cause = row.seconds, row.what, row.cause
        one = state[row.resident]
        late: Any = np.int64(one.delayed)
        if what == HAPPENED and row.outcome == s.READY_TO_LEAVE:
            late = 1
        elif row.entered != s.HOSPITAL:
            late = 0
        if late != one.delayed or row.entered != one.stage or row.holds != one.holds:
            _spend_state(out, periods, one, now, covered)
            one.since, one.delayed, one.stage, one.holds = now, late, row.entered, row.holds
        admitted: Any = np.int64(one.admitted)
        leaves = row.left == s.HOSPITAL and row.entered != s.HOSPITAL
        if leaves and admitted >= 0 and now - admitted <= short_stay:
            out[period_of(periods, admitted), one.group, _SHORT] += 1
        if what == HAPPENED and (cause == s.SUDDEN_ADMISSION or cause == s.LATE_ADMISSION):
            out[period_of(periods, now), one.group, _ADMISSIONS] += 1
            one.admitted = now
        if what == GRANTED and cause == s.ASSESSOR:
            out[period_of(periods, now), one.group, _ASSESSMENTS] += 1
        if row.outcome in (s.REABLED, s.REABLED_TO_PACKAGE) and what in (HAPPENED, CHANGED):
            out[period_of(periods, now), one.group, _REABLEMENT] += 1
    end = periods.starts[periods.starts.shape[0] - 1]
    for i in range(state.shape[0]):
        _spend_state(out, periods, state[i], end, covered)


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
        Rows of one run (`TRACE`), those of each resident in the order of time.
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
        start,
        group,
        kept("quantities", (len(start),), _STATE),
        periods_of(period_starts),
        round(short_stay_days * s.DAY),
        round(spell_days * s.DAY),
        out,
    )
    return out


def years_of_months(monthly: np.ndarray) -> np.ndarray:
    """Sums over twelve months at a time along the first axis."""
    return np.asarray(monthly.reshape(-1, 12, *monthly.shape[1:]).sum(axis=1))
