"""One future of one plan: bind its draw, make its residents once, and live them under each scenario.

The unit of work is a future with all its scenarios, because the residents and their luck are the same in each. What is
kept of a trace is decided by the caller, who passes a function that reduces it; traces themselves never leave the
process that made them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lacsim.errors import ScenarioError
from lacsim.model import cohort, compiled, rules
from lacsim.model.memory import unused
from lacsim.model.rates import PERSON
from lacsim.model.stages import CASELOAD
from lacsim.model.trace import by_resident, first_difference
from lacsim.model.unchanged import Unchanged, restore_others, unchanged_lives
from lacsim.model.world import World, members_by_ward
from lacsim.runs.bind import Reader, Terms, population_of, rates_of, terms_of, wards_of
from lacsim.runs.plan import Plan
from lacsim.runs.scenario import Scenario
from lacsim.runs.schedule import assessors_of, make_world

T = TypeVar("T")

# What results need to know of the first day; a copy of whole records would cost as much as the run.
START = np.dtype([(name, PERSON[name]) for name in ("born", "ward", "holds", "stage", "need", "tenure")])


@dataclass(frozen=True)
class Future:
    """The residents and rates of one future, ready for any scenario."""

    plan: Plan
    number: int
    rates: np.ndarray
    wards: np.ndarray
    terms: Terms
    people: tuple[np.ndarray, np.ndarray]
    members: tuple[np.ndarray, np.ndarray]
    first_day: np.ndarray  # the fields `START` of the people, before any scenario lives with them
    names_read: frozenset[str]

    def world(self, scenario: Scenario, people: np.ndarray | None = None, unchanged: Unchanged | None = None) -> World:
        """The world of one scenario; its people are a copy, written into `people` if an array is given.

        Handed its own people, a future lives with them instead of a copy, and can make no other world afterwards.
        Residents whose lives are `unchanged` stay as they are in `people`.
        """
        if people is None:
            people = unused("people", len(self.people[0]), PERSON)
        if unchanged is not None:
            restore_others(people, self.people[0], unchanged.who)
        elif people is not self.people[0]:
            people.view(np.uint8)[:] = self.people[0].view(
                np.uint8
            )  # as bytes: field by field takes four times as long
        return make_world(
            people,
            self.people[1],
            self.wards,
            self.rates,
            members=self.members,
            area=self.plan.area,
            scenario=scenario,
            period=self.plan.period,
            terms=self.terms,
            scale=self.plan.scale,
        )


@dataclass(frozen=True)
class Lived:
    """One scenario of one future, lived to the end."""

    scenario: Scenario
    start: np.ndarray  # the people on the first day, as this scenario found them (the fields `START`)
    world: World  # its people are in their last state
    trace: np.ndarray  # in order, or resident by resident
    seconds: float  # of work, not of simulated time


def make_future(plan: Plan, number: int) -> Future:
    """Bind draw `number` (from 1) and make the residents; the replication number is the number of the future."""
    if not 1 <= number <= plan.futures:
        msg = f"future {number}: this plan has futures 1 to {plan.futures}."
        raise ScenarioError(msg)
    get = Reader(plan.values(number))
    rates = rates_of(get, plan.seed, number)
    wards = wards_of(get, plan.area)
    population = population_of(get, plan.area, plan.period, residents=plan.residents)
    terms = terms_of(get, plan.area)
    assessors = assessors_of(terms, plan.scale)
    people = cohort.make(population, wards, rates, years=plan.period.years, assessors=assessors)
    members = members_by_ward(people[0]["ward"], len(wards))
    return Future(plan, number, rates, wards, terms, people, members, start_of(people[0]), frozenset(get.used))


def start_of(people: np.ndarray) -> np.ndarray:
    """The fields `START` of people."""
    start = np.empty(len(people), START)
    for field in START.names or ():
        start[field] = people[field]
    return start


def live(
    future: Future,
    scenario: Scenario,
    people: np.ndarray | None = None,
    unchanged: Unchanged | None = None,
    *,
    in_order: bool = True,
) -> Lived:
    """Live one scenario with the plan's engine.

    Parameters
    ----------
    people
        An array to be used again for the residents. The future's own people are changed, and so is its first day.
    unchanged
        Those of them who live as in the scenario whose last state `people` holds; for the compiled engine only. With
        them rows stand resident by resident.
    in_order
        Whether the rows are wanted in the order in which things happened; resident by resident takes less time.
    """
    begun = time.perf_counter()
    world = future.world(scenario, people, unchanged)
    start = future.first_day
    if people is not future.people[0]:  # others will need the first day again
        start = unused("start", len(future.first_day), START)
        start[:] = future.first_day
    placed = np.flatnonzero(world.people["wants"][:, CASELOAD])  # all that a scenario changes before the first second
    start[placed] = start_of(world.people[placed])
    if future.plan.engine == "simpy":
        from lacsim.model import reference

        trace = reference.run(world, rules)
        trace = trace if in_order else by_resident(trace, len(world.people))
    elif in_order and unchanged is None:
        trace = compiled.run(world, rules)
    else:
        trace = compiled.run_by_resident(world, rules, unchanged=unchanged)
    return Lived(scenario, start, world, trace, time.perf_counter() - begun)


def wards_alike(future: Future, one: Scenario, other: Scenario) -> np.ndarray:
    """Whether each ward has the same posts in two scenarios, and so the same records and places; shape (n_wards,)."""
    posts = [
        {name: [post for post in scenario.posts if post.ward == name] for name in future.plan.area.ward_names}
        for scenario in (one, other)
    ]
    return np.array([posts[0][name] == posts[1][name] for name in future.plan.area.ward_names])


def live_all(future: Future) -> Iterator[Lived]:
    """Live every scenario of the plan, one after the other; the last state of one is gone when the next begins.

    Traces stand resident by resident.

    Whoever lives as in the scenario before is not lived again (`lacsim.model.unchanged`). A scenario alone is lived by
    the future's own people: afterwards the future cannot be lived again.
    """
    first, *others = future.plan.scenarios
    people = unused("people", len(future.people[0]), PERSON) if others else future.people[0]
    lived = live(future, first, people, in_order=False)
    yield lived
    for scenario in others:
        unchanged = None
        if future.plan.engine == "compiled":
            alike = wards_alike(future, lived.scenario, scenario)
            unchanged = unchanged_lives(people, lived.trace, alike)
        lived = live(future, scenario, people, unchanged, in_order=False)
        yield lived


def run_future(plan: Plan, number: int, reduce: Callable[[Future, Iterator[Lived]], T]) -> T:
    """Live one future under every scenario and reduce the traces to what is kept."""
    future = make_future(plan, number)
    return reduce(future, live_all(future))


def trace_of(plan: Plan, number: int, scenario_name: str) -> Lived:
    """One scenario of one future, with its whole trace.

    Raises
    ------
    ScenarioError
        If the plan has no such scenario or future.
    """
    for scenario in plan.scenarios:
        if scenario.name == scenario_name:
            future = make_future(plan, number)
            return live(future, scenario, future.people[0])
    names = ", ".join(s.name for s in plan.scenarios)
    msg = f"scenario '{scenario_name}' is not in this plan. It has {names}."
    raise ScenarioError(msg)


def engines_agree(plan: Plan, number: int, scenario_name: str) -> tuple[bool, str, int]:
    """Whether both engines write the same trace: (equal, first difference in words, number of rows)."""
    from lacsim.model import reference

    future = make_future(plan, number)
    scenario = next((s for s in plan.scenarios if s.name == scenario_name), None)
    if scenario is None:
        msg = f"scenario '{scenario_name}' is not in this plan."
        raise ScenarioError(msg)
    fast: Any = compiled.run(future.world(scenario), rules)
    slow: Any = reference.run(future.world(scenario), rules)
    if fast.tobytes() == slow.tobytes():  # the runs behind the tables are lived ahead of their turn
        fast = compiled.run_by_resident(future.world(scenario), rules)
        slow = by_resident(slow, len(future.people[0]))
    return fast.tobytes() == slow.tobytes(), first_difference(fast, slow), len(fast)
