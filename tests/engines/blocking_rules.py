"""A small rule set: two rooms in a row with blocking, walked through again and again.

Whoever has finished in the first room keeps their place there until one is free in the second, so one resident's
leaving can hand places along a chain that comes back to the same resident within the same event.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lacsim.model.compiling import rule
from lacsim.model.stages import COMMUNITY, HOLDING, NEVER, SHORT_TERM, STAY_ENDS
from lacsim.model.streams import uniform
from lacsim.model.world import CALENDAR, World, members_by_ward

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("ready", np.int64),  # seconds: end of the work in the present room, NEVER while waiting
        ("identity", np.int64),
        ("occasion", np.int32),
        ("reason_occasion", np.int32),
        ("ward", np.int16),
        ("holds", np.uint16),
        ("stage", np.uint8),
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("wants", np.uint8, (2,)),
        ("has", np.uint8, (2,)),
        ("urgency", np.uint8, (2,)),
    ],
    align=True,
)
WARD = np.dtype([("unused", np.float64)])
RATES = np.dtype([("seed", np.uint64), ("mean", np.float64, (2,))], align=True)
FIRST, SECOND = 0, 1


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Everyone comes to the first room one second after the other."""
    person.next_time = person.ready


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Work in a room is done: ask for the other room."""
    person.cause = STAY_ENDS
    person.outcome = 0
    person.occasion = person.reason_occasion
    person.ready = NEVER
    if person.has[FIRST] == HOLDING:
        person.wants[SECOND] = 1
    else:
        person.wants[SECOND] = 0
        person.wants[FIRST] = 1
        person.stage = COMMUNITY
        person.reason_occasion += 1


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """Work in a room begins; the first room is left when the second is entered."""
    person.outcome = 0
    if kind == SECOND:
        person.wants[FIRST] = 0
    person.stage = SHORT_TERM
    u = uniform(rates.seed, 0, person.identity, kind, person.reason_occasion)
    person.ready = now + max(np.int64(1), np.int64(math.floor(-rates.mean[kind] * math.log(u) + 0.5)))


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Nothing about a ward matters here."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Only the end of the present work is due."""
    person.next_time = person.ready


def two_rooms(*, residents: int, first: int, second: int, seed: int = 1, horizon: int = 1_000_000) -> World:
    """A world of residents who go round two rooms with so many places."""
    people = np.zeros(residents, PERSON)
    people["ready"] = np.arange(1, residents + 1)
    people["identity"] = np.arange(residents)
    rates = np.zeros(1, RATES)
    rates["seed"], rates["mean"] = seed, (900.0, 1_100.0)
    members, first_member = members_by_ward(people["ward"], 1)
    return World(
        people=people,
        wards=np.zeros(1, WARD),
        rates=rates,
        row_of_ward=np.zeros(1, np.int64),
        first_pool=np.array([0, 1]),
        by_ward=np.zeros(2, np.int64),
        capacity=np.array([first, second], np.int64),
        calendar=np.zeros(0, CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=1,
    )
