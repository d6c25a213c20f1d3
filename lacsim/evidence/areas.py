"""An area: its wards, the names people use for them, and when coordination came.

An area is data in `areas/<name>/`; Derby is the one embedded. This module reads the ward table and answers
questions about ward names; it knows nothing of scenarios.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from lacsim.errors import ScenarioError, SourceError
from lacsim.evidence.sources import FOLDER
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class Coverage:
    """A dated statement of how much of an area had coordinators.

    Parameters
    ----------
    date
        First day the statement holds.
    n_wards, n_coordinators
        Wards covered and whole-time posts, or None where the evidence does not say.
    wards
        Ward names where the evidence or a labelled recollection gives them.
    source, where, note
        Pedigree of the statement.
    """

    date: dt.date
    n_wards: int | None
    n_coordinators: int | None
    wards: tuple[str, ...]
    source: str
    where: str
    note: str


@dataclass(frozen=True)
class Area:
    """A council's wards with their residents and circumstances.

    Parameters
    ----------
    name
        Name of the area.
    wards
        One row per ward in code order; `ward_code` and `ward_name` identify it, counts are people, `pct_`
        columns are per cent, `_index` columns are ratios without a natural scale.
    aliases
        Misprinted or alternative names in documents, each with the ward it means.
    new_wards
        Wards of a later boundary, each with an explanation.
    coverage
        What is known of the roll-out of coordination, in date order.
    years
        The boundary years in words, for messages.
    boundary_note
        The same in a sentence, for readers.
    sources
        Identifiers of the sources of the ward table.
    tiles
        Where each ward stands in a map of equal squares: ward_code, ward_name, `col` from the west and `row` from the
        north, and the middle of the ward's bounding box in degrees; empty for an area that has none.
    """

    name: str
    wards: pd.DataFrame = field(repr=False)
    aliases: dict[str, str]
    new_wards: dict[str, str]
    coverage: tuple[Coverage, ...]
    years: str
    boundary_note: str
    sources: tuple[str, ...]
    tiles: pd.DataFrame = field(repr=False)

    @property
    def ward_names(self) -> list[str]:
        """Names of the wards in code order."""
        return [str(name) for name in self.wards["ward_name"]]

    @property
    def covered_2019(self) -> list[str]:
        """Names of the wards with a coordinator in February 2019, in code order."""
        return [str(name) for name in self.wards.loc[self.wards["lac_covered_2019"] == 1, "ward_name"]]

    def canonical(self, printed: str) -> str:
        """The ward meant by a name printed in a source document, misprints included."""
        return self.ward(self.aliases.get(printed.strip(), printed))

    def ward(self, text: str) -> str:
        """The ward with this name or code, ignoring case and spaces around it.

        Raises
        ------
        ScenarioError
            If there is no such ward; the message suggests the nearest and explains later boundaries.
        """
        wanted = text.strip()
        for code, name in zip(self.wards["ward_code"], self.ward_names, strict=True):
            if wanted.casefold() in (name.casefold(), str(code).casefold()):
                return name
        for name, explanation in self.new_wards.items():
            if wanted.casefold() == name.casefold():
                raise ScenarioError(f"wards: '{wanted}' is {explanation}")
        if wanted in self.aliases:
            hint = f" Did you mean '{self.aliases[wanted]}'?"
        else:
            hint = did_you_mean(wanted, self.ward_names) or f" The wards are {', '.join(self.ward_names)}."
        raise ScenarioError(f"wards: '{wanted}' is not a {self.name} ward ({self.years}).{hint}")


def areas() -> list[str]:
    """Names of the areas that are stored."""
    return sorted(path.parent.name for path in (FOLDER / "areas").glob("*/area.toml"))


def read_tiles(folder: Path, name: str, codes: list[str]) -> pd.DataFrame:
    """The tile map of an area, in the order of its wards.

    Raises
    ------
    SourceError
        If there is a tile map that has not one tile for each ward, or two wards on one tile.
    """
    import pandas as pd

    columns = ["ward_code", "ward_name", "col", "row", "middle_longitude", "middle_latitude"]
    path = folder / "tiles.csv"
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    tiles = pd.read_csv(path).sort_values("ward_code", ignore_index=True)
    if list(tiles["ward_code"]) != codes or tiles.duplicated(["col", "row"]).any():
        raise SourceError(
            f"area '{name}' (areas/{name}/tiles.csv): needs one tile of its own for each of the {len(codes)} wards. "
            "Add the missing wards, or move one of two that share a tile."
        )
    return tiles


@cache
def area(name: str = "derby") -> Area:
    """Read one stored area; treat its ward table as read-only.

    Raises
    ------
    SourceError
        If the area is not stored, or its ward count is not the one declared.
    """
    import pandas as pd

    if name not in areas():
        raise SourceError(
            f"area '{name}' is not stored.{did_you_mean(name, areas())} Stored are: {', '.join(areas())}."
        )
    folder = FOLDER / "areas" / name
    with (folder / "area.toml").open("rb") as stream:
        about = tomllib.load(stream)
    wards = pd.read_csv(folder / "wards.csv").sort_values("ward_code", ignore_index=True)
    if len(wards) != about["n_wards"]:
        raise SourceError(
            f"area '{name}' (areas/{name}/wards.csv): has {len(wards)} wards, "
            f"area.toml declares {about['n_wards']}. "
            "Add the missing rows or correct n_wards."
        )
    later = about.get("new_boundary", {})
    return Area(
        name=about["name"],
        wards=wards,
        aliases=dict(about.get("aliases", {})),
        new_wards=dict.fromkeys(later.get("wards", ()), later.get("explanation", "a ward of later boundaries.")),
        coverage=tuple(
            Coverage(
                date=row["date"],
                n_wards=row.get("n_wards"),
                n_coordinators=row.get("n_coordinators"),
                wards=tuple(row.get("wards", ())),
                source=row["source"],
                where=row["where"],
                note=row.get("note", ""),
            )
            for row in sorted(about["coverage"], key=lambda row: row["date"])
        ),
        years=about["years"],
        boundary_note=later.get("told", f"Wards as they were {about['years']}."),
        sources=tuple(about["sources"]),
        tiles=read_tiles(folder, name, [str(code) for code in wards["ward_code"]]),
    )
