"""Notebooks and experiments run from top to bottom, and the paired notebooks hold the same cells and no outputs."""

from __future__ import annotations

import json
import runpy
import shlex
from pathlib import Path

import jupytext
import pytest

import lacsim as lac
from lacsim.cli import main, running
from lacsim.report import page
from lacsim.report.api import Run
from lacsim.report.commands import run_command
from lacsim.report.files import FORMATS, write_table
from lacsim.report.manifest import file_sha256
from lacsim.runs.plan import Plan

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
EXPERIMENTS = sorted((ROOT / "experiments").glob("*.py"))
MOST_CODE_CELLS = 12


def typed(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Plan:
    """The plan that the command line makes of the command a run says it is made by."""
    plans: list[Plan] = []
    with monkeypatch.context() as patch:
        patch.setattr(running, "made", lambda plan, *_, **__: plans.append(plan))
        assert main([*shlex.split(run_command(run))[1:], "--out", str(folder / "typed")]) == 130
    return plans[0]


def assert_the_command_line_gives_the_same(runs: list[Run], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Equal plans have equal names, and tables depend on the plan alone (`tests/runs/test_plan.py`)."""
    assert runs
    for run in runs:
        assert typed(run, monkeypatch, folder).run_id == run.plan.run_id, run_command(run)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_and_its_runs_are_those_of_the_command_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr().out
    assert "lacsim run " in said.splitlines()[-1]
    runs = [value for value in names.values() if isinstance(value, Run)]
    assert_the_command_line_gives_the_same(runs, monkeypatch, tmp_path)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_paired_notebook_has_the_same_cells_and_no_outputs(path: Path) -> None:
    text = jupytext.read(path)
    paired = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in paired["cells"]]
    assert cells == [(cell.cell_type, cell.source) for cell in text.cells]
    code = [cell for cell in paired["cells"] if cell["cell_type"] == "code"]
    assert len(code) <= MOST_CODE_CELLS
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_asks_a_question_defines_no_function_and_keeps_its_parameters(path: Path) -> None:
    cells = jupytext.read(path).cells
    assert cells[0].source.splitlines()[0].startswith("# ")
    assert cells[0].source.splitlines()[0].endswith("?")
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert "def " not in code
    assert code.count("\np = ") == 1


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_an_experiment_states_its_question_writes_what_it_found_and_its_runs_are_those_of_the_command_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    if path.stem == "01_main_comparison":  # the page has tests of its own, and drawing it takes longest
        monkeypatch.setattr(page, "draw_run", lambda run, folder: None)
    names = runpy.run_path(str(path))
    for word in ("Question:", "Scenarios:", "Futures:", "seed", "Expected direction"):
        assert word in names["__doc__"]
    runs, run = [], lac.run
    monkeypatch.setattr(lac, "run", lambda *args, **named: runs.append(run(*args, **named)) or runs[-1])
    names["main"](tmp_path)
    assert list(tmp_path.rglob("*.csv"))
    if path.stem != "08_claims_check":  # which lives what `lacsim claims` lives, by the same function
        assert_the_command_line_gives_the_same(runs, monkeypatch, tmp_path)


def assert_same_tables(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Tables as the command line writes them, against those of the run, byte for byte."""
    monkeypatch.setattr(running, "draw_into", lambda run, folder, **_: None)
    out = folder / "out"
    assert main([*shlex.split(run_command(run))[1:], "--jobs", "1", "--out", str(out), "--quiet"]) == 0
    (made,) = (out / "runs").glob(f"*{run.plan.run_id}")
    for name in ("futures", "yearly", "costs"):
        file = f"{name}.{FORMATS[name]}"
        write_table(getattr(run, name), folder / file, name)
        assert file_sha256(made / file) == file_sha256(folder / file), name


def test_a_notebook_has_the_same_tables_as_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(ROOT / "notebooks" / "02_change_a_figure.py"))
    assert_same_tables(names["s"], monkeypatch, tmp_path)


def test_an_experiment_has_the_same_tables_as_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    runs, run = [], lac.run
    monkeypatch.setattr(lac, "run", lambda *args, **named: runs.append(run(*args, **named)) or runs[-1])
    runpy.run_path(str(ROOT / "experiments" / "07_stress_test.py"))["main"](tmp_path / "experiment")
    assert_same_tables(runs[-1], monkeypatch, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_has_the_same_tables_as_the_command_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    monkeypatch.setattr(page, "draw_run", lambda run, folder: None)
    runs, run = [], lac.run
    monkeypatch.setattr(lac, "run", lambda *args, **named: runs.append(run(*args, **named)) or runs[-1])
    runpy.run_path(str(path))["main"](tmp_path / "experiment")
    for number, one in enumerate(runs):
        folder = tmp_path / f"run {number}"
        folder.mkdir()
        assert_same_tables(one, monkeypatch, folder)


def test_there_are_eight_experiments_and_ten_notebooks_in_order() -> None:
    assert [path.stem[:2] for path in EXPERIMENTS] == [f"{k:02d}" for k in range(1, 9)]
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{k:02d}" for k in range(10)]
