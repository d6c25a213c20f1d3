"""Help, parameters, scenarios, traces and what this computer has."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lacsim.cli import app, machine
from lacsim.cli.progress import Progress, in_words
from lacsim.cli.request import Request, plan_of
from lacsim.cli.text_table import lined_up
from lacsim.parameters import params

Command = Callable[..., Any]

PLACES = "coordination.places_per_coordinator"


def test_without_a_command_the_help_is_shown_with_every_command(lacsim: Command) -> None:
    said = lacsim()
    assert said.code == 0
    names = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert names == {
        "run",
        "cost",
        "break-even",
        "waterfall",
        "sweep",
        "experiment",
        "compare",
        "report",
        "params",
        "scenarios",
        "runs",
        "trace",
        "identity",
        "targets",
        "claims",
        "wards",
        "fit",
        "doctor",
        "test",
    }
    assert all(str(name) in said.out for name in names)


def test_the_version_is_printed(lacsim: Command) -> None:
    from lacsim import __version__

    assert lacsim("--version").out == f"lacsim {__version__}\n"


def test_the_research_agenda_lists_only_what_is_assumed(lacsim: Command) -> None:
    rows = json.loads(lacsim("params", "list", "--grade", "d", "--json").out)
    assert rows
    assert {row["grade"] for row in rows} == {"D"}


def test_what_another_council_brings_is_listed_by_its_role(lacsim: Command) -> None:
    rows = json.loads(lacsim("params", "list", "--role", "local", "--json").out)
    assert {row["name"] for row in rows} == {n for n in params().names() if params().entry(n).role == "local"}
    said = lacsim("params", "list", "--role", "locl")
    assert said.code == 2
    assert "--role: must be one of calibrated, claim, lever, local, universal; found 'locl'." in said.err


def test_one_subject_is_listed_under_one_stance(lacsim: Command) -> None:
    said = lacsim("params", "list", "programme.", "--stance", "reported")
    assert all(line.startswith("programme.") for line in said.out.splitlines()[2:])
    assert "stance reported." in said.err


def test_a_parameter_is_shown_with_where_its_value_came_from(lacsim: Command, empty_folder: Path) -> None:
    (empty_folder / "mine.toml").write_text("[coordination]\nplaces_per_coordinator = 45\n", "utf-8")
    shown = lacsim("params", "show", PLACES, "--params", "mine.toml", "--set", f"{PLACES}=50").out
    assert "value     50 places" in shown
    fitted = f"{params().number(PLACES):g}"
    chain = f"built-in 40 (claim 'derby_2017', stance controlled)  →  fit of coordination {fitted}  →  mine.toml 45  →  --set 50"
    assert chain in shown
    assert "two LAC's working with 50 people" in shown
    assert "register/coordination.toml:" in shown


def test_a_parameter_is_shown_for_programs(lacsim: Command) -> None:
    assert json.loads(lacsim("params", "show", PLACES, "--json").out)["value"] == params()[PLACES]


def test_a_sound_parameter_file_is_checked_with_what_it_changes(lacsim: Command, empty_folder: Path) -> None:
    (empty_folder / "mine.toml").write_text("[coordination]\nplaces_per_coordinator = 45\n", "utf-8")
    said = lacsim("params", "check", "mine.toml")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("mine.toml: no fault; 1 value set that the register has otherwise.")
    assert f"{PLACES} = 45 places" in said.out


def test_the_register_is_checked(lacsim: Command) -> None:
    assert "no fault" in lacsim("params", "check").out


@pytest.mark.parametrize("flags", [[], ["--register"]])
def test_the_schema_is_json(flags: list[str], lacsim: Command) -> None:
    assert json.loads(lacsim("params", "schema", *flags).out)["$schema"].startswith("https://json-schema.org")


def test_scenarios_are_listed_and_shown(lacsim: Command) -> None:
    listed = {row["name"]: row for row in json.loads(lacsim("scenarios", "list", "--json").out)}
    assert listed["wards-17"]["posts"] == 17.0
    assert "Spondon" in lacsim("scenarios", "show", "wards-13").out
    assert lacsim("scenarios", "show", "no-lac").out == "no-lac: no coordinators; 0 posts in 0 wards\n"


def test_two_stances_or_files_are_set_beside_each_other_where_they_differ(lacsim: Command, tmp_path: Path) -> None:
    said = lacsim("params", "diff", "reported", "--json")
    names = [row["name"] for row in json.loads(said.out)]
    assert "effects.admission_hr" in names
    assert all(row["first"] != row["second"] for row in json.loads(said.out))
    mine = tmp_path / "mine.toml"
    mine.write_text("[coordination]\nplaces_per_coordinator = {value = 50, fixed = true}\n", "utf-8")
    said = lacsim("params", "diff", str(mine))
    assert "coordination.places_per_coordinator" in said.out
    assert "1 value of " in said.err
    said = lacsim("params", "diff", "reportd")
    assert said.code == 2
    assert "'reportd' is neither a stance nor a file. Did you mean 'reported'?" in said.err


def test_a_person_is_followed_with_dates(lacsim: Command) -> None:
    small = ["--residents", "200", "--years", "1", "--scenario", "wards-10"]
    events = json.loads(lacsim("trace", *small, "--limit", "0", "--json").out)
    assert [event["date"] for event in events] == sorted(event["date"] for event in events)
    assert events[0]["date"] >= "2019-04-01 00:00"
    person = events[0]["resident"]
    shown = lacsim("trace", *small, "--person", str(person))
    own = [event for event in events if event["resident"] == person]
    assert shown.out.startswith(f"Resident {person}: ")
    assert len(shown.out.strip().splitlines()) == len(own) + 4
    assert f"{len(own)} of {len(own)} events shown: future 1, wards-10, resident {person}." in shown.err


def test_both_engines_are_compared_record_by_record(lacsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    small = ["--residents", "150", "--years", "1", "--futures", "1"]
    assert "SimPy and compiled wrote the same." in lacsim("identity", *small).out
    monkeypatch.setattr("lacsim.runs.experiment.engines_agree", lambda *_: (False, "row 7: a / b", 9))
    said = lacsim("identity", *small)
    assert said.code == 4
    assert "differs between SimPy and compiled at row 7: a / b." in said.err


def test_the_doctor_finds_everything_or_names_what_is_missing(
    lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lacsim("doctor")
    assert said.code == 0
    assert "Everything that is needed is here." in said.out
    assert list(empty_folder.iterdir()) == []
    monkeypatch.setattr("lacsim.report.manifest.PACKAGES", ("no-such-package",))
    said = lacsim("doctor")
    assert said.code == 3
    assert "missing    no-such-package." in said.out


def test_the_estimate_learns_from_the_last_run_of_some_size() -> None:
    plan = plan_of(Request(futures=10, residents=1000, years=1))
    tiny = {"engine": "compiled", "resident_years": 10, "seconds": 900.0, "processes": 1}
    timed = {"engine": "compiled", "resident_years": 3_000_000, "seconds": 50.0, "processes": 2}
    assert machine.seconds_expected(plan, 1, []) < 1
    assert machine.seconds_expected(plan, 1, [tiny, timed]) == pytest.approx(1.0)
    assert machine.seconds_expected(plan, 2, [timed]) == pytest.approx(0.5)


def test_the_estimate_says_when_the_model_must_be_compiled_first(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(Request(futures=10, residents=1000, years=1))
    simpy = plan_of(Request(futures=10, residents=1000, years=1, engine="simpy"))
    for compiled in (True, False):
        monkeypatch.setattr(machine, "is_compiled", lambda compiled=compiled: compiled)
        assert ("first the model is compiled" in machine.estimate(plan, 1, [])) != compiled
        assert "compiled" not in machine.estimate(simpy, 1, [])


def test_the_time_left_is_about_so_long_or_less_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 1.0, 2.0, 2.9])
    monkeypatch.setattr("lacsim.cli.progress.time.monotonic", lambda: next(clock))
    said = io.StringIO()
    told = Progress(1, said)
    for done in (1, 2, 3):
        told(done, 4)
    assert [line.rpartition("  ")[2] for line in said.getvalue().splitlines()[1:]] == [
        "about 2 s left",
        "less than 1 s left",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "less than 1 s"),
        (40, "40 s"),
        (110, "1 min 50 s"),
        (120, "2 min"),
        (725, "12 min"),
        (11_400, "3 h 10 min"),
    ],
)
def test_times_are_told_as_a_person_would(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_progress_that_is_not_watched_is_a_line_every_tenth() -> None:
    stream = io.StringIO()
    progress = Progress(3, stream)
    for done in range(1, 101):
        progress(done, 100)
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == [f"{k}0%" for k in range(1, 11)]
    assert lines[-1].startswith("100%  300 of 300 runs  in ")


def test_the_time_that_is_left_is_not_told_from_the_first_futures_which_set_everything_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, clock = io.StringIO(), iter([0.0, *[100.0] * 2, *[110.0] * 2])
    monkeypatch.setattr("lacsim.cli.progress.time.monotonic", lambda: next(clock))
    progress = Progress(3, stream)
    progress(2, 20)
    progress(4, 20)
    first, second = stream.getvalue().splitlines()
    assert first == "10%  6 of 60 runs  the rest goes faster than the first, which sets up"
    assert second == "20%  12 of 60 runs  about 1 min 20 s left"


def test_progress_in_a_terminal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    progress = Progress(1, stream)
    for done in (1, 2):
        progress(done, 2)
    progress.end()
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().rstrip().split("\r")[-1].startswith("[############################] 2 of 2 runs")


def test_a_table_gives_way_in_its_last_column_only() -> None:
    text = lined_up(["name", "n", "what"], [["a", 1200, "some long words indeed"]], width=30)
    assert text.splitlines()[2] == "a     1,200  some long words…" or len(text.splitlines()[2]) <= 30
    assert "1,200" in text


@pytest.mark.parametrize(
    ("typed", "module"),
    [
        (["--defects"], ["tests.defects"]),
        (["--defects", "1", "15", "--jobs", "1"], ["tests.defects", "1", "15", "--jobs", "1"]),
        (["-k", "wards"], ["pytest", "-k", "wards"]),
        ([], ["pytest", "-n", "2", "--dist", "loadfile"]),
    ],
)
def test_tests_are_handed_to_pytest_and_seeded_defects_to_their_pack(
    typed: list[str], module: list[str], lacsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def noted(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr("lacsim.cli.checking.subprocess.run", noted)
    monkeypatch.setattr("lacsim.runs.backends.n_processes", lambda jobs, tasks: 2)
    assert lacsim("test", *typed).code == 3
    assert asked == [[sys.executable, "-m", *module]]
