"""Counts and person-time of one trace: by financial year, ward and age band, and by month and ward.

One pass over the trace with one small state for each resident. All sums are whole numbers (events, seconds), so
the same trace gives the same tables on any machine and in any order of adding. Rates, money and charts are made
from these; nothing here knows a price.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from lacsim.errors import ResultsError
from lacsim.model import stages as s
from lacsim.model.compiling import kernel, step
from lacsim.model.memory import kept
from lacsim.model.prefetch import fetch
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE
from lacsim.results.periods import period_of, periods_of

# Events, counted in the year they happen (hospital stays in the year of admission).
EVENTS: Final = (
    "admissions",
    "short_stays",
    "readmissions_30_days",
    "requests",
    "requests_from_hospital",
    "assessments",
    "signposted",
    "low_level_support",
    "reablement_episodes",
    "packages_started",
    "packages_closed",
    "care_home_entries",
    "council_care_home_entries",
    "deaths",
    "difficulties",
    "asks_for_help",
    "asks_for_advice",
    "short_term_contacts",
    "help_found",
    "introductions",
    "caseload_starts",
    "caseload_ends",
    "gave_up_waiting",
    "arrivals",
    "departures",
)
(
    _ADMISSIONS,
    _SHORT,
    _READMISSIONS,
    _REQUESTS,
    _HOSPITAL_REQUESTS,
    _ASSESSMENTS,
    _SIGNPOSTED,
    _LOW_LEVEL,
    _REABLEMENT,
    _PACKAGES,
    _CLOSED,
    _ENTRIES,
    _COUNCIL_ENTRIES,
    _DEATHS,
    _DIFFICULTIES,
    _ASKS,
    _ADVICE,
    _CONTACTS,
    _FOUND,
    _INTRODUCTIONS,
    _STARTS,
    _ENDS,
    _GAVE_UP,
    _ARRIVALS,
    _DEPARTURES,
) = range(len(EVENTS))

# Person-time: the six stages first (numbers of `stages`), then what is held or waited for.
TIMES: Final = (
    "community",
    "short_term",
    "coordination",
    "assessment",
    "hospital",
    "residential",
    "package_at_home",
    "council_residential",
    "council_nursing",
    "own_residential",
    "own_nursing",
    "delayed_in_hospital",
    "caseload",
    "waiting_list",
    "in_difficulty",
    "supported",
    "waiting_for_assessor",
    "waiting_for_contact",
)
N_EVENTS, N_TIMES = len(EVENTS), len(TIMES)

# Person-time by month and ward.
MONTHLY: Final = (
    "caseload",
    "waiting_list",
    "waiting_for_contact",
    "waiting_for_assessor",
    "hospital",
    "residential",
)
_DELAYED_FLAG, _ASSESSOR_FLAG, _CONTACT_FLAG = 1, 2, 4
N_FLOW_STAGES = 8

WAIT = np.dtype(
    [
        ("joined", "<i8"),
        ("seconds", "<i8"),
        ("resident", "<i4"),
        ("ward", "<i2"),
        ("kind", "u1"),
        ("granted", "u1"),
    ]
)


class Tally(NamedTuple):
    """What happened in one future of one scenario, in whole numbers.

    Attributes
    ----------
    events
        Counts, shape (n_years, n_wards, 6 age bands, len(EVENTS)).
    tenures
        The same counts by how people's homes are held, shape (3, len(EVENTS)).
    seconds
        Person-seconds, shape (n_years, n_wards, 6, len(TIMES)).
    monthly
        Person-seconds, shape (n_months, n_wards, len(MONTHLY)).
    flows
        Moves between stages, shape (n_months, 8, 8): from, to.
    waits
        Every wait that ended, in the order of the rows, dtype `WAIT`.
    """

    events: np.ndarray
    tenures: np.ndarray
    seconds: np.ndarray
    monthly: np.ndarray
    flows: np.ndarray
    waits: np.ndarray


# One resident while the trace is read: one line of cache, so that a row of the trace costs one look into memory.
# Seconds since the start of the run fit 32 bits for 68 years.
_STATE = np.dtype(
    [
        ("born", np.int64),
        ("since", np.int32),  # of the present unchanged state
        ("admitted", np.int32),  # -1 = never within the run
        ("discharged", np.int32),  # -1 = never within the run
        ("joined", np.int32, (s.N_KINDS,)),  # the queue of each kind; -1 = in none
        ("holds", np.uint16),
        ("ward", np.int16),
        ("stage", np.uint8),
        ("flags", np.uint8),
        ("tenure", np.uint8),
    ],
    align=True,
)
_LONGEST = np.iinfo(np.int32).max
_THIRTY_DAYS = 30 * s.DAY
_AHEAD = 12  # rows


@step
def _band(born: int, at: int) -> int:
    """Age band at a second."""
    age = (at - born) // s.YEAR
    if age < 45:
        return 0 if age < 30 else 1
    if age < 75:
        return 2 if age < 65 else 3
    return 4 if age < 85 else 5


@step
def _add_time(seconds: Any, monthly: Any, years: Any, months: Any, one: Any, now: int) -> None:
    """Add a resident's time up to `now` in one unchanged state, cut at year and month ends."""
    stage, holds, flags = one.stage, one.holds, one.flags
    since = np.int64(one.since)
    if stage >= s.DIED or now <= since:
        return
    y = period_of(years, since)
    at = since
    while at < now:
        until = min(now, years.starts[y + 1])
        spent = until - at
        cell = seconds[y, one.ward, _band(one.born, at)]
        cell[stage] += spent
        if holds:
            if holds & s.PACKAGE and stage <= s.ASSESSMENT:
                cell[6] += spent
            if holds & s.CARE_HOME:
                nursing = 1 if holds & s.NURSING else 0
                cell[(7 if holds & s.COUNCIL_SUPPORTED else 9) + nursing] += spent
            if holds & s.CASELOAD_PLACE:
                cell[12] += spent
            if holds & s.ON_WAITING_LIST:
                cell[13] += spent
            if holds & s.DIFFICULTY:
                cell[14] += spent
            if holds & (s.CASELOAD_PLACE | s.CARRY_OVER):
                cell[15] += spent
        if flags:
            if flags & _DELAYED_FLAG:
                cell[11] += spent
            if flags & _ASSESSOR_FLAG:
                cell[16] += spent
            if flags & _CONTACT_FLAG:
                cell[17] += spent
        at = until
        y += 1
    waits = flags & (_ASSESSOR_FLAG | _CONTACT_FLAG)
    if holds & (s.CASELOAD_PLACE | s.ON_WAITING_LIST) or waits or stage == s.HOSPITAL or stage == s.RESIDENTIAL:
        m = period_of(months, since)
        at = since
        while at < now:
            until = min(now, months.starts[m + 1])
            spent = until - at
            cell = monthly[m, one.ward]
            if holds & s.CASELOAD_PLACE:
                cell[0] += spent
            if holds & s.ON_WAITING_LIST:
                cell[1] += spent
            if flags & _CONTACT_FLAG:
                cell[2] += spent
            if flags & _ASSESSOR_FLAG:
                cell[3] += spent
            if stage == s.HOSPITAL:
                cell[4] += spent
            elif stage == s.RESIDENTIAL:
                cell[5] += spent
            at = until
            m += 1


