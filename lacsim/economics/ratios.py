"""Ratios of benefit to cost, each under its own name: gross, net and return in per cent.

Sources in this field print all three as "the return", which is how four becomes three becomes 300. A ratio is
formed from expectations, never as the mean of ratios.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lacsim.errors import LedgerError


def _checked_cost(cost_gbp: float) -> float:
    if not cost_gbp > 0.0:
        raise LedgerError(
            f"ratio: the cost must be greater than £0, found £{cost_gbp:,.2f}. A ratio has no meaning here; "
            "report the net amount."
        )
    return cost_gbp


def gross_ratio(benefit_gbp: float, cost_gbp: float) -> float:
    """Benefit for each pound of cost, B / C, in pounds per pound.

    Raises
    ------
    LedgerError
        If the cost is not greater than 0.

    Examples
    --------
    >>> round(gross_ratio(2_102_792, 525_698), 6)
    4.0
    """
    return benefit_gbp / _checked_cost(cost_gbp)


def net_ratio(benefit_gbp: float, cost_gbp: float) -> float:
    """What is left for each pound of cost once it is paid back, (B − C) / C, in pounds per pound.

    Raises
    ------
    LedgerError
        If the cost is not greater than 0.
    """
    return (benefit_gbp - cost_gbp) / _checked_cost(cost_gbp)


def return_percent(benefit_gbp: float, cost_gbp: float) -> float:
    """The net ratio in per cent, 100 (B − C) / C.

    Raises
    ------
    LedgerError
        If the cost is not greater than 0.
    """
    return 100.0 * net_ratio(benefit_gbp, cost_gbp)


def ratio_of_expectations(benefits_gbp: npt.ArrayLike, costs_gbp: npt.ArrayLike) -> float:
    """Mean benefit over mean cost across futures; the mean of ratios would be larger when cost is uncertain.

    Parameters
    ----------
    benefits_gbp, costs_gbp
        Pounds, one per future, shape (n_futures,).

    Raises
    ------
    LedgerError
        If there are no futures, their numbers differ, or the mean cost is not greater than 0.
    """
    benefits, costs = np.asarray(benefits_gbp, np.float64), np.asarray(costs_gbp, np.float64)
    if benefits.shape != costs.shape or benefits.size == 0:
        raise LedgerError(
            f"ratio of expectations: needs one benefit and one cost for each future, found {benefits.size} "
            f"benefits and {costs.size} costs. Give both for the same futures."
        )
    return gross_ratio(float(benefits.mean()), float(costs.mean()))


def break_even_reduction_share(benefit_gbp: float, cost_gbp: float) -> float:
    """Share by which benefits may fall short before the net amount is 0, 1 − C / B; negative if it is below.

    Raises
    ------
    LedgerError
        If the benefit is not greater than 0, so that no reduction can be named.
    """
    if not benefit_gbp > 0.0:
        raise LedgerError(
            f"break-even: the benefit must be greater than £0, found £{benefit_gbp:,.2f}. No reduction of it "
            "leads to break-even; report the net amount."
        )
    return 1.0 - cost_gbp / benefit_gbp
