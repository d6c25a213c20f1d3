"""The ledger: quantities of the results times unit costs of the register, every row showing its working.

Amounts are whole pence: the quantity is kept to four decimals, the unit cost is rounded to the penny, and
their product to the nearest penny (halves away from zero), all in integers. So quantity × unit cost = amount
in every row, and sums do not depend on the order of adding. Every amount is a cost to its payer (money
received is negative), except on the line value_to_people, where it is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lacsim.economics.items import ITEMS, Item
from lacsim.economics.overlaps import check_overlaps
from lacsim.economics.parts import Part, parts_of
from lacsim.economics.prices import check_price_years, discount_factors
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.results.study import Results
    from lacsim.runs.plan import Plan
    from lacsim.units import Value

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

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
QUANTITY_PARTS: Final = 10_000  # a quantity is a whole number of ten-thousandths
_LARGEST = 2.0**62


def to_pence(amount_gbp: npt.ArrayLike) -> Ints:
    """Whole pence of pounds, to the nearest."""
    return np.rint(np.asarray(amount_gbp, np.float64) * 100.0).astype(np.int64)


def amount_in_pence(quantity_parts: Ints, unit_cost_pence: Ints) -> Ints:
    """Quantity × unit cost to the nearest penny, halves away from zero.

    Parameters
    ----------
    quantity_parts
        Quantities in ten-thousandths of their unit.
    unit_cost_pence
        Unit costs in pence; the shapes must go together.

    Raises
    ------
    LedgerError
        If an amount does not fit into 64 bits.
    """
    largest = float(np.abs(quantity_parts).max(initial=0)) * float(np.abs(unit_cost_pence).max(initial=0))
    if largest > _LARGEST:
        raise LedgerError(
            f"ledger: a quantity times a unit cost reaches £{largest / QUANTITY_PARTS / 100.0:.3g}, more "
            f"than the £{_LARGEST / QUANTITY_PARTS / 100.0:.3g} that can be kept to the penny. Check the "
            "unit costs."
        )
    product = quantity_parts * unit_cost_pence
    rounded: Ints = np.sign(product) * ((np.abs(product) + QUANTITY_PARTS // 2) // QUANTITY_PARTS)
    return rounded


class _Book:
    """The results as one array and the draws as one table, read once for all items.

    The axes of `cube` are scenario, future, year and measure.
    """

    def __init__(self, results: Results, items: Sequence[Item]) -> None:
        plan, yearly = results.plan, results.yearly
        self.plan: Plan = plan
        self.scenarios = [scenario.name for scenario in plan.scenarios]
        self.futures: list[int] = sorted(int(f) for f in yearly["future"].unique())
        self.years = list(plan.period.year_labels)
        self.measures = sorted({m for item in items for m in (*item.measures, *item.less)})
        self.values: list[dict[str, Value]] = [results.values(future) for future in self.futures]
        self.cube = self._cube(yearly)

    def _cube(self, yearly: pd.DataFrame) -> Floats:
        """Values of the measures, every cell filled.

        Raises
        ------
        LedgerError
            If the results lack a measure of a scenario, future and year.
        """
        keys: list[list[Any]] = [self.scenarios, self.futures, self.years, self.measures]
        cube = np.full([len(k) for k in keys], np.nan)
        columns = ("scenario", "future", "year", "measure")
        codes = [pd.Index(k).get_indexer(pd.Index(yearly[c])) for k, c in zip(keys, columns, strict=True)]
        used = np.all([code >= 0 for code in codes], axis=0)
        cube[tuple(code[used] for code in codes)] = yearly["value"].to_numpy(np.float64)[used]
        empty = np.argwhere(~np.isfinite(cube))
        if len(empty):
            first = ", ".join(str(key[k]) for key, k in zip(keys, empty[0], strict=True))
            raise LedgerError(
                f"ledger: results.yearly has no finite value for {len(empty):,} of {cube.size:,} cells, the "
                f"first is ({first}); each scenario, future, year and measure needs one. Run the plan again."
            )
        return cube

    def number(self, name: str) -> Floats:
        """A parameter in every future, shape (n_futures,)."""
        return np.array([float(values[name]) for values in self.values])

    def quantity(self, item: Item) -> Ints:
        """Quantities in ten-thousandths, shape (scenarios, futures, years).

        Posts are those of the whole area, so they are scaled like the residents when a part of them was
        simulated.
        """
        at = {measure: k for k, measure in enumerate(self.measures)}
        amount: Floats = self.cube[..., [at[m] for m in item.measures]].sum(axis=-1)
        if item.less:
            amount = amount - self.cube[..., [at[m] for m in item.less]].sum(axis=-1)
        if item.once_a_year:
            amount = (amount > 0.0).astype(np.float64)
        amount = amount * item.factor
        if item.group == "programme":
            amount = amount * self.plan.scale
        if item.factor_name is not None:
            amount = amount * self.number(item.factor_name)[:, np.newaxis]
        return np.rint(amount * QUANTITY_PARTS).astype(np.int64)

    def unit_cost(self, item: Item, part: Part) -> Ints:
        """Unit cost of a part in pence, shape (n_futures,); a share and its rest add up to the whole."""
        whole = to_pence(self.number(item.price))
        if part.share is None:
            return part.sign * whole
        share = np.rint(self.number(part.share) * whole).astype(np.int64)
        return part.sign * (whole - share if part.is_rest else share)


def ledger(results: Results, items: Sequence[Item] = ITEMS) -> pd.DataFrame:
    """Price the results: one row for each scenario, future, year and part of an item.

    Parameters
    ----------
    results
        Needs `.yearly`, `.plan` and `.values(future)`.
    items
        What is priced.

    Returns
    -------
        Columns `COLUMNS`, sorted by scenario (in the plan's order), future, year and item. `quantity` is in
        `unit`; money is in pounds of `price_year`. `discounted_gbp` counts the first year of the period in
        full.

    Raises
    ------
    LedgerError
        If unit costs are in different price years, items price the same thing twice, or results are
        incomplete.
    """
    check_overlaps(items)
    plan = results.plan
    parameters = plan.parameters
    check_price_years(parameters, (item.price for item in items))
    book = _Book(results, items)
    discount = discount_factors(len(book.years), parameters.number("appraisal.discount_rate"))
    labels: list[dict[str, str]] = []
    quantities: list[Ints] = []
    unit_costs: list[Ints] = []
    for item in items:
        quantity = book.quantity(item)
        cashable = parameters.claim(item.price).cashable
        for part in parts_of(item, cashable):
            labels.append(_labels(item, part, parameters))
            quantities.append(quantity)
            unit_costs.append(np.broadcast_to(book.unit_cost(item, part)[:, np.newaxis], quantity.shape))
    quantity = np.stack(quantities, axis=-1)
    unit_cost = np.stack(unit_costs, axis=-1)
    amount = amount_in_pence(quantity, unit_cost)
    discounted = np.rint(amount * discount[:, np.newaxis]).astype(np.int64)
    return _table(book, labels, quantity=quantity, unit_cost=unit_cost, amount=amount, discounted=discounted)


def _labels(item: Item, part: Part, parameters: Parameters) -> dict[str, str]:
    """The words of every row of one part of an item."""
    claim = parameters.claim(item.price)
    return {
        "payer": part.payer,
        "line": part.line,
        "item": item.name,
        "unit": item.unit,
        "cashable": claim.cashable or "",
        "price_year": claim.price_year or "",
        "source_id": "user" if item.price in parameters.overrides else claim.source,
        "group": item.group,
    }


def _table(
    book: _Book,
    labels: list[dict[str, str]],
    *,
    quantity: Ints,
    unit_cost: Ints,
    amount: Ints,
    discounted: Ints,
) -> pd.DataFrame:
    """Arrays of shape (scenarios, futures, years, parts) as one long table."""
    n_scenarios, n_futures, n_years, n_parts = quantity.shape
    columns: dict[str, Any] = {
        "scenario": np.repeat(book.scenarios, n_futures * n_years * n_parts),
        "future": np.tile(np.repeat(book.futures, n_years * n_parts), n_scenarios),
        "year": np.tile(np.repeat(book.years, n_parts), n_scenarios * n_futures),
        "quantity": quantity.reshape(-1) / QUANTITY_PARTS,
        "unit_cost_gbp": unit_cost.reshape(-1) / 100.0,
        "amount_gbp": amount.reshape(-1) / 100.0,
        "discounted_gbp": discounted.reshape(-1) / 100.0,
    }
    for word in labels[0]:
        columns[word] = np.tile([label[word] for label in labels], n_scenarios * n_futures * n_years)
    return pd.DataFrame(columns, columns=list(COLUMNS))
