"""The fairness line: who coordination reaches and whose admissions and care homes it avoids, group by group.

Groups are ages, thirds of the city by deprivation (wards with about as many adults in each third), and how the home is
held. Counts come from the tables of the run; nothing is simulated for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.model.stages import TENURES
from lacsim.report.narrative import people
from lacsim.runs.bind import tenure_shares

if TYPE_CHECKING:
    from lacsim.report.api import Run

HEADS: Final = (
    "Group",
    "Adults",
    "More people given a place, a year",
    "Of every 1,000 adults",
    "Emergency admissions avoided, a year",
    "Care home moves avoided, a year",
)
GROUPS: Final = ("least deprived third", "middle third", "most deprived third")
HOMES: Final = {
    "social_rent": "rent from the council or a housing association",
    "owner": "own their home",
    "private_rent": "rent privately",
}
_PLACES: Final = "caseload_starts"
_MEASURES: Final = ((_PLACES, 1), ("admissions", -1), ("care_home_entries", -1))


def thirds(run: Run) -> dict[str, str]:
    """Group of each ward: wards in the order of deprivation, cut where a third and two thirds of adults are reached."""
    table = run.plan.area.wards.sort_values("imd2019_avg_score", kind="stable")
    adults = table["adults18p_2019"].to_numpy(float)
    middle = (np.cumsum(adults) - adults / 2) / adults.sum()
    return {str(w): GROUPS[int(m * len(GROUPS))] for w, m in zip(table["ward_name"], middle, strict=True)}


def rows(run: Run) -> list[list[str]]:
    """Columns `HEADS` for the headline's pair: ages, then thirds of wards, then tenures; empty without a pair."""
    if run.pair is None:
        return []
    wards = run.plan.area.wards
    total = wards["adults18p_2019"].to_numpy(float)
    bands = list(dict.fromkeys(run.ages["age_band"].astype(str)))
    by_age = {f"aged {b}": float(wards[f"a{b.replace('-', '_').replace('85+', '85p')}_2019"].sum()) for b in bands}
    group = thirds(run)
    by_third = {g: float(total[(wards["ward_name"].map(group) == g).to_numpy()].sum()) for g in GROUPS}
    held = total @ tenure_shares(wards)
    by_tenure = {HOMES[t]: float(n) for t, n in zip(TENURES, held, strict=True)}
    return [
        *_part(run, run.ages, "aged " + run.ages["age_band"].astype(str), by_age),
        *_part(run, run.wards, run.wards["ward"].astype(str).map(group), by_third),
        *_part(run, run.tenures, run.tenures["tenure"].astype(str).map(HOMES), by_tenure),
    ]


def _part(run: Run, table: pd.DataFrame, group: pd.Series[str], adults: dict[str, float]) -> list[list[str]]:
    """One row for each group with its adults."""
    assert run.pair is not None
    scenario, against = run.pair
    wanted = table.assign(group=group)[table["measure"].isin([name for name, _ in _MEASURES])]
    total = wanted.groupby(["group", "measure", "future", "scenario"])["value"].sum().unstack("scenario")  # noqa: PD010
    change = (total[scenario] - total[against]) / run.plan.period.years
    found = []
    for name, n in adults.items():
        values = [sign * change[name, measure].to_numpy(float) for measure, sign in _MEASURES]
        of_all = 1000.0 * float(np.median(values[0])) / (n * run.plan.scale)
        shown = people(n) if run.plan.residents is None else "not all simulated"
        found.append([name, shown, _cell(values[0]), f"{of_all:.1f}", *map(_cell, values[1:])])
    return found


def _cell(values: np.ndarray) -> str:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{people(middle)} ({people(low)} to {people(high)})"
