"""Lives lived ahead of their turn, and lives that are the same in two scenarios and copied: nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import same_rows

from lacsim.model import compiled, rules, trace
from lacsim.model import stages as s
from lacsim.model.unchanged import unchanged_lives
from lacsim.parameters import params
from lacsim.runs.experiment import Future, live, live_all, make_future, wards_alike
from lacsim.runs.plan import make_plan

SMALLEST_BUFFER = 4_096  # rows; a buffer must be longer


def _future(settings: dict[str, object] | None = None, *, residents: int = 3_000, number: int = 1) -> Future:
    plan = make_plan(parameters=params().replace(settings or {}), futures=2, residents=residents)
    return make_future(plan, number)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"adult_care.assessor_posts": 3},
        {"hospital.beds": 500},
        {"residential.places": 900},
    ],
)
def test_scenarios_lived_one_after_the_other_are_those_lived_alone(settings: dict[str, object], number: int) -> None:
    future = _future(settings, number=number)
    for together in live_all(future):
        alone = live(future, together.scenario)
        same_rows(together.trace, trace.by_resident(alone.trace, len(alone.start)))
        assert together.world.people.tobytes() == alone.world.people.tobytes()
        assert together.start.tobytes() == alone.start.tobytes()


def test_unchanged_are_residents_of_wards_with_the_same_posts_who_never_needed_a_place() -> None:
    future = _future()
    _, ten, more = future.plan.scenarios
    lived = live(future, ten)
    alike = wards_alike(future, ten, more)
    assert 0 < alike.sum() < len(alike)
    who = unchanged_lives(lived.world.people, lived.trace, alike).who.astype(bool)
    of_a_place = lived.trace["resident"][lived.trace["what"] != trace.HAPPENED]
    assert who.any()
    assert who.sum() > 0.3 * alike[lived.start["ward"]].sum()
    assert not who[of_a_place].any()
    assert not who[~alike[lived.start["ward"]]].any()


def test_whoever_held_a_place_throughout_without_a_row_is_not_unchanged() -> None:
    future = _future()
    lived = live(future, future.plan.scenarios[1])
    everywhere = np.ones(len(future.plan.area.ward_names), bool)
    people = lived.world.people.copy()
    quiet = np.flatnonzero(unchanged_lives(people, lived.trace, everywhere).who)[:2]
    people["has"][quiet[0], s.CASELOAD] = s.HOLDING
    people["wants"][quiet[1], s.CASELOAD] = 1
    assert not unchanged_lives(people, lived.trace, everywhere).who[quiet].any()


def test_rows_written_into_short_buffers_are_thesame_rows() -> None:
    future = _future()
    _, ten, more = future.plan.scenarios
    lived, whole = live(future, ten, in_order=False), live(future, more, in_order=False)
    unchanged = unchanged_lives(lived.world.people, lived.trace, wards_alike(future, ten, more))
    assert len(whole.trace) > 2 * SMALLEST_BUFFER
    last = lived.world.people.copy()
    for rows in (SMALLEST_BUFFER + 1, SMALLEST_BUFFER + 500):
        world = future.world(more, last.copy(), unchanged)
        same_rows(compiled.run_by_resident(world, rules, unchanged=unchanged, chunk_rows=rows), whole.trace)
        world = future.world(more)
        same_rows(compiled.run_by_resident(world, rules, chunk_rows=rows, n_dates=len(last) + 64), whole.trace)
