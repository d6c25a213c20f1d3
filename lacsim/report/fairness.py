"""The fairness line: who coordination reaches and whose admissions and care homes it avoids, by age and deprivation.

Wards are put into three groups of about as many adults each by their deprivation score. Counts come from the tables of
the run; nothing is simulated for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report.narrative import people

if TYPE_CHECKING:
    from lacsim.report.api import Run

HEADS: Final = (
    "Group",
    "Adults",
    "More people given a place, a year",
    "Emergency admissions avoided, a year",
    "Care home moves avoided, a year",
)
GROUPS: Final = ("least deprived third", "middle third", "most deprived third")
_MEASURES: Final = (("caseload_starts", 1), ("admissions", -1), ("care_home_entries", -1))


def thirds(run: Run) -> dict[str, str]:
    """Group of each ward: wards in the order of deprivation, cut where a third and two thirds of adults are reached."""
    table = run.plan.area.wards.sort_values("imd2019_avg_score", kind="stable")
    adults = table["adults18p_2019"].to_numpy(float)
    middle = (np.cumsum(adults) - adults / 2) / adults.sum()
    return {str(w): GROUPS[int(m * len(GROUPS))] for w, m in zip(table["ward_name"], middle, strict=True)}


def rows(run: Run) -> list[list[str]]:
    """Columns `HEADS` for the headline's pair, ages first, then thirds of wards; empty without a pair."""
    if run.pair is None:
        return []
    ward_group = thirds(run)
    by_ward = run.wards.assign(group=run.wards["ward"].astype(str).map(ward_group)).dropna(subset=["group"])
    by_age = run.ages.assign(group=run.ages["age_band"].astype(str))
    ages = list(dict.fromkeys(by_age["group"]))
    found = _part(run, by_age, ages, {})
    return found + _part(run, by_ward, list(GROUPS), _adults(run, ward_group))


def _adults(run: Run, ward_group: dict[str, str]) -> dict[str, float]:
    table = run.plan.area.wards
    total = table.groupby(table["ward_name"].map(ward_group))["adults18p_2019"].sum()
    return {name: float(total[name]) for name in GROUPS}


def _part(run: Run, table: pd.DataFrame, groups: list[str], adults: dict[str, float]) -> list[list[str]]:
    assert run.pair is not None
    scenario, against = run.pair
    wanted = table[table["measure"].isin([name for name, _ in _MEASURES])]
    total = wanted.groupby(["group", "measure", "future", "scenario"])["value"].sum().unstack("scenario")  # noqa: PD010
    change = (total[scenario] - total[against]) / run.plan.period.years
    if not adults:
        wards = run.plan.area.wards
        adults = {g: float(wards[f"a{g.replace('-', '_').replace('85+', '85p')}_2019"].sum()) for g in groups}
    return [
        [
            f"aged {g}" if g[0].isdigit() else g,
            people(adults[g]) if run.plan.residents is None else "not all simulated",
            *[_cell(sign * change[g, name].to_numpy(float)) for name, sign in _MEASURES],
        ]
        for g in groups
    ]


def _cell(values: np.ndarray) -> str:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{people(middle)} ({people(low)} to {people(high)})"
