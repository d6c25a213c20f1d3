"""The workbook: one table to a sheet, units and run on each, the same bytes every time, nothing taken for a formula."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from lacsim.report import workbook
from lacsim.report.workbook import unit_of, write_workbook

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ABOUT = [("Run", "4f2c91aa"), ("Seed", "1")]
TABLES = {
    "futures": pd.DataFrame(
        {
            "scenario": ["no-lac", "=1+1"],
            "future": [1, 2],
            "net_gbp": [np.nan, -12.5],
            "payback_month": pd.array([None, 7], dtype="Int64"),
        }
    ),
    "checks": pd.DataFrame({"check": ["people are conserved"], "passed": [True], "observed": [0]}),
    "psa": pd.DataFrame({"future": [1], "a.mean_days": [3.25]}),
    "costs": pd.DataFrame({"amount_gbp": [1.0]}),
}


def sheets(path: Path) -> dict[str, list[list[str | None]]]:
    """Cells of each sheet as text, row by row; rows without cells are left out."""
    with ZipFile(path) as packed:
        names = re.findall(r'<sheet name="([^"]+)"', packed.read("xl/workbook.xml").decode())
        shared: list[str] = []
        if "xl/sharedStrings.xml" in packed.namelist():
            root = ElementTree.fromstring(packed.read("xl/sharedStrings.xml"))
            shared = ["".join(t.text or "" for t in item.iter(f"{CELL}t")) for item in root]
        found = {}
        for k, name in enumerate(names, start=1):
            root = ElementTree.fromstring(packed.read(f"xl/worksheets/sheet{k}.xml"))
            assert root.find(f".//{CELL}f") is None, "a formula"
            found[name] = [[_text(cell, shared) for cell in row] for row in root.iter(f"{CELL}row")]
    return found


def _text(cell: ElementTree.Element, shared: list[str]) -> str | None:
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{CELL}t"))
    value = cell.find(f"{CELL}v")
    if value is None or value.text is None:
        return None
    return shared[int(value.text)] if cell.get("t") == "s" else value.text


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / workbook.NAME
    write_workbook(TABLES, path, about=ABOUT, units={"a.mean_days": "days"})
    return path


def test_each_table_that_is_csv_has_a_sheet_with_title_run_units_names_and_rows(book: Path) -> None:
    found = sheets(book)
    assert list(found) == ["About", "futures", "checks", "psa"]
    title, run, units, names, first, second = found["futures"]
    assert title == [workbook.TITLES["futures"]]
    assert run == ["Run 4f2c91aa"]
    assert [unit or "" for unit in units] == ["", "", "£", "months from the start"]
    assert names == ["scenario", "future", "net_gbp", "payback_month"]
    assert first[:2] == ["no-lac", "1"]
    assert [cell for cell in first[2:] if cell is not None] == []
    assert second == ["=1+1", "2", "-12.5", "7"]
    assert [unit or "" for unit in found["psa"][2]] == ["", "days"]
    assert found["psa"][4] == ["1", "3.25"]
    assert found["checks"][4] == ["people are conserved", "1", "0"]
    assert ["Run", "4f2c91aa"] in found["About"]


def test_the_bytes_of_a_workbook_depend_on_its_tables_alone(book: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    write_workbook(TABLES, again, about=ABOUT, units={"a.mean_days": "days"})
    assert again.read_bytes() == book.read_bytes()


def test_a_table_too_long_for_a_sheet_is_left_to_its_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    path = tmp_path / "short.xlsx"
    write_workbook(TABLES, path, about=ABOUT, units={})
    found = sheets(path)
    assert list(found) == ["About", "checks", "psa"]
    assert ["futures", "too long for a sheet; see futures.csv"] in found["About"]


@pytest.mark.parametrize(
    ("table", "column", "unit"),
    [
        ("futures", "wait_weeks_p90", "weeks"),
        ("yearly", "hospital_person_years", "person-years"),
        ("yearly", "post_years", "post-years"),
        ("yearly", "admissions", "number"),
        ("yearly", "readmissions_30_days", "number"),
        ("futures", "bed_days", "days"),
        ("waits", "share_waited", "share"),
        ("waits", "p50_days", "days"),
        ("paired", "scenario", ""),
    ],
)
def test_every_column_has_the_unit_its_name_ends_in(table: str, column: str, unit: str) -> None:
    assert unit_of(table, column, {}) == unit
