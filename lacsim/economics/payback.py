"""When an option has paid for itself: money month by month, cumulated, undiscounted, in real pounds.

Quantities fall in the month they happen; a year's membership and a post-year accrue by the day. A month's amount is
rounded once. Where a delay of cash ends within a year, months say so more finely than the ledger's years do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from lacsim.economics.counts import Counts
from lacsim.economics.items import ITEMS
from lacsim.economics.pricing import Ints, Money, amount_in_pence
from lacsim.economics.programme import months_of
from lacsim.economics.summary import PARTS, PROGRAMME, PUBLIC_CASH, PUBLIC_PURSE, Optimism, optimism_of

if TYPE_CHECKING:
    from lacsim.results.study import Results


def monthly_savings(results: Results, scenario: str, against: str) -> pd.DataFrame:
    """What an option saves in each month and future, and since the first; a saving is positive.

    Parameters
    ----------
    results
        Needs `.quantities_monthly`, `.month_labels`, `.plan` and `.values(future)`.

    Returns
    -------
        Columns future, month, public_purse_saving_gbp, public_cash_saving_gbp, and both again with
        `cumulative_` before. Benefits and extra programme cost carry the plan's optimism shares.
    """
    plan, counted, labels = results.plan, results.quantities_monthly, results.month_labels
    values = [results.values(future) for future in range(1, int(counted["future"].max()) + 1)]
    pieces = months_of(plan.period)
    money = Money(plan, values, pieces, ITEMS)
    counts = Counts(plan, values, counted, ITEMS, pieces=pieces, key="month", labels=labels)
    a, b = counts.scenarios.index(against), counts.scenarios.index(scenario)
    pence: dict[str, Ints] = {part: np.zeros((len(values), len(labels)), np.int64) for part in PARTS}
    for priced in money.priced:
        found = counts.of(priced.item).sum(axis=-1)
        part = PROGRAMME if priced.item.group == PROGRAMME else priced.part.line
        pence[part] += amount_in_pence(found[a] - found[b], priced.unit_cost, priced.item.per_unit)
    shares = optimism_of(plan.parameters)
    real = {part: _with_optimism(amount, part, shares) for part, amount in pence.items()}
    table = pd.DataFrame(
        {"future": np.repeat(counts.futures, len(labels)), "month": np.tile(labels, len(counts.futures))}
    )
    for name, parts in (("public_purse", PUBLIC_PURSE), ("public_cash", PUBLIC_CASH)):
        total = np.sum([real[part] for part in parts], axis=0)
        table[f"{name}_saving_gbp"] = total.reshape(-1) / 100.0
        table[f"cumulative_{name}_saving_gbp"] = total.cumsum(axis=1).reshape(-1) / 100.0
    return table


def _with_optimism(pence: Ints, part: str, shares: Optimism) -> npt.NDArray[np.float64]:
    """Months of one part, corrected by what the part comes to over the whole period, as in `savings`."""
    total = pence.sum(axis=1, keepdims=True)
    if part == PROGRAMME:
        return pence.astype(np.float64) * np.where(total < 0, 1.0 + shares["cost_optimism_share"], 1.0)
    return pence.astype(np.float64) * np.where(total > 0, 1.0 - shares["optimism_share"], 1.0)


def payback_month(cumulative: npt.ArrayLike) -> int | None:
    """The first month (from 1) from which the cumulative saving is never below 0 again, or None.

    An option that spends nothing more and saves nothing has paid back in month 1.

    Examples
    --------
    >>> payback_month([-10.0, -4.0, 1.0, 3.0])
    3
    >>> payback_month([5.0, -1.0]) is None
    True
    """
    below = np.flatnonzero(np.asarray(cumulative, np.float64) < 0.0)
    if not len(below):
        return 1
    last = int(below[-1]) + 1
    return last + 1 if last < np.size(cumulative) else None


def payback(results: Results, scenario: str, against: str, money: str = "public_purse") -> pd.DataFrame:
    """Payback month of every future; empty (<NA>) where it does not pay back within the period.

    Parameters
    ----------
    money
        `public_purse` (with capacity) or `public_cash`.

    Returns
    -------
        Columns future, payback_month (whole months from 1).
    """
    table = monthly_savings(results, scenario, against)
    months = {
        future: payback_month(found[f"cumulative_{money}_saving_gbp"])
        for future, found in table.groupby("future", sort=True)
    }
    return pd.DataFrame({"future": list(months), "payback_month": pd.array(list(months.values()), dtype="Int64")})


def in_words(paid: pd.DataFrame) -> str:
    """The median payback month of the futures that pay back, and the share that never do."""
    n, never = len(paid), int(paid["payback_month"].isna().sum())
    share = f"{100.0 * never / n:.0f} in 100 futures" if n >= 100 else f"{never} of {n} futures"
    if never == n:
        return "It does not pay back within the period in any future."
    median = int(np.ceil(paid["payback_month"].dropna().astype(float).median()))
    return (
        f"It pays back in month {median} (median of the futures that do); in {share} it never does within the period."
    )
