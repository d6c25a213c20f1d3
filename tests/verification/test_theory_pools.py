"""Places and queues against a model made of plain lists: random scripts of wanting, giving up, dying and changing capacity.

Hypothesis writes the script step by step and shortens it when the engines and the lists disagree. The lists share no code with the
engines; what is compared is every row about a place, in order, and who holds what at the end.
"""

from __future__ import annotations

from typing import Any

import pytest
import script_rules
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from script_rules import CITY, DIE, GIVE_UP, LONGEST, N_KINDS, WANT, Act, scripted

from lacsim.model import compiled, reference, trace
from lacsim.model.trace import GRANTED, HAPPENED, JOINED, LEFT_QUEUE, RELEASED

RESIDENTS, N_WARDS = 7, 2
Row = tuple[int, int, int, int]  # second, resident, what, kind


class Lists:
    """Pools as plain lists. A place is free, held by somebody, or waited for in a list."""

    def __init__(self, places: list[int]) -> None:
        self.places = list(places)
        self.holders: list[list[int]] = [[] for _ in places]
        self.queues: list[list[tuple[int, int]]] = [[] for _ in places]  # (urgency, resident) in order of joining
        self.rows: list[Row] = []
        self.dead: set[int] = set()

    def pool(self, resident: int, kind: int) -> int:
        return 0 if kind == CITY else 1 + resident % N_WARDS

    def fill(self, now: int, pool: int) -> None:
        while len(self.holders[pool]) < self.places[pool] and self.queues[pool]:
            most_urgent = min(urgency for urgency, _ in self.queues[pool])
            first = next(waiting for waiting in self.queues[pool] if waiting[0] == most_urgent)
            self.queues[pool].remove(first)
            self.holders[pool].append(first[1])
            self.rows.append((now, first[1], GRANTED, min(pool, 1)))

    def change(self, now: int, pool: int, places: int) -> None:
        self.places[pool] = places
        self.fill(now, pool)

    def do(self, act: Act) -> None:
        now, i = act.when, act.resident
        if i in self.dead:
            return
        self.rows.append((now, i, HAPPENED, -1))
        if act.action == WANT:
            pool = self.pool(i, act.kind)
            if i in self.holders[pool] or any(w[1] == i for w in self.queues[pool]):
                return
            if len(self.holders[pool]) < self.places[pool] and not self.queues[pool]:
                self.holders[pool].append(i)
                self.rows.append((now, i, GRANTED, act.kind))
            else:
                self.queues[pool].append((act.urgency, i))
                self.rows.append((now, i, JOINED, act.kind))
            return
        kinds = [act.kind] if act.action == GIVE_UP else range(N_KINDS)
        freed = []
        for kind in kinds:
            pool = self.pool(i, kind)
            if i in self.holders[pool]:
                self.holders[pool].remove(i)
                self.rows.append((now, i, RELEASED, kind))
                freed.append(pool)
            elif any(w[1] == i for w in self.queues[pool]):
                self.queues[pool] = [w for w in self.queues[pool] if w[1] != i]
                self.rows.append((now, i, LEFT_QUEUE, kind))
        if act.action == DIE:
            self.dead.add(i)
        for pool in freed:
            self.fill(now, pool)


def by_lists(script: list[Act], places: list[int], changes: list[tuple[int, int, int]]) -> Lists:
    """Live the script: capacity first, then residents in order, then the order of their own lines."""
    steps: list[tuple[int, int, int, Any]] = [(c[0], -1, k, c) for k, c in enumerate(changes)]
    steps += [(a.when, a.resident, k, a) for k, a in enumerate(script)]
    lists = Lists(places)
    for _, who, _, what in sorted(steps, key=lambda s: s[:3]):
        if who < 0:
            lists.change(*what)
        else:
            lists.do(what)
    return lists


