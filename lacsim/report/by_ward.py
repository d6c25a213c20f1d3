"""Money ward by ward: the ledger's own prices on the sums of each ward, undiscounted.

The tables by ward are sums over the whole period, so nothing can be discounted here; everything else is what the ledger
does. Items paid once for the whole service are left out, because no ward causes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lacsim import economics
from lacsim.results.study import post_years
from lacsim.runs.scenario import Scenario

if TYPE_CHECKING:
    from lacsim.report.api import Run
    from lacsim.runs.plan import Plan
    from lacsim.units import Value


@dataclass(frozen=True)
class _Labels:
    """Stands where a period stands: the ledger's `year` column carries wards."""

    year_labels: list[str]


@dataclass(frozen=True)
class _PlanByWard:
    """What the ledger asks of a plan, with wards in the place of years."""

    plan: Plan
    period: _Labels

    def __getattr__(self, name: str) -> object:
        return getattr(self.plan, name)


@dataclass(frozen=True)
class _ResultsByWard:
    """What the ledger asks of results, with wards in the place of years."""

    plan: _PlanByWard
    yearly: pd.DataFrame
    run: Run

    def values(self, future: int) -> dict[str, Value]:
        """All parameter values of one future."""
        return self.run.results.values(future)


def ward_costs(run: Run) -> pd.DataFrame:
    """The ledger by ward instead of by year: columns of `lacsim.economics.COLUMNS` with `ward` for `year`."""
    table = run.wards.rename(columns={"ward": "year"})
    posts = [
        (scenario.name, future, ward, "posts", paid)
        for scenario in run.plan.scenarios
        for ward, paid in posts_by_ward(run, scenario).items()
        for future in range(1, run.plan.futures + 1)
    ]
    yearly = pd.concat([table, pd.DataFrame(posts, columns=table.columns)], ignore_index=True)
    shim = _PlanByWard(run.plan, _Labels(run.plan.area.ward_names))
    items = tuple(item for item in economics.ITEMS if not item.once_a_year)
    costs = economics.ledger(_ResultsByWard(shim, yearly, run), items)  # type: ignore[arg-type]
    return costs.assign(discounted_gbp=costs["amount_gbp"]).rename(columns={"year": "ward"})


def posts_by_ward(run: Run, scenario: Scenario) -> dict[str, float]:
    """Coordinator post-years paid for in each ward over the period."""
    paid = {}
    for ward in run.plan.area.ward_names:
        own = Scenario(scenario.name, scenario.label, tuple(p for p in scenario.posts if p.ward == ward))
        paid[ward] = sum(post_years(own, run.plan.period))
    return paid


def ward_savings(run: Run) -> pd.DataFrame:
    """Undiscounted saving of the headline's pair in each ward: columns of `lacsim.economics.savings` with ward."""
    assert run.pair is not None
    scenario, against = run.pair
    costs = ward_costs(run)
    both = costs[costs["scenario"].isin([scenario, against])]
    optimism = run.plan.parameters.number("appraisal.optimism_bias_benefits")
    return economics.savings(both, against, by=("ward",), optimism_share=optimism)
