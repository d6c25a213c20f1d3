"""The reference engine: one SimPy process for each resident, written to be read.

It is the pathway told aloud. A resident lives until whatever comes first happens; they say which places they no
longer need and which they want; a place that becomes free goes to whoever is most urgent and has waited longest.
What happens, to whom and when is decided by the rules alone, which are an argument. The compiled engine must write
the same trace; it shares the rules and the world with this file, and no code.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from lacsim.model.stages import HOLDING, NOTHING, POLICY, WAITING
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE, RELEASED, TRACE
from lacsim.model.world import CAPACITY, CONDITIONS, World

_CALENDAR_FIRST = 1  # SimPy's own interruptions are 0, residents come after the calendar
_FIRST_RESIDENT = 2


class Pool:
    """A limited number of places and the residents who wait for one."""

    def __init__(self, kind: int, places: int) -> None:
        self.kind = kind
        self.places = places
        self.in_use = 0
        self.queue: list[tuple[int, int, int, int]] = []  # (urgency, second joined, order joined, resident)
        self.joined = 0

    def has_room(self) -> bool:
        """Whether a place is free."""
        return self.in_use < self.places

    def join(self, resident: int, urgency: int, now: int) -> None:
        """Stand in the queue behind everyone of the same urgency."""
        self.queue.append((urgency, now, self.joined, resident))
        self.joined += 1

    def leave(self, resident: int) -> None:
        """Give up waiting."""
        self.queue = [waiting for waiting in self.queue if waiting[3] != resident]

    def call_next(self) -> int:
        """The most urgent, and of those the one who has waited longest, leaves the queue."""
        first = min(self.queue)
        self.queue.remove(first)
        return first[3]


class City:
    """Residents, pools and one clock."""

    def __init__(self, world: World, rules: Any) -> None:
        self.world = world
        self.rules = rules
        self.env = simpy.Environment(initial_time=0)
        self.people = world.people.view(np.recarray)
        self.wards = world.wards.view(np.recarray)
        self.rates = world.rates.view(np.recarray)[0]
        self.row_of_ward = world.row_of_ward.copy()
        self.pools: list[Pool] = []
        bounds = [*world.first_pool[1:], len(world.capacity)]
        for kind, (first, end) in enumerate(zip(world.first_pool, bounds, strict=True)):
            self.pools += [Pool(kind, int(world.capacity[p])) for p in range(first, end)]
        self.freed: list[Pool] = []
        self.rows: list[tuple[int, ...]] = []
        self.lives: list[simpy.Process] = []

    # --- one life -----------------------------------------------------------------------------------------

    def life(self, resident: int) -> Generator[simpy.Event, None, None]:
        """Wait for whatever comes first; if something else changed meanwhile, ask again what comes first.

        The clock stops at the horizon, and every life with it: a resident for whom nothing is due waits until then.
        """
        person = self.people[resident]
        while True:
            try:
                yield self.until(min(int(person.next_time), self.world.horizon), resident)
            except simpy.Interrupt:
                continue
            self.handle(resident)

    def until(self, time: int, resident: int) -> simpy.Event:
        """Event at a second of the clock; of two on the same second the lower resident number goes first."""
        alarm = self.env.event()
        alarm._ok = True
        alarm._value = None
        self.env.schedule(alarm, priority=_FIRST_RESIDENT + resident, delay=time - self.env.now)
        return alarm

    def handle(self, resident: int) -> None:
        """One event, whole: it happens, places change hands, freed places are filled."""
        person = self.people[resident]
        if not self.is_due(person):
            return
        left = person.stage
        self.rules.something_happens(person, self.ward_of(person), self.env.now, self.rates)
        self.write(resident, HAPPENED, person.cause, left, occasion=person.occasion, outcome=person.outcome)
        self.settle(resident)
        self.fill_freed_places()

    def is_due(self, person: Any) -> bool:
        """Whether what was to come first comes now; rules whose dates can be too early say so in `still_due`."""
        if not hasattr(self.rules, "still_due"):
            return True
        return bool(self.rules.still_due(person, self.ward_of(person), self.env.now, self.rates))

    def is_settled(self, person: Any) -> bool:
        """Whether the person has, or waits for, exactly what they want."""
        return all(bool(wants) == (has != NOTHING) for wants, has in zip(person.wants, person.has, strict=True))

    def settle(self, resident: int) -> None:
        """Give back what is no longer wanted, ask for what is, and find what comes next for this resident."""
        person = self.people[resident]
        while True:
            granted = False
            for kind in range(len(person.wants)):
                if person.has[kind] != NOTHING and not person.wants[kind]:
                    self.give_up(resident, kind)
            for kind in range(len(person.wants)):
                if person.wants[kind] and person.has[kind] == NOTHING:
                    granted = self.ask_for(resident, kind) or granted
            if not granted:
                break
        self.rules.think_again(person, self.ward_of(person), self.env.now, self.rates)

    def give_up(self, resident: int, kind: int) -> None:
        """Give back a place, or leave the queue for one."""
        person = self.people[resident]
        pool = self.pool_for(person, kind)
        if person.has[kind] == HOLDING:
            pool.in_use -= 1
            self.freed.append(pool)
            what = RELEASED
        else:
            pool.leave(resident)
            what = LEFT_QUEUE
        person.has[kind] = NOTHING
        self.write(resident, what, kind, person.stage)

    def ask_for(self, resident: int, kind: int) -> bool:
        """Take a free place if nobody waits for it (True), otherwise join the queue (False)."""
        person = self.people[resident]
        pool = self.pool_for(person, kind)
        if pool.has_room() and not pool.queue:
            self.grant(resident, pool)
            return True
        pool.join(resident, int(person.urgency[kind]), self.env.now)
        person.has[kind] = WAITING
        self.write(resident, JOINED, kind, person.stage)
        return False

    def grant(self, resident: int, pool: Pool) -> None:
        """Hand over one place and let the rules say what it changes."""
        person = self.people[resident]
        left = person.stage
        pool.in_use += 1
        person.has[pool.kind] = HOLDING
        self.rules.place_granted(person, self.ward_of(person), pool.kind, self.env.now, self.rates)
        self.write(resident, GRANTED, pool.kind, left, outcome=person.outcome)

    def fill_freed_places(self) -> None:
        """Offer freed places to those who wait, pool by pool in the order they were freed."""
        while self.freed:
            pool = self.freed.pop(0)
            while pool.has_room() and pool.queue:
                resident = pool.call_next()
                self.grant(resident, pool)
                self.settle(resident)
                self.wake(resident)

    # --- the city around it -------------------------------------------------------------------------------------

    def calendar(self) -> Generator[simpy.Event, None, None]:
        """Changes of capacity and of a ward's circumstances, on their dates, before anyone's event of that second."""
        for seconds, what, target, value in self.world.calendar.tolist():
            if seconds > self.env.now:
                day = self.env.event()
                day._ok = True
                day._value = None
                self.env.schedule(day, priority=_CALENDAR_FIRST, delay=seconds - self.env.now)
                yield day
            if what == CAPACITY:
                self.pools[target].places = value
                self.freed.append(self.pools[target])
                self.fill_freed_places()
            else:
                self.row_of_ward[target] = value
                if what == CONDITIONS:
                    self.change_ward(target)

    def change_ward(self, ward: int) -> None:
        """Everyone who lives in the ward meets the new circumstances, in order."""
        first, end = self.world.first_member[ward], self.world.first_member[ward + 1]
        for resident in self.world.members[first:end].tolist():
            person = self.people[resident]
            left, held, next_time = person.stage, person.holds, person.next_time
            self.rules.ward_changes(person, self.ward_of(person), self.env.now, self.rates)
            if person.stage != left or person.holds != held:
                self.write(resident, CHANGED, POLICY, left, outcome=person.outcome)
            if not self.is_settled(person):
                self.settle(resident)
                self.fill_freed_places()
            if person.next_time != next_time:
                self.wake(resident)

    def wake(self, resident: int) -> None:
        """Tell another resident's process that what it waits for may have changed."""
        if self.lives and self.lives[resident] is not self.env.active_process:
            self.lives[resident].interrupt()

    def ward_of(self, person: Any) -> Any:
        """The ward's circumstances as they are now."""
        return self.wards[self.row_of_ward[person.ward]]

    def pool_for(self, person: Any, kind: int) -> Pool:
        """The pool of this kind that serves this resident."""
        return self.pools[self.world.first_pool[kind] + (person.ward if self.world.by_ward[kind] else 0)]

    def write(self, resident: int, what: int, cause: int, left: int, *, occasion: int = -1, outcome: int = 0) -> None:
        """Append one row to the trace."""
        person = self.people[resident]
        number = occasion if what == HAPPENED else person.reason_occasion
        self.rows.append(
            (
                self.env.now,
                resident,
                int(number),
                what,
                int(cause),
                int(person.reason),
                int(left),
                int(person.stage),
                int(outcome),
                int(person.holds),
            )
        )

    def run(self) -> np.ndarray:
        """Start every life and the calendar, and let the clock run to the horizon."""
        for person in self.people:
            for kind in range(len(person.has)):
                if person.has[kind] == HOLDING:
                    self.pool_for(person, kind).in_use += 1
            self.rules.begin(person, self.ward_of(person), 0, self.rates)
        for resident, person in enumerate(self.people):
            if not self.is_settled(person):
                self.settle(resident)
                self.fill_freed_places()
        self.lives = [self.env.process(self.life(resident)) for resident in range(len(self.people))]
        self.env.process(self.calendar())
        if self.world.horizon > 0:  # SimPy refuses to run until now
            self.env.run(until=self.world.horizon)
        return np.array(self.rows, dtype=TRACE)


def run(world: World, rules: Any) -> np.ndarray:
    """Live all lives of a world to its horizon; returns the trace, dtype `TRACE`, in order.

    Parameters
    ----------
    world
        Residents, wards, pools and calendar. `world.people` is changed: afterwards it holds the last state.
    rules
        A rule set: a module with the functions that `lacsim.model` names.
    """
    return City(world, rules).run()
