"""A rule set without luck: each person follows a script of wanting places, giving them up and dying, second by second.

Whatever a test can think of, both engines can be made to do. Two kinds of place, one for the city and one for each ward.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from lacsim.model.compiling import rule
from lacsim.model.stages import COMMUNITY, DEATH, DIED, NEVER, POLICY
from lacsim.model.world import CALENDAR, CAPACITY, World, members_by_ward

N_KINDS: Final = 2
CITY, WARDS = 0, 1  # kinds
LONGEST: Final = 64  # actions of one person
WANT, GIVE_UP, DIE = 0, 1, 2

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("when", np.int64, (LONGEST,)),
        ("action", np.uint8, (LONGEST,)),
        ("kind", np.uint8, (LONGEST,)),
        ("how_urgent", np.uint8, (LONGEST,)),
        ("occasion", np.int32),
        ("reason_occasion", np.int32),  # actions done
        ("ward", np.int32),
        ("holds", np.uint16),
        ("stage", np.uint8),
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("wants", np.uint8, (N_KINDS,)),
        ("has", np.uint8, (N_KINDS,)),
        ("urgency", np.uint8, (N_KINDS,)),
    ],
    align=True,
)
NOTHING_TO_READ = np.dtype([("unused", np.float64)])


class Act(NamedTuple):
    """One line of a script."""

    when: int
    resident: int
    action: int
    kind: int
    urgency: int


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """The first line of the script is next."""
    think_again(person, ward, now, rates)


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Do the next line; wanting what is already wanted changes nothing."""
    line = person.reason_occasion
    person.occasion = line
    person.reason_occasion = line + 1
    person.outcome = 0
    person.cause = POLICY
    kind = person.kind[line]
    if person.action[line] == WANT:
        if not person.wants[kind]:
            person.wants[kind] = 1
            person.urgency[kind] = person.how_urgent[line]
    elif person.action[line] == GIVE_UP:
        person.wants[kind] = 0
    else:
        person.cause = DEATH
        person.stage = DIED
        for k in range(N_KINDS):
            person.wants[k] = 0


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """A place changes nothing else."""
    person.outcome = 0


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Nothing about a ward matters here."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """The next line of the script, for the living."""
    person.next_time = NEVER
    if person.stage != DIED and person.reason_occasion < LONGEST:
        person.next_time = max(now, person.when[person.reason_occasion])


def scripted(
    script: Sequence[Act], *, residents: int, n_wards: int, places: Sequence[int], changes: Sequence[tuple[int, int, int]],
    horizon: int,
) -> World:  # fmt: skip
    """A world that follows a script; `places` by pool (the city's, then one a ward), `changes` are (second, pool, places)."""
    people = np.zeros(residents, PERSON)
    people["when"] = NEVER
    people["stage"] = COMMUNITY
    people["ward"] = np.arange(residents) % n_wards
    lines = np.zeros(residents, int)
    for act in sorted(script, key=lambda a: a.when):
        person, line = people[act.resident], lines[act.resident]
        person["when"][line], person["action"][line] = act.when, act.action
        person["kind"][line], person["how_urgent"][line] = act.kind, act.urgency
        lines[act.resident] += 1
    members, first_member = members_by_ward(people["ward"], n_wards)
    entries = [(when, CAPACITY, pool, number) for when, pool, number in sorted(changes, key=lambda c: c[0])]
    return World(
        people=people,
        wards=np.zeros(1, NOTHING_TO_READ),
        rates=np.zeros(1, NOTHING_TO_READ),
        row_of_ward=np.zeros(n_wards, np.int64),
        first_pool=np.array([0, 1]),
        by_ward=np.array([0, 1]),
        capacity=np.array(places, np.int64),
        calendar=np.array(entries, CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=3,
    )
