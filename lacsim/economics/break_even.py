"""What one would have to believe: the value of an assumption at which an option stops paying, for each purse.

A price or share is solved on the stored quantities; what lives depend on is run again with the same luck. Every
answer is tried: the balance at the value found, and its error, are part of it. The same in events that a coordinator
would have to avoid stands in `lacsim.economics.equivalents`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from lacsim.economics.attribution import EFFECTS
from lacsim.economics.ledger import ledger
from lacsim.economics.repricing import money_names, with_prices
from lacsim.errors import LedgerError
from lacsim.parameters.distributions import ppf
from lacsim.parameters.entries import Fixed
from lacsim.parameters.sampling import Draws
from lacsim.results import study

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.results.study import Results
    from lacsim.runs.plan import Plan

Purse = Literal["council", "nhs", "public_purse"]
PURSES: Final[dict[Purse, tuple[str, ...]]] = {
    "council": ("council",),
    "nhs": ("nhs", "better_care_fund"),
    "public_purse": ("council", "nhs", "better_care_fund"),
}
PURSE_WORDS: Final[dict[Purse, str]] = {
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
        who = PURSE_WORDS[self.purse]
        state = "saves" if self.balance_now_gbp > 0 else "costs"
        now = f"it is {_shown(self.now, self.unit)} and the option {state} £{abs(self.balance_now_gbp):,.0f} on average"
        if self.value is None:
            span = f"from {_shown(self.low, self.unit)} to {_shown(self.high, self.unit)}"
            return f"For {who}, no {self.name} {span} breaks even; {now}."
        return f"For {who}, {self.name} would have to be {_shown(self.value, self.unit)} to break even; {now}."


def _shown(value: float, unit: str) -> str:
    """A number with its unit, money in whole pounds."""
    if unit.startswith("£"):
        return f"£{round(value):,}{unit[1:]}"
    return f"{value:.4g} ({unit})"


def break_even(
    results: Results,
    scenario: str,
    against: str,
    name: str,
    *,
    purse: Purse,
    low: float,
    high: float,
    ledger_at: Callable[[float], pd.DataFrame] | None = None,
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
    ledger_at
        From `ledgers_of`, to share runs between purses.

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
    costs_at = ledger_at or ledgers_of(results, scenario, against, name)

    def try_value(value: float) -> pd.Series[float]:
        return balance(costs_at(value), scenario, against, purse)

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


def ledgers_of(results: Results, scenario: str, against: str, name: str) -> Callable[[float], pd.DataFrame]:
    """The ledger of both scenarios at any value of a parameter, each value made once.

    What only money depends on is priced on the quantities that are there; anything else is run again with the same
    luck and draws.
    """
    plan = results.plan
    two = tuple(next(s for s in plan.scenarios if s.name == each) for each in (against, scenario))

    @cache
    def priced(value: float) -> pd.DataFrame:
        return ledger(_Repriced(results, with_prices(plan, {name: value})))  # type: ignore[arg-type]

    @cache
    def lived(value: float) -> pd.DataFrame:
        kept = [k for k, drawn in enumerate(plan.draws.names) if drawn != name]
        values = np.ascontiguousarray(np.asarray(plan.draws.values)[:, kept])
        draws = Draws(tuple(plan.draws.names[k] for k in kept), values, plan.draws.seed, f"{name} set")
        changed = replace(plan, scenarios=two, parameters=plan.parameters.replace({name: value}), draws=draws)
        return ledger(study.run(changed, jobs=1))

    return priced if name in money_names() else lived


class _Repriced:
    """Results with another plan's money."""

    def __init__(self, results: Results, plan: Plan) -> None:
        self.plan, self.quantities = plan, results.quantities

    def values(self, future: int) -> dict[str, Any]:
        return self.plan.values(future)


def span_of_evidence(parameters: Parameters, name: str) -> tuple[float, float]:
    """From the lowest to the highest that any claim about a number admits (5th and 95th percentiles).

    Exact claims that agree give a tenth either way, within the register's range.
    """
    entry = parameters.entry(name)
    ends: list[float] = []
    for claim in entry.claims.values():
        if isinstance(claim.spread, Fixed):
            ends.append(float(claim.value))
        else:
            ends += [float(x) for x in ppf(claim.spread, float(claim.value), [0.05, 0.95])]
    low, high = min(ends), max(ends)
    if low == high:
        low, high = (0.9 * low, 1.1 * high) if low else (0.0, 0.1)
    assert entry.range is not None
    return max(low, float(entry.range[0])), min(high, float(entry.range[1]))


def searched(parameters: Parameters, name: str) -> tuple[float, float]:
    """Where break-even is looked for: beyond the evidence, within the register's range.

    Ten times beyond for what only money depends on (down to the range's end), three times for what lives depend on.
    """
    low, high = span_of_evidence(parameters, name)
    ends = parameters.entry(name).range
    assert ends is not None
    is_money = name in money_names()
    far = 10.0 if is_money else 3.0
    return (float(ends[0]) if is_money else max(low / far, float(ends[0]))), min(high * far or 1.0, float(ends[1]))


def break_even_table(results: Results, scenario: str, against: str, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Break-even of every assumption for each purse, and whether any source admits the value.

    Parameters
    ----------
    names
        Parameters; if not given, all that money depends on and the effects (a) to (j). Effects are run again, at least
        twice each, so keep the run small.

    Returns
    -------
        Columns parameter, unit, purse, now, low, high (5th and 95th percentiles over all claims), break_even (empty
        when nothing in `searched` does it), within_evidence, balance_now_gbp, residual_gbp, error_gbp, in_words.
    """
    chosen = list(names) if names is not None else [*money_names(), *(e.parameter for e in EFFECTS.values())]
    rows = []
    for name in chosen:
        low, high = span_of_evidence(results.plan.parameters, name)
        first, last = searched(results.plan.parameters, name)
        costs_at = ledgers_of(results, scenario, against, name)
        for purse in PURSES:
            b = break_even(results, scenario, against, name, purse=purse, low=first, high=last, ledger_at=costs_at)
            value = math.nan if b.value is None else b.value
            within = low <= value <= high
            words = b.in_words
            if b.value is not None and not within:
                span = f"{_shown(low, b.unit)} to {_shown(high, b.unit)}"
                words = f"{words.removesuffix('.')}. No source gives it; they give {span}."
            rows.append(
                (name, b.unit, purse, b.now, low, high, value, within, b.balance_now_gbp, b.residual_gbp,
                 b.error_gbp, words)
            )  # fmt: skip
    columns = [
        "parameter", "unit", "purse", "now", "low", "high", "break_even", "within_evidence", "balance_now_gbp",
        "residual_gbp", "error_gbp", "in_words",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