class Pools(RuleBasedStateMachine):
    """Write a script line by line, then let lists and both engines live it."""

    @initialize(places=st.lists(st.integers(0, 3), min_size=1 + N_WARDS, max_size=1 + N_WARDS))
    def open(self, places: list[int]) -> None:
        self.places, self.now = places, 1
        self.script: list[Act] = []
        self.changes: list[tuple[int, int, int]] = []

    def add(self, resident: int, action: int, kind: int = 0, urgency: int = 0) -> None:
        if sum(a.resident == resident for a in self.script) < LONGEST:
            self.script.append(Act(self.now, resident, action, kind, urgency))

    @rule(seconds=st.integers(1, 5))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(who=st.integers(0, RESIDENTS - 1), kind=st.integers(0, N_KINDS - 1), urgency=st.integers(0, 2))
    def want(self, who: int, kind: int, urgency: int) -> None:
        self.add(who, WANT, kind, urgency)

    @rule(
        kind=st.integers(0, N_KINDS - 1), urgencies=st.lists(st.integers(0, 2), min_size=RESIDENTS, max_size=RESIDENTS)
    )
    def everybody_wants(self, kind: int, urgencies: list[int]) -> None:
        for who, urgency in enumerate(urgencies):
            self.add(who, WANT, kind, urgency)

    @rule(who=st.integers(0, RESIDENTS - 1), kind=st.integers(0, N_KINDS - 1))
    def give_up(self, who: int, kind: int) -> None:
        self.add(who, GIVE_UP, kind)

    @rule(who=st.integers(0, RESIDENTS - 1))
    def die(self, who: int) -> None:
        self.add(who, DIE)

    @rule(pool=st.integers(0, N_WARDS), places=st.integers(0, 4))
    def change_places(self, pool: int, places: int) -> None:
        self.changes.append((self.now, pool, places))

    @invariant()
    def lists_hold_no_more_than_there_is_unless_places_were_taken_away(self) -> None:
        if not hasattr(self, "script"):
            return
        lists = by_lists(self.script, self.places, self.changes)
        for pool, held in enumerate(lists.holders):
            most = max([self.places[pool], *(c[2] for c in self.changes if c[1] == pool)])
            assert len(held) <= most
            assert not (lists.queues[pool] and len(held) < lists.places[pool])

    def teardown(self) -> None:
        if not getattr(self, "script", None):
            return
        lists = by_lists(self.script, self.places, self.changes)

        def make() -> Any:
            return scripted(self.script, residents=RESIDENTS, n_wards=N_WARDS, places=self.places, changes=self.changes,
                            horizon=self.now + 1)  # fmt: skip

        world = make()
        rows = compiled.run(world, script_rules)
        assert trace.first_difference(reference.run(make(), script_rules), rows) == ""
        found = [(int(r["seconds"]), int(r["resident"]), int(r["what"]), -1 if r["what"] == HAPPENED else int(r["cause"]))
                 for r in rows]  # fmt: skip
        assert found == lists.rows
        for i in range(RESIDENTS):
            for kind in range(N_KINDS):
                pool = lists.pool(i, kind)
                has = 2 if i in lists.holders[pool] else 1 if any(w[1] == i for w in lists.queues[pool]) else 0
                assert world.people["has"][i, kind] == has


def _run_machine(examples: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Pools, settings=settings(max_examples=examples, stateful_step_count=50, deadline=None))


def test_places_and_queues_do_what_plain_lists_do() -> None:
    _run_machine(60)


@pytest.mark.nightly
def test_places_and_queues_do_what_plain_lists_do_at_night() -> None:
    _run_machine(1_000)


def test_the_lists_would_notice_a_queue_served_from_its_end() -> None:
    """The lists themselves: of two who wait with the same urgency the one who joined first is served."""
    script = [
        Act(1, 0, WANT, 0, 0),
        Act(2, 1, WANT, 0, 1),
        Act(3, 2, WANT, 0, 1),
        Act(4, 3, WANT, 0, 0),
        Act(5, 0, GIVE_UP, 0, 0),
    ]
    lists = by_lists(script, [1, 0, 0], [(9, 0, 2)])
    granted = [(row[0], row[1]) for row in lists.rows if row[2] == GRANTED]
    assert granted == [(1, 0), (5, 3), (9, 1)]
    rows = compiled.run(
        scripted(script, residents=4, n_wards=2, places=[1, 0, 0], changes=[(9, 0, 2)], horizon=20), script_rules
    )
    by_engine = rows[rows["what"] == GRANTED]
    assert list(zip(by_engine["seconds"].tolist(), by_engine["resident"].tolist(), strict=True)) == granted


@pytest.mark.parametrize("engine", [reference, compiled], ids=["reference", "compiled"])
def test_of_two_on_the_same_second_the_lower_number_goes_first_whoever_was_planned_first(engine: Any) -> None:
    """Each engine by itself. Residents 2, 1 and 0 plan the same second in this order: 2 from the start, 1 after their
    first line and 0 after their second.
    """
    script = [
        Act(5, 2, WANT, 0, 0),
        Act(2, 1, WANT, 1, 0), Act(5, 1, WANT, 0, 0),
        Act(3, 0, WANT, 1, 0), Act(4, 0, GIVE_UP, 1, 0), Act(5, 0, WANT, 0, 0),
    ]  # fmt: skip
    rows = engine.run(
        scripted(script, residents=3, n_wards=2, places=[1, 1, 1], changes=[(8, 0, 3)], horizon=20), script_rules
    )
    of_city = rows[(rows["seconds"] >= 5) & (rows["what"] != HAPPENED)]
    found = [(int(r["seconds"]), int(r["resident"]), int(r["what"])) for r in of_city]
    assert found == [(5, 0, GRANTED), (5, 1, JOINED), (5, 2, JOINED), (8, 1, GRANTED), (8, 2, GRANTED)]
