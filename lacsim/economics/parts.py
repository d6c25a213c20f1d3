"""How the price of an item is divided: between payers, and between cash and freed capacity.

Each part has exactly one payer and one line, so every pound has one owner and one kind. It is the unit cost
that is divided, not the quantity: of one admission some money can leave a budget and the rest is a bed freed.
Cash needs time as well: before the register's delay is over, the whole price is capacity.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lacsim.economics.items import CASH_LINE, Item, Line, Payer, cashable_lag, cashable_share

FUND_SHARE: Final = "programme.better_care_fund_share"
CONTRIBUTION_SHARE: Final = "appraisal.client_contribution_share"


class Part(NamedTuple):
    """The part of an item's unit cost that falls on one payer and one line.

    Attributes
    ----------
    payer, line
        Who pays, and what kind of money it is.
    share
        Register name of the share of the unit cost, or None for all of it.
    lag
        Register name of the years until the share holds, or None for at once.
    is_rest
        Whether the part is what the share leaves over.
    sign
        1 for a cost (or a value), -1 for money received.
    """

    payer: Payer
    line: Line
    share: str | None = None
    lag: str | None = None
    is_rest: bool = False
    sign: int = 1


def parts_of(item: Item) -> tuple[Part, ...]:
    """The parts of an item; their unit costs add up to its own (a contribution's to nothing)."""
    if item.treatment == "programme":
        return (
            Part("better_care_fund", CASH_LINE["better_care_fund"], FUND_SHARE),
            Part("council", CASH_LINE["council"], FUND_SHARE, is_rest=True),
        )
    if item.treatment == "contribution":
        return (
            Part("council", CASH_LINE["council"], CONTRIBUTION_SHARE, sign=-1),
            Part("resident", CASH_LINE["resident"], CONTRIBUTION_SHARE),
        )
    if item.treatment == "own_money":
        return (Part("resident", CASH_LINE["resident"]),)
    if item.treatment == "value":
        return (Part(item.payer, "value_to_people"),)
    if item.treatment == "cash":
        return (Part(item.payer, CASH_LINE[item.payer]),)
    share, lag = cashable_share(item.price), cashable_lag(item.price)
    return (
        Part(item.payer, CASH_LINE[item.payer], share, lag),
        Part(item.payer, "capacity_released", share, lag, is_rest=True),
    )


def available_share(lag_years: npt.ArrayLike, begins: npt.ArrayLike, ends: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Part of a time, from `begins` to `ends`, that lies after a delay; all in years from the first day."""
    lag, first, last = (np.asarray(x, np.float64) for x in (lag_years, begins, ends))
    return np.clip((last - lag) / (last - first), 0.0, 1.0)
