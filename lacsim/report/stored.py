"""A stored run, read back for its money: its plan and what was counted, nothing simulated.

Everything `lacsim cost` needs to know of a run's folder is in `read_run`; how runs are stored may change there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lacsim.errors import ResultsError
from lacsim.report.finding import read_manifest
from lacsim.report.manifest import scenario_of
from lacsim.runs.plan import Plan
from lacsim.runs.scenario import Period, Scenario

if TYPE_CHECKING:
    from lacsim.evidence import Area
    from lacsim.units import Value

SCENARIOS: Final = "scenarios.json"


@dataclass(frozen=True)
class StoredResults:
    """What the ledger asks of results, read from a folder; see `lacsim.results.study.Results`."""

    plan: Plan
    quantities: pd.DataFrame
    quantities_monthly: pd.DataFrame
    month_labels: list[str]

    def values(self, future: int) -> dict[str, Value]:
        """All parameter values of one future (from 1)."""
        return self.plan.values(future)


@dataclass(frozen=True)
class Stored:
    """One stored run.

    Attributes
    ----------
    folder
        Where it is.
    manifest
        What it was made with.
    results
        Its plan and quantities, ready for other prices.
    costs
        The ledger as it was written.
    """

    folder: Path
    manifest: Mapping[str, Any]
    results: StoredResults
    costs: pd.DataFrame


def _scenarios(folder: Path) -> tuple[Scenario, ...]:
    try:
        rows = json.loads((folder / SCENARIOS).read_text("utf-8"))
        return tuple(scenario_of(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as why:
        raise ResultsError(f"results: {folder / SCENARIOS} cannot be read ({why}). Run again to make it.") from why


def _area(name: str) -> Area:
    """The area a manifest names in words.

    Raises
    ------
    ResultsError
        If it is not stored any more.
    """
    from lacsim import evidence

    for key in evidence.areas():
        if evidence.area(key).name == name:
            return evidence.area(key)
    raise ResultsError(
        f"results: the run is about {name}, which is not among the areas {', '.join(evidence.areas())}. Restore it."
    )


def _table(path: Path) -> pd.DataFrame:
    """A stored table.

    Raises
    ------
    ResultsError
        If it is missing or unreadable.
    """
    import duckdb

    if not path.is_file():
        raise ResultsError(f"results: {path} is missing; a run made before it existed has none. Run again to make it.")
    try:
        with duckdb.connect() as connection:
            found: pd.DataFrame = connection.read_parquet(path.as_posix()).df()
    except duckdb.Error as why:
        first = str(why).splitlines()[0]
        raise ResultsError(f"results: {path} cannot be read ({first}). Run again to make it.") from why
    return found


def read_run(folder: Path) -> Stored:
    """Read a run's plan, quantities and ledger from its folder.

    Parameter values are those of the run; entries that the register has gained since take its present values.

    Raises
    ------
    ResultsError
        If a file is missing or unreadable.
    RegisterError
        If its parameters are not allowed any more.
    """
    from lacsim.parameters import params_from_file
    from lacsim.parameters.sampling import load_draws

    manifest = read_manifest(folder)
    period, residents = manifest["period"], int(manifest["residents"])
    plan = Plan(
        scenarios=_scenarios(folder),
        parameters=params_from_file(folder / "params.toml"),
        draws=load_draws(folder / "draws.npz"),
        seed=int(manifest["seed"]),
        period=Period(period["name"], dt.date.fromisoformat(period["starts"]), int(period["years"])),
        area=_area(str(manifest["area"])),
        engine=manifest["engine"],
    )
    if residents != plan.n_residents:
        plan = replace(plan, residents=residents)
    monthly = _table(folder / "quantities_monthly.parquet")
    results = StoredResults(
        plan,
        _table(folder / "quantities.parquet"),
        monthly,
        list(dict.fromkeys(monthly["month"])),
    )
    return Stored(folder, manifest, results, _table(folder / "costs.parquet"))
