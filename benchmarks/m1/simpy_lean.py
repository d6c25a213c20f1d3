"""M1 in SimPy by someone who counts nanoseconds: one event with a callback for each live date, deques for queues.

Nothing is entered beyond the horizon; a date that no longer holds is recognised by the stage number it was drawn for. The
order is (second, resident), as in the compiled engine, so the transitions are the same in the same order of residents.
"""

from __future__ import annotations

from collections import deque

import simpy

from benchmarks.m1 import pathway as m1
from benchmarks.m1.output import Output

_WAITING = (m1.WSTS, m1.WLTC, m1.WASS)


class Life:
    """One resident, without a process."""

    __slots__ = ("city", "goes_to", "has", "person", "since", "stage", "waits")

    def __init__(self, city: City, person: m1.Person) -> None:
        self.city = city
        self.person = person
        self.stage = m1.COMM
        self.since = 0
        self.goes_to = -1
        self.has = -1  # index of the pool, -1 for none
        self.waits = -1
        person.luck.k = 1

    def draw(self) -> None:
        """Draw what comes next and enter its date."""
        if self.stage == m1.DEAD:
            return
        env = self.city.env
        after, self.goes_to = m1.next_of(self.person, self.stage, env.now)
        if env.now + after >= m1.HORIZON:
            return
        event = simpy.Event(env)
        event._ok = True
        event._value = self.person.luck.k
        event.callbacks.append(self.ring)
        env.schedule(event, self.person.number, after)

    def ring(self, event: simpy.Event) -> None:
        """The date has come: move, give a place back, ask for one, and hand on what was freed."""
        if event._value != self.person.luck.k:
            return
        city = self.city
        self.move(self.goes_to)
        freed = self.has
        if freed >= 0:
            city.in_use[freed] -= 1
            self.has = -1
        self.waits = -1
        if self.stage in _WAITING:
            pool = 2 * m1.N_WARDS
            if self.stage != m1.WASS:
                pool = self.person.ward + (m1.N_WARDS if self.stage == m1.WLTC else 0)
            if city.in_use[pool] < city.places[pool] and not city.waiting(pool):
                self.take(pool)
            else:
                self.waits = pool
                city.queues[pool].append((self, self.person.luck.k))
        self.draw()
        if freed >= 0:
            while city.in_use[freed] < city.places[freed] and city.waiting(freed):
                life, _ = city.queues[freed].popleft()
                life.take(freed)
                life.draw()

    def take(self, pool: int) -> None:
        """From waiting to having a place."""
        self.city.in_use[pool] += 1
        self.has = pool
        self.waits = -1
        self.move(self.stage + 1)

    def move(self, to: int) -> None:
        """One transition."""
        now = self.city.env.now
        self.city.output.move(self.person.ward, self.stage, to, self.since, now)
        self.stage = to
        self.since = now
        self.person.luck.k += 1


class City:
    """The clock, the pools and their queues."""

    def __init__(self, places: list[int]) -> None:
        self.env = simpy.Environment()
        self.output = Output()
        self.places = places
        self.in_use = [0] * len(places)
        self.queues: list[deque[tuple[Life, int]]] = [deque() for _ in places]

    def waiting(self, pool: int) -> bool:
        """Whether somebody waits; those who have given up are dropped from the head of the queue."""
        queue = self.queues[pool]
        while queue and queue[0][0].person.luck.k != queue[0][1]:
            queue.popleft()
        return bool(queue)


def run(people: list[m1.Person], *, capacity_share: float = 1.0) -> Output:
    """Ten years of these residents."""
    city = City(m1.capacities(len(people), capacity_share))
    for person in people:
        Life(city, person).draw()
    city.env.run(until=m1.HORIZON)
    return city.output
