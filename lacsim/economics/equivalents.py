"""Break-even in events: the care-home years, stays or assessments that a coordinator would have to avoid in a year."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from lacsim.economics import programme
from lacsim.economics.break_even import PURSE_WORDS, PURSES
from lacsim.economics.items import ITEMS
from lacsim.economics.pricing import Money
from lacsim.errors import LedgerError
from lacsim.model.stages import WEEK, YEAR

if TYPE_CHECKING:
    from lacsim.results.study import Results

_EVENTS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    # what is avoided: (ledger item, how many of it go with one); a negative number is bought instead
    "care-home years, home care bought instead": (
        ("residential care, council", YEAR / WEEK), ("contribution to residential care", YEAR / WEEK),
        ("home-care package", -YEAR / WEEK), ("contribution to home care", -YEAR / WEEK),
    ),
    "care-home years, nothing bought instead": (
        ("residential care, council", YEAR / WEEK), ("contribution to residential care", YEAR / WEEK),
    ),
    "long emergency stays with A&E and ambulance": (
        ("emergency stay, long", 1.0), ("A&E attendance, admitted", 1.0), ("ambulance", 1.0),
    ),
    "needs assessments": (("needs assessment", 1.0),),
}  # fmt: skip


def equivalents(results: Results, costs: pd.DataFrame, scenario: str, against: str) -> pd.DataFrame:
    """How much one coordinator would have to avoid in a year for a purse to be even, and how much is avoided.

    Prices are means over futures in the last year, when delays of cash are over; cost is that of the whole period,
    undiscounted, for each additional post-year.

    Returns
    -------
        Columns purse, avoided, cost_gbp (of a coordinator-year to the purse), worth_gbp (of one avoided, to the
        purse), needed, avoided_now (by the scenario, for each additional post-year), in_words; `needed` is empty
        when avoiding one is worth nothing to the purse.

    Raises
    ------
    LedgerError
        If the scenario has no more posts than the comparator.
    """
    plan = results.plan
    values = [results.values(future) for future in range(1, int(costs["future"].max()) + 1)]
    money = Money(plan, values, programme.years_of(plan.period), ITEMS)
    own = costs[costs["group"] == "programme"]
    posts = own[own["item"].isin(["coordinators", "vacant coordinator posts"])].drop_duplicates(
        ["scenario", "future", "year", "item"]
    )
    extra = posts.groupby("scenario")["quantity"].sum() / len(values)
    more_posts = float(extra.get(scenario, 0.0) - extra.get(against, 0.0))
    if more_posts <= 0.0:
        raise LedgerError(
            f"break-even: {scenario} has no more post-years than {against}; found {more_posts:g} more. Compare an "
            "option with more coordinators."
        )
    counted = costs.drop_duplicates(["scenario", "future", "year", "item"]).groupby(["item", "scenario"])["quantity"]
    lived = counted.sum() / len(values)
    rows = []
    for purse, payers in PURSES.items():
        paid = own[own["payer"].isin(payers)].groupby("scenario")["amount_gbp"].sum() / len(values)
        cost = float(paid.get(scenario, 0.0) - paid.get(against, 0.0)) / more_posts
        for words, events in _EVENTS.items():
            worth = sum(
                number * float(p.unit_cost[:, -1].mean()) / 100.0
                for item, number in events
                for p in money.priced
                if p.item.name == item and p.part.payer in payers
            )
            needed = cost / worth if worth > 0.0 else math.nan
            said = (
                f"For {PURSE_WORDS[purse]} a coordinator needs {needed:.1f} {words.split(',')[0]} avoided a year"
                f"{' (' + words.split(', ')[1] + ')' if ',' in words else ''}."
                if worth > 0.0
                else f"Fewer {words.split(',')[0]} are worth nothing to {PURSE_WORDS[purse]}."
            )
            first, each = events[0]
            now = float(lived[first, against] - lived[first, scenario]) / each / more_posts
            rows.append((purse, words, cost, worth, needed, now, said))
    columns = ["purse", "avoided", "cost_gbp", "worth_gbp", "needed", "avoided_now", "in_words"]
    return pd.DataFrame(rows, columns=columns)
