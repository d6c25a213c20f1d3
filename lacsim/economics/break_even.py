"""What one would have to believe: the value of an assumption at which an option stops paying, for each purse.

A price or share is solved on the stored quantities; what lives depend on is run again with the same luck. Every
answer is tried: the balance at the value found, and its error, are part of it. `equivalents` says the same in events:
care-home years, stays or assessments that one coordinator would have to avoid in a year.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from lacsim.economics import programme
from lacsim.economics.items import ITEMS
from lacsim.economics.ledger import ledger
from lacsim.economics.pricing import Money
from lacsim.economics.repricing import money_names, with_prices
from lacsim.errors import LedgerError
from lacsim.model.stages import WEEK, YEAR
from lacsim.results import study

if TYPE_CHECKING:
    from lacsim.results.study import Results
    from lacsim.runs.plan import Plan

Purse = Literal["council", "nhs", "public_purse"]
PURSES: Final[dict[Purse, tuple[str, ...]]] = {
    "council": ("council",),
    "nhs": ("nhs", "better_care_fund"),
    "public_purse": ("council", "nhs", "better_care_fund"),
}
_WORDS: Final[dict[Purse, str]] = {
    "council": "the council alone",
    "nhs": "the NHS alone (with the Better Care Fund)",
    "public_purse": "the public purse",
}
_STEPS: Final = 40


def balance(costs: pd.DataFrame, scenario: str, against: str, purse: Purse) -> pd.Series[float]:
    """What a purse saves, programme included, cash and capacity together: discounted pounds by future."""
    paid = costs[costs["payer"].isin(PURSES[purse]) & (costs["line"] != "value_to_people")]
    total = paid.groupby(["scenario", "future"], sort=False)["discounted_gbp"].sum()
    saved: pd.Series[float] = total[against] - total[scenario]
    return saved.round(2)


@dataclass(frozen=True)
class BreakEven:
    """The value of one assumption at which an option neither costs nor saves a purse anything.

    Attributes
    ----------
    name, unit, purse
        What is varied, and for whom.
    value, now
        At break-even (None when no value in the range does it), and in use.
    balance_now_gbp
        Mean saving with the value in use, discounted.
    residual_gbp, error_gbp
        Mean saving with the value at break-even, tried again, and its standard error over futures.
    low, high
        What was searched.
    """

    name: str
    unit: str
    purse: Purse
    value: float | None
    now: float
    balance_now_gbp: float
    residual_gbp: float
    error_gbp: float
    low: float
    high: float

    @property
    def in_words(self) -> str:
        """One sentence."""
        who = _WORDS[self.purse]
        state = "saves" if self.balance_now_gbp > 0 else "costs"
        now = f"it is {_shown(self.now, self.unit)} and the option {state} £{abs(self.balance_now_gbp):,.0f}"
        if self.value is None:
            span = f"from {_shown(self.low, self.unit)} to {_shown(self.high, self.unit)}"
            return f"For {who}, no {self.name} {span} breaks even; {now}."
        return f"For {who}, {self.name} would have to be {_shown(self.value, self.unit)} to break even; {now}."


def _shown(value: float, unit: str) -> str:
    """A number with its unit, money in whole pounds."""
    if unit.startswith("£"):
        return f"£{value:,.0f}{unit[1:]}"
    return f"{value:.3g} ({unit})"


def break_even(
    results: Results, scenario: str, against: str, name: str, *, purse: Purse, low: float, high: float
) -> BreakEven:
    """The value of a parameter at which a scenario stops paying (or begins to).

    Parameters
    ----------
    results
        A run with both scenarios; its plan is run again when lives depend on the parameter, so keep it small.
    name
        A numeric parameter; set to one value in every future.
    low, high
        Where to search; the balance must change sign between them.

    Returns
    -------
        With `value` None if the balance has one sign at both ends. For a parameter of money the balance at the value
        is 0 to within rounding; otherwise to within `error_gbp`.

    Raises
    ------
    LedgerError
        If the ends are not in order.
    RegisterError
        If the parameter or an end is not allowed.
    """
    if not low < high:
        raise LedgerError(f"break-even: {name} needs low < high, found {low:g} and {high:g}. Give them in order.")
    plan = results.plan
    try_value = _priced(results, scenario, against, name, purse) if name in money_names() else None
    try_value = try_value or _lived(plan, scenario, against, name, purse)
    now = balance(ledger(results), scenario, against, purse)
    found = {end: try_value(end) for end in (low, high)}

    def answer(value: float | None, at: pd.Series[float]) -> BreakEven:
        error = float(at.std(ddof=1) / math.sqrt(len(at))) if len(at) > 1 else math.nan
        return BreakEven(
            name, plan.parameters.entry(name).unit, purse, value, plan.parameters.number(name), float(now.mean()),
            float(at.mean()), error, low, high,
        )  # fmt: skip

    left, right = low, high
    if found[left].mean() * found[right].mean() > 0.0:
        nearest = min(found, key=lambda end: abs(found[end].mean()))
        return answer(None, found[nearest])
    best, at = left, found[left]
    for _ in range(_STEPS):
        f_left, f_right = found[left].mean(), found[right].mean()
        share = 0.5 if f_right == f_left else min(max(f_left / (f_left - f_right), 0.02), 0.98)
        middle = left + (right - left) * share
        found[middle] = try_value(middle)
        if abs(found[middle].mean()) <= abs(at.mean()):
            best, at = middle, found[middle]
        if abs(at.mean()) < 0.05 or right - left < 1e-8 * max(abs(left), abs(right)):
            break
        if name not in money_names() and abs(at.mean()) < 0.5 * at.std(ddof=1) / math.sqrt(len(at)):
            break
        if found[middle].mean() * f_left > 0.0:
            left = middle
        else:
            right = middle
    return answer(best, at)


def _priced(results: Results, scenario: str, against: str, name: str, purse: Purse) -> Callable[[float], Any]:
    """The balance at a value that only money depends on, from quantities that are there."""

    def at(value: float) -> pd.Series[float]:
        plan = with_prices(results.plan, {name: value})
        return balance(ledger(_Repriced(results, plan)), scenario, against, purse)  # type: ignore[arg-type]

    return at


class _Repriced:
    """Results with another plan's money."""

    def __init__(self, results: Results, plan: Plan) -> None:
        self.plan, self.quantities = plan, results.quantities

    def values(self, future: int) -> dict[str, Any]:
        return self.plan.values(future)


