"""`datapackage.json`: every CSV and Parquet file of a run's folder with its columns, their types and their units.

Written to version 2 of the Data Package standard, with `unit` added to a field. Columns and types are read from the
files themselves; units follow from the names of columns, which are the same in every run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.report.files import README
from lacsim.report.workbook import unit_of

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "datapackage.json"
CHARTS: Final = "charts"
_PROFILE: Final = "https://datapackage.org/profiles/2.0/{}.json"
_KINDS: Final = {"i": "integer", "f": "number", "b": "boolean"}
_TYPES: Final = {"BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}
_IS_CHART: Final = re.compile(r"[cd]\d+_")  # whose columns are what the chart's own words say they are
_SEE_UNIT: Final = {"costs": ("quantity",), "break_even": ("now", "low", "high", "break_even")}
_DECIDED_BY_MEASURE: Final = {
    "wards": "person-years if the measure is a stage or a state, number if it is an event",
    "ages": "person-years if the measure is a stage or a state, number if it is an event",
    "monthly": "people",
    "tenures": "number",
}


def write(folder: Path, rows: Mapping[str, int | None]) -> None:
    """Describe the tables of a folder in a file beside them.

    Parameters
    ----------
    folder
        The folder; only what is in it is described.
    rows
        Number of rows by file name, where known.
    """
    content = {
        "$schema": _PROFILE.format("datapackage"),
        "name": "lacsim-run",
        "title": "Tables of a run of lacsim; run.json beside this file says which",
        "licenses": [{"name": "MIT"}],
        "resources": [{**one, **_rows(rows.get(one["path"]))} for one in _resources(folder)],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def _rows(n: int | None) -> dict[str, int]:
    return {} if n is None else {"rows": n}


def _resources(folder: Path) -> Iterator[dict[str, Any]]:
    """One entry for each table, sorted by path."""
    from lacsim.parameters.register import load_register

    units = {name: entry.unit for name, entry in load_register().entries.items()}
    said = words() | {path.name: f"what {path.stem}.svg draws" for path in (folder / CHARTS).glob("*.csv")}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".csv", ".parquet")):
        where, ending = path.relative_to(folder).as_posix(), path.suffix[1:]
        fields = [field(path.stem, name, kind, units) for name, kind in _columns(path)]
        yield {
            "$schema": _PROFILE.format("dataresource"),
            "type": "table",
            "name": where.removesuffix(path.suffix).lower(),
            "path": where,
            **({"description": said[path.name]} if path.name in said else {}),
            "format": ending,
            **({"mediatype": "text/csv", "encoding": "utf-8"} if ending == "csv" else {}),
            "schema": {"fields": fields, **({"missingValues": [""]} if ending == "csv" else {})},
        }


def _columns(path: Path) -> list[tuple[str, str]]:
    """Name and type of each column of a file; a column without values is one of numbers, of any kind without rows."""
    import duckdb
    import pandas as pd

    if path.suffix == ".csv":
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)
        return [(str(name), _kind(column) if len(table) else "any") for name, column in table.items()]
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.read_parquet(path.as_posix())
        return [(name, _TYPES.get(str(kind), "string")) for name, kind in zip(found.columns, found.types, strict=True)]


def _kind(column: pd.Series[Any]) -> str:
    """Type of a column of a CSV file; flags may be empty here and there."""
    if all(isinstance(value, bool) for value in column.dropna()) and column.dtype == object:
        return "boolean"
    return _KINDS.get(column.dtype.kind, "string")


def field(table: str, name: str, kind: str, units: Mapping[str, str]) -> dict[str, str]:
    """Name, type and, for a figure, unit of one column.

    Parameters
    ----------
    kind
        Type as the standard calls it.
    units
        Unit of each parameter by name.
    """
    unit = _unit(table, name, units) if kind in ("integer", "number", "any") else ""
    return {"name": name, "type": kind, **({"unit": unit} if unit else {})}


def _unit(table: str, name: str, units: Mapping[str, str]) -> str:
    """Unit of a column, where the name alone does not say it by its table."""
    from lacsim.results.quantities import TIMES

    if name == "value":
        return _DECIDED_BY_MEASURE[table]
    if table in ("quantities", "quantities_monthly") and name in TIMES:
        return "person-seconds"
    if name in _SEE_UNIT.get(table, ()):
        return "as the column unit says"
    if table == "tracker" and name in ("p05", "p50", "p95", "observed"):
        return "people"
    unit = unit_of(table, name, units)
    return "" if unit == "number" and _IS_CHART.match(table) else unit


def words() -> dict[str, str]:
    """What each file of a run's folder holds, by name, as the README of the results folder says it."""
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", README, re.MULTILINE)
    return {name: text for names, text in rows for name in re.findall(r"`(.+?)`", names)}
