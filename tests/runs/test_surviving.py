"""Runs survive: killed anywhere, damaged, asked for twice, or made longer, they end with the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lacsim.results.store import Store, draw_key, key_of, loaded, packed_results
from lacsim.results.study import Results, run
from lacsim.runs import fingerprint as prints
from lacsim.runs import parts
from lacsim.runs.plan import Plan, make_plan
from lacsim.runs.scenario import forecast

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")


def killed_and_carried_on(root: Path, where: Path, n_instants: int) -> dict[str, Any]:
    """What `dying.py` found."""
    script = Path(__file__).parent / "dying.py"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, str(script), str(where), str(n_instants)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def killed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return killed_and_carried_on(root, tmp_path_factory.mktemp("killed"), 2)


def test_a_run_killed_at_any_named_point_ends_with_the_same_bytes_and_leaves_nothing_over(
    killed: dict[str, Any],
) -> None:
    points = killed["points"]
    assert {name: point for name, point in points.items() if not point["same"] or point["carried_on"] != 0} == {}
    named = {name: point for name, point in points.items() if not name.startswith("instant")}
    assert len(named) == 12
    assert named["before a block of the smaller runs"]["saved"] > named["after a block has its name"]["saved"]
    assert {point["killed"] for point in named.values()} == {-9}
    assert named["after a block has its name"]["saved"] == 2
    assert named["in the middle of a block"]["saved"] == named["before a block has its name"]["saved"] == 1


def test_publishing_killed_at_any_named_point_leaves_runs_and_readme_whole_and_is_done_by_the_same_command(
    killed: dict[str, Any],
) -> None:
    found = killed["publishing"]
    assert len(found) == 8
    assert {point["killed"] for point in found.values()} == {-9}
    assert {name: point for name, point in found.items() if not (point["runs_stand"] and point["readme_stands"])} == {}
    assert {name: point for name, point in found.items() if not point["same"] or point["again"] != 0} == {}


@pytest.mark.nightly
def test_a_run_killed_at_any_instant_ends_with_the_same_bytes(root: Path, tmp_path: Path) -> None:
    points = killed_and_carried_on(root, tmp_path, 100)["points"]
    assert {name: point for name, point in points.items() if not point["same"] or point["carried_on"] != 0} == {}


SMALL = {"residents": 300, "period": forecast(1)}
NAMES = ["no-lac", "wards-17"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(NAMES, futures=6, **SMALL)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(plan: Plan) -> Results:
    return run(plan, jobs=1)


@pytest.fixture
def saved(plan: Plan, whole: Results, tmp_path: Path) -> Store:
    """A folder with three parts of two futures each."""
    store = Store(tmp_path / "parts", plan)
    for first in (1, 3, 5):
        store.save([first, first + 1], whole.kept[first - 1 : first + 1])
    return store


def again(store: Store, plan: Plan | None = None) -> Store:
    return Store(store.folder, plan or store.plan)


def test_saved_futures_come_back_to_the_last_bit(saved: Store, plan: Plan, whole: Results) -> None:
    found = again(saved).load()
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    same = Results(plan, [found[n] for n in range(1, 7)])
    assert packed_results(same) == packed_results(whole)
    assert [type(value) for value in found[1][0]] == [type(value) for value in whole.kept[0][0]]


@pytest.mark.parametrize("damage", ["flipped", "cut short", "emptied"])
def test_a_damaged_part_is_named_removed_and_made_again(damage: str, saved: Store, plan: Plan, whole: Results) -> None:
    path = saved.folder / "000003-000004.part"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    cut = {"flipped": len(content), "cut short": len(content) // 3, "emptied": 0}[damage]
    path.write_bytes(content[:cut])
    store = again(saved)
    found = store.load()
    assert sorted(found) == [1, 2, 5, 6]
    (notice,) = store.notices
    assert "000003-000004.part: is damaged or cut short" in notice
    lived: list[int] = []
    results = run(plan, jobs=1, already=found, keeper=store, progress=lambda done, _: lived.append(done))
    assert lived == [5, 6] or lived == [6]
    assert packed_results(results) == packed_results(whole)
    assert sorted(again(saved).load()) == [1, 2, 3, 4, 5, 6]


def test_more_futures_use_the_first_ones(saved: Store, whole: Results) -> None:
    longer = make_plan(NAMES, futures=9, **SMALL)  # type: ignore[arg-type]
    found = again(saved, longer).load()
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    assert packed_results(run(longer, jobs=1, already=found)) == packed_results(run(longer, jobs=1))


def test_fewer_futures_use_those_they_need(saved: Store) -> None:
    assert sorted(again(saved, make_plan(NAMES, futures=3, **SMALL)).load()) == [1, 2, 3]  # type: ignore[arg-type]


def test_a_future_is_used_again_only_with_the_same_draw(saved: Store, plan: Plan) -> None:
    values = plan.draws.values.copy()
    values[3, 0] *= 1.0 + 2.0**-52
    other = Plan(**{**vars(plan), "draws": type(plan.draws)(plan.draws.names, values, plan.seed, "other")})
    assert draw_key(plan, 4) != draw_key(other, 4)
    assert sorted(again(saved, other).load()) == [1, 2, 3, 5, 6]


@pytest.mark.parametrize(
    "changes",
    [{"seed": 2}, {"residents": 301}, {"period": forecast(2)}, {"scenario_names": ["no-lac", "wards-10"]}],
    ids=["seed", "residents", "years", "scenarios"],
)
def test_another_plan_uses_nothing_of_it(changes: dict[str, Any], saved: Store) -> None:
    other = make_plan(**{"scenario_names": NAMES, "futures": 6, **SMALL, **changes})
    assert again(saved, other).load() == {}


@pytest.mark.parametrize("name", ["source", "numba", "numpy", "rounding"])
def test_other_code_or_another_computer_uses_nothing_of_it(
    name: str, saved: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**prints.fingerprint(), name: "another"}
    monkeypatch.setattr("lacsim.results.store.fingerprint", lambda: other)
    assert again(saved).load() == {}
    assert key_of(saved.plan) != saved._key


def test_a_finished_run_elsewhere_is_used_and_not_touched(plan: Plan, whole: Results, tmp_path: Path) -> None:
    kept = tmp_path / "kept.part"
    parts.write_whole(kept, packed_results(whole))
    damaged = tmp_path / "damaged.part"
    damaged.write_bytes(kept.read_bytes()[:-1])
    longer = make_plan(NAMES, futures=7, **SMALL)  # type: ignore[arg-type]
    store = Store(tmp_path / "parts", longer)
    assert sorted(store.load([damaged, kept, tmp_path / "none.part"])) == [1, 2, 3, 4, 5, 6]
    assert store.n_saved == 0
    assert [str(damaged) in notice for notice in store.notices] == [True]
    assert damaged.exists()
    assert packed_results(loaded(kept, plan)) == packed_results(whole)
    with pytest.raises(parts.ResultsError, match="does not hold the futures of this run"):
        loaded(kept, longer)
