"""The ledger: quantities of the results times unit costs of the register, every row showing its working.

Quantities are whole events, whole person-seconds or millionths of a post-year; unit costs are whole pence. A row's
amount is their exact product, rounded once, at the row, to the nearest penny (halves away from zero). Nothing is
rounded before, so the accounts of single residents add up exactly to a ward's and the wards' to the city's
(`lacsim.economics.accounts`); rounded rows of wards may differ from the rounded row of the city by pennies. Every
amount is a cost to its payer (money received is negative), except on the line value_to_people, where it is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lacsim.economics import programme
from lacsim.economics.counts import Counts
from lacsim.economics.items import ITEMS, Item
from lacsim.economics.prices import discount_factors
from lacsim.economics.pricing import Ints, Money, amount_in_pence
from lacsim.results.columns import labelled

if TYPE_CHECKING:
    from lacsim.results.study import Results

COLUMNS: Final = (
    "scenario",
    "future",
    "year",
    "payer",
    "line",
    "item",
    "quantity",
    "unit",
    "unit_cost_gbp",
    "amount_gbp",
    "discounted_gbp",
    "cashable",
    "price_year",
    "source_id",
    "group",
)
WARD_COLUMNS: Final = (*COLUMNS[:3], "ward", *COLUMNS[3:])
_VALUE_LINE: Final = "value_to_people"


def ledger(results: Results, items: Sequence[Item] = ITEMS) -> pd.DataFrame:
    """Price the results: one row for each scenario, future, year and part of an item.

    Parameters
    ----------
    results
        Needs `.quantities`, `.plan` and `.values(future)`.
    items
        What is priced.

    Returns
    -------
        Columns `COLUMNS`, sorted by scenario (in the plan's order), future, year and item. `quantity` is in
        `unit`; money is in pounds of `price_year`. `discounted_gbp` counts the first year of the period in
        full, value to people at the health rate. A part whose unit cost is £0 throughout has no rows.

    Raises
    ------
    LedgerError
        If unit costs are in different price years, items price the same thing twice, or results are
        incomplete.
    """
    money, counts = _read(results, items)
    of_city = [counts.of(p.item).sum(axis=-1)[..., np.newaxis] for p in money.priced]
    return _table(money, counts, of_city, is_by_ward=False)


def ward_ledger(
    results: Results, items: Sequence[Item] = ITEMS, *, scenarios: Sequence[str] | None = None
) -> pd.DataFrame:
    """As `ledger`, with a row for each ward; what belongs to no ward stands under `programme.CITY`.

    Rows are rounded ward by ward, so their sum may differ from the city's row by pennies.

    Parameters
    ----------
    scenarios
        Only these, in this order; all if not given.

    Returns
    -------
        Columns `WARD_COLUMNS`; rows whose quantity is 0 are left out.
    """
    money, counts = _read(results, items)
    wanted = counts.scenarios if scenarios is None else list(scenarios)
    at = [counts.scenarios.index(name) for name in wanted]
    counts.scenarios = wanted
    return _table(money, counts, [counts.of(p.item)[at] for p in money.priced], is_by_ward=True)


def paired_ledger(results: Results, scenario: str, against: str, items: Sequence[Item] = ITEMS) -> pd.DataFrame:
    """Comparator minus scenario, row by row: the exact difference of quantities, priced and rounded once.

    Returns
    -------
        Columns of `WARD_COLUMNS` with the scenario's name; a positive amount is a saving (on value_to_people, a
        loss). Rows without a difference are left out.
    """
    money, counts = _read(results, items)
    a, b = counts.scenarios.index(against), counts.scenarios.index(scenario)
    raw = []
    for p in money.priced:
        found = counts.of(p.item)
        raw.append((found[a] - found[b])[np.newaxis])
    counts.scenarios = [scenario]
    return _table(money, counts, raw, is_by_ward=True)


def _read(results: Results, items: Sequence[Item]) -> tuple[Money, Counts]:
    plan, counted = results.plan, results.quantities
    values = [results.values(future) for future in range(1, int(counted["future"].max()) + 1)]
    pieces = programme.years_of(plan.period)
    money = Money(plan, values, pieces, items)
    labels = list(plan.period.year_labels)
    return money, Counts(plan, values, counted, items, pieces=pieces, key="year", labels=labels)


def _table(money: Money, counts: Counts, raw: list[Ints], *, is_by_ward: bool) -> pd.DataFrame:
    """Quantities of shape (scenarios, futures, years, wards) by part as one long table; by ward, without zeros."""
    parameters, n_years = money.plan.parameters, len(counts.periods)
    rates = {
        line: discount_factors(n_years, parameters.number(name))
        for line, name in ((_VALUE_LINE, "appraisal.health_discount_rate"), ("", "appraisal.discount_rate"))
    }
    quantity = np.stack(raw, axis=-1)
    unit_cost = np.stack([p.unit_cost for p in money.priced], axis=-1)[np.newaxis, :, :, np.newaxis, :]
    per_unit = np.array([p.item.per_unit for p in money.priced], np.int64)
    amount = amount_in_pence(quantity, unit_cost, per_unit)
    factor = np.stack([rates.get(p.labels["line"], rates[""]) for p in money.priced], axis=-1)
    discounted = np.rint(amount * factor[:, np.newaxis, :]).astype(np.int64)
    at = np.flatnonzero(quantity) if is_by_ward else np.arange(quantity.size)
    scenario, future, year, ward, part = np.unravel_index(at, quantity.shape)
    table: dict[str, Any] = {
        "scenario": labelled(counts.scenarios, scenario),
        "future": np.array(counts.futures)[future],
        "year": labelled(counts.periods, year),
        "quantity": (quantity / per_unit).reshape(-1)[at],
        "unit_cost_gbp": np.broadcast_to(unit_cost, quantity.shape).reshape(-1)[at] / 100.0,
        "amount_gbp": amount.reshape(-1)[at] / 100.0,
        "discounted_gbp": discounted.reshape(-1)[at] / 100.0,
    }
    if is_by_ward:
        table["ward"] = labelled([*counts.wards, programme.CITY], ward)
    for word, first in money.priced[0].labels.items():
        of_part = [p.labels[word] for p in money.priced]
        table[word] = labelled(of_part, part) if isinstance(first, str) else np.array(of_part)[part]
    return pd.DataFrame(table, columns=list(WARD_COLUMNS if is_by_ward else COLUMNS))
