"""Every slip gets a line that says what to do and exit code 2; nothing is made and no traceback is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lacsim.cli import request

Command = Callable[..., Any]

PLACES = "coordination.places_per_coordinator"
SHARE = "programme.better_care_fund_share"

IN_WORDS = [
    (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
    (["run", "--futurs", "3"], "No such option: --futurs. Did you mean '--futures'?"),
    (["run", "--futures", "many"], "Invalid value for '--futures' / '-n'"),
    (["run", "--futures", "0"], "futures: must lie from 1 to 100,000; found 0."),
    (["run", "--futures", "100001"], "futures: must lie from 1 to 100,000; found 100,001."),
    (["run", "--futures", "-5"], "futures: must lie from 1 to 100,000; found -5."),
    (["run", "--quick", "--precise"], "--quick and --precise: both were given."),
    (["run", "--seed", "-1"], "seed: must lie from 0"),
    (["run", "--jobs", "-1"], "--jobs: must lie from 0 (all cores) to 1,024; found -1."),
    (["run", "--years", "0"], "years: a forecast has 1 to 40 financial years, found 0."),
    (["run", "--years", "41"], "years: a forecast has 1 to 40 financial years, found 41."),
    (["run", "--period", "histroy"], "--period: 'histroy' is not known. Did you mean 'history'?"),
    (["run", "--period", "history", "--years", "3"], "--years: the history has its own seven years."),
    (["run", "--engine", "fast"], "engine: 'fast' is not known. Use compiled or simpy."),
    (["run", "--stance", "hopeful"], "stance 'hopeful' is not known."),
    (["run", "--residents", "99"], "residents: must lie from 100 to 100,000,000; found 99."),
    (["run", "--residents", "1000000000000"], "residents: must lie from 100 to 100,000,000"),
    (["run", "wards-71"], "scenario 'wards-71' is not known. Did you mean 'wards-17'?"),
    (["run", "wards-10", "wards-10"], "scenario 'wards-10' is given twice."),
    (["run", "no such.toml"], "there is no such file"),
    (["run", "--params", "no such.toml"], "no such.toml: cannot be read"),
    (["run", "--set", "coordination.places"], "--set: needs NAME=VALUE; found 'coordination.places'."),
    (["run", "--set", f"{PLACES}="], "--set: needs NAME=VALUE"),
    (
        ["run", "--set", "coordination.places_per_cordinator=50"],
        f"Did you mean '{PLACES}'?  See them all: lacsim",
    ),
    (["run", "--set", f"{PLACES}=lots"], f"--set  {PLACES}: needs a number (you gave 'lots')"),
    (["run", "--set", f"{PLACES}=010"], f"--set  {PLACES}: needs a number (you gave '010')"),
    (["run", "--set", f"{PLACES}=NO"], f"--set  {PLACES}: needs a number (you gave 'NO')"),
    (["run", "--set", f"{PLACES}=12:30:45"], f"--set  {PLACES}: needs a number (you gave"),
    (["run", "--set", f"{PLACES}=true"], f"--set  {PLACES}: needs a number (you gave True)"),
    (["run", "--set", f"{PLACES}=nan"], f"--set  {PLACES}: needs a finite number of places, found nan"),
    (["run", "--set", f"{PLACES}=-inf"], f"--set  {PLACES}: needs a finite number of places, found -inf"),
    (
        ["run", "--set", f"{PLACES}=-3"],
        f"--set  {PLACES}: value -3 is outside its own range 0 to 1000 places",
    ),
    (["run", "--set", f"{PLACES}={'9' * 900}"], f"--set  {PLACES}: needs a number below"),
    (["run", "--set", f"{PLACES}={'9' * 5000}"], "--set: a setting has at most 1,000 characters"),
    (["run", "--set", f"{PLACES}=40\ny = 2"], f"--set  {PLACES}: needs a number"),
    (["run", "--set", f"{PLACES}=40", "--set", f"{PLACES}=50"], f"--set  {PLACES}: is given twice."),
    (["run", "--set", f"{SHARE}=59"], "59 looks like a percentage. Did you mean 0.59?"),
    (["params", "show", "coordination.place"], "coordination.place is not a parameter."),
    (["params", "list", "--grade", "E"], "--grade: must be one of A, B, C, D; found 'E'."),
    (
        ["params", "list", "cordination"],
        "no parameter's name begins with 'cordination'. Did you mean 'coordination'?",
    ),
    (["scenarios", "show", "wards-99"], "scenario 'wards-99' is not known."),
    (["trace", "--future", "0"], "future 0: this plan has futures 1 to 1."),
    (["trace", "--limit", "-1"], "--limit: must be 0 (all) or more; found -1."),
    (
        ["trace", "--residents", "200", "--years", "1", "--person", "-1"],
        "--person: this future has residents 0 to",
    ),
    (["targets", "--replications", "0"], "--replications: must lie from 1 to 1,000; found 0."),
]


@pytest.mark.parametrize(("typed", "message"), IN_WORDS, ids=[" ".join(typed)[:60] for typed, _ in IN_WORDS])
def test_a_slip_is_answered_with_one_line_and_exit_code_2(
    typed: list[str], message: str, lacsim: Command, empty_folder: Path
) -> None:
    said = lacsim(*typed)
    assert said.code == 2, said.err
    assert message in said.err
    assert len(said.faults) == 1
    assert "Traceback" not in said.err
    assert said.out == ""
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1e1", 10.0),
        ("0.5", 0.5),
        ("40", 40),
        ("010", "010"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("0x1F", 31),
        ("1_000", 1000),
    ],
)
def test_a_setting_is_read_as_toml_reads_it_and_never_guessed(typed: str, read: object) -> None:
    """What other readers take for 8 (010), False (NO) or words (1e1) is a number of TOML here, or stays what was typed."""
    name, value = request.parsed_setting(f"{PLACES}={typed}")
    assert (name, value) == (PLACES, read)
    assert type(value) is type(read)


def test_all_faults_are_told_together(lacsim: Command, empty_folder: Path) -> None:
    said = lacsim("run", "--jobs", "-1", "--set", f"{PLACES}=nan", "--set", "zebra.crossing=1", "--futures", "0")
    assert said.code == 2
    assert said.faults[0] == "lacsim: 4 faults:"
    assert [line.split(":")[0].strip() for line in said.faults[1:]] == [
        "--jobs",
        f"--set  {PLACES}",
        "zebra.crossing is not a parameter.  See them all",
        "futures",
    ]
    assert list(empty_folder.iterdir()) == []


SCENARIO_FILES = [
    ("posts = 3", "posts must be a list of [[posts]] tables"),
    (
        '[[posts]]\nward = "Sinfyn"\nstarts = 2019-04-01',
        "'Sinfyn' is not a Derby ward (2002 to 2023). Did you mean 'Sinfin'?",
    ),
    ('[[posts]]\nward = "Alvaston North"\nstarts = 2019-04-01', "'Alvaston North' is a ward since 2023."),
    ('[[posts]]\nward = "Atlantis"\nstarts = 2019-04-01', "'Atlantis' is not a Derby ward"),
    ('[[posts]]\nward = "Abbey"\nstarts = 2019-02-30', "cannot be read as TOML"),
    ('[[posts]]\nward = "Abbey"\nstarts = "soon"', "starts must be a date such as 2019-04-01; found 'soon'."),
    ('[[posts]]\nward = "Abbey"\nstarts = 1066-10-14', "starts must lie from 2000-01-01 to 2100-01-01"),
    ('[[posts]]\nward = "Abbey"\nstarts = 2021-04-01\nends = 2020-04-01', "must come after starts"),
    ('[[posts]]\nward = "Abbey"\nstarts = 2019-04-01\nposts = nan', "posts must be more than 0"),
    ('[[posts]]\nward = "Abbey"\nstarts = 2019-04-01\nposts = -1', "posts must be more than 0"),
    ('[[posts]]\nwrad = "Abbey"\nstarts = 2019-04-01', "key 'wrad' is not known. Did you mean 'ward'?"),
    ('name = "../../escape"', "name must be 1 to 64 letters, digits, '-' or '_'"),
]


@pytest.mark.parametrize(("content", "message"), SCENARIO_FILES, ids=[m for _, m in SCENARIO_FILES])
def test_a_faulty_scenario_file_is_refused_before_anything_is_made(
    content: str, message: str, lacsim: Command, empty_folder: Path
) -> None:
    (empty_folder / "mine.toml").write_text(content, "utf-8")
    said = lacsim("run", "no-lac", "mine.toml")
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err
    assert [path.name for path in empty_folder.iterdir()] == ["mine.toml"]


PARAMETER_FILES = [
    (
        "[coordination]\nplaces_per_coordinator = nan",
        "mine.toml:2  coordination.places_per_coordinator: needs a finite",
    ),
    (
        "[coordination]\nplaces_per_coordinator = 80_000",
        "mine.toml:2  coordination.places_per_coordinator: value 80000",
    ),
    ("[coordination]\nplaces = 4", "mine.toml:2  coordination.places is not a parameter."),
    ("[coordination]\nplaces_per_coordinator = {low = 60, high = 20}", "'low' is not a field here."),
    (
        '[coordination]\nplaces_per_coordinator = {value = 4, unit = "people"}',
        "unit 'people' is not its unit. Give it in 'places'.",
    ),
    ("[programme]\nbetter_care_fund_share = 59", "59 looks like a percentage. Did you mean 0.59?"),
    ('stance = "cheerful"', "mine.toml:1  stance 'cheerful' is not known."),
    ("a = [[[[", "is not valid TOML"),
    ("coordination = 3", "coordination: is not a table of parameters."),
]


@pytest.mark.parametrize(("content", "message"), PARAMETER_FILES, ids=[m for _, m in PARAMETER_FILES])
def test_a_faulty_parameter_file_is_refused_with_its_line(
    content: str, message: str, lacsim: Command, empty_folder: Path
) -> None:
    (empty_folder / "mine.toml").write_text(content, "utf-8")
    for command in (["run", "--params", "mine.toml"], ["params", "check", "mine.toml"]):
        said = lacsim(*command)
        assert (said.code, said.out, len(said.faults)) == (2, "", 1), said.err
        assert message in said.err
    assert [path.name for path in empty_folder.iterdir()] == ["mine.toml"]


def test_more_residents_than_memory_holds_is_refused_in_one_line(
    lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lacsim.cli.machine.bytes_free", lambda: 4_000_000_000)
    said = lacsim("run", "--residents", "50_000_000", "--jobs", "1")
    assert said.code == 2
    assert re.fullmatch(
        r"lacsim: --residents: 50,000,000 residents in 1 process need about 7\d\.\d GB of memory; "
        r"4\.0 GB is free\. "
        r"Ask for fewer residents or --jobs 1\.",
        said.err.strip(),
    )
    assert list(empty_folder.iterdir()) == []


def test_memory_that_cannot_be_known_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lacsim.cli.machine.bytes_free", lambda: None)
    assert request.plan_of(request.Request(residents=50_000_000, futures=1)).n_residents == 50_000_000


def test_results_are_not_written_into_a_file(lacsim: Command, empty_folder: Path) -> None:
    (empty_folder / "results").write_text("mine", "utf-8")
    said = lacsim("run")
    assert said.code == 2
    assert "--out: results is a file, not a folder. Choose another." in said.err
    assert (empty_folder / "results").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b=1.5", 1.5),
        ("a.b = 3", 3),
        ("a.b=true", True),
        ('a.b="x y"', "x y"),
        ("a.b=bare words", "bare words"),
        ("a.b=01", "01"),
    ],
)
def test_a_setting_is_read_as_toml_and_bare_words_as_text(text: str, value: object) -> None:
    assert request.parsed_setting(text) == ("a.b", value)
