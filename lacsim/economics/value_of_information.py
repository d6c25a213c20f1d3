"""Health-economic outputs: net benefit, acceptability, expected loss, and what it would be worth to know more.

Every future is one draw with one replication, so its net benefit is luck as well as parameters. The best choice is
therefore never read off raw futures when information is valued: net benefit is first regressed on the drawn
parameters, which takes the luck out (the maximum of noise would look like value). Money is discounted pounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from lacsim.economics.summary import totals
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    from lacsim.results.study import Results

Floats = npt.NDArray[np.float64]
_KNOTS: Final = 6
_SUPPORTED: Final = "wellbeing of people supported"
_GAIN: Final = "effects.wellbys_per_supported_year"


def incremental_net_benefit(saving_gbp: npt.ArrayLike, effect_gain: npt.ArrayLike, threshold_gbp: float) -> Floats:
    """Saving plus the effect gained times what one unit of it is worth, in pounds, by future.

    Parameters
    ----------
    saving_gbp
        Comparator minus option; negative when the option costs more.
    effect_gain
        Option minus comparator, in units of effect (WELLBYs, QALYs).
    threshold_gbp
        Pounds for one unit of effect.
    """
    return np.asarray(saving_gbp, np.float64) + threshold_gbp * np.asarray(effect_gain, np.float64)


def acceptability(net_benefits: Floats) -> Floats:
    """Share of futures in which each option is the best; ties are shared.

    Parameters
    ----------
    net_benefits
        Pounds, shape (n_futures, n_options).
    """
    best = net_benefits == _checked(net_benefits).max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def expected_loss(net_benefits: Floats) -> Floats:
    """What choosing each option is expected to lose against always knowing the best, in pounds; the least is EVPI."""
    return np.asarray((_checked(net_benefits).max(axis=1, keepdims=True) - net_benefits).mean(axis=0))


def evpi(net_benefits: Floats) -> float:
    """Expected value of perfect information about what the columns vary with: the least expected loss, in pounds."""
    return float(expected_loss(net_benefits).min())


def _checked(net_benefits: Floats) -> Floats:
    if net_benefits.ndim != 2 or 0 in net_benefits.shape or not np.isfinite(net_benefits).all():
        raise LedgerError(
            f"net benefit: needs one finite amount for each future and option, found shape {net_benefits.shape}. "
            "Give an array of futures by options."
        )
    return net_benefits


def _basis(draw: Floats) -> Floats:
    """Cubic spline columns of one parameter without the constant, knots at its quantiles, standardised."""
    span = draw.std()
    if span == 0.0:
        return np.zeros((len(draw), 0))
    x = (draw - draw.mean()) / span
    knots = np.quantile(x, np.linspace(0.0, 1.0, _KNOTS)[1:-1])
    columns = [x, x**2, x**3, *(np.clip(x - knot, 0.0, None) ** 3 for knot in knots)]
    matrix = np.column_stack(columns)
    matrix -= matrix.mean(axis=0)
    return np.asarray(matrix / np.where(matrix.std(axis=0) > 0, matrix.std(axis=0), 1.0))


def fitted(net_benefits: Floats, draws: Sequence[Floats]) -> Floats:
    """Net benefit as the drawn parameters explain it: a ridge on additive cubic splines.

    The penalty is that of the least generalised cross-validation, chosen for each option.

    Parameters
    ----------
    net_benefits
        Shape (n_futures, n_options).
    draws
        Values of each parameter by future.
    """
    return _smooth(np.column_stack([_basis(np.asarray(draw, np.float64)) for draw in draws]), net_benefits)


def _smooth(matrix: Floats, columns: Floats) -> Floats:
    """Each column as a ridge on the matrix explains it, with the penalty of its least generalised cross-validation."""
    n = len(columns)
    left, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    centred = columns - columns.mean(axis=0)
    along = left.T @ centred
    shrink = singular**2 / (singular**2 + n * np.logspace(-8, 3, 23)[:, None])
    free = n - 1.0 - shrink.sum(axis=1)
    rest = (centred**2).sum(axis=0) - (2.0 * shrink - shrink**2) @ along**2
    shrink, free, rest = shrink[free > 0], free[free > 0], rest[free > 0]
    if not len(free):
        return np.broadcast_to(columns.mean(axis=0), columns.shape).astype(np.float64)
    best = (rest / free[:, None] ** 2).argmin(axis=0)
    return np.asarray(columns.mean(axis=0) + left @ (shrink[best].T * along))


def evppi(net_benefits: Floats, draws: Sequence[Floats]) -> float:
    """Expected value of perfect information about some parameters, luck and all others left as they are, in pounds.

    Its standard error is about a quarter of it with 512 futures; use thousands, or say so. What is regressed is the
    difference from the first option, future by future.

    Source
    ------
    Regression on the same draws: Strong, Oakley & Brennan (2014), doi:10.1177/0272989X13505910.
    """
    return evpi(fitted(_against_first(net_benefits), draws))


def _against_first(net_benefits: Floats) -> Floats:
    """Net benefit less that of the first option in the same future: what all options share cannot change the choice.

    Options live the same people, so they share most of their luck; smoothed apart, that luck would look like worth.
    """
    return np.asarray(_checked(net_benefits) - net_benefits[:, :1])


def worth_by_luck(net_benefits: Floats, draws: Sequence[Floats], shuffles: int = 100, seed: int = 1) -> Floats:
    """The largest EVPPI of any one parameter when futures are shuffled, so that none has anything to do with benefit.

    A worth that is not above nearly all of these is luck: the best of many parameters looks worth knowing by chance.

    Parameters
    ----------
    net_benefits
        Shape (n_futures, n_options).
    draws
        Values of each parameter by future.
    shuffles, seed
        Number of shuffles, and what they are drawn with.

    Returns
    -------
        Pounds, shape (shuffles,), in ascending order.
    """
    rng = np.random.default_rng(seed)
    against = _against_first(net_benefits)
    n, options = against.shape
    order = np.column_stack([rng.permutation(n) for _ in range(shuffles)])
    mixed = against[order].reshape(n, shuffles * options)
    largest = np.zeros(shuffles)
    for draw in draws:
        fit = _smooth(_basis(np.asarray(draw, np.float64)), mixed).reshape(n, shuffles, options)
        largest = np.maximum(largest, fit.max(axis=2).mean(axis=0) - fit.mean(axis=0).max(axis=1))
    return np.sort(largest)


class _Outcomes(NamedTuple):
    """What net benefit is made of, read from the ledger once for any number of thresholds."""

    years_supported: pd.DataFrame  # discounted, future by scenario
    gains: Floats  # WELLBYs of a supported year, by future
    purse: pd.DataFrame  # discounted pounds, future by scenario

    def net(self, threshold_gbp: float) -> pd.DataFrame:
        """Net benefit at one value of a WELLBY, future by scenario."""
        return self.years_supported.mul(threshold_gbp * self.gains, axis=0) - self.purse


def _outcomes(results: Results, costs: pd.DataFrame) -> _Outcomes:
    purse = totals(costs).pivot_table(index="future", columns="scenario", values="public_purse_gbp", sort=False)
    value = costs[costs["item"] == _SUPPORTED]
    years = value["quantity"] * (value["discounted_gbp"] / value["amount_gbp"]).fillna(1.0)
    supported = years.groupby([value["future"], value["scenario"]], sort=False).sum().unstack()  # noqa: PD010
    gains = np.array([float(results.values(int(future))[_GAIN]) for future in purse.index])
    return _Outcomes(supported.reindex(index=purse.index, columns=purse.columns, fill_value=0.0), gains, purse)


def net_benefits(results: Results, costs: pd.DataFrame, threshold_gbp: float) -> pd.DataFrame:
    """Net benefit of each scenario: WELLBYs times a threshold, less what the public purse pays.

    Returns
    -------
        Discounted pounds, one row per future, one column per scenario. WELLBYs are discounted at the health rate.
    """
    return _outcomes(results, costs).net(threshold_gbp)


def curves(results: Results, costs: pd.DataFrame, thresholds_gbp: Sequence[float]) -> pd.DataFrame:
    """Acceptability and expected loss of every scenario over thresholds, parameters and luck together.

    Returns
    -------
        Columns threshold_gbp, scenario, expected_loss_gbp, prob_best, evpi_gbp.
    """
    outcomes = _outcomes(results, costs)
    rows = []
    for threshold in thresholds_gbp:
        table = outcomes.net(threshold)
        values = table.to_numpy(np.float64)
        loss, best = expected_loss(values), acceptability(values)
        rows += [
            (threshold, name, loss[k], best[k], float(loss.min())) for k, name in enumerate(table.columns)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["threshold_gbp", "scenario", "expected_loss_gbp", "prob_best", "evpi_gbp"])


def parameters_worth_knowing(results: Results, costs: pd.DataFrame, threshold_gbp: float) -> pd.DataFrame:
    """EVPPI of every drawn parameter alone, most valuable first.

    Returns
    -------
        Columns parameter, evppi_gbp, share_of_evpi (of the EVPI of all parameters together, luck removed).

    Raises
    ------
    LedgerError
        If there are too few futures to tell parameters from luck.
    """
    names, drawn = results.plan.draws.names, np.asarray(results.plan.draws.values)
    values = net_benefits(results, costs, threshold_gbp).to_numpy(np.float64)
    if len(values) < 10 * (_KNOTS + 1):
        raise LedgerError(
            f"value of information: needs at least {10 * (_KNOTS + 1)} futures to tell parameters from luck, found "
            f"{len(values)}. Run more futures."
        )
    found = {name: evppi(values, [drawn[:, k]]) for k, name in enumerate(names)}
    table = pd.DataFrame({"parameter": list(found), "evppi_gbp": list(found.values())})
    table = table.sort_values("evppi_gbp", ascending=False, kind="stable", ignore_index=True)
    leading = [drawn[:, names.index(name)] for name in table["parameter"].head(len(values) // 70)]
    whole = evppi(values, leading) if leading else 0.0
    table["share_of_evpi"] = table["evppi_gbp"] / whole if whole > 0.0 else 0.0
    return table


def cost_effectiveness(costs_gbp: dict[str, float], effects: dict[str, float]) -> pd.DataFrame:
    """Options in order of cost with their incremental ratio, the dominated ones marked.

    Returns
    -------
        Columns option, cost_gbp, effect, incremental_cost_gbp, incremental_effect, icer_gbp, status (ND on the
        frontier, D strongly dominated, ED dominated by a mix of two others).
    """
    order = sorted(costs_gbp, key=lambda name: (costs_gbp[name], -effects[name]))
    frontier: list[str] = []
    status = {}
    for name in order:
        if frontier and effects[name] <= effects[frontier[-1]]:
            status[name] = "D"
            continue
        while len(frontier) > 1 and _icer(frontier[-2], frontier[-1], costs_gbp, effects) > _icer(
            frontier[-1], name, costs_gbp, effects
        ):
            status[frontier.pop()] = "ED"
        frontier.append(name)
        status[name] = "ND"
    rows = []
    for name in order:
        at = frontier.index(name) if name in frontier else 0
        step = (frontier[at - 1], name) if at > 0 else None
        rows.append(
            {
                "option": name,
                "cost_gbp": costs_gbp[name],
                "effect": effects[name],
                "incremental_cost_gbp": costs_gbp[name] - costs_gbp[step[0]] if step else np.nan,
                "incremental_effect": effects[name] - effects[step[0]] if step else np.nan,
                "icer_gbp": _icer(*step, costs_gbp, effects) if step else np.nan,
                "status": status[name],
            }
        )
    return pd.DataFrame(rows)


def _icer(one: str, other: str, costs_gbp: dict[str, float], effects: dict[str, float]) -> float:
    return (costs_gbp[other] - costs_gbp[one]) / (effects[other] - effects[one])
