"""Money ward by ward: the ledger by ward, discounted, without what belongs to no ward.

Managers and membership are paid for the whole service, so no ward causes them; they are in the totals of the city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lacsim import economics
from lacsim.economics.programme import CITY
from lacsim.results.study import post_years
from lacsim.runs.scenario import Scenario

if TYPE_CHECKING:
    from lacsim.report.api import Run


def posts_by_ward(run: Run, scenario: Scenario) -> dict[str, float]:
    """Coordinator post-years paid for in each ward over the period."""
    paid = {}
    for ward in run.plan.area.ward_names:
        own = Scenario(scenario.name, scenario.label, tuple(p for p in scenario.posts if p.ward == ward))
        paid[ward] = sum(post_years(own, run.plan.period))
    return paid


def ward_savings(run: Run) -> pd.DataFrame:
    """Discounted saving of the headline's pair in each ward: columns of `lacsim.economics.savings` with ward."""
    assert run.pair is not None
    scenario, against = run.pair
    costs = economics.ward_ledger(run.results)
    both = costs[costs["scenario"].isin([scenario, against]) & (costs["ward"] != CITY)]
    return economics.savings(both, against, by=("ward",), **economics.optimism_of(run.plan.parameters))
