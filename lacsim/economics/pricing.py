"""Unit costs of every part of every item, in whole pence, by future and period; and the one place that multiplies.

What a row says about itself (payer, line, source) is fixed here too. Nothing here counts anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from lacsim.economics.items import Item
from lacsim.economics.overlaps import check_overlaps
from lacsim.economics.parts import Part, available_share, parts_of
from lacsim.economics.prices import check_price_years
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    from lacsim.economics.programme import Piece
    from lacsim.parameters import Parameters
    from lacsim.runs.plan import Plan
    from lacsim.units import Value

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LARGEST = 2.0**61


def to_pence(amount_gbp: npt.ArrayLike) -> Ints:
    """Whole pence of pounds, to the nearest."""
    return np.rint(np.asarray(amount_gbp, np.float64) * 100.0).astype(np.int64)


def amount_in_pence(raw: Ints, unit_cost_pence: Ints, per_unit: Ints | int) -> Ints:
    """Quantity × unit cost to the nearest penny, halves away from zero, in whole numbers throughout.

    Parameters
    ----------
    raw
        Quantities in whole events, seconds or millionths.
    unit_cost_pence
        Unit costs in pence; the shapes must go together.
    per_unit
        How many of `raw` make one unit.

    Raises
    ------
    LedgerError
        If an amount does not fit into 64 bits.
    """
    size = np.asarray(per_unit, np.int64)
    most_cost = float(np.abs(unit_cost_pence).max(initial=0))
    largest = max(float((np.abs(raw) / size).max(initial=0.0)), 2.0 * float(size.max(initial=1))) * most_cost
    if largest > _LARGEST:
        raise LedgerError(
            f"ledger: a quantity times a unit cost reaches £{largest / 100.0:.3g}, more than the "
            f"£{_LARGEST / 100.0:.3g} that can be kept to the penny. Check the unit costs."
        )
    whole, rest = np.divmod(np.abs(raw), size)
    cost = np.abs(unit_cost_pence)
    amount = whole * cost + (2 * rest * cost + size) // (2 * size)
    signed: Ints = np.sign(raw) * np.sign(unit_cost_pence) * amount
    return signed


class Priced(NamedTuple):
    """One part of an item with everything its rows say, whatever they count.

    Attributes
    ----------
    item, part
        What it is.
    unit_cost
        Pence, shape (n_futures, n_pieces).
    labels
        The words of every row.
    """

    item: Item
    part: Part
    unit_cost: Ints
    labels: dict[str, str]


class Money:
    """Unit costs of all items in every future and period: whatever turns a count into an amount.

    Parameters
    ----------
    plan
        Of the run; its parameters' price year is the ledger's.
    values
        Parameter values by future.
    pieces
        Years or months that are priced.
    items
        What is priced.

    Raises
    ------
    LedgerError
        If items price the same thing twice, or unit costs are in different price years.
    """

    def __init__(
        self, plan: Plan, values: Sequence[dict[str, Value]], pieces: list[Piece], items: Sequence[Item]
    ) -> None:
        check_overlaps(items)
        check_price_years(plan.parameters, (item.price for item in items))
        self.plan, self.values, self.pieces = plan, values, pieces
        order = {begins: k for k, begins in enumerate(dict.fromkeys(piece.year_begins for piece in pieces))}
        at = [(order[p.year_begins], p.year_begins, p.year_ends - p.year_begins) for p in pieces]
        self._begins = np.array([k + (p.begins - y) / n for p, (k, y, n) in zip(pieces, at, strict=True)])
        self._ends = np.array([k + (p.ends - y) / n for p, (k, y, n) in zip(pieces, at, strict=True)])
        parts = [(item, part, self._unit_cost(item, part)) for item in items for part in parts_of(item)]
        self.priced = [
            Priced(item, part, cost, _labels(item, part, plan.parameters)) for item, part, cost in parts if cost.any()
        ]

    def number(self, name: str) -> Floats:
        """A parameter in every future, shape (n_futures,)."""
        return np.array([float(values[name]) for values in self.values])

    def _unit_cost(self, item: Item, part: Part) -> Ints:
        """Unit cost of a part in pence, shape (n_futures, n_pieces); a share and its rest add up to the whole."""
        price = self.number(item.price)
        if item.factor_name is not None:
            price = price * self.number(item.factor_name)
        whole = np.repeat(to_pence(price)[:, np.newaxis], len(self.pieces), axis=1)
        if part.share is None:
            return part.sign * whole
        share = np.repeat(self.number(part.share)[:, np.newaxis], len(self.pieces), axis=1)
        if part.lag is not None:
            share = share * available_share(self.number(part.lag)[:, np.newaxis], self._begins, self._ends)
        taken = np.rint(share * whole).astype(np.int64)
        return part.sign * (whole - taken if part.is_rest else taken)


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
