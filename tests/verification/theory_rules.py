"""A rule set for queueing theory: stations in a network, classes, rooms with limits, patience, finite sources, thinning.

A customer comes, asks for a place at a station and is served, goes on to another station or leaves, and may come
again. Whoever may not wait, or finds no room to wait in, leaves on the same second. Every system of a world is a ward of its own
with its own pools, so one run holds thousands of independent copies of a queue.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from duration_rules import EXPONENTIAL, seconds_of

from lacsim.model.compiling import rule
from lacsim.model.stages import ARRIVES, HOLDING, NEVER, OUTSIDE, STAY_ENDS, STOPS_WAITING
from lacsim.model.streams import uniform
from lacsim.model.world import CALENDAR, World, members_by_ward

N_STATIONS: Final = 3
ROOM: Final = 3  # kind of pool: places to wait in
N_KINDS: Final = 4
LOST, NEEDS_ROOM, MAY_WAIT = 0, 1, 2

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("comes", np.int64),  # seconds: when the customer next comes
        ("ends", np.int64),  # seconds: end of service
        ("gives_up", np.int64),  # seconds: end of patience
        ("given", np.int64),  # seconds of service, 0 = drawn
        ("identity", np.int64),
        ("occasion", np.int32),
        ("reason_occasion", np.int32),  # how many stations were asked
        ("ward", np.int32),
        ("holds", np.uint16),
        ("stage", np.uint8),  # the station, or OUTSIDE
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("class_", np.uint8),
        ("first", np.uint8),  # station that is asked on coming
        ("wants", np.uint8, (N_KINDS,)),
        ("has", np.uint8, (N_KINDS,)),
        ("urgency", np.uint8, (N_KINDS,)),
    ],
    align=True,
)
WARD = np.dtype([("unused", np.float64)])
RATES = np.dtype(
    [
        ("seed", np.uint64),
        ("replication", np.uint64),
        ("law", np.uint8, (N_STATIONS, 3)),  # of service, by station and class
        ("p", np.float64, (N_STATIONS, 3)),
        ("q", np.float64, (N_STATIONS, 3)),
        ("route", np.float64, (N_STATIONS, N_STATIONS)),  # what is missing from 1 leaves
        ("may_wait", np.uint8, (3,)),  # by class
        ("patience", np.float64),  # mean seconds, 0 = endless
        ("away", np.float64),  # mean seconds until the customer comes again, 0 = never
        ("thinning", np.float64),  # candidates are accepted with chance (1 + this x sin(2 pi t / period)) / (1 + this)
        ("period", np.float64),  # seconds
    ],
    align=True,
)
_SERVICE, _PATIENCE, _AWAY, _ROUTE, _ACCEPTED = 0, 1, 2, 3 * 64, 3 * 64 + 1


@rule
def _ask(person: Any, station: int, now: int, rates: Any) -> None:
    """Ask for a place at a station, and for room to wait where that is limited."""
    person.stage = station
    person.reason_occasion += 1
    person.wants[station] = 1
    person.wants[ROOM] = rates.may_wait[person.class_] == NEEDS_ROOM
    person.ends = NEVER
    person.gives_up = NEVER
    if rates.patience > 0.0:
        until = seconds_of(EXPONENTIAL, rates.patience, 0.0, person, _PATIENCE, person.reason_occasion, rates)
        person.gives_up = now + until


@rule
def _leave(person: Any, now: int, rates: Any) -> None:
    """Leave the system, for good or until the next time."""
    for kind in range(N_KINDS):
        person.wants[kind] = 0
    person.stage = OUTSIDE
    person.comes = NEVER
    if rates.away > 0.0:
        person.comes = now + seconds_of(EXPONENTIAL, rates.away, 0.0, person, _AWAY, person.reason_occasion, rates)


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Everyone comes on their date."""
    think_again(person, ward, now, rates)


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """A customer comes, is served, or leaves without."""
    person.outcome = 0
    person.occasion = person.reason_occasion
    if person.stage == OUTSIDE:
        person.cause = ARRIVES
        person.comes = NEVER
        if rates.thinning > 0.0:
            chance = (1.0 + rates.thinning * math.sin(2.0 * math.pi * now / rates.period)) / (1.0 + rates.thinning)
            if uniform(rates.seed, rates.replication, person.identity, _ACCEPTED, 0) >= chance:
                return
        _ask(person, person.first, now, rates)
        return
    station = person.stage
    if person.has[station] != HOLDING:
        person.cause = STOPS_WAITING
        _leave(person, now, rates)
        return
    person.cause = STAY_ENDS
    person.wants[station] = 0
    u = uniform(rates.seed, rates.replication, person.identity, _ROUTE, person.reason_occasion)
    for to in range(N_STATIONS):
        if u < rates.route[station, to]:
            _ask(person, to, now, rates)
            return
        u -= rates.route[station, to]
    _leave(person, now, rates)


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """Service begins, and room to wait in is no longer needed; or there is room to wait."""
    person.outcome = 0
    if kind == ROOM:
        return
    person.wants[ROOM] = 0
    if person.given > 0:
        person.ends = now + person.given
    else:
        law, p, q = (rates.law[kind, person.class_], rates.p[kind, person.class_], rates.q[kind, person.class_])
        person.ends = now + seconds_of(law, p, q, person, _SERVICE, person.reason_occasion, rates)


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Nothing about a ward matters here."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """What comes first: coming, being served, or giving up."""
    if person.stage == OUTSIDE:
        person.next_time = person.comes
    elif person.has[person.stage] == HOLDING:
        person.next_time = max(now, person.ends)
    else:
        allowed = rates.may_wait[person.class_]
        refused = allowed == LOST or (allowed == NEEDS_ROOM and person.has[ROOM] != HOLDING)
        person.next_time = now if refused else max(now, person.gives_up)


# --- worlds ----------------------------------------------------------------------------------------------------------


def customers(
    *, system: np.ndarray, comes: np.ndarray, class_: np.ndarray | int = 0, first: np.ndarray | int = 0,
    given: np.ndarray | int = 0,
) -> np.ndarray:  # fmt: skip
    """Customers who come to their systems on these seconds; those of second 0 are there from the beginning."""
    people = np.zeros(len(system), PERSON)
    people["ward"], people["comes"] = system, comes
    people["class_"], people["first"], people["given"] = class_, first, given
    people["identity"] = np.arange(len(system))
    people["stage"] = OUTSIDE
    people["urgency"][:, :N_STATIONS] = people["class_"][:, None]
    return people


def queues(
    people: np.ndarray, *, systems: int, places: Sequence[int], seed: int, horizon: int,
    service: Sequence[tuple[int, float, float]] | Mapping[tuple[int, int], tuple[int, float, float]],
    room: int = 1 << 40, may_wait: Sequence[int] = (MAY_WAIT, MAY_WAIT, MAY_WAIT), route: np.ndarray | None = None,
    patience: float = 0.0, away: float = 0.0, thinning: float = 0.0, period: float = 1.0,
    calendar: Sequence[tuple[int, int, int, int]] = (),
) -> World:  # fmt: skip
    """A world of systems alike; `service` is (law, p, q) by station, or by (station, class)."""
    rates = np.zeros(1, RATES)
    r = rates[0]
    r["seed"], r["patience"], r["away"], r["may_wait"] = seed, patience, away, may_wait
    r["thinning"], r["period"] = thinning, period
    if route is not None:
        r["route"] = route
    by = service if isinstance(service, Mapping) else {(s, c): law for s, law in enumerate(service) for c in range(3)}
    for where, (law, p, q) in by.items():
        r["law"][where], r["p"][where], r["q"][where] = law, p, q
    capacity = np.zeros(N_KINDS * systems, np.int64)
    for station, number in enumerate(places):
        capacity[station * systems : (station + 1) * systems] = number
    capacity[ROOM * systems :] = room
    members, first_member = members_by_ward(people["ward"], systems)
    return World(
        people=people,
        wards=np.zeros(1, WARD),
        rates=rates,
        row_of_ward=np.zeros(systems, np.int64),
        first_pool=np.arange(N_KINDS) * systems,
        by_ward=np.ones(N_KINDS, np.int64),
        capacity=capacity,
        calendar=np.array(list(calendar), CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=3,
    )
