"""How the price of an item is divided: between payers, and between cash and freed capacity.

Each part has exactly one payer and one line, so every pound has one owner and one kind. It is the unit cost
that is divided, not the quantity: of one admission some money can leave a budget and the rest is a bed freed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from lacsim.economics.items import CASH_LINE, Item, Line, Payer
from lacsim.errors import LedgerError

PARTLY_SHARE: Final = "appraisal.cashable_partly_share"
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
    is_rest
        Whether the part is what the share leaves over.
    sign
        1 for a cost (or a value), -1 for money received.
    """

    payer: Payer
    line: Line
    share: str | None = None
    is_rest: bool = False
    sign: int = 1


def parts_of(item: Item, cashable: str | None) -> tuple[Part, ...]:
    """The parts of an item, given the cashable class of its unit cost in the register.

    Raises
    ------
    LedgerError
        If the item is divided by class and its unit cost has none.
    """
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
    cash = Part(item.payer, CASH_LINE[item.payer])
    capacity = Part(item.payer, "capacity_released")
    if cashable == "cashable":
        return (cash,)
    if cashable == "non-cashable":
        return (capacity,)
    if cashable == "partly":
        return (cash._replace(share=PARTLY_SHARE), capacity._replace(share=PARTLY_SHARE, is_rest=True))
    raise LedgerError(
        f"{item.price}: its cashable class is {cashable!r}, allowed are cashable, partly and non-cashable. "
        "Give its claim in the register a `cashable`."
    )
