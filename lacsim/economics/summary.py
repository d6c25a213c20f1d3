"""Totals of a ledger and differences between scenarios, with every kind of money under its own name.

The parts do not overlap: the programme is kept apart from the services it may relieve, cash from capacity,
and both from what residents pay and from value to people. All sums are made in whole pence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypedDict

import pandas as pd

from lacsim.economics.pricing import to_pence
from lacsim.errors import LedgerError
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.runs.plan import Plan

PROGRAMME: Final = "programme"
# The parts a total is made of; services only, except the first.
PARTS: Final = (
    PROGRAMME,
    "council_cash",
    "nhs_cash",
    "capacity_released",
    "resident_cash",
    "value_to_people",
)
PUBLIC_CASH: Final = (PROGRAMME, "council_cash", "nhs_cash")
PUBLIC_PURSE: Final = (*PUBLIC_CASH, "capacity_released")
_GAIN = "value_to_people"


def _in_pence(costs: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sums of amount and discounted amount in pence, by keys, in order of first appearance."""
    pence = costs[keys].assign(
        amount=to_pence(costs["amount_gbp"].to_numpy()),
        discounted=to_pence(costs["discounted_gbp"].to_numpy()),
    )
    return pence.groupby(keys, sort=False, observed=True)[["amount", "discounted"]].sum().reset_index()


