"""Kept runs: read again, drawn again, verified, compared, and swept over settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lacsim.cli.trying import combinations_of, values_of
from lacsim.errors import RegisterError, ResultsError
from lacsim.report import finding, saved
from lacsim.report.manifest import file_sha256
from lacsim.results import study

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("undrawn")


def only(out: Path) -> Path:
    (folder,) = (out / "runs").iterdir()
    return folder


def test_a_kept_run_is_read_with_the_same_tables_and_nothing_simulated(
    finished_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(study, "run_future")
    kept = saved.load(only(finished_run))
    assert kept.plan.run_id == only(finished_run).name[-8:]
    assert saved.changed_tables(kept, only(finished_run)) == []


def test_a_run_made_by_other_code_keeps_its_name(finished_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lacsim.runs.plan.source_sha256", lambda: "other code")
    assert saved.load(only(finished_run)).plan.run_id == only(finished_run).name[-8:]


def test_verify_lives_three_futures_again_and_ticks_them(lacsim: Command, finished_run: Path) -> None:
    said = lacsim("runs", "verify", "--out", str(finished_run))
    assert said.code == 0
    assert said.out.splitlines()[1:] == [f"✓ future {n} lived again under 3 scenarios" for n in (1, 2, 3)]
    assert json.loads(lacsim("runs", "verify", "--out", str(finished_run), "--json").out)["differs"] == []


def test_verify_names_what_differs(lacsim: Command, finished_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived = study.run_future

    def otherwise(plan: Any, number: int, reduce: Any) -> Any:
        kept = lived(plan, number, reduce)
        return [life._replace(rows=life.rows + (number == 2)) for life in kept]

    monkeypatch.setattr(study, "run_future", otherwise)
    said = lacsim("runs", "verify", "--out", str(finished_run))
    assert said.code == 4
    assert "✗ future 2 lived again" in said.out
    assert "is not what the code here gives: future 2, no-lac: rows; future 2, wards-10: rows" in said.err


@pytest.mark.parametrize(("file", "state"), [("kept.part", "was altered"), ("costs.parquet", "is missing")])
def test_a_run_with_an_altered_or_missing_file_is_not_read(file: str, state: str, own_copy: Path) -> None:
    path = only(own_copy) / file
    path.write_bytes(path.read_bytes() + b"x") if state == "was altered" else path.unlink()
    with pytest.raises(ResultsError, match=f"{file} {state} since the run was made"):
        saved.load(only(own_copy))


def test_a_report_is_drawn_again_and_the_tables_stay(
    lacsim: Command, own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = only(own_copy)
    before = {path.name: file_sha256(path) for path in folder.iterdir() if path.is_file()}
    monkeypatch.setattr(
        "lacsim.cli.running.draw_into", lambda run, where, **_: (where / "report.html").write_text("new")
    )
    said = lacsim("report", "--out", str(own_copy))
    assert said.code == 0, said.err
    assert (folder / "report.html").read_text() == (own_copy / "latest" / "report.html").read_text() == "new"
    after = {path.name: file_sha256(path) for path in folder.iterdir() if path.is_file()}
    assert {name for name in before if before[name] != after.get(name)} == {
        "report.html",
        "run.json",
        "datapackage.json",  # of the charts
    }
    assert not (folder / "charts").exists()
    assert finding.finished(own_copy, folder.name[-8:]) == folder
    assert [path.name for path in (own_copy / "runs").iterdir()] == [folder.name]


def test_a_report_of_tables_that_the_code_would_write_otherwise_is_refused(
    lacsim: Command, own_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "changed_tables", lambda run, folder: ["costs.parquet"])
    said = lacsim("report", "--out", str(own_copy))
    assert said.code == 4
    assert "was made by other code, and the code here gives another costs.parquet." in said.err


def test_compare_says_what_was_changed_and_splits_it_by_cause(
    small: tuple[str, ...], lacsim: Command, own_copy: Path
) -> None:
    out = ("--out", str(own_copy))
    first = only(own_copy).name[-8:]
    changed = ("--stance", "reported", "--set", "coordination.places_per_coordinator=50")
    assert lacsim("run", *small, *changed, *out, "--quiet").code == 0
    said = lacsim("compare", first, "latest", *out)
    assert said.code == 0, said.err
    assert said.out.startswith("You changed ")
    assert "coordination.places_per_coordinator" in said.out
    assert "--split" in said.err
    content = json.loads(lacsim("compare", first, "latest", *out, "--split", "--jobs", "1", "--json").out)
    causes = {row["cause"]: row["saving_gbp"] for row in content["causes"]}
    everything = causes.pop("all")
    assert set(causes) == {
        "stance reported",
        "coordination.places_per_coordinator",
        "together, beyond each alone",
    }
    assert sum(causes.values()) == pytest.approx(everything, abs=1e-6)
    assert everything == pytest.approx(content["moved"][0]["change"], abs=1e-6)


def test_values_are_parted_at_commas_outside_quotes_and_brackets() -> None:
    assert values_of("a.b=1, 2,3") == ["a.b=1", "a.b=2", "a.b=3"]
    assert values_of("a.b='x,y',z") == ["a.b='x,y'", "a.b=z"]
    assert values_of("a.b=[1,2],3") == ["a.b=[1,2]", "a.b=3"]
    assert combinations_of(["a=1,2", "b=3,4"]) == [("a=1", "b=3"), ("a=1", "b=4"), ("a=2", "b=3"), ("a=2", "b=4")]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], "needs at least one --set with several values"),
        (["a=" + ",".join("1" * 201)], "201 combinations; at most 200"),
    ],
)
def test_a_sweep_over_nothing_or_too_much_is_refused(settings: list[str], message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        combinations_of(settings)


def test_a_sweep_runs_every_combination_and_shows_one_table(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    said = lacsim("sweep", *small, "--quiet", "--set", "coordination.places_per_coordinator=30,50", "--json")
    assert said.code == 0, said.err
    rows = json.loads(said.out)
    assert [row["coordination.places_per_coordinator"] for row in rows] == ["30", "50"]
    assert len({row["run_id"] for row in rows}) == len(list((empty_folder / "results" / "runs").iterdir())) == 2
    (index,) = (empty_folder / "results").glob("sweep_*.csv")
    shown = lacsim("sweep", *small, "--quiet", "--set", "coordination.places_per_coordinator=30,50").out.splitlines()
    assert shown[0].startswith(
        "What the public purse saves, wards-17 against wards-10; 'less in' is how many of 3 futures"
    )
    assert shown[2].split()[1:] == ["less", "in", "p05", "£", "middle", "£", "p95", "£", "run"]
    assert all(re.fullmatch(r"[34]0|50|[-\d,]+|[0-9a-f]{8}", cell) for cell in shown[4].split())  # whole pounds
    assert shown[-1] == f"Table    {index.relative_to(empty_folder).as_posix()}"
    assert len(index.read_text("utf-8").splitlines()) == 3


def test_a_sweep_checks_every_value_before_the_first_run(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    said = lacsim("sweep", *small, "--set", "coordination.places_per_coordinator=30,many")
    assert said.code == 2
    assert "coordination.places_per_coordinator" in said.err
    assert list(empty_folder.iterdir()) == []


def test_experiments_are_listed_and_an_unknown_one_is_named(lacsim: Command) -> None:
    assert "01_main_comparison" in lacsim("experiment", "list").out
    said = lacsim("experiment", "01_main_comparisn")
    assert said.code == 2
    assert "Did you mean '01_main_comparison'?" in said.err
