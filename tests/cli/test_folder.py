"""Finding runs again, noticing altered files, and what a spreadsheet makes of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from lacsim.errors import ResultsError
from lacsim.report import finding
from lacsim.report.files import by_year, without_formulas, write_table
from lacsim.report.manifest import label_of
from lacsim.runs.plan import make_plan

Command = Callable[..., Any]


def run_folder(out: Path) -> Path:
    """The one run in a results folder."""
    (folder,) = (out / "runs").iterdir()
    return folder


def test_a_run_is_found_by_latest_by_its_first_digits_and_by_its_folder(finished_run: Path) -> None:
    folder = run_folder(finished_run)
    run_id = folder.name[-8:]
    for wanted in ("latest", run_id, run_id[:3], str(folder)):
        assert finding.find_run(finished_run, wanted) == folder


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("previous", "There is one run only; make another first."),
        ("latst", "Did you mean 'latest'?"),
        ("zzzz", "there is no run 'zzzz'"),
    ],
)
def test_a_run_that_is_not_there_is_named_in_the_message(wanted: str, message: str, finished_run: Path) -> None:
    with pytest.raises(ResultsError) as caught:
        finding.find_run(finished_run, wanted)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("file", ["waits.csv", "costs.parquet", "run.json"])
def test_a_run_with_an_altered_or_missing_file_counts_as_absent(file: str, own_copy: Path) -> None:
    run_id = run_folder(own_copy).name[-8:]
    assert finding.finished(own_copy, run_id) == run_folder(own_copy)
    path = run_folder(own_copy) / file
    path.write_bytes(path.read_bytes()[:-9])
    assert finding.finished(own_copy, run_id) is None
    path.unlink()
    assert finding.finished(own_copy, run_id) is None


def test_a_folder_that_is_still_being_written_is_not_a_run(own_copy: Path) -> None:
    folder = run_folder(own_copy)
    folder.rename(folder.with_name(f"{folder.name}.tmp-123"))
    assert finding.manifests(own_copy) == []


def test_text_that_a_spreadsheet_would_run_is_protected_and_numbers_are_not() -> None:
    table = pd.DataFrame({"text": ["=1+1", "+a", "-b", "@c", "\td", "plain", ""], "number": [-3.5, 1, 2, 3, 4, 5, 6]})
    safe = without_formulas(table)
    assert safe["text"].tolist() == ["'=1+1", "'+a", "'-b", "'@c", "'\td", "plain", ""]
    assert safe["number"].tolist() == table["number"].tolist()


def test_parquet_is_read_back_as_it_was_and_written_the_same_twice(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"scenario": ["b", "a"], "future": [1, 2], "value": [0.1, -2.0], "month": ["2019-04", "2019-05"]}
    )
    for name in ("one", "two's"):
        assert write_table(table, tmp_path / f"{name}.parquet", "monthly") == 2
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two's.parquet").read_bytes()
    back = duckdb.read_parquet(str(tmp_path / "one.parquet")).df()
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


def test_a_table_without_a_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="table 'diary' has no format. Known are futures, yearly"):
        write_table(pd.DataFrame(), tmp_path / "diary.csv", "diary")


def test_the_yearly_file_has_a_column_for_each_measure_with_its_unit() -> None:
    long = pd.DataFrame(
        [("z", 1, "2019/20", m, v) for m, v in (("deaths", 3.0), ("hospital", 1.5), ("posts", 10.0))]
        + [("a", 1, "2019/20", m, v) for m, v in (("deaths", 4.0), ("hospital", 2.5), ("posts", 0.0))],
        columns=["scenario", "future", "year", "measure", "value"],
    )
    wide = by_year(long)
    assert list(wide.columns) == [
        "scenario",
        "future",
        "year",
        "deaths",
        "hospital_person_years",
        "post_years",
    ]
    assert wide["scenario"].tolist() == ["z", "a"]
    assert wide["deaths"].tolist() == [3, 4]
    assert wide["deaths"].dtype == "int64"


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["no-lac", "wards-10", "wards-17"], "wards-10-17"),
        (["no-lac"], "no-lac"),
        (["no-lac", "pilot-2"], "pilot-2"),
        (["no-lac", "pilot-2", "wards-10"], "pilot-2-wards-10"),
    ],
)
def test_a_folder_is_named_by_what_is_compared(names: list[str], label: str) -> None:
    assert label_of(make_plan(names, futures=1)) == label


def test_runs_are_listed_and_shown(lacsim: Command, finished_run: Path) -> None:
    run_id = run_folder(finished_run).name[-8:]
    assert run_id in lacsim("runs", "list", "--out", str(finished_run)).out
    shown = lacsim("runs", "show", "--out", str(finished_run)).out
    assert f"run        {run_id}, quick" in shown
    assert "checks     3 passed, 0 failed" in shown
    assert "costs.parquet" in shown
    assert lacsim("runs", "show", "zzzz", "--out", str(finished_run)).code == 2


def test_an_empty_results_folder_says_how_to_start(lacsim: Command) -> None:
    assert "Start with: lacsim run --quick" in lacsim("runs", "list").out