def line_totals(costs: pd.DataFrame, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Total of each line, by scenario and future and whatever else is asked for.

    Parameters
    ----------
    costs
        A ledger.
    by
        Further columns of the ledger to keep apart, for example `("year",)` or `("payer", "group")`.

    Returns
    -------
        Columns scenario, future, those of `by`, line, amount_gbp, discounted_gbp. Here the programme is on
        the lines of those who pay it.
    """
    summed = _in_pence(costs, ["scenario", "future", *by, "line"])
    summed["amount_gbp"] = summed.pop("amount") / 100.0
    summed["discounted_gbp"] = summed.pop("discounted") / 100.0
    return summed


def _parts(costs: pd.DataFrame, by: tuple[str, ...], money: str = "discounted") -> pd.DataFrame:
    """Pence of each part (`money`: discounted, or amount), one row per scenario, future and `by`."""
    part = costs["line"].where(costs["group"] != PROGRAMME, PROGRAMME)
    keys = ["scenario", "future", *by]
    summed = _in_pence(costs.assign(part=part), [*keys, "part"])
    long = summed.set_index([*keys, "part"])[money]
    wide = long.unstack("part", fill_value=0, sort=False)  # noqa: PD010 (keeps integers and order)
    return wide.reindex(columns=list(PARTS), fill_value=0)


def totals(costs: pd.DataFrame, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Discounted total of each part for each scenario and future, wide.

    Returns
    -------
        Columns scenario, future, those of `by`, then in discounted pounds: `programme_gbp` (coordination
        itself, whoever pays), `council_cash_gbp` and `nhs_cash_gbp` (services), `capacity_released_gbp`,
        `resident_cash_gbp`, `value_to_people_gbp` (a value, not a cost), `public_cash_gbp` (programme,
        council and NHS cash) and `public_purse_gbp` (the same with capacity).
    """
    parts = _parts(costs, by)
    wide = pd.DataFrame({f"{part}_gbp": parts[part] / 100.0 for part in PARTS})
    wide["public_cash_gbp"] = parts[list(PUBLIC_CASH)].sum(axis=1) / 100.0
    wide["public_purse_gbp"] = parts[list(PUBLIC_PURSE)].sum(axis=1) / 100.0
    return wide.reset_index()


def savings(
    costs: pd.DataFrame,
    comparator: str,
    *,
    by: tuple[str, ...] = (),
    optimism_share: float = 0.0,
    cost_optimism_share: float = 0.0,
    money: Literal["discounted", "amount"] = "discounted",
) -> pd.DataFrame:
    """Comparator minus scenario for each part and future; positive is good.

    Parameters
    ----------
    costs
        A ledger.
    comparator
        Scenario the others are compared with.
    by
        Further columns of the ledger to keep apart.
    optimism_share
        Share taken off every benefit (`appraisal.optimism_bias_benefits`), 0 to 1. Costs, and services that
        cost more than before, are counted in full.
    cost_optimism_share
        Share added to what the programme costs more (`appraisal.optimism_bias_costs`), 0 to 1.
    money
        `discounted`, or `amount` for pounds of the year they fall in.

    Returns
    -------
        Columns scenario, comparator, future, those of `by`, then in (discounted) pounds `<part>_saving_gbp` for
        the parts of `totals`, and `value_to_people_gain_gbp` (scenario minus comparator), which is in no
        saving. The saving on the programme is negative when the scenario spends more on it. Capacity is
        avoided cost, not cash.

    Raises
    ------
    LedgerError
        If the ledger has no such comparator, or the optimism share lies outside 0 to 1.
    """
    names = costs["scenario"].unique().tolist()
    if comparator not in names:
        raise LedgerError(
            f"comparator '{comparator}' is not a scenario of this ledger.{did_you_mean(comparator, names)} "
            f"Use {', '.join(names)}."
        )
    for key, share in (("benefits", optimism_share), ("costs", cost_optimism_share)):
        if not 0.0 <= share <= 1.0:
            raise LedgerError(
                f"appraisal.optimism_bias_{key}: must lie between 0 and 1, found {share:g}. Give a share."
            )
    parts = _parts(costs, by, money)
    scenario = parts.index.get_level_values("scenario")
    base = parts[scenario == comparator].droplevel("scenario")
    frames = []
    for name in names:
        if name == comparator:
            continue
        pence = base.sub(parts[scenario == name].droplevel("scenario"), fill_value=0)
        pence[_GAIN] = -pence[_GAIN]
        if optimism_share:
            services = pence[list(PARTS[1:])]
            pence[list(PARTS[1:])] = services.where(services <= 0, (services * (1.0 - optimism_share)).round())
        if cost_optimism_share:
            own = pence[PROGRAMME]
            pence[PROGRAMME] = own.where(own >= 0, (own * (1.0 + cost_optimism_share)).round())
        frames.append(_saving_columns(pence, name, comparator))
    if not frames:
        raise LedgerError(
            f"ledger: '{comparator}' is its only scenario, a comparison needs at least two. Run another too."
        )
    return pd.concat(frames, ignore_index=True)


def _saving_columns(pence: pd.DataFrame, scenario: str, comparator: str) -> pd.DataFrame:
    """Differences in pence as named columns in pounds, with the two public sums."""
    named = pd.DataFrame({f"{part}_saving_gbp": pence[part] / 100.0 for part in PARTS if part != _GAIN})
    named["public_cash_saving_gbp"] = pence[list(PUBLIC_CASH)].sum(axis=1) / 100.0
    named["public_purse_saving_gbp"] = pence[list(PUBLIC_PURSE)].sum(axis=1) / 100.0
    named["value_to_people_gain_gbp"] = pence[_GAIN] / 100.0
    named = named.reset_index()
    named.insert(0, "scenario", scenario)
    named.insert(1, "comparator", comparator)
    return named


class Optimism(TypedDict):
    """Both corrections for optimism, as `savings` takes them."""

    optimism_share: float
    cost_optimism_share: float


def optimism_of(parameters: Parameters) -> Optimism:
    """The corrections for optimism of a parameter set."""
    return {
        "optimism_share": parameters.number("appraisal.optimism_bias_benefits"),
        "cost_optimism_share": parameters.number("appraisal.optimism_bias_costs"),
    }


def summary(costs: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Totals of every scenario and future, with the savings against the plan's first scenario beside them.

    Savings allow for optimism (`appraisal.optimism_bias_benefits` and `_costs`); the first scenario's are 0.

    Returns
    -------
        Columns of `totals`, comparator, then those of `savings`; money in discounted pounds.
    """
    comparator = plan.scenarios[0].name
    wide = totals(costs)
    wide["comparator"] = comparator
    if len(plan.scenarios) == 1:
        return wide
    saved = savings(costs, comparator, **optimism_of(plan.parameters))
    merged = wide.merge(saved, on=["scenario", "comparator", "future"], how="left", sort=False)
    columns = [c for c in saved.columns if c.endswith(("_saving_gbp", "_gain_gbp"))]
    merged[columns] = merged[columns].fillna(0.0)
    return merged
