"""The appraisal: what each option is worth over the period, in which years, and how much doubt it stands.

Present values follow the Green Book (costs and savings at 3.5%, value to people at the health rate, the first year in
full); the financial-year view is undiscounted, real and nominal. Ratios are of expectations and carry their names.
Value to people is shown beside, never inside, a saving.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.prices import nominal_factor
from lacsim.economics.ratios import break_even_reduction_share, gross_ratio, net_ratio
from lacsim.economics.summary import PARTS, optimism_of, savings

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

_SERVICES: Final = ("council_cash", "nhs_cash", "capacity_released")
_SWEEP: Final = tuple(k / 100.0 for k in range(0, 65, 5))


def options(costs: pd.DataFrame, plan: Plan, comparator: str | None = None) -> pd.DataFrame:
    """One row for each option: present values against the comparator, ratios, and how sure.

    Parameters
    ----------
    costs
        A ledger.
    comparator
        Scenario the others are compared with; the plan's first if not given.

    Returns
    -------
        Columns scenario, comparator; in discounted pounds, mean over futures: programme_cost_gbp (what the option
        spends more), council_cash_saving_gbp, nhs_cash_saving_gbp, capacity_released_saving_gbp,
        net_present_value_gbp (public purse, with _p05 and _p95), net_cash_gbp (without capacity), value_to_people_gbp;
        gross_ratio and net_ratio (services saved per pound of programme, public purse), cash_gross_ratio (cash only)
        and social_gross_ratio (with value to people), empty when the programme costs no more; futures_better (share
        of futures with a positive net present value).
    """
    chosen = comparator or plan.scenarios[0].name
    saved = savings(costs, chosen, **optimism_of(plan.parameters))
    rows = []
    for name, found in saved.groupby("scenario", sort=False):
        mean = {part: float(found[f"{part}_saving_gbp"].mean()) for part in PARTS[:4]}
        value = float(found["value_to_people_gain_gbp"].mean())
        net = found["public_purse_saving_gbp"]
        cost = 0.0 - mean["programme"]
        cash = mean["council_cash"] + mean["nhs_cash"]
        services = cash + mean["capacity_released"]
        rows.append(
            {
                "scenario": name,
                "comparator": chosen,
                "programme_cost_gbp": cost,
                **{f"{part}_saving_gbp": mean[part] for part in _SERVICES},
                "net_present_value_gbp": float(net.mean()),
                "net_present_value_p05_gbp": float(net.quantile(0.05)),
                "net_present_value_p95_gbp": float(net.quantile(0.95)),
                "net_cash_gbp": float(found["public_cash_saving_gbp"].mean()),
                "value_to_people_gbp": value,
                "gross_ratio": gross_ratio(services, cost) if cost > 0.0 else math.nan,
                "net_ratio": net_ratio(services, cost) if cost > 0.0 else math.nan,
                "cash_gross_ratio": gross_ratio(cash, cost) if cost > 0.0 else math.nan,
                "social_gross_ratio": gross_ratio(services + value, cost) if cost > 0.0 else math.nan,
                "futures_better": float((net > 0.0).mean()),
            }
        )
    return pd.DataFrame(rows)


def financial_years(costs: pd.DataFrame, plan: Plan, comparator: str | None = None) -> pd.DataFrame:
    """What each option saves in each financial year, undiscounted, real and nominal, mean over futures.

    Returns
    -------
        Columns scenario, comparator, year, part (programme, council_cash, nhs_cash, capacity_released,
        resident_cash, public_cash, public_purse; a saving is positive), real_gbp (prices of
        `appraisal.price_year`) and nominal_gbp (money of the year).
    """
    chosen = comparator or plan.scenarios[0].name
    saved = savings(costs, chosen, by=("year",), money="amount", **optimism_of(plan.parameters))
    columns = [c for c in saved.columns if c.endswith("_saving_gbp")]
    mean = saved.groupby(["scenario", "comparator", "year"], sort=False)[columns].mean().reset_index()
    long = mean.melt(["scenario", "comparator", "year"], var_name="part", value_name="real_gbp")
    long["part"] = long["part"].str.removesuffix("_saving_gbp")
    price_year = str(plan.parameters["appraisal.price_year"])
    inflation = plan.parameters.number("appraisal.inflation")
    factors = {year: nominal_factor(price_year, year, inflation) for year in long["year"].unique()}
    long["nominal_gbp"] = long["real_gbp"] * long["year"].map(factors)
    order = {name: k for k, name in enumerate(dict.fromkeys(saved["scenario"]))}
    long = long.sort_values(
        ["scenario", "year"], kind="stable", key=lambda c: c.map(order) if c.name == "scenario" else c
    )
    return long.reset_index(drop=True)


def optimism_sweep(costs: pd.DataFrame, plan: Plan, scenario: str, comparator: str) -> pd.DataFrame:
    """The net present value with every benefit reduced by a share, from 0% to 60%.

    Returns
    -------
        Columns optimism_share, net_present_value_gbp (public purse, mean over futures), futures_better.
    """
    both = costs[costs["scenario"].isin([scenario, comparator])]
    costs_share = plan.parameters.number("appraisal.optimism_bias_costs")
    rows = []
    for share in _SWEEP:
        net = savings(both, comparator, optimism_share=share, cost_optimism_share=costs_share)
        purse = net["public_purse_saving_gbp"]
        rows.append((share, float(purse.mean()), float((purse > 0.0).mean())))
    return pd.DataFrame(rows, columns=["optimism_share", "net_present_value_gbp", "futures_better"])


def optimism_at_break_even(costs: pd.DataFrame, plan: Plan, scenario: str, comparator: str) -> float:
    """Share by which expected benefits may fall short before the net present value is 0; negative if it is below.

    Raises
    ------
    LedgerError
        If there is no benefit to reduce.
    """
    both = costs[costs["scenario"].isin([scenario, comparator])]
    saved = savings(both, comparator, cost_optimism_share=plan.parameters.number("appraisal.optimism_bias_costs"))
    parts = saved[[f"{part}_saving_gbp" for part in _SERVICES]].to_numpy(np.float64)
    gains, losses = np.clip(parts, 0.0, None).sum(axis=1).mean(), np.clip(parts, None, 0.0).sum(axis=1).mean()
    return break_even_reduction_share(float(gains), float(-saved["programme_saving_gbp"].mean() - losses))
