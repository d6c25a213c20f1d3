"""A rule set for chains: eight states, hazards by state through the model's own clocks, timers, pools shared by a ward.

The clock of a state rings when somebody goes there; its hazard depends on where they are. A state may need a place of a
pool: those who find none wait, or go to another state on the same second. A state may also have a timer under any law, at
whose end a branch is taken. The clocks are `lacsim.model.clocks`, so these are tests of the budgets that the pathway lives on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from duration_rules import NO_LAW, seconds_of

from lacsim.model.clocks import UNDRAWN, find_next, renew, set_hazard
from lacsim.model.compiling import rule
from lacsim.model.stages import HOLDING, N_CLOCKS, NEVER, STAY_ENDS, WAITING
from lacsim.model.streams import uniform
from lacsim.model.world import CALENDAR, World, members_by_ward

N_STATES: Final = 8
N_KINDS: Final = 2

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("born", np.int64),
        ("stay_ends", np.int64),
        ("identity", np.int64),
        ("due", np.float64, (N_CLOCKS,)),
        ("hazard", np.float64, (N_STATES,)),  # of the clock into each state
        ("occasions", np.int32, (N_CLOCKS,)),
        ("occasion", np.int32),
        ("reason_occasion", np.int32),  # how many moves there have been
        ("ward", np.int32),
        ("holds", np.uint16),
        ("stage", np.uint8),  # the state
        ("next_cause", np.uint8),
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("wants", np.uint8, (N_KINDS,)),
        ("has", np.uint8, (N_KINDS,)),
        ("urgency", np.uint8, (N_KINDS,)),
    ],
    align=True,
)
WARD = np.dtype([("ratio", np.float64, (N_STATES,))])  # multiplies hazards into each state
RATES = np.dtype(
    [
        ("seed", np.uint64),
        ("replication", np.uint64),
        ("slope", np.float64, (N_CLOCKS,)),
        ("rate", np.float64, (N_STATES, N_STATES)),  # per second, from state to state
        ("only_served", np.uint8, (N_STATES, N_STATES)),  # 1 = only while the place of the state is held
        ("pool", np.int64, (N_STATES,)),  # kind of place the state needs, -1 = none
        ("otherwise", np.int64, (N_STATES,)),  # state for those who find no place, -1 = they wait
        ("law", np.uint8, (N_STATES,)),  # of the timer, 0 = none
        ("p", np.float64, (N_STATES,)),
        ("q", np.float64, (N_STATES,)),
        ("branch", np.float64, (N_STATES, N_STATES)),  # where the timer leads
    ],
    align=True,
)
_TIMER, _BRANCH = 1, 2 * 64


@rule
def _set_timer(person: Any, now: int, rates: Any) -> None:
    """The end of the stay in this state, where it has a timer."""
    person.stay_ends = NEVER
    state = person.stage
    if rates.law[state] != NO_LAW:
        law, p, q = rates.law[state], rates.p[state], rates.q[state]
        person.stay_ends = now + seconds_of(law, p, q, person, _TIMER, person.reason_occasion, rates)


@rule
def _move(person: Any, to: int, now: int, rates: Any) -> None:
    """Leave a state with its place, enter another and want its place."""
    if rates.pool[person.stage] >= 0:
        person.wants[rates.pool[person.stage]] = 0
    person.stage = to
    person.reason_occasion += 1
    if rates.pool[to] >= 0:
        person.wants[rates.pool[to]] = 1
    _set_timer(person, now, rates)


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """The timer and the clocks of the first state."""
    _set_timer(person, now, rates)
    think_again(person, ward, now, rates)


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """A clock leads to its state, a timer to one of its branches, a wait that is not allowed elsewhere."""
    person.outcome = 0
    person.occasion = person.reason_occasion
    person.cause = person.next_cause
    state = person.stage
    if person.next_cause != STAY_ENDS:
        renew(person, person.next_cause)
        _move(person, person.next_cause, now, rates)
        return
    if rates.pool[state] >= 0 and person.has[rates.pool[state]] == WAITING:
        _move(person, rates.otherwise[state], now, rates)
        return
    u = uniform(rates.seed, rates.replication, person.identity, _BRANCH, person.reason_occasion)
    to = 0
    while to < N_STATES - 1 and u >= rates.branch[state, to]:
        u -= rates.branch[state, to]
        to += 1
    _move(person, to, now, rates)


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """A place changes hazards only."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Give every clock its hazard in this state and find what comes first."""
    state = person.stage
    kind = rates.pool[state]
    if kind >= 0 and person.has[kind] == WAITING and rates.otherwise[state] >= 0:
        person.stay_ends = now
    for to in range(N_STATES):
        hazard = rates.rate[state, to] * ward.ratio[to]
        if rates.only_served[state, to] and person.has[kind] != HOLDING:
            hazard = 0.0
        set_hazard(person, to, person.hazard[to], hazard, now, rates)
        person.hazard[to] = hazard
    find_next(person, now)


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """The ward's ratios are others: every date may move."""
    person.outcome = 0
    think_again(person, ward, now, rates)


def chains(
    *, residents: int, unit: float, seed: int, horizon: int, rates: Mapping[tuple[int, int], float] | None = None,
    systems: int = 1, born: int = 0, slope: Mapping[int, float] | None = None,
    only_served: Sequence[tuple[int, int]] = (), pool: Mapping[int, int] | None = None,
    otherwise: Mapping[int, int] | None = None, places: Sequence[int] = (0, 0),
    timer: Mapping[int, tuple[int, float, float]] | None = None,
    branch: Mapping[tuple[int, int], float] | None = None, ratios: Sequence[Mapping[int, float]] = ({},),
    calendar: Sequence[tuple[int, int, int, int]] = (), start: int = 0,
) -> World:  # fmt: skip
    """Residents spread evenly over systems, all in state `start`; `rates` and `slope` are per `unit` seconds."""
    people = np.zeros(residents, PERSON)
    people["ward"] = np.arange(residents) * systems // residents
    people["identity"] = np.arange(residents)
    people["born"], people["stage"], people["due"] = born, start, UNDRAWN
    table = np.zeros(1, RATES)
    r = table[0]
    r["seed"], r["pool"], r["otherwise"] = seed, -1, -1
    for (a, b), rate in (rates or {}).items():
        r["rate"][a, b] = rate / unit
    for state, growth in (slope or {}).items():
        r["slope"][state] = growth / unit
    for where in only_served:
        r["only_served"][where] = 1
    for state, kind in (pool or {}).items():
        r["pool"][state] = kind
    for state, to in (otherwise or {}).items():
        r["otherwise"][state] = to
    for state, (law, p, q) in (timer or {}).items():
        r["law"][state], r["p"][state], r["q"][state] = law, p, q
    for where, chance in (branch or {}).items():
        r["branch"][where] = chance
    wards = np.ones(len(ratios), WARD)
    for row, ratio in enumerate(ratios):
        for state, value in ratio.items():
            wards["ratio"][row, state] = value
    members, first_member = members_by_ward(people["ward"], systems)
    return World(
        people=people,
        wards=wards,
        rates=table,
        row_of_ward=np.zeros(systems, np.int64),
        first_pool=np.arange(N_KINDS) * systems,
        by_ward=np.ones(N_KINDS, np.int64),
        capacity=np.repeat(np.array(places, np.int64), systems),
        calendar=np.array(list(calendar), CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=1,
    )
