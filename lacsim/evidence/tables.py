"""Tables of published figures, stored as CSV beside a description of their columns.

`tables.toml` says what each file holds, the unit of every column and the sources; this module reads both and
checks that they agree. It does not rescale, fill or merge anything.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lacsim.errors import SourceError
from lacsim.evidence.sources import FOLDER
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableInfo:
    """What a stored table is.

    Parameters
    ----------
    name
        Name used in `table(name)`.
    file
        CSV file in `tables/`.
    what
        One sentence on what a row is.
    columns
        Each column with its meaning and unit, in file order.
    sources
        Identifiers of the sources the figures come from.
    grade
        Grade of the table as a whole (A to D), or 'by row' when a column carries it.
    """

    name: str
    file: str
    what: str
    columns: dict[str, str]
    sources: tuple[str, ...]
    grade: str


@cache
def _tables() -> dict[str, TableInfo]:
    with (FOLDER / "tables" / "tables.toml").open("rb") as stream:
        rows = tomllib.load(stream)
    return {
        name: TableInfo(
            name=name,
            file=row["file"],
            what=row["what"],
            columns=dict(row["columns"]),
            sources=tuple(row["sources"]),
            grade=row["grade"],
        )
        for name, row in rows.items()
    }


def tables() -> dict[str, TableInfo]:
    """Descriptions of all stored tables by name."""
    return dict(_tables())


def table(name: str) -> pd.DataFrame:
    """Read one stored table; a fresh copy every time.

    Raises
    ------
    SourceError
        If the table is unknown, or its file's columns are not those described.
    """
    import pandas as pd

    known = _tables()
    if name not in known:
        raise SourceError(f"table '{name}' is not in tables.toml.{did_you_mean(name, known)}")
    info = known[name]
    frame = pd.read_csv(FOLDER / "tables" / info.file)
    if list(frame.columns) != list(info.columns):
        odd = sorted(set(frame.columns) ^ set(info.columns))
        raise SourceError(
            f"table '{name}' ({info.file}): the columns differ from tables.toml in {odd or 'their order'}. "
            "Describe every column in file order."
        )
    return frame
