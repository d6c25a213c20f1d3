"""The same lives at other prices: which parameters are money only, and what moves when they change.

A parameter may be changed without a new run only if nothing that was simulated depends on it. Everything else is
refused by name, with the command that would run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.items import ITEMS, Item, cashable_lag, cashable_share
from lacsim.economics.parts import CONTRIBUTION_SHARE, FUND_SHARE
from lacsim.economics.pricing import to_pence
from lacsim.economics.summary import PARTS
from lacsim.errors import LedgerError
from lacsim.parameters.sampling import Draws
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

_RULES: Final = (
    "appraisal.discount_rate",
    "appraisal.health_discount_rate",
    "appraisal.inflation",
    "appraisal.optimism_bias_benefits",
    "appraisal.optimism_bias_costs",
    "programme.coordinators_per_manager",
)
_KEYS: Final = ["scenario", "future", "year", "payer", "line", "item"]


def money_names(items: Sequence[Item] = ITEMS) -> list[str]:
    """Names of the parameters that only money depends on, sorted."""
    names = {*_RULES, CONTRIBUTION_SHARE, FUND_SHARE}
    for item in items:
        names |= {item.price} | ({item.factor_name} if item.factor_name else set())
        if item.treatment == "by_share":
            names |= {cashable_share(item.price), cashable_lag(item.price)}
    return sorted(names)


def with_prices(plan: Plan, changes: Mapping[str, object]) -> Plan:
    """The plan with some money set, in every future; its lives stay as they were.

    Raises
    ------
    LedgerError
        With every name that the simulated lives depend on.
    RegisterError
        If a name or a value is not allowed.
    """
    known = money_names()
    asked = plan.parameters.replace(changes)  # refuses what does not exist before what is not money
    faults = [
        f"{name}: what was simulated may depend on it, so money alone cannot be made again.{did_you_mean(name, known)} "
        f"Run it: lacsim run --set {name}={value}"
        for name, value in changes.items()
        if name not in known
    ]
    if faults:
        raise LedgerError(faults)
    drawn = plan.draws
    kept = [k for k, name in enumerate(drawn.names) if name not in changes]
    values = np.ascontiguousarray(np.asarray(drawn.values)[:, kept])
    draws = Draws(tuple(drawn.names[k] for k in kept), values, drawn.seed, f"{drawn.sha256} without what was set")
    return replace(plan, parameters=asked, draws=draws)


def what_moved(before: pd.DataFrame, after: pd.DataFrame, *, keys: Sequence[str] = ("item", "line")) -> pd.DataFrame:
    """Ledger against ledger: what each item came to and comes to now, mean over futures, discounted.

    Parameters
    ----------
    before, after
        Ledgers of the same scenarios, futures and years.
    keys
        Columns of the ledger to keep apart, after scenario.

    Returns
    -------
        Columns scenario, those of `keys`, before_gbp, after_gbp, moved_gbp; rows that moved, the largest first.
    """
    by = ["scenario", *keys]

    def total(costs: pd.DataFrame) -> pd.Series[float]:
        pence = pd.Series(to_pence(costs["discounted_gbp"].to_numpy()), index=costs.index)
        summed = pence.groupby([costs[k] for k in by], sort=False).sum() / 100.0 / costs["future"].nunique()
        return pd.Series(summed, dtype=np.float64)

    table = pd.concat([total(before), total(after)], axis=1, keys=["before_gbp", "after_gbp"]).fillna(0.0)
    table["moved_gbp"] = table["after_gbp"] - table["before_gbp"]
    moved = table[table["moved_gbp"].abs() >= 0.005]
    order = moved["moved_gbp"].abs().sort_values(ascending=False, kind="stable").index
    return moved.loc[order].reset_index()


def rows_that_differ(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """How many rows of two ledgers differ in their amount or discounted amount by a penny or more."""
    money = ["amount_gbp", "discounted_gbp"]
    both = before[[*_KEYS, *money]].merge(after[[*_KEYS, *money]], on=_KEYS, how="outer", suffixes=("", "_now"))
    apart = [(both[m].fillna(0.0) - both[f"{m}_now"].fillna(0.0)).abs() >= 0.005 for m in money]
    return int((apart[0] | apart[1]).sum())


def savings_side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Savings of one pair under two sets of prices, mean over futures.

    Parameters
    ----------
    before, after
        From `savings`, one scenario.

    Returns
    -------
        Columns money, before_gbp, after_gbp, moved_gbp: the parts, then public_cash and public_purse.
    """
    names = [f"{part}_saving_gbp" for part in PARTS[:-1]] + ["public_cash_saving_gbp", "public_purse_saving_gbp"]
    columns = [*names, "value_to_people_gain_gbp"]
    table = pd.DataFrame({"before_gbp": before[columns].mean(), "after_gbp": after[columns].mean()})
    table["moved_gbp"] = table["after_gbp"] - table["before_gbp"]
    table.insert(0, "money", [c.removesuffix("_gbp").removesuffix("_saving").removesuffix("_gain") for c in columns])
    return table.reset_index(drop=True)