@kernel
def _pass_over(
    trace: Any,
    start: Any,
    state: Any,
    years: Any,
    months: Any,
    short_stay: int,
    events: Any,
    seconds: Any,
    monthly: Any,
    flows: Any,
    waits: Any,
) -> int:
    """Read the trace once; returns the number of waits that ended."""
    for i in range(state.shape[0]):
        one, first = state[i], start[i]
        one.born, one.ward, one.stage, one.holds = first.born, first.ward, first.stage, first.holds
        one.since, one.admitted, one.discharged, one.flags = 0, -1, -1, 0
        one.tenure = first.tenure
        for kind in range(s.N_KINDS):
            one.joined[kind] = -1
    n_rows = trace.shape[0]
    n_waits = 0
    for j in range(n_rows):
        if j + _AHEAD < n_rows:
            fetch(state, trace[j + _AHEAD].resident)
        row = trace[j]
        now, what, cause, outcome, held = row.seconds, row.what, row.cause, row.outcome, row.holds
        one = state[row.resident]
        had, w = one.holds, one.ward
        y = period_of(years, now)
        flags = np.int64(one.flags)
        if what in (JOINED, GRANTED, LEFT_QUEUE):
            if cause == s.ASSESSOR:
                flags = flags | _ASSESSOR_FLAG if what == JOINED else flags & ~_ASSESSOR_FLAG
            elif cause == s.SHORT_TERM_TIME:
                flags = flags | _CONTACT_FLAG if what == JOINED else flags & ~_CONTACT_FLAG
        if what == HAPPENED and outcome == s.READY_TO_LEAVE:
            flags |= _DELAYED_FLAG
        elif row.entered != s.HOSPITAL:
            flags &= ~_DELAYED_FLAG
        if flags != one.flags or row.entered != one.stage or held != had:
            _add_time(seconds, monthly, years, months, one, now)
            one.since = now
            one.flags = flags
        cell = events[y, w, one.tenure, _band(one.born, now)]
        if row.entered != row.left:
            flows[period_of(months, now), row.left, row.entered] += 1
            if row.left == s.HOSPITAL:
                admitted = np.int64(one.admitted)
                if admitted >= 0 and now - admitted <= short_stay:
                    ya = period_of(years, admitted)
                    events[ya, w, one.tenure, _band(one.born, admitted), _SHORT] += 1
                one.discharged = now
        if what == HAPPENED:
            if cause == s.SUDDEN_ADMISSION or cause == s.LATE_ADMISSION:
                cell[_ADMISSIONS] += 1
                one.admitted = now
                if one.discharged >= 0 and now - one.discharged <= _THIRTY_DAYS:
                    cell[_READMISSIONS] += 1
            elif cause == s.DEATH:
                cell[_DEATHS] += 1
            elif cause == s.MOVES_AWAY:
                cell[_DEPARTURES] += 1
            elif cause == s.ARRIVES:
                cell[_ARRIVALS] += 1
            elif cause == s.CARE_NEED and row.left != s.ASSESSMENT:  # otherwise it joins the request that is open
                cell[_REQUESTS] += 1
            elif cause == s.ASKS_FOR_HELP:
                cell[_ASKS] += 1
            elif cause == s.ASKS_FOR_ADVICE:
                cell[_ADVICE] += 1
            elif cause == s.DIFFICULTY_STARTS:
                cell[_DIFFICULTIES] += 1
            elif cause == s.CASE_CLOSED:
                cell[_CLOSED] += 1
        if outcome and what in (HAPPENED, CHANGED):
            if outcome == s.SIGNPOSTED:
                cell[_REQUESTS] += 1
                cell[_SIGNPOSTED] += 1
            elif outcome == s.TO_ASSESSMENT:
                cell[_REQUESTS] += 1
            elif outcome == s.READY_TO_LEAVE:
                cell[_REQUESTS] += 1
                cell[_HOSPITAL_REQUESTS] += 1
            elif outcome == s.LOW_LEVEL:
                cell[_LOW_LEVEL] += 1
            elif outcome == s.REABLED or outcome == s.REABLED_TO_PACKAGE:
                cell[_REABLEMENT] += 1
            elif outcome == s.HELP_FOUND:
                cell[_FOUND] += 1
        if held != had:
            if held & s.PACKAGE and not had & s.PACKAGE:
                cell[_PACKAGES] += 1
            if held & s.CARE_HOME and not had & s.CARE_HOME:
                cell[_ENTRIES] += 1
                if held & s.COUNCIL_SUPPORTED:
                    cell[_COUNCIL_ENTRIES] += 1
            on_programme = s.CASELOAD_PLACE | s.ON_WAITING_LIST
            if held & on_programme and not had & on_programme:
                cell[_INTRODUCTIONS] += 1
            if had & s.ON_WAITING_LIST and not held & on_programme:
                cell[_GAVE_UP] += 1
            if had & s.CASELOAD_PLACE and not held & s.CASELOAD_PLACE:
                cell[_ENDS] += 1
        if what == JOINED:
            one.joined[cause] = now
        elif what in (GRANTED, LEFT_QUEUE):
            wait = waits[n_waits]
            wait.joined = np.int64(one.joined[cause]) if one.joined[cause] >= 0 else now
            wait.seconds = now - wait.joined
            wait.resident = row.resident
            wait.ward = w
            wait.kind = cause
            wait.granted = what == GRANTED
            n_waits += 1
            one.joined[cause] = -1
            if what == GRANTED:
                if cause == s.ASSESSOR:
                    cell[_ASSESSMENTS] += 1
                elif cause == s.SHORT_TERM_TIME:
                    cell[_CONTACTS] += 1
                elif cause == s.CASELOAD:
                    cell[_STARTS] += 1
        one.stage = row.entered
        one.holds = held
    end = years.starts[years.starts.shape[0] - 1]
    for i in range(state.shape[0]):
        _add_time(seconds, monthly, years, months, state[i], end)
    return n_waits


