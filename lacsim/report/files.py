"""How a table becomes a file: CSV for what people open, Parquet for what is large, the same bytes every time.

Text cells are protected against being read as formulas by a spreadsheet. This module knows columns and
formats; it computes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lacsim.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

FORMATS: Final = {
    "futures": "csv",
    "yearly": "csv",
    "waits": "csv",
    "paired": "csv",
    "checks": "csv",
    "psa": "csv",
    "monthly": "parquet",
    "wards": "parquet",
    "ages": "parquet",
    "tenures": "parquet",
    "flows": "parquet",
    "costs": "parquet",
    "quantities": "parquet",
    "quantities_monthly": "parquet",
}
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\0")

README: Final = """\
# Results

`latest/` is a copy of the report, charts and manifest of the last run. Each run has a folder in `runs/`,
named by date, scenarios and eight digits that stand for everything that decides its numbers: the same digits,
the same tables.

| File | What it holds |
|---|---|
| `report.html` | the answer, the charts and the assumptions; opens in any browser |
| `committee.html` | the same run as numbered paragraphs under the council's own headings |
| `tracker.csv` | what to expect month by month, with an empty column for what happens |
| `tables.xlsx` | the tables below that are CSV, one to a sheet, with units and the run on every sheet |
| `charts/` | each chart as SVG, PNG, its data (CSV) and a description (TXT) |
| `run.json` | manifest: what was run, with what code, its checks and the hash of every file |
| `datapackage.json` | columns, types and units of every CSV and Parquet file, for other programs (Data Package 2.0) |
| `params.toml` | every value used; `lacsim run --params params.toml` uses them again |
| `overrides.toml` | only what was changed |
| `draws.npz`, `psa.csv` | the parameters drawn for each future (`future` joins them to the other tables) |
| `futures.csv` | one row per scenario and future: money and main counts |
| `yearly.csv` | one row per scenario, future and year; counts of events, `_person_years`, `post_years` |
| `waits.csv` | waits in days by scenario, future and kind |
| `paired.csv` | events prevented, reduced, delayed and added, person by person, v each comparator |
| `monthly.parquet` | mean number of people in each month |
| `wards.parquet`, `ages.parquet` | sums over the whole period by ward and by age band |
| `tenures.parquet` | counts over the whole period by how the home is held |
| `flows.parquet` | moves between stages by month |
| `costs.parquet` | the ledger: quantity, unit cost, amount, payer, kind of money, source |
| `kept.part` | every future, with a hash of its own: `lacsim report` draws from it, a longer run carries on |
| `beside-*.part` | the same of the smaller runs beside it: other stances, other teams |
| `quantities.parquet` | what is priced, by ward and year, in whole events and person-seconds |
| `quantities_monthly.parquet` | the same by month; `lacsim cost` prices both again |
| `break_even.csv` | values at which the last option breaks even, if `lacsim break-even` was asked for them |
| `waterfall.csv` | the saving split over what coordination changes, if `lacsim waterfall` was asked for it |
| `scenarios.json` | the posts of each scenario |
| `checks.csv` | what the run was held to; a run that failed one must not be used |
| `run.log` | what happened when |

Amounts end in `_gbp`, times in `_days` or `_person_years`, shares in `_share`. An empty cell means not
applicable. To read Parquet without further packages: `duckdb.sql("select * from 'costs.parquet'").df()`.
"""


def write_table(table: pd.DataFrame, path: Path, name: str) -> int:
    """Write a table in the format of its name and return its number of rows.

    Rows are written in the order given, which is the caller's to fix.

    Raises
    ------
    ResultsError
        If the name has no format.
    """
    if name not in FORMATS:
        raise ResultsError(f"results: table '{name}' has no format. Known are {', '.join(FORMATS)}.")
    shown = by_year(table) if name == "yearly" else table
    if FORMATS[name] == "csv":
        without_formulas(shown).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    else:
        _write_parquet(shown, path)
    return len(shown)


def by_year(yearly: pd.DataFrame) -> pd.DataFrame:
    """The yearly table with a column for each measure, units in the names, rows in their first order."""
    from lacsim.results.tally import EVENTS, TIMES

    keys = ["scenario", "future", "year"]
    measures = list(dict.fromkeys(yearly["measure"]))
    rows = yearly[keys].drop_duplicates()
    wide = yearly.pivot_table(index=keys, columns="measure", values="value", aggfunc="first", sort=False, observed=True)
    wide = wide.loc[[tuple(row) for row in rows.itertuples(index=False)], measures]
    units = {name: f"{name}_person_years" for name in TIMES}
    wide = wide.astype({name: "int64" for name in EVENTS if name in measures})
    wide = wide.rename(columns={**units, "posts": "post_years"})
    wide.columns.name = None
    return wide.reset_index()


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before text that a spreadsheet would take for a formula; numbers stay."""
    protected = table.copy()
    for column in protected.columns:
        if protected[column].dtype.kind in "biufM":
            continue
        protected[column] = [
            f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
            for cell in protected[column]
        ]
    return protected


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write Parquet through DuckDB with one thread, so that rows and bytes are always in the same order."""
    import duckdb

    plain = table.astype({c: str for c in table.columns if table[c].dtype.name == "category"})
    target = path.as_posix().replace("'", "''")
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": True}) as connection:
        connection.register("rows_of_the_table", plain)
        try:
            connection.execute(
                f"COPY (SELECT * FROM rows_of_the_table) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as why:
            raise OSError(None, str(why).splitlines()[0], str(path)) from why
