"""Which effect of coordination the money comes from: an exact Shapley split over the effects (a) to (j).

Effects act on each other, so what one adds depends on which are there already. Its bar is the average of what it adds
over all orders of adding them. Every subset of effects is lived with the same luck, so bars add up exactly, in whole
pence and fractions of them, and do not depend on the order in which effects are named. With n effects this is 2^n
runs: use a part of the residents, and mind the error beside each bar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from lacsim.economics.ledger import ledger
from lacsim.economics.pricing import to_pence
from lacsim.economics.summary import savings
from lacsim.errors import LedgerError
from lacsim.parameters.sampling import Draws
from lacsim.results import study
from lacsim.runs.backends import map_futures
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

P = TypeVar("P", bound=Hashable)


class Effect(NamedTuple):
    """One effect: what it is called, and the parameter values at which it does nothing.

    Attributes
    ----------
    parameter, null
        Its strength, and the value without effect.
    also
        Further values without which lives differ even at no strength: who meets a coordinator first waits elsewhere.
    """

    words: str
    parameter: str
    null: float
    also: tuple[tuple[str, float], ...] = ()

    @property
    def off(self) -> dict[str, float]:
        """Every parameter value that switches the effect off."""
        return {self.parameter: self.null, **dict(self.also)}


EFFECTS: Final[Mapping[str, Effect]] = {
    "a": Effect(
        "a coordinator at the front door",
        "effects.front_door_help_found",
        0.0,
        (("coordination.front_door_offer_share", 0.0), ("coordination.advice_share", 0.0)),
    ),
    "b": Effect("difficulties pass sooner", "effects.difficulty_passes_hr", 1.0),
    "c": Effect("emergency admissions", "effects.admission_hr", 1.0),
    "d": Effect("getting home after a stay", "effects.hospital_stay_ratio", 1.0),
    "e": Effect("entry to residential care", "effects.care_need_hr", 1.0),
    "f": Effect("closure of open cases", "effects.case_closes_hr", 1.0),
    "g": Effect("community capacity", "effects.ward_difficulty_fall_per_coordinator_year", 0.0),
    "h": Effect("unmet need uncovered", "effects.unmet_need_hr", 1.0),
    "i": Effect("effects last after support ends", "effects.carry_over_mean_days", 0.0),
    "j": Effect("displacement", "effects.displacement_hr", 1.0),
}
BASE: Final = "the programme without these effects"
ALL: Final = "all together"
_MOST: Final = 12


def shapley(worth: Callable[[frozenset[P]], int], players: Sequence[P]) -> dict[P, Fraction]:
    """Each player's average addition to what a group is worth, over all orders of joining.

    Parameters
    ----------
    worth
        Whole number a group is worth; called once for every subset.
    players
        Who may join.

    Returns
    -------
        Exact shares by player; they add up to the worth of all less that of none.

    Examples
    --------
    >>> shapley(lambda group: 10 if len(group) == 2 else 0, ["x", "y"])
    {'x': Fraction(5, 1), 'y': Fraction(5, 1)}
    """
    n = len(players)
    known = [worth(frozenset(p for k, p in enumerate(players) if mask >> k & 1)) for mask in range(1 << n)]
    shares = {}
    for k, player in enumerate(players):
        total = Fraction(0)
        for mask in range(1 << n):
            if not mask >> k & 1:
                size = mask.bit_count()
                weight = Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
                total += weight * (known[mask | 1 << k] - known[mask])
        shares[player] = total
    return shares


def active(plan: Plan) -> tuple[str, ...]:
    """Letters of the effects that do anything in a plan: drawn, or not at the values at which they do nothing."""
    return tuple(
        letter
        for letter, effect in EFFECTS.items()
        if any(name in plan.draws.names or plan.parameters.number(name) != null for name, null in effect.off.items())
    )


def only(plan: Plan, letters: frozenset[str], players: Sequence[str]) -> Plan:
    """The plan with those of the players that are not among the letters doing nothing; luck and draws as before."""
    off = {name: null for p in players if p not in letters for name, null in EFFECTS[p].off.items()}
    drawn = plan.draws
    kept = [k for k, name in enumerate(drawn.names) if name not in off]
    values = np.ascontiguousarray(np.asarray(drawn.values)[:, kept])
    draws = Draws(tuple(drawn.names[k] for k in kept), values, drawn.seed, f"{drawn.sha256} less {sorted(off)}")
    return replace(plan, parameters=plan.parameters.replace(off), draws=draws)


def _worth(plan: Plan, players: tuple[str, ...], money: str, number: int) -> list[int]:
    """What subset `number` (from 1) of the players saves in each future, in pence."""
    letters = frozenset(p for k, p in enumerate(players) if (number - 1) >> k & 1)
    results = study.run(only(plan, letters, players), jobs=1)
    saved = savings(ledger(results), plan.scenarios[0].name)
    return [int(pence) for pence in to_pence(saved[f"{money}_saving_gbp"].to_numpy())]


def errors_wide(futures: int) -> float:
    """Half the width of a 95% interval in standard errors, by Student's t: 3.2 with 4 futures, 2.0 with 60.

    Each bar by itself: among ten that are all luck, one passes in four runs out of ten.
    """
    from scipy.stats import t

    return float(t.ppf(0.975, futures - 1)) if futures > 1 else math.nan


class Waterfall(NamedTuple):
    """An exact split of a saving.

    Attributes
    ----------
    bars
        By bar (the base, then effects by letter), a fraction of pence for each future.
    total
        The saving with all effects, pence by future.
    """

    bars: Mapping[str, list[Fraction]]
    total: list[int]

    @property
    def table(self) -> pd.DataFrame:
        """The bars in order, mean over futures with the Monte Carlo error of luck and draws.

        Columns bar, letter, mean_gbp, se_gbp (empty for one future), from_gbp and to_gbp (where it starts and ends in
        the waterfall), beyond_error (whether 0 lies outside its 95% interval; see `errors_wide`).
        """
        rows, at = [], 0.0
        for bar, pence in [*self.bars.items(), ("", [Fraction(p) for p in self.total])]:
            each = np.array([float(p) / 100.0 for p in pence])
            mean = float(each.mean())
            se = float(each.std(ddof=1) / math.sqrt(len(each))) if len(each) > 1 else math.nan
            start = at if bar else 0.0
            at += mean
            name = EFFECTS[bar].words if bar in EFFECTS else (BASE if bar else ALL)
            letter = bar if bar in EFFECTS else ""
            rows.append((name, letter, mean, se, start, start + mean, bool(abs(mean) > errors_wide(len(each)) * se)))
        columns = ["bar", "letter", "mean_gbp", "se_gbp", "from_gbp", "to_gbp", "beyond_error"]
        return pd.DataFrame(rows, columns=columns)


def waterfall(
    plan: Plan,
    *,
    effects: Sequence[str] | None = None,
    money: str = "public_purse",
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Waterfall:
    """Split what the second scenario of a plan saves against the first over the effects of coordination.

    Parameters
    ----------
    plan
        Two scenarios, the comparator first; few residents and futures, as it is run 2^n times.
    effects
        Letters of `EFFECTS`; all that are active if not given. Others stay as they are, inside the base.
    money
        Column of `savings` without its ending: public_purse, public_cash, council_cash, nhs_cash, …
    jobs
        Processes; 0 uses every usable core.
    progress
        Called with (subsets done, subsets in all).

    Raises
    ------
    LedgerError
        If an effect is not known or given twice, there are too many, or the plan has not two scenarios.
    """
    players = tuple(effects) if effects is not None else active(plan)
    faults = [
        f"attribution: effect '{p}' is not known.{did_you_mean(p, EFFECTS)} Use {', '.join(EFFECTS)}."
        for p in players
        if p not in EFFECTS
    ]
    if len(set(players)) != len(players):
        faults.append(f"attribution: an effect is given twice in {', '.join(players)}. Give each once.")
    if len(players) > _MOST:
        faults.append(f"attribution: {len(players)} effects are {2 ** len(players):,} runs; give at most {_MOST}.")
    if len(plan.scenarios) != 2:
        faults.append(
            f"attribution: needs a comparator and a scenario, found {len(plan.scenarios)}. Make a plan of two."
        )
    if faults:
        raise LedgerError(faults)
    known = map_futures(partial(_worth, plan, players, money), 1 << len(players), jobs=jobs, progress=progress)
    order = {p: k for k, p in enumerate(players)}
    bars: dict[str, list[Fraction]] = {BASE: [Fraction(p) for p in known[0]], **{p: [] for p in players}}
    for future in range(plan.futures):

        def worth(group: frozenset[str], future: int = future) -> int:
            return known[sum(1 << order[p] for p in group)][future]

        for player, share in shapley(worth, players).items():
            bars[player].append(share)
    return Waterfall(bars, known[-1])
