"""Money ward by ward: the ledger by ward, discounted, without what belongs to no ward.

Managers and membership are paid for the whole service, so no ward causes them; they are in the totals of the city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lacsim import economics
from lacsim.economics.programme import CITY
from lacsim.results import study
from lacsim.results.study import post_years
from lacsim.runs.scenario import Scenario

if TYPE_CHECKING:
    from lacsim.report.api import Run
    from lacsim.runs.plan import Plan


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
    both = economics.ward_ledger(run.results, scenarios=[against, scenario])
    of_wards = both[both["ward"] != CITY]
    return economics.savings(of_wards, against, by=("ward",), **economics.optimism_of(run.plan.parameters))


def value_per_post(plan: Plan, *, jobs: int = 0) -> pd.DataFrame:
    """What one whole post saves in a year in its own ward, under each scenario of a plan against its first.

    Parameters
    ----------
    plan
        The comparator first; in each other scenario a ward has the same posts all the time.

    Returns
    -------
        Columns scenario, ward, then in discounted pounds for each post and year, mean over futures:
        council_cash_saved_gbp, nhs_cash_saved_gbp and capacity_saved_gbp (services of the ward's residents),
        coordinator_gbp (what the post costs, without managers and membership), public_purse_saved_gbp (all four).
    """
    against = plan.scenarios[0].name
    costs = economics.ward_ledger(study.run(plan, jobs=jobs))
    saved = economics.savings(
        costs[costs["ward"] != CITY], against, by=("ward",), **economics.optimism_of(plan.parameters)
    )
    posts = pd.DataFrame(
        [(scenario.name, post.ward, post.posts) for scenario in plan.scenarios for post in scenario.posts],
        columns=["scenario", "ward", "posts"],
    )
    mean = saved.groupby(["scenario", "ward"], sort=False).mean(numeric_only=True).reset_index()
    found = posts.merge(mean, on=["scenario", "ward"], how="left", validate="one_to_one")
    per = found["posts"] * plan.period.years
    return pd.DataFrame(
        {
            "scenario": found["scenario"],
            "ward": found["ward"],
            "council_cash_saved_gbp": found["council_cash_saving_gbp"] / per,
            "nhs_cash_saved_gbp": found["nhs_cash_saving_gbp"] / per,
            "capacity_saved_gbp": found["capacity_released_saving_gbp"] / per,
            "coordinator_gbp": -found["programme_saving_gbp"] / per,
            "public_purse_saved_gbp": found["public_purse_saving_gbp"] / per,
        }
    )
