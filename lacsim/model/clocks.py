"""Hazard clocks: a budget of luck that a hazard spends, and the date on which it is spent.

The k-th occurrence of risk r has a budget E = -ln(u). While the hazard is h(t) the budget is spent at rate h;
the event happens when nothing is left. When circumstances change the hazard changes and what was spent stays
spent: the dice are never thrown again. A hazard is Gompertz in age, h(t) = hazard x exp(slope x (age - 65)), so the
date is found in closed form. A hazard that did not change leaves its date untouched, bit for bit; that is why
lives under a null effect are identical and not merely alike.

Source
------
Random time change: Anderson (2007), doi 10.1063/1.2799998. Cumulative-hazard inversion: Bender, Augustin &
Blettner (2005), doi 10.1002/sim.2059.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from lacsim.model.compiling import rule
from lacsim.model.stages import N_CLOCKS, NEVER, STAY_ENDS, YEAR
from lacsim.model.streams import uniform

_AGE_65 = 65 * YEAR
# From this slope (0.0003 a year) on, log and exp find the date to 0.00002 seconds, and in half the time.
_STEEP = 1e-11
UNDRAWN = -sys.float_info.max  # in place of a budget: nobody has asked for it yet
_NO_DATE = np.float64(4.0e18).view(np.uint64)  # the bits of a date that no run reaches
_SPENT = 1e-300  # what a clock that stands has left when nothing is left


@rule
def is_running(person: Any, clock: int) -> bool:
    """Whether a clock has a date; otherwise it stands and keeps what is left of its budget."""
    return person.due[clock] >= 0.0


@rule
def set_hazard(person: Any, clock: int, before: float, hazard: float, now: int, rates: Any) -> None:
    """Give a clock its hazard (per second at age 65, 0 to stand) from `now` on, keeping what was already spent.

    No hazard is stored: `before` is the one a running clock has had so far, worked out anew by whoever asks.
    `person.due[clock]` holds the date in seconds (not yet rounded) while the clock runs, and minus the budget that is
    left while it stands, or `UNDRAWN`.
    """
    if (hazard != before) if person.due[clock] >= 0.0 else (hazard > 0.0):
        _change_hazard(person, np.int64(clock), before, hazard, now, rates)


@rule
def _change_hazard(person: Any, clock: int, before: float, hazard: float, now: int, rates: Any) -> None:
    """What `set_hazard` does when the hazard is another one; apart, so that the usual case costs one comparison."""
    slope = rates.slope[clock]
    per_slope = 1.0 / slope  # for steep ones: found while an exponential is, a division after it would be waited for
    due = person.due[clock]
    if due < 0.0:
        budget = -due
        if due == UNDRAWN:
            budget = -math.log(uniform(rates.seed, rates.replication, person.identity, clock, person.occasions[clock]))
        if slope > 0.0:
            spent = budget * (slope / hazard) * math.exp(slope * (person.born + _AGE_65 - now))
            person.due[clock] = now + (
                math.log(1.0 + spent) * per_slope if slope > _STEEP else math.log1p(spent) / slope
            )
        else:
            person.due[clock] = now + budget / hazard
    elif hazard > 0.0:
        ahead = due - now  # below 0, by half a second at most, when the date was rounded up to now
        if slope > _STEEP:
            ahead = math.log(1.0 + (math.exp(slope * ahead) - 1.0) * (before / hazard)) * per_slope
        elif slope > 0.0:
            ahead = math.log1p(math.expm1(slope * ahead) * (before / hazard)) / slope
        else:
            ahead = ahead * (before / hazard)
        person.due[clock] = max(0.0, now + ahead)
    elif slope > 0.0:
        level = before * math.exp(slope * (now - person.born - _AGE_65))
        ahead = slope * (due - now)
        left = level * ((math.exp(ahead) - 1.0) * per_slope if slope > _STEEP else math.expm1(ahead) / slope)
        person.due[clock] = -max(_SPENT, left)
    else:
        person.due[clock] = -max(_SPENT, before * (due - now))


@rule
def renew(person: Any, clock: int) -> None:
    """Count one occurrence of a clock; its next budget is drawn when it next runs."""
    person.occasions[clock] += 1
    person.due[clock] = UNDRAWN


@rule
def stop_all(person: Any) -> None:
    """Stop every clock for good: the resident has died or left the city."""
    for clock in range(N_CLOCKS):
        person.due[clock] = UNDRAWN
    person.stay_ends = NEVER
    person.next_time = NEVER


@rule
def find_next(person: Any, now: int) -> None:
    """Set `person.next_time` (whole seconds, never before `now`) and `person.next_cause` to what comes first.

    Dates are rounded here, once. Of two on the same second the lower clock number comes first, a timer last.
    """
    # The bits of a date at or above 0 are in its order, and those of what stands, below 0, come after all of them.
    first, cause = _NO_DATE, STAY_ENDS
    other, its_cause = _NO_DATE, STAY_ENDS
    for clock in range(7):  # two searches at a time: each waits for its own last comparison only
        due = np.float64(person.due[clock]).view(np.uint64)
        cause = clock if due < first else cause
        first = min(first, due)
        due = np.float64(person.due[clock + 7]).view(np.uint64)
        its_cause = clock + 7 if due < other else its_cause
        other = min(other, due)
    due = np.float64(person.due[N_CLOCKS - 1]).view(np.uint64)
    its_cause = N_CLOCKS - 1 if due < other else its_cause
    other = min(other, due)
    cause = its_cause if other < first else cause
    first = min(first, other)
    time = NEVER
    if first < _NO_DATE:
        time = np.int64(np.uint64(first).view(np.float64) + 0.5)  # down, since no date is below 0
        time = max(now, time)
    if person.stay_ends < time:
        time = max(now, person.stay_ends)
        cause = STAY_ENDS
    person.next_time = time
    person.next_cause = cause