def _lived(plan: Plan, scenario: str, against: str, name: str, purse: Purse) -> Callable[[float], Any]:
    """The balance at a value that lives depend on: both scenarios run again with the same luck and draws."""
    two = tuple(next(s for s in plan.scenarios if s.name == each) for each in (against, scenario))

    def at(value: float) -> pd.Series[float]:
        from lacsim.parameters.sampling import Draws

        kept = [k for k, drawn in enumerate(plan.draws.names) if drawn != name]
        values = np.ascontiguousarray(np.asarray(plan.draws.values)[:, kept])
        draws = Draws(tuple(plan.draws.names[k] for k in kept), values, plan.draws.seed, f"{name} set")
        changed = replace(plan, scenarios=two, parameters=plan.parameters.replace({name: value}), draws=draws)
        return balance(ledger(study.run(changed, jobs=1)), scenario, against, purse)

    return at


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
                f"For {_WORDS[purse]} a coordinator needs {needed:.1f} {words.split(',')[0]} avoided a year"
                f"{' (' + words.split(', ')[1] + ')' if ',' in words else ''}."
                if worth > 0.0
                else f"Fewer {words.split(',')[0]} are worth nothing to {_WORDS[purse]}."
            )
            first, each = events[0]
            now = float(lived[first, against] - lived[first, scenario]) / each / more_posts
            rows.append((purse, words, cost, worth, needed, now, said))
    columns = ["purse", "avoided", "cost_gbp", "worth_gbp", "needed", "avoided_now", "in_words"]
    return pd.DataFrame(rows, columns=columns)
