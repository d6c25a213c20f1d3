"""What one trace says about whole lives: what needs the order of things in one life, which the tally does not keep.

Survival in care homes, deaths by single year of age, repeat admissions, people supported at any time in a year, and who
was introduced to a coordinator and had their case closed. One pass over the trace, whole numbers only; nothing here
knows a target or a price.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel
from lacsim.model.trace import CHANGED, HAPPENED
from lacsim.results.periods import period_of, periods_of
from lacsim.results.tally import _band

OLDEST: Final = 110
_ON_PROGRAMME: Final = s.CASELOAD_PLACE | s.ON_WAITING_LIST
_OPEN_CASE: Final = s.PACKAGE | s.OPEN_REQUEST | s.NEEDS_CARE_HOME
_KNOWN: Final = s.PACKAGE | s.OPEN_REQUEST

HOME_STAY = np.dtype(
    [("entered", "<i8"), ("left", "<i8"), ("died", "u1"), ("older", "u1"), ("council", "u1"), ("resident", "<i4")]
)
INTRODUCED = np.dtype(
    [
        ("resident", "<i4"),
        ("at", "<i8"),  # first introduction
        ("known", "<u2"),  # bits PACKAGE and OPEN_REQUEST held just before it
        ("closed", "<i8"),  # first second after it without an open case, at home and alive; -1 = not in the period
        ("place", "<i8"),  # first caseload place; -1 = none in the period
        ("places", "<i4"),  # places in the period, returns counted again
    ]
)


class Lives(NamedTuple):
    """What was found in one trace.

    Attributes
    ----------
    supported
        People with council long-term support (package at home or council-supported care home) at any time in a year,
        shape (n_years, 6 age bands); the band is that of the first moment of support in the year.
    deaths, exposure
        Deaths and person-seconds by age in whole years, shape (OLDEST + 1,); the last holds all older.
    home_stays
        Care-home stays that began in the period, dtype `HOME_STAY`; `left` is -1 for those still there.
    repeat_admissions
        Admissions in each year of residents who were 65 or over on the first day and had two or more in the first
        year, and of all residents 65 or over, shape (2, n_years).
    home_admissions, home_seconds
        Emergency admissions of care-home residents of 65 and over who moved in within the period, and their
        person-seconds in care homes.
    introduced
        People introduced to a coordinator, dtype `INTRODUCED`, in order of introduction.
    outcomes
        How things ended, counted by outcome, shape (len(stages.OUTCOMES),).
    """

    supported: np.ndarray
    deaths: np.ndarray
    exposure: np.ndarray
    home_stays: np.ndarray
    repeat_admissions: np.ndarray
    home_admissions: int
    home_seconds: int
    introduced: np.ndarray
    outcomes: np.ndarray


@kernel
def _expose(exposure: Any, born: int, since: int, until: int) -> None:
    """Add person-seconds by whole year of age from `since` to `until`."""
    at = since
    while at < until:
        age = (at - born) // s.YEAR
        birthday = born + (age + 1) * s.YEAR
        step = min(until, birthday)
        exposure[min(age, OLDEST)] += step - at
        at = step


@kernel
def _support(supported: Any, years: Any, last: Any, i: int, born: int, since: int, until: int) -> None:
    """Count a resident once in every year that a supported time touches."""
    y = period_of(years, since)
    at = since
    while True:
        if last[i] < y:
            supported[y, _band(born, at)] += 1
            last[i] = y
        if until <= years.starts[y + 1] or y + 2 == years.starts.shape[0]:
            return
        y += 1
        at = years.starts[y]


@kernel
def _is_supported(holds: int, stage: int) -> bool:
    return (holds & s.PACKAGE != 0 or holds & s.COUNCIL_SUPPORTED != 0) and stage < s.DIED


@kernel
def _follow(
    trace: Any,
    born: Any,
    stage: Any,
    holds: Any,
    years: Any,
    supported: Any,
    deaths: Any,
    exposure: Any,
    home: Any,
    stay_of: Any,
    admissions: Any,
    care: Any,
    introduced: Any,
    row_of: Any,
    here_since: Any,
    supported_since: Any,
    last: Any,
    home_since: Any,
) -> tuple[int, int]:
    """Read the trace once; returns the numbers of care-home stays and of people introduced."""
    n, n_home, n_introduced = born.shape[0], 0, 0
    end = years.starts[years.starts.shape[0] - 1]
    for i in range(n):
        here_since[i] = 0 if stage[i] < s.DIED else -1
        supported_since[i] = 0 if _is_supported(holds[i], stage[i]) else -1
        home_since[i] = 0 if holds[i] & s.CARE_HOME else -1
    for j in range(trace.shape[0]):
        row = trace[j]
        i, now = row.resident, row.seconds
        y = period_of(years, now)
        before, after = holds[i], row.holds
        gone, was_gone = row.entered >= s.DIED, stage[i] >= s.DIED
        if was_gone and not gone:
            here_since[i] = now
        elif gone and not was_gone:
            _expose(exposure, born[i], here_since[i], now)
            here_since[i] = -1
            if row.entered == s.DIED:
                deaths[min((now - born[i]) // s.YEAR, OLDEST)] += 1
        is_now = _is_supported(after, row.entered)
        if supported_since[i] >= 0 and not is_now:
            _support(supported, years, last, i, born[i], supported_since[i], now)
            supported_since[i] = -1
        elif supported_since[i] < 0 and is_now:
            supported_since[i] = now
        if after & s.CARE_HOME and not before & s.CARE_HOME:
            home_since[i] = now
            stay = home[n_home]
            stay.entered, stay.left, stay.resident = now, -1, i
            stay.older = now - born[i] >= 65 * s.YEAR
            stay.council = after & s.COUNCIL_SUPPORTED != 0
            stay_of[i] = n_home
            n_home += 1
        elif before & s.CARE_HOME and not after & s.CARE_HOME:
            if stay_of[i] >= 0 and now - born[i] >= 65 * s.YEAR:
                care[1] += now - max(home_since[i], born[i] + 65 * s.YEAR)
            home_since[i] = -1
            if stay_of[i] >= 0:
                home[stay_of[i]].left, home[stay_of[i]].died = now, row.entered == s.DIED
        if row.what == HAPPENED and (row.cause == s.SUDDEN_ADMISSION or row.cause == s.LATE_ADMISSION):
            if admissions[i, y] < 255:
                admissions[i, y] += 1
            if before & s.CARE_HOME and stay_of[i] >= 0 and now - born[i] >= 65 * s.YEAR:
                care[0] += 1
        k = row_of[i]
        if k < 0 and after & _ON_PROGRAMME and not before & _ON_PROGRAMME:
            k = n_introduced
            row_of[i] = k
            introduced[k].resident, introduced[k].at, introduced[k].known = i, now, before & _KNOWN
            introduced[k].closed = introduced[k].place = -1
            introduced[k].places = 0
            n_introduced += 1
        if k >= 0:
            if after & s.CASELOAD_PLACE and not before & s.CASELOAD_PLACE:
                introduced[k].places += 1
                if introduced[k].place < 0:
                    introduced[k].place = now
            is_home = row.entered < s.HOSPITAL
            if introduced[k].known and introduced[k].closed < 0 and is_home and not after & _OPEN_CASE:
                introduced[k].closed = now
        stage[i], holds[i] = row.entered, after
    for i in range(n):
        if here_since[i] >= 0:
            _expose(exposure, born[i], here_since[i], end)
        if supported_since[i] >= 0:
            _support(supported, years, last, i, born[i], supported_since[i], end)
        if home_since[i] >= 0 and stay_of[i] >= 0 and end - born[i] >= 65 * s.YEAR:
            care[1] += end - max(home_since[i], born[i] + 65 * s.YEAR)
    return n_home, n_introduced


def follow(trace: np.ndarray, start: np.ndarray, *, year_starts: list[int]) -> Lives:
    """Follow every life through one trace.

    Parameters
    ----------
    trace
        Rows of one run (`TRACE`), those of each resident in the order of time.
    start
        The people as they were on the first day (fields born, stage, holds), before the engine changed them. People
        who hold a caseload place or wait for one on the first day were introduced before the period and are not in
        `introduced`.
    year_starts
        Seconds at which years begin, ending with the horizon.
    """
    n, years = len(start), periods_of(year_starts)
    n_years = len(year_starts) - 1
    supported = np.zeros((n_years, 6), np.int64)
    deaths, exposure = np.zeros(OLDEST + 1, np.int64), np.zeros(OLDEST + 1, np.int64)
    enters = (trace["holds"] & s.CARE_HOME != 0).sum() if len(trace) else 0
    home = np.zeros(int(min(enters, n)) + 1, HOME_STAY)
    admissions, care = np.zeros((n, n_years), np.uint8), np.zeros(2, np.int64)
    born = np.ascontiguousarray(start["born"])
    on_list = (start["holds"] & _ON_PROGRAMME) != 0
    row_of = np.where(on_list, np.int64(n), np.int64(-1))
    introduced = np.zeros(n + 1, INTRODUCED)
    introduced["closed"] = introduced["place"] = 0  # the last row takes what is not asked for
    n_home, n_introduced = _follow(
        trace,
        born,
        start["stage"].copy(),
        start["holds"].copy(),
        years,
        supported,
        deaths,
        exposure,
        home,
        np.full(n, -1, np.int64),
        admissions,
        care,
        introduced,
        row_of,
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
    )
    repeat = np.zeros((2, n_years), np.int64)
    for y in range(n_years):
        older = years.starts[y] - born >= 65 * s.YEAR
        repeat[1, y] = admissions[older, y].sum()
        repeat[0, y] = admissions[(-born >= 65 * s.YEAR) & (admissions[:, 0] >= 2), y].sum()
    return Lives(
        supported,
        deaths,
        exposure,
        home[:n_home].copy(),
        repeat,
        int(care[0]),
        int(care[1]),
        introduced[:n_introduced].copy(),
        np.bincount(trace["outcome"][np.isin(trace["what"], (HAPPENED, CHANGED))], minlength=len(s.OUTCOMES)),
    )


def survival(stays: np.ndarray, horizon: int, days: list[float]) -> tuple[np.ndarray, float]:
    """Kaplan-Meier survival of care-home residents from entry, and their median length of stay.

    Parameters
    ----------
    stays
        Dtype `HOME_STAY`; those who moved away or are still there when the period ends are censored then.
    horizon
        Seconds of the end of the period.
    days
        Days after entry at which survival is wanted.

    Returns
    -------
        Share alive at each of `days`, shape (len(days),), and the median in days (infinite if half are never reached).

    Source
    ------
    Kaplan & Meier (1958), doi 10.1080/01621459.1958.10501452; deaths before censorings of the same second.
    """
    until = np.where(stays["left"] < 0, horizon, stays["left"])
    time = (until - stays["entered"]) / s.DAY
    died = (stays["left"] >= 0) & (stays["died"] == 1)
    order = np.lexsort((~died, time))
    time, died = time[order], died[order]
    at_risk = len(time) - np.arange(len(time))
    alive = np.cumprod(1.0 - died / at_risk) if len(time) else np.zeros(0)
    shares = np.array([alive[time <= d][-1] if (time <= d).any() else 1.0 for d in days])
    below = np.nonzero(alive <= 0.5)[0]
    return shares, float(time[below[0]]) if len(below) else float("inf")
