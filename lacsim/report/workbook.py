"""`tables.xlsx`: the tables that people open, one to a sheet, with a unit above every column and the run on each.

The CSV files beside it hold the same rows. Text stays text, so nothing is taken for a formula; an empty cell means not
applicable. The bytes depend on the tables alone. Large tables are in Parquet and not here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.report.files import FORMATS, by_year

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "tables.xlsx"
COVER: Final = "About"
# Row of the column names, from 0; those above hold the title, the run, and the units.
HEADER_ROW: Final = 4
MOST_ROWS: Final = 1_048_576 - HEADER_ROW - 1  # what a sheet holds
# Like the dates inside every zip: a workbook that told the time would differ from run to run.
_NO_DATE: Final = dt.datetime(1980, 1, 1)
TITLES: Final = {
    "futures": "Money and main counts, one row for each scenario and future",
    "yearly": "Events, person-years and posts, one row for each scenario, future and financial year",
    "waits": "Waits that ended with a place, one row for each scenario, future and kind",
    "paired": "Events prevented, reduced, delayed and added, person by person",
    "checks": "What the run was held to; if one failed, do not use it",
    "psa": "The parameters drawn, one row for each future",
}
_KEYS: Final = ("scenario", "comparator", "future", "draw", "year", "kind", "event", "check", "passed", "level")
_BY_WORD: Final = {
    "gbp": "£",
    "years": "years",
    "weeks": "weeks",
    "days": "days",
    "month": "months from the start",
    "people": "people",
    "share": "share",
    "prob": "share",
    "percent": "%",
}
_BY_ENDING: Final = {"person_years": "person-years", "post_years": "post-years"}


def unit_of(table: str, column: str, units: Mapping[str, str]) -> str:
    """Unit of a column: of a parameter from the register, of a result from a word of its name, else a count.

    Parameters
    ----------
    units
        Unit of each parameter by name.
    """
    from lacsim.results.tally import EVENTS

    if column in _KEYS:
        return ""
    if table == "psa":
        return units.get(column, "")
    if table == "checks":
        return "as the check says"
    if column in EVENTS:
        return "number"
    found = [unit for ending, unit in _BY_ENDING.items() if column.endswith(ending)]
    found += [unit for word, unit in _BY_WORD.items() if word in column.split("_")]
    return found[0] if found else "number"


def write_workbook(
    tables: Mapping[str, pd.DataFrame], path: Path, *, about: Sequence[tuple[str, str]], units: Mapping[str, str]
) -> None:
    """Write the tables whose format is CSV into one workbook, after a sheet that says what it is.

    Parameters
    ----------
    tables
        By name; a table with more rows than a sheet holds is named on the first sheet and left to its CSV.
    about
        What was run, as rows of the first sheet; the first is the run.
    units
        Unit of each parameter by name.
    """
    import xlsxwriter

    shown = {name: by_year(table) if name == "yearly" else table for name, table in tables.items()}
    shown = {name: shown[name] for name in FORMATS if FORMATS[name] == "csv" and name in shown}
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"lacsim, {about[0][0].lower()} {about[0][1]}", "created": _NO_DATE})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "bold": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "grey": book.add_format({"font_color": "#3D3D3D"}),
        }
        _cover(book.add_worksheet(COVER), shown, about, styles)
        for name, table in shown.items():
            if len(table) <= MOST_ROWS:
                _sheet(book.add_worksheet(name), name, table, f"{about[0][0]} {about[0][1]}", units, styles)


def _cover(sheet: Any, tables: Mapping[str, pd.DataFrame], about: Sequence[tuple[str, str]], styles: Any) -> None:
    """What the workbook is: the run, then its sheets."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, "Tables of a run of lacsim", styles["title"])
    rows = [
        *about,
        ("", ""),
        *(
            (name, TITLES[name] if len(table) <= MOST_ROWS else f"too long for a sheet; see {name}.csv")
            for name, table in tables.items()
        ),
        ("", ""),
        ("Units", "in the row above each column's name; a count has the unit number"),
        ("Empty cells", "not applicable"),
        ("Rows", f"names of columns are in row {HEADER_ROW + 1} of each sheet, figures below it"),
        ("Larger tables", "the ledger, wards, ages, tenures, months and flows are in the run's folder, as Parquet"),
    ]
    for k, (left, right) in enumerate(rows, start=2):
        sheet.write_string(k, 0, left, styles["bold"] if left else None)
        sheet.write_string(k, 1, right)


def _sheet(sheet: Any, name: str, table: pd.DataFrame, run: str, units: Mapping[str, str], styles: Any) -> None:
    """One table: title, run, units, names, rows."""
    columns = [str(column) for column in table.columns]
    sheet.set_column(0, max(len(columns) - 1, 0), 15)
    sheet.write_string(0, 0, TITLES[name], styles["title"])
    sheet.write_string(1, 0, run)
    for k, column in enumerate(columns):
        sheet.write_string(HEADER_ROW - 1, k, unit_of(name, column, units), styles["grey"])
    for k, column in enumerate(columns):
        sheet.write_string(HEADER_ROW, k, column, styles["bold"])
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    if len(table):
        sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(table), len(columns) - 1)
    cells = zip(*(_cells(table[column]) for column in table.columns), strict=True)
    for row, values in enumerate(cells, start=HEADER_ROW + 1):
        sheet.write_row(row, 0, values)


def _cells(column: pd.Series[Any]) -> list[Any]:
    """Values of a column as plain Python ones, None where there is none."""
    values = column.astype(object)
    found: list[Any] = values.where(column.notna(), None).tolist()
    return found