def tally(
    trace: np.ndarray,
    start: np.ndarray,
    *,
    year_starts: list[int],
    month_starts: list[int],
    n_wards: int,
    short_stay_days: float,
) -> Tally:
    """Count and sum one trace.

    Parameters
    ----------
    trace
        Rows of one run (`TRACE`), those of each resident in the order of time.
    start
        The people as they were on the first day (fields ward, born, tenure, stage, holds), before the engine changed
        them.
    year_starts, month_starts
        Seconds at which financial years and months begin, ending with the horizon.
    short_stay_days
        A hospital stay of at most this many days is priced as a short one.
    """
    n_years, n_months = len(year_starts) - 1, len(month_starts) - 1
    if year_starts[-1] > _LONGEST:
        msg = (
            f"tally: a run may last {_LONGEST / s.YEAR:.0f} years at most, found {year_starts[-1] / s.YEAR:.1f} years. "
            "Shorten the period."
        )
        raise ResultsError(msg)
    events = np.zeros((n_years, n_wards, s.N_TENURES, 6, N_EVENTS), np.int64)
    seconds = np.zeros((n_years, n_wards, 6, N_TIMES), np.int64)
    monthly = np.zeros((n_months, n_wards, len(MONTHLY)), np.int64)
    flows = np.zeros((n_months, N_FLOW_STAGES, N_FLOW_STAGES), np.int64)
    waits = kept("waits", (len(trace),), WAIT)
    n = _pass_over(
        trace,
        start,
        kept("tally", (len(start),), _STATE),
        periods_of(year_starts),
        periods_of(month_starts),
        round(short_stay_days * s.DAY),
        events,
        seconds,
        monthly,
        flows,
        waits,
    )
    return Tally(events.sum(axis=2), events.sum(axis=(0, 1, 3)), seconds, monthly, flows, waits[:n].copy())
