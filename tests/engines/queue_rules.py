"""A small rule set: customers, one kind of place, exponential service and patience, and coming back if told to.

It shows how little an engine asks of its rules, and lets both engines be held against queueing theory. Times are
in seconds and exact to one second, so give means of many seconds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lacsim.model.compiling import rule
from lacsim.model.stages import (
    ARRIVES,
    COMMUNITY,
    HOLDING,
    HOUR,
    NEVER,
    OUTSIDE,
    SHORT_TERM,
    STAY_ENDS,
    STOPS_WAITING,
    WAITING,
)
from lacsim.model.streams import uniform
from lacsim.model.world import CALENDAR, World, members_by_ward

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("comes", np.int64),  # seconds: when the customer next comes
        ("served", np.int64),  # seconds: end of service
        ("gives_up", np.int64),  # seconds: end of patience
        ("identity", np.int64),
        ("occasion", np.int32),
        ("reason_occasion", np.int32),  # how often the customer has come
        ("ward", np.int16),
        ("holds", np.uint16),
        ("stage", np.uint8),
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("wants", np.uint8, (1,)),
        ("has", np.uint8, (1,)),
        ("urgency", np.uint8, (1,)),
    ],
    align=True,
)
WARD = np.dtype([("unused", np.float64)])
RATES = np.dtype(
    [
        ("seed", np.uint64),
        ("replication", np.uint64),
        ("service", np.float64),  # mean seconds
        ("patience", np.float64),  # mean seconds, 0 = endless
        ("away", np.float64),  # mean seconds until a served customer comes again, 0 = never
        ("one_deadline", np.uint8),  # 1 = patience is drawn once, for all visits
    ],
    align=True,
)

_SERVICE, _PATIENCE, _AWAY, _URGENCY = 1, 2, 3, 4
ARRIVAL = 5


@rule
def _seconds(person: Any, decision: int, mean: float, rates: Any) -> int:
    """An exponential duration of at least one second."""
    u = uniform(rates.seed, rates.replication, person.identity, decision, person.reason_occasion)
    return max(np.int64(1), np.int64(math.floor(-mean * math.log(u) + 0.5)))


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Everyone comes on their date."""
    person.next_time = person.comes


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """A customer comes, is served, or gives up."""
    person.outcome = 0
    person.occasion = person.reason_occasion
    if person.wants[0] == 0:
        person.cause = ARRIVES
        person.stage = SHORT_TERM
        person.wants[0] = 1
        if rates.patience <= 0.0:
            person.gives_up = NEVER
        elif not rates.one_deadline or person.reason_occasion == 0:
            person.gives_up = now + _seconds(person, _PATIENCE, rates.patience, rates)
        return
    person.wants[0] = 0
    person.stage = COMMUNITY
    person.comes = NEVER
    if person.has[0] == HOLDING and person.served <= now:
        person.cause = STAY_ENDS
        if rates.away > 0.0:
            person.reason_occasion += 1
            person.comes = now + _seconds(person, _AWAY, rates.away, rates)
    else:
        person.cause = STOPS_WAITING


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """Service begins."""
    person.outcome = 0
    person.served = now + _seconds(person, _SERVICE, rates.service, rates)
    if not rates.one_deadline:
        person.gives_up = NEVER


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Nothing about a ward matters here."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """What comes first: coming, being served, or giving up."""
    if person.wants[0] == 0:
        person.next_time = person.comes
    elif person.has[0] == WAITING:
        person.next_time = max(now, person.gives_up)
    else:
        person.next_time = max(now, min(person.served, person.gives_up))


def queue(
    *, customers: int, places: int, arrival: float, service: float = 100 * HOUR, patience: float = 0.0,
    away: float = 0.0, one_deadline: bool = False, urgencies: int = 1, seed: int = 1, horizon: int = NEVER >> 20,
    calendar: tuple[tuple[int, int, int, int], ...] = (),
) -> World:  # fmt: skip
    """A world of customers who come one after another, `arrival` seconds apart in the mean, to so many places."""
    people = np.zeros(customers, PERSON)
    rates = np.zeros(1, RATES)
    rates["seed"], rates["service"], rates["patience"], rates["away"] = seed, service, patience, away
    rates["one_deadline"] = one_deadline
    gaps = [-arrival * math.log(uniform(seed, 0, i, ARRIVAL, 0)) for i in range(customers)]
    people["comes"] = np.floor(np.cumsum(gaps)).astype(np.int64) + 1
    people["identity"] = np.arange(customers)
    people["stage"] = OUTSIDE
    people["urgency"][:, 0] = [int(urgencies * uniform(seed, 0, i, _URGENCY, 0)) for i in range(customers)]
    members, first_member = members_by_ward(people["ward"], 1)
    return World(
        people=people,
        wards=np.zeros(1, WARD),
        rates=rates,
        row_of_ward=np.zeros(1, np.int64),
        first_pool=np.zeros(1, np.int64),
        by_ward=np.zeros(1, np.int64),
        capacity=np.array([places], np.int64),
        calendar=np.array(list(calendar), CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=urgencies,
    )
