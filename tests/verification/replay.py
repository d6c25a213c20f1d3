"""A slow, obvious replay of a trace: who is where, who holds which place, who waits in which order.

It shares no code with the engines: it starts from the people and the calendar of a world, reads the rows one by
one, and notes every row that cannot be true. Tests look at the notes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from lacsim.model import stages as s
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE, RELEASED, describe
from lacsim.model.world import CAPACITY, World

MOST_NOTES = 20


@dataclass
class Replayed:
    """What a replay found.

    Attributes
    ----------
    faults
        Rows that cannot be true, by the law they break; at most `MOST_NOTES` each.
    grants_from_queue, grants_at_once, urgent_first
        How often each branch was met, so that a test can show it was not empty.
    """

    stage: list[int]
    holds: list[int]
    in_use: list[int]
    waiting: list[list[tuple[int, int, int, int]]]
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    grants_from_queue: int = 0
    grants_at_once: int = 0
    urgent_first: int = 0
    full: set[int] = field(default_factory=set)

    def note(self, law: str, text: str) -> None:
        if len(self.faults[law]) < MOST_NOTES:
            self.faults[law].append(text)


def _urgency(kind: int, stage: int, holds: int, by_urgency: bool) -> int:
    """How urgent a wait is, from what the trace says of the resident who joins."""
    if kind == s.ASSESSOR:
        return s.URGENT if stage == s.HOSPITAL or holds & s.NEEDS_CARE_HOME else s.ORDINARY
    if kind == s.CARE_HOME_PLACE:
        return s.URGENT if stage == s.HOSPITAL else s.ORDINARY
    if kind == s.CASELOAD and by_urgency:
        return s.URGENT if holds & s.DIFFICULTY else s.ORDINARY
    return s.ORDINARY


def replay(world: World, rows: np.ndarray) -> Replayed:
    """Read the trace of a world whose people are as they were at the start (hand over a fresh world)."""
    people = world.people
    n_pools = len(world.capacity)
    by_urgency = bool(world.rates["caseload_by_urgency"][0])
    seen = Replayed(people["stage"].tolist(), people["holds"].tolist(), [0] * n_pools, [[] for _ in range(n_pools)])
    ward = people["ward"].tolist()

    def pool_of(resident: int, kind: int) -> int:
        return int(world.first_pool[kind]) + (ward[resident] if world.by_ward[kind] else 0)

    has = {(int(i), int(k)): s.HOLDING for i, k in zip(*np.nonzero(people["has"] == s.HOLDING), strict=True)}
    for resident, kind in has:
        seen.in_use[pool_of(resident, kind)] += 1
    places = world.capacity.tolist()
    before = list(places)  # capacity at the beginning of this second
    calendar = world.calendar.tolist()
    touched: set[int] = set()
    now, at, order = 0, 0, 0
    last_event: tuple[int, int] = (-1, -1)
    held_before = list(seen.holds)

    def close_second() -> None:
        for pool in touched:
            if seen.in_use[pool] < places[pool] and seen.waiting[pool]:
                who = seen.waiting[pool][0][3]
                seen.note("idle", f"second {now}: pool {pool} has a free place and resident {who} waits")
        touched.clear()
        before[:] = places

    for number, row in enumerate(rows):
        seconds, resident, what, cause = (int(row[k]) for k in ("seconds", "resident", "what", "cause"))
        left, entered, holds = int(row["left"]), int(row["entered"]), int(row["holds"])
        text = f"row {number}: {describe(row)}"
        while at < len(calendar) and calendar[at][0] <= seconds:
            if calendar[at][0] > now:
                close_second()
                now = calendar[at][0]
            if calendar[at][1] == CAPACITY:
                places[calendar[at][2]] = calendar[at][3]
                touched.add(calendar[at][2])
            at += 1
        if seconds < now:
            seen.note("order", f"{text} comes after second {now}")
        if seconds > now:
            close_second()
            now = seconds
        if not seconds < world.horizon:
            seen.note("order", f"{text} is not before the horizon")
        if what == HAPPENED:
            if (seconds, resident) < last_event:
                seen.note(
                    "order", f"{text} comes after the event of resident {last_event[1]} in second {last_event[0]}"
                )
            last_event = (seconds, resident)
        if seen.stage[resident] == s.DIED and not (
            what in (RELEASED, LEFT_QUEUE) and last_event == (seconds, resident)
        ):
            seen.note("dead", text)
        if left != seen.stage[resident]:
            seen.note("people", f"{text}, but the resident was in {s.STAGES[seen.stage[resident]]}")
        if what not in (HAPPENED, CHANGED, GRANTED) and left != entered:
            seen.note("people", f"{text} moves the resident")
        if entered in (s.DIED, s.OUTSIDE) and holds:
            seen.note("dead", f"{text} holds something")
        if what in (HAPPENED, CHANGED):
            held_before[resident] = seen.holds[resident]
        if what in (RELEASED, LEFT_QUEUE, JOINED, GRANTED):
            pool, key = pool_of(resident, cause), (resident, cause)
            touched.add(pool)
            queue = seen.waiting[pool]
            state = has.pop(key, s.NOTHING)
            if what == RELEASED:
                if state != s.HOLDING:
                    seen.note("places", f"{text} gives back what it does not hold")
                seen.in_use[pool] -= 1
            elif what == LEFT_QUEUE:
                if state != s.WAITING:
                    seen.note("places", f"{text} leaves a queue it is not in")
                seen.waiting[pool] = [w for w in queue if w[3] != resident]
            elif what == JOINED:
                if state != s.NOTHING:
                    seen.note("places", f"{text} joins although it waits or holds a place")
                if seen.in_use[pool] < min(before[pool], places[pool]) and not queue:
                    seen.note("idle", f"{text} although a place is free and nobody waits")
                has[key] = s.WAITING
                # Whoever waits when the run begins was put on the list by the scenario, as ordinary.
                urgency = (
                    s.ORDINARY
                    if seconds == 0 and held_before[resident] & s.ON_WAITING_LIST
                    else _urgency(cause, entered, holds, by_urgency)
                )
                queue.append((urgency, seconds, order, resident))
                order += 1
            else:
                if state == s.HOLDING:
                    seen.note("places", f"{text} already holds one")
                if state == s.WAITING:
                    seen.grants_from_queue += 1
                    first = min(queue)
                    seen.urgent_first += first != min(queue, key=lambda w: w[1:])
                    if first[3] != resident:
                        seen.note("queue", f"{text}, but resident {first[3]} has waited since second {first[1]}")
                    seen.waiting[pool] = [w for w in queue if w[3] != resident]
                else:
                    seen.grants_at_once += 1
                    if queue:
                        seen.note("queue", f"{text} passes {len(queue)} who wait")
                has[key] = s.HOLDING
                seen.in_use[pool] += 1
                if seen.in_use[pool] > max(before[pool], places[pool]):
                    seen.note("places", f"{text}: {seen.in_use[pool]} places in use of {places[pool]}")
                if seen.in_use[pool] == places[pool]:
                    seen.full.add(cause)
        seen.stage[resident], seen.holds[resident] = entered, holds
    close_second()
    dead = [i for i, stage in enumerate(seen.stage) if stage == s.DIED]
    for key in has:
        if seen.stage[key[0]] == s.DIED or (seen.stage[key[0]] == s.OUTSIDE):
            seen.note("dead", f"resident {key[0]} has left or died and still has a {s.KINDS[key[1]]}")
    assert len(dead) == sum(1 for row in rows[rows["what"] == HAPPENED] if row["cause"] == s.DEATH)
    return seen
