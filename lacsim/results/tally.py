"""Counts and person-time of one trace: by financial year, ward and age band, and by month and ward.

One pass over the trace with one small state for each resident. All sums are whole numbers (events, seconds), so
the same trace gives the same tables on any machine and in any order of adding. Rates, money and charts are made
from these; nothing here knows a price.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE

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
    seconds
        Person-seconds, shape (n_years, n_wards, 6, len(TIMES)).
    monthly
        Person-seconds, shape (n_months, n_wards, len(MONTHLY)).
    flows
        Moves between stages, shape (n_months, 8, 8): from, to.
    waits
        Every wait that ended, in the order it ended, dtype `WAIT`.
    """

    events: np.ndarray
    seconds: np.ndarray
    monthly: np.ndarray
    flows: np.ndarray
    waits: np.ndarray


@kernel
def _band(born: int, at: int) -> int:
    """Age band at a second."""
    age = (at - born) // s.YEAR
    if age < 45:
        return 0 if age < 30 else 1
    if age < 75:
        return 2 if age < 65 else 3
    return 4 if age < 85 else 5


@kernel
def _add_time(
    seconds: Any,
    monthly: Any,
    years: Any,
    months: Any,
    since: int,
    now: int,
    born: int,
    w: int,
    stage: int,
    holds: int,
    flags: int,
) -> None:
    """Add the time from `since` to `now` in one unchanged state, cut at year and month ends."""
    if stage >= s.DIED or now <= since:
        return
    y = 0
    while years[y + 1] <= since:
        y += 1
    at = since
    while at < now:
        until = min(now, years[y + 1])
        spent = until - at
        cell = seconds[y, w, _band(born, at)]
        cell[stage] += spent
        if holds & s.PACKAGE and stage <= s.ASSESSMENT:
            cell[6] += spent
        if holds & s.CARE_HOME:
            nursing = 1 if holds & s.NURSING else 0
            cell[(7 if holds & s.COUNCIL_SUPPORTED else 9) + nursing] += spent
        if flags & _DELAYED_FLAG:
            cell[11] += spent
        if holds & s.CASELOAD_PLACE:
            cell[12] += spent
        if holds & s.ON_WAITING_LIST:
            cell[13] += spent
        if holds & s.DIFFICULTY:
            cell[14] += spent
        if holds & (s.CASELOAD_PLACE | s.CARRY_OVER):
            cell[15] += spent
        if flags & _ASSESSOR_FLAG:
            cell[16] += spent
        if flags & _CONTACT_FLAG:
            cell[17] += spent
        at = until
        y += 1
    if holds & (s.CASELOAD_PLACE | s.ON_WAITING_LIST) or flags & 6 or stage == s.HOSPITAL or stage == s.RESIDENTIAL:
        m = np.searchsorted(months, since, side="right") - 1
        at = since
        while at < now:
            until = min(now, months[m + 1])
            spent = until - at
            cell = monthly[m, w]
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
    ward: Any,
    born: Any,
    stage: Any,
    holds: Any,
    years: Any,
    months: Any,
    short_stay: int,
    events: Any,
    seconds: Any,
    monthly: Any,
    flows: Any,
    waits: Any,
    since: Any,
    flags: Any,
    admitted: Any,
    discharged: Any,
    joined: Any,
) -> int:
    """Read the trace once; returns the number of waits that ended."""
    n = ward.shape[0]
    n_waits = 0
    y, m = 0, 0
    day = np.int64(s.DAY)
    for j in range(trace.shape[0]):
        row = trace[j]
        i, now, what, cause = row.resident, row.seconds, row.what, row.cause
        w = ward[i]
        while years[y + 1] <= now:
            y += 1
        while months[m + 1] <= now:
            m += 1
        flag = np.int64(flags[i])
        if what in (JOINED, GRANTED, LEFT_QUEUE):
            if cause == s.ASSESSOR:
                flag = flag | _ASSESSOR_FLAG if what == JOINED else flag & ~_ASSESSOR_FLAG
            elif cause == s.SHORT_TERM_TIME:
                flag = flag | _CONTACT_FLAG if what == JOINED else flag & ~_CONTACT_FLAG
        if what == HAPPENED:
            if row.outcome == s.READY_TO_LEAVE:
                flag |= _DELAYED_FLAG
            elif row.entered != s.HOSPITAL:
                flag &= ~_DELAYED_FLAG
        elif row.entered != s.HOSPITAL:
            flag &= ~_DELAYED_FLAG
        if flag != flags[i] or row.entered != stage[i] or row.holds != holds[i]:
            _add_time(seconds, monthly, years, months, since[i], now, born[i], w, stage[i], holds[i], flags[i])
            since[i] = now
            flags[i] = flag
        cell = events[y, w, _band(born[i], now)]
        outcome = row.outcome
        if row.entered != row.left:
            flows[m, row.left, row.entered] += 1
            if row.left == s.HOSPITAL and admitted[i] >= 0 and now - admitted[i] <= short_stay:
                ya = 0
                while years[ya + 1] <= admitted[i]:
                    ya += 1
                events[ya, w, _band(born[i], admitted[i]), _SHORT] += 1
            if row.left == s.HOSPITAL:
                discharged[i] = now
        if what == HAPPENED:
            if cause == s.SUDDEN_ADMISSION or cause == s.LATE_ADMISSION:
                cell[_ADMISSIONS] += 1
                admitted[i] = now
                if now - discharged[i] <= 30 * day:
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
        if what in (HAPPENED, CHANGED):
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
        if row.holds & s.PACKAGE and not holds[i] & s.PACKAGE:
            cell[_PACKAGES] += 1
        if row.holds & s.CARE_HOME and not holds[i] & s.CARE_HOME:
            cell[_ENTRIES] += 1
            if row.holds & s.COUNCIL_SUPPORTED:
                cell[_COUNCIL_ENTRIES] += 1
        on_programme = s.CASELOAD_PLACE | s.ON_WAITING_LIST
        if row.holds & on_programme and not holds[i] & on_programme:
            cell[_INTRODUCTIONS] += 1
        if holds[i] & s.ON_WAITING_LIST and not row.holds & on_programme:
            cell[_GAVE_UP] += 1
        if holds[i] & s.CASELOAD_PLACE and not row.holds & s.CASELOAD_PLACE:
            cell[_ENDS] += 1
        if what == JOINED:
            joined[i, cause] = now + 1
        elif what in (GRANTED, LEFT_QUEUE):
            wait = waits[n_waits]
            wait.joined = joined[i, cause] - 1 if joined[i, cause] else now
            wait.seconds = now - wait.joined
            wait.resident = i
            wait.ward = w
            wait.kind = cause
            wait.granted = what == GRANTED
            n_waits += 1
            joined[i, cause] = 0
            if what == GRANTED:
                if cause == s.ASSESSOR:
                    cell[_ASSESSMENTS] += 1
                elif cause == s.SHORT_TERM_TIME:
                    cell[_CONTACTS] += 1
                elif cause == s.CASELOAD:
                    cell[_STARTS] += 1
        stage[i] = row.entered
        holds[i] = row.holds
    end = years[years.shape[0] - 1]
    for i in range(n):
        _add_time(seconds, monthly, years, months, since[i], end, born[i], ward[i], stage[i], holds[i], flags[i])
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
        Rows of one run (`TRACE`).
    start
        The people as they were on the first day (fields ward, born, stage, holds), before the engine changed them.
    year_starts, month_starts
        Seconds at which financial years and months begin, ending with the horizon.
    short_stay_days
        A hospital stay of at most this many days is priced as a short one.
    """
    n_years, n_months = len(year_starts) - 1, len(month_starts) - 1
    events = np.zeros((n_years, n_wards, 6, N_EVENTS), np.int64)
    seconds = np.zeros((n_years, n_wards, 6, N_TIMES), np.int64)
    monthly = np.zeros((n_months, n_wards, len(MONTHLY)), np.int64)
    flows = np.zeros((n_months, N_FLOW_STAGES, N_FLOW_STAGES), np.int64)
    waits = np.zeros(int(np.isin(trace["what"], (GRANTED, LEFT_QUEUE)).sum()) + 1, WAIT)
    n = _pass_over(
        trace,
        np.ascontiguousarray(start["ward"]),
        np.ascontiguousarray(start["born"]),
        start["stage"].copy(),
        start["holds"].copy(),
        np.array(year_starts, np.int64),
        np.array(month_starts, np.int64),
        round(short_stay_days * s.DAY),
        events,
        seconds,
        monthly,
        flows,
        waits,
        np.zeros(len(start), np.int64),
        np.zeros(len(start), np.uint8),
        np.full(len(start), -1, np.int64),
        np.full(len(start), -s.YEAR, np.int64),
        np.zeros((len(start), s.N_KINDS), np.int64),
    )
    return Tally(events, seconds, monthly, flows, waits[:n].copy())
