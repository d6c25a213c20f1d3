"""`datapackage.json`: no column of any table goes without a description, and every figure has its unit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lacsim.report import charts, datapackage, tables
from lacsim.report.api import Run
from lacsim.report.files import FORMATS
from lacsim.results.tally import EVENTS

TYPES = {"string", "integer", "number", "boolean", "any"}


@pytest.fixture(scope="module")
def folder(real: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table of a small run, the tracker, and the data of two charts."""
    from lacsim.report import folder as folders
    from lacsim.report.files import write_table

    where = tmp_path_factory.mktemp("described")
    made = folders.tables_of(real)
    frames = {**made.frames, "checks": made.checks}
    rows = {f"{n}.{FORMATS[n]}": write_table(t, where / f"{n}.{FORMATS[n]}", n) for n, t in frames.items()}
    tables.tracker(real).to_csv(where / "tracker.csv", index=False)
    for name in ("c01", "c17"):
        charts.save_chart(name, real, where / "charts")
    datapackage.write(where, rows)
    return where


@pytest.fixture(scope="module")
def resources(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / datapackage.NAME).read_text("utf-8"))
    assert content["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    return {one["path"]: one for one in content["resources"]}


def columns(path: Path) -> list[str]:
    """Names of columns as another reader finds them."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return next(csv.reader(stream))
    with duckdb.connect() as connection:
        return list(connection.read_parquet(path.as_posix()).columns)


def test_every_column_of_every_table_is_described(folder: Path, resources: dict[str, Any]) -> None:
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.suffix in (".csv", ".parquet")}
    assert set(found) == set(resources)
    assert {f"{name}.{ending}" for name, ending in FORMATS.items()} < set(found)
    for name, path in found.items():
        fields = resources[name]["schema"]["fields"]
        assert [one["name"] for one in fields] == columns(path), name
        assert all(one["type"] in TYPES for one in fields), name
        assert resources[name]["description"], name
        assert resources[name]["format"] == path.suffix[1:]


def test_every_figure_of_a_table_has_a_unit_and_no_text_has_one(resources: dict[str, Any]) -> None:
    keys = {"future", "draw"}
    for name, one in resources.items():
        if name.startswith("charts/"):
            continue
        for column in one["schema"]["fields"]:
            is_figure = column["type"] in ("integer", "number") and column["name"] not in keys
            assert ("unit" in column) == is_figure, (name, column)


def test_units_are_those_the_names_promise(resources: dict[str, Any]) -> None:
    units = {
        (path, column["name"]): column.get("unit")
        for path, one in resources.items()
        for column in one["schema"]["fields"]
    }
    promised = {"_gbp": "£", "_days": "days", "_weeks": "weeks", "_people": "people", "_person_years": "person-years"}
    for (path, name), unit in units.items():
        for ending, expected in promised.items():
            if name.endswith(ending) and path != "psa.csv" and name not in EVENTS:
                assert unit == expected, (path, name)
    assert units["yearly.csv", "readmissions_30_days"] == "number"
    assert units["waits.csv", "share_waited"] == "share"
    assert units["quantities.parquet", "caseload"] == "person-seconds"
    assert units["psa.csv", "adult_care.arrange_package_mean_days"] == "days"
    assert units["tracker.csv", "observed"] == "people"
    assert units["charts/c17_find_out_first.csv", "evppi_gbp"] == "£"


def test_missing_is_empty_and_rows_are_counted(folder: Path, resources: dict[str, Any]) -> None:
    for path, one in resources.items():
        if one["format"] == "csv":
            assert one["schema"]["missingValues"] == [""], path
    with (folder / "futures.csv").open(encoding="utf-8") as stream:
        assert resources["futures.csv"]["rows"] == sum(1 for _ in stream) - 1


def test_the_same_tables_give_the_same_bytes(folder: Path) -> None:
    before = (folder / datapackage.NAME).read_bytes()
    content = json.loads(before)
    datapackage.write(folder, {one["path"]: one["rows"] for one in content["resources"] if "rows" in one})
    assert (folder / datapackage.NAME).read_bytes() == before
