"""Money: unit costs of one price year, a ledger that shows its working, sums that keep kinds of money apart.

Council cash, NHS cash, capacity released and value to people are separate lines; what residents pay is a
fifth that is no part of the public purse. Avoided is not saved, and saved is not cash.
"""

from __future__ import annotations

from lacsim.economics.items import ITEMS, LINES, Item
from lacsim.economics.ledger import COLUMNS, WARD_COLUMNS, ledger, ward_ledger
from lacsim.economics.prices import discount_factor, discount_factors, to_price_year
from lacsim.economics.ratios import (
    break_even_reduction_share,
    gross_ratio,
    net_ratio,
    ratio_of_expectations,
    return_percent,
)
from lacsim.economics.summary import line_totals, optimism_of, savings, summary, totals

__all__ = [
    "COLUMNS",
    "ITEMS",
    "LINES",
    "WARD_COLUMNS",
    "Item",
    "break_even_reduction_share",
    "discount_factor",
    "discount_factors",
    "gross_ratio",
    "ledger",
    "line_totals",
    "net_ratio",
    "optimism_of",
    "ratio_of_expectations",
    "return_percent",
    "savings",
    "summary",
    "to_price_year",
    "totals",
    "ward_ledger",
]
