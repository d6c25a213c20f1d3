"""Quantities of a run as one array of whole numbers: what was lived, and what the programme bought beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lacsim.economics.items import Item
from lacsim.economics.programme import MEASURES, Piece, programme_quantities
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan
    from lacsim.units import Value

Ints = npt.NDArray[np.int64]


class Counts:
    """Quantities of a run as one array; the axes are scenario, future, period, ward and measure.

    The last ward is `programme.CITY`, for what belongs to no ward.

    Parameters
    ----------
    counted
        `results.quantities` or `results.quantities_monthly`: key columns, then whole numbers.
    key
        Column of the periods.
    labels
        Periods in order.

    Raises
    ------
    LedgerError
        If a scenario, future, period, ward or measure is missing.
    """

    def __init__(
        self,
        plan: Plan,
        values: Sequence[dict[str, Value]],
        counted: pd.DataFrame,
        items: Sequence[Item],
        *,
        pieces: list[Piece],
        key: str,
        labels: list[str],
    ) -> None:
        self.scenarios = [scenario.name for scenario in plan.scenarios]
        self.futures: list[int] = list(range(1, len(values) + 1))
        self.periods = labels
        self.wards = list(plan.area.ward_names)
        lived = sorted({m for item in items for m in (*item.measures, *item.less)} - set(MEASURES))
        self.measures = [*lived, *MEASURES]
        keys: dict[str, list[Any]] = {"scenario": self.scenarios, "future": self.futures, key: labels}
        by_ward = "ward" in counted.columns
        if by_ward:
            keys["ward"] = self.wards
        cube = _filled(counted, keys, lived)
        bought = self._bought(plan, values, pieces)
        if by_ward:
            nobody = np.zeros((*cube.shape[:3], 1, len(lived)), np.int64)
            cube = np.concatenate([cube, nobody], axis=3)
        else:
            cube, bought = cube[..., np.newaxis, :], bought.sum(axis=3, keepdims=True)
        self.cube = np.concatenate([cube, bought], axis=-1)

    def _bought(self, plan: Plan, values: Sequence[dict[str, Value]], pieces: list[Piece]) -> Ints:
        """What the programme bought; scaled like the residents when a part of them was simulated."""
        bought = np.stack(
            [programme_quantities(scenario, plan.period, self.wards, values, pieces) for scenario in plan.scenarios]
        )
        return bought if plan.scale == 1.0 else np.rint(bought * plan.scale).astype(np.int64)

    def of(self, item: Item) -> Ints:
        """Whole events, seconds or millionths of an item, shape (scenarios, futures, periods, wards)."""
        at = {measure: k for k, measure in enumerate(self.measures)}
        amount: Ints = self.cube[..., [at[m] for m in item.measures]].sum(axis=-1)
        if item.less:
            amount = amount - self.cube[..., [at[m] for m in item.less]].sum(axis=-1)
        return amount


def _filled(counted: pd.DataFrame, keys: dict[str, list[Any]], measures: list[str]) -> Ints:
    """The counts as an array with one axis for each key and the measures last, every cell filled.

    Raises
    ------
    LedgerError
        If something is missing.
    """
    lacking = [m for m in measures if m not in counted.columns]
    if lacking:
        raise LedgerError(
            f"ledger: results.quantities has no measure {', '.join(lacking)}; the items that are priced need "
            "it. Run the plan again."
        )
    shape = [len(k) for k in keys.values()]
    cube = np.zeros((*shape, len(measures)), np.int64)
    seen = np.zeros(shape, bool)
    codes = [pd.Index(k).get_indexer(pd.Index(counted[c])) for c, k in keys.items()]
    used = np.all([code >= 0 for code in codes], axis=0)
    at = tuple(code[used] for code in codes)
    cube[at] = counted.loc[used, measures].to_numpy(np.int64)
    seen[at] = True
    empty = np.argwhere(~seen)
    if len(empty):
        first = ", ".join(str(key[k]) for key, k in zip(keys.values(), empty[0], strict=True))
        raise LedgerError(
            f"ledger: results.quantities has no row for {len(empty):,} of {seen.size:,} cells, the first is "
            f"({first}); each scenario, future, period and ward needs one. Run the plan again."
        )
    return cube
