"""The main job: one sentence on stdout, progress on stderr, a folder that is complete or not there at all."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lacsim.cli import running
from lacsim.cli.request import Request, plan_of
from lacsim.report import finding, folder
from lacsim.report.files import FORMATS
from lacsim.report.manifest import Facts, file_sha256, now
from lacsim.results import study

Command = Callable[..., Any]


def run_folder(out: Path) -> Path:
    """The one run in a results folder."""
    (folder,) = (out / "runs").iterdir()
    return folder


TABLES = [f"{name}.{ending}" for name, ending in FORMATS.items()] + [
    "draws.npz",
    "kept.part",
    "scenarios.json",
    "params.toml",
    "overrides.toml",
    "tables.xlsx",
]


def table_hashes(out: Path) -> dict[str, str]:
    """Hash of every table of the one run in a results folder."""
    return {name: file_sha256(run_folder(out) / name) for name in TABLES}


@pytest.mark.usefixtures("undrawn")
def test_the_answer_is_on_stdout_and_progress_on_stderr(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    said = lacsim("run", *small)
    assert said.code == 0
    assert "17 wards" in said.out.splitlines()[0]
    assert re.search(r"^Report   results/runs/\d{4}-\d\d-\d\d_wards-10-17_[0-9a-f]{8}/report.html$", said.out, re.M)
    assert re.search(r"^Work     [\d,]+ records in [\d.]+ s on 1 core: [\d,]+ a second$", said.out, re.M)
    assert re.search(r"^Next     lacsim ", said.out, re.M)
    assert said.faults[0].startswith("9 runs (3 options × 3 futures, 300 adults, 1 year) on 1 core, ")
    assert any(line.startswith("100%  9 of 9 runs") for line in said.faults)
    assert (empty_folder / "results" / "latest" / "report.html").is_file()


def test_the_workbook_of_a_run_says_what_was_set() -> None:
    plan = plan_of(Request(settings=("effects.admission_hr=0.9",), futures=1, residents=300))
    facts = Facts("lacsim run", now(), now(), 1, 1.0, {"text": "An answer."})
    assert ("Set", "effects.admission_hr = 0.9") in folder._about(plan, facts)


def test_what_to_try_next_follows_the_lives_of_this_run(finished_run: Path) -> None:
    folder = run_folder(finished_run)
    manifest = json.loads((folder / "run.json").read_text("utf-8"))
    typed = "lacsim run no-lac 'my own.toml' --residents 300 --set effects.admission_hr=1 --seed=5 -n 3 -o elsewhere"
    last = running.answer_lines(folder, {**manifest, "command": typed, "scenarios": ["no-lac", "mine"]})[-1]
    assert last.startswith(f"Next     {typed} --stance sceptical   ·   ")
    assert last.endswith(
        "·   lacsim trace --scenario 'my own.toml' --residents 300 --set effects.admission_hr=1 --seed=5"
    )
    plain = running.answer_lines(folder, {**manifest, "command": "lacsim run --stance sceptical"})[-1]
    assert plain == "Next     lacsim params list --grade D   ·   lacsim trace --stance sceptical"


def test_everything_that_was_run_is_in_the_folder(finished_run: Path) -> None:
    folder = run_folder(finished_run)
    assert {path.name for path in folder.iterdir()} == {
        *TABLES,
        "beside-reported.part",
        "beside-sceptical.part",
        "charts",
        "datapackage.json",
        "report.html",
        "run.json",
        "run.log",
    }
    manifest = json.loads((folder / "run.json").read_text("utf-8"))
    listed = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    assert listed == {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "run.json"
    }
    assert manifest["status"] == "quick"
    assert manifest["checks"]["failed"] == 0
    assert (manifest["futures"], manifest["seed"], manifest["scenarios"]) == (
        3,
        20160301,
        ["no-lac", "wards-10", "wards-17"],
    )
    assert manifest["code"]["source_sha256"]
    assert folder.name.endswith(manifest["run_id"])
    assert not list(finished_run.rglob("*tmp*"))


def test_a_run_that_is_kept_is_not_made_again_unless_asked_for(
    small: tuple[str, ...], lacsim: Command, finished_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a kept run was made again")

    monkeypatch.setattr(study, "run", never)
    said = lacsim("run", *small, "--out", str(finished_run))
    assert said.code == 0
    assert said.err.startswith("Already have this run, ")
    assert "17 wards" in said.out
    assert lacsim("run", *small, "--out", str(finished_run), "--again").code == 1


@pytest.mark.usefixtures("undrawn")
def test_the_parameters_of_a_run_give_the_same_run(small: tuple[str, ...], lacsim: Command, finished_run: Path) -> None:
    filed = run_folder(finished_run) / "params.toml"
    said = lacsim("run", *small, "--params", str(filed), "--out", str(finished_run))
    assert said.err.startswith("Already have this run, ")


@pytest.mark.usefixtures("undrawn")
def test_tables_are_the_same_to_the_byte_from_both_engines_and_any_number_of_processes(
    small: tuple[str, ...], lacsim: Command, finished_run: Path, empty_folder: Path
) -> None:
    assert lacsim("run", *small, "--engine", "simpy", "--out", "simpy").code == 0
    assert table_hashes(empty_folder / "simpy") == table_hashes(finished_run)
    assert lacsim("run", *small, "--jobs", "2", "--out", "two").code == 0
    assert table_hashes(empty_folder / "two") == table_hashes(finished_run)


def test_the_manifest_is_printed_for_programs(small: tuple[str, ...], lacsim: Command, finished_run: Path) -> None:
    said = lacsim("run", *small, "--out", str(finished_run), "--json", "--quiet")
    manifest = json.loads(said.out)
    assert said.err == ""
    assert manifest["headline"]["text"]
    assert manifest["folder"] == run_folder(finished_run).as_posix()


@pytest.mark.usefixtures("undrawn")
def test_a_failed_check_keeps_the_results_marks_them_and_exits_with_4(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = pd.DataFrame(
        [("people are conserved", False, 1, 0, 0, "exact")],
        columns=["check", "passed", "observed", "expected", "tolerance", "level"],
    )
    monkeypatch.setattr(study.Results, "checks", property(lambda _: failed))
    said = lacsim("run", *small)
    assert said.code == 4
    assert "1 check of the model failed; the results are kept and marked do-not-use." in said.err
    folder = run_folder(empty_folder / "results")
    assert finding.read_manifest(folder)["status"] == "failed-checks"
    assert "FAILED: people are conserved: observed 1, expected 0" in (folder / "run.log").read_text("utf-8")
    assert lacsim("run", *small).code == 4


def test_a_fault_of_ours_is_kept_in_a_log_and_told_in_one_line(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr(study, "run", broken)
    said = lacsim("run", *small, "--quiet")
    assert said.code == 1
    assert said.faults == [
        "lacsim: this is a fault of lacsim, not yours (ZeroDivisionError: by nobody). Please send results/run.log."
    ]
    assert "Traceback (most recent call last)" in (empty_folder / "results" / "run.log").read_text("utf-8")


@pytest.mark.usefixtures("undrawn")
def test_a_later_run_replaces_latest_and_keeps_the_earlier_one(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    assert lacsim("run", *small, "--quiet").code == 0
    assert lacsim("run", *small, "--quiet", "--seed", "5", "--set", "coordination.places_per_coordinator=50").code == 0
    latest = finding.read_manifest(empty_folder / "results" / "latest")
    assert latest["seed"] == 5
    assert latest["overrides"] == {"coordination.places_per_coordinator": 50.0}
    assert len(list((empty_folder / "results" / "runs").iterdir())) == 2
    listed = lacsim("runs", "list").out
    assert "controlled  no-lac wards-10 wards-17  coordination.places_per_coordinator=50  In " in listed
    assert listed.index(latest["run_id"]) < listed.index(finding.manifests(empty_folder / "results")[1]["run_id"])


@pytest.mark.usefixtures("undrawn")
def test_what_a_killed_run_left_behind_is_cleared_after_a_day(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    runs = empty_folder / "results" / "runs"
    for name, age_seconds in (("old.tmp-1", 100_000), ("new.tmp-2", 60)):
        (runs / name).mkdir(parents=True)
        os.utime(runs / name, (time.time() - age_seconds,) * 2)
    assert lacsim("run", *small, "--quiet").code == 0
    assert not (runs / "old.tmp-1").exists()
    assert (runs / "new.tmp-2").exists()


EXAMPLES = [line.split() for line in running.HELP.splitlines() if line.startswith("  lacsim ")]


@pytest.mark.parametrize("example", EXAMPLES, ids=[" ".join(words) for words in EXAMPLES])
def test_every_example_in_the_help_is_a_command_that_works(
    example: list[str], lacsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "made", lambda *_, **__: None)
    typed = example[1 : example.index("|")] if "|" in example else example[1:]
    assert lacsim(*typed).code == running.STOPPED
