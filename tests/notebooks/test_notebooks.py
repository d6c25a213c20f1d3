"""Notebooks and experiments run from top to bottom, and the paired notebooks hold the same cells and no outputs."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import jupytext
import pytest

from lacsim.cli import main, running
from lacsim.report import page
from lacsim.report.manifest import file_sha256

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
EXPERIMENTS = sorted((ROOT / "experiments").glob("*.py"))
MOST_CODE_CELLS = 12


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr().out
    assert "lacsim run " in said.splitlines()[-1]


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
def test_an_experiment_states_its_question_and_expectation_and_writes_what_it_found(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    if path.stem == "01_main_comparison":  # the page has tests of its own, and drawing it takes longest
        monkeypatch.setattr(page, "draw_run", lambda run, folder: None)
    names = runpy.run_path(str(path))
    for word in ("Question:", "Scenarios:", "Futures:", "seed", "Expected direction"):
        assert word in names["__doc__"]
    names["main"](tmp_path)
    assert list(tmp_path.rglob("*.csv"))


def test_an_experiment_has_the_same_tables_as_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LACSIM_QUICK", "1")
    monkeypatch.setattr(page, "draw_run", lambda run, folder: None)
    monkeypatch.setattr(running, "draw_into", lambda run, folder, **_: None)
    runpy.run_path(str(ROOT / "experiments" / "01_main_comparison.py"))["main"](tmp_path / "experiment")
    typed = ["run", "--futures", "4", "--residents", "4000", "--jobs", "1", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(typed) == 0
    (folder,) = (tmp_path / "out" / "runs").iterdir()
    for name in ("futures.csv", "yearly.csv", "costs.parquet"):
        assert file_sha256(folder / name) == file_sha256(tmp_path / "experiment" / name), name


def test_there_are_eight_experiments_and_ten_notebooks_in_order() -> None:
    assert [path.stem[:2] for path in EXPERIMENTS] == [f"{k:02d}" for k in range(1, 9)]
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{k:02d}" for k in range(10)]
