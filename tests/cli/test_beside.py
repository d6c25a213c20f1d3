"""The smaller runs beside a run: kept with it, drawn again from it, carried on when they were stopped."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lacsim.cli import running
from lacsim.errors import FuturesError, ResultsError
from lacsim.report import charts, companions, finding, saved, tables
from lacsim.report.api import Run
from lacsim.report.manifest import file_sha256
from lacsim.results import study
from lacsim.results.store import packed_results
from lacsim.runs.plan import Plan, make_plan
from lacsim.runs.scenario import forecast

Command = Callable[..., Any]
# Other teams are run from 50 futures on.
QUOTABLE = ("--residents", "300", "--years", "1", "--futures", "50", "--jobs", "1", "--quiet")


def part_of_the_report(run: Run, folder: Path, **_: object) -> None:
    """Draw only what rests on the smaller runs."""
    for name in ("c09", "c10"):
        charts.save_chart(name, run, folder / "charts")
    (folder / "report.html").write_text(json.dumps(tables.stances(run)), "utf-8")


@pytest.fixture
def beside_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "draw_into", part_of_the_report)


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a run but those that tell the time."""
    told = {"run.json", "run.log"}
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in told
    }


def only(out: Path) -> Path:
    (folder,) = (out / "runs").iterdir()
    return folder


@pytest.mark.usefixtures("beside_drawn")
def test_a_report_that_is_drawn_again_has_the_bytes_of_the_first_one(
    lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lacsim("run", *QUOTABLE).code == 0
    folder = only(empty_folder / "results")
    before = hashes(folder)
    assert {"beside-reported.part", "beside-sceptical.part", "beside-team.part"} <= set(before)
    assert [row[0] for row in json.loads((folder / "report.html").read_text("utf-8"))] == [
        "controlled (this run)",
        "reported",
        "sceptical",
    ]
    waits = (folder / "charts" / "c09_wait_and_load.csv").read_text("utf-8").splitlines()
    assert [float(line.split(",")[0]) for line in waits[1:]] == [8, 13, 17, 21, 26]
    monkeypatch.delattr(study, "run_future")
    assert lacsim("report").code == 0
    assert hashes(folder) == before


@pytest.mark.usefixtures("undrawn")
def test_a_quick_look_has_the_other_stances_but_no_other_teams(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    said = lacsim("run", *small)
    assert said.code == 0
    assert "Smaller runs beside it, 12 of them: other stances …" in said.err
    kept = saved.load(only(empty_folder / "results"))
    assert list(kept.beside.by_name()) == ["reported", "sceptical"]
    assert [one.plan.futures for one in kept.beside.stances] == [3, 3]
    chart = charts.draw("c09", kept)
    assert "A run of 50 futures or more lives them too" in chart.description


@pytest.mark.usefixtures("undrawn")
def test_ctrl_c_in_the_smaller_runs_keeps_what_they_lived(
    small: tuple[str, ...],
    lacsim: Command,
    empty_folder: Path,
    finished_run: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lived, seen = study.run_future, []

    def one_future(plan: Plan, number: int, reduce: Any) -> Any:
        if len(plan.scenarios) == 2:
            seen.append((plan.parameters.stance, number))
            if len(seen) == 2:
                os.kill(os.getpid(), signal.SIGINT)
        return lived(plan, number, reduce)

    monkeypatch.setattr(study, "run_future", one_future)
    said = lacsim("run", *small)
    assert said.code == 130
    assert said.faults[-1] == "Stopped. 9 of 9 runs are saved. Run the same command to carry on."
    assert lacsim("run", *small).code == 0
    assert len(seen) == len(set(seen)) == 6  # none is lived twice
    for name in ("beside-reported.part", "beside-sceptical.part"):
        assert file_sha256(only(empty_folder / "results") / name) == file_sha256(only(finished_run) / name)
    assert not list(empty_folder.rglob("*.partial"))


@pytest.fixture(scope="module")
def tiny() -> Plan:
    return make_plan(["no-lac", "wards-10", "wards-17"], futures=4, residents=300, period=forecast(1))


def test_smaller_runs_are_the_same_whatever_the_number_of_processes_and_as_if_run_alone(tiny: Plan) -> None:
    made = companions.make(tiny, jobs=2).by_name()
    assert list(made) == ["reported", "sceptical", "team"]
    for name, one in companions.plans(tiny).items():
        assert packed_results(made[name]) == packed_results(study.run(one, jobs=1)), name


def test_the_own_team_lives_the_same_life_under_another_name(tiny: Plan) -> None:
    own = tiny.scenarios[-1]
    renamed = companions.resized(own, own.n_posts)
    (here,), (there,) = study.live_block(tiny, [1]), study.live_block(_only(tiny, renamed), [1])
    assert isinstance(here, list)
    assert isinstance(there, list)
    for field in ("yearly", "waits", "priced", "rows"):
        assert np.array_equal(getattr(here[-1], field), getattr(there[-1], field), equal_nan=True), field


def _only(plan: Plan, scenario: Any) -> Plan:
    return Plan(**{**{name: getattr(plan, name) for name in plan.__dataclass_fields__}, "scenarios": (scenario,)})


def test_a_future_of_a_smaller_run_that_fails_is_named(tiny: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    lived = study.run_future

    def broken(plan: Plan, number: int, reduce: Any) -> Any:
        if number == 3 and plan.parameters.stance == "sceptical":
            raise ZeroDivisionError("by nobody")
        return lived(plan, number, reduce)

    monkeypatch.setattr(study, "run_future", broken)
    with pytest.raises(FuturesError, match=r"future 3 of 'sceptical' failed \(ZeroDivisionError: by nobody\)"):
        companions.make(tiny, teams=False, jobs=1)


def test_smaller_runs_that_rest_on_another_register_are_not_drawn(tiny: Plan, tmp_path: Path) -> None:
    made = companions.make(tiny, teams=False, jobs=1)
    told = companions.write(made, tmp_path)
    told[0]["params_sha256"] = "0" * 64
    with pytest.raises(ResultsError, match=r"beside-reported\.part rests on a register that is no longer this one"):
        companions.read(tmp_path, {"beside": told}, tiny)
    assert companions.read(tmp_path, {}, tiny) == companions.Companions()


def test_futures_of_smaller_runs_are_used_by_a_run_of_their_own(finished_run: Path) -> None:
    names = {path.name for path in finding.kept_files(finished_run)}
    assert names == {"kept.part", "beside-reported.part", "beside-sceptical.part"}
