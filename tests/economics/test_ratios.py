"""Ratios: one name for each, and expectations before division."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lacsim.economics.ratios import (
    break_even_reduction_share,
    gross_ratio,
    net_ratio,
    ratio_of_expectations,
    return_percent,
)
from lacsim.errors import LedgerError

BENEFIT, COST = 2_102_792.0, 525_698.0


def test_four_gross_is_three_net_is_three_hundred_per_cent() -> None:
    assert gross_ratio(BENEFIT, COST) == 4.0
    assert net_ratio(BENEFIT, COST) == 3.0
    assert return_percent(BENEFIT, COST) == 300.0


def test_a_service_that_costs_more_has_a_negative_net_ratio() -> None:
    assert gross_ratio(-50.0, 100.0) == -0.5
    assert net_ratio(-50.0, 100.0) == -1.5


@pytest.mark.parametrize("cost", [0.0, -1.0, float("nan")])
def test_a_ratio_to_no_cost_is_refused(cost: float) -> None:
    with pytest.raises(LedgerError, match=r"ratio: the cost must be greater than £0, found £.*report the net"):
        gross_ratio(1.0, cost)


def test_the_mean_of_ratios_is_larger_than_the_ratio_of_means_when_cost_is_uncertain() -> None:
    sigma = 0.3
    scores = np.linspace(-6, 6, 20_001)
    weights = np.exp(-0.5 * scores**2)
    costs = COST * np.exp(sigma * scores - 0.5 * sigma**2)
    mean_of_ratios = np.average(BENEFIT / costs, weights=weights)
    ratio_of_means = BENEFIT / np.average(costs, weights=weights)
    assert mean_of_ratios / ratio_of_means == pytest.approx(math.exp(sigma**2), rel=1e-6)
    assert ratio_of_expectations([4.0, 4.0], [1.0, 3.0]) == 2.0


def test_expectations_of_different_futures_are_refused() -> None:
    with pytest.raises(LedgerError, match=r"found 2 benefits and 1 costs\. Give both for the same futures"):
        ratio_of_expectations([1.0, 2.0], [1.0])


def test_benefits_may_fall_short_by_what_leaves_nothing_over() -> None:
    share = break_even_reduction_share(BENEFIT, COST)
    assert share == 0.75
    assert net_ratio(BENEFIT * (1 - share), COST) == 0.0
    assert break_even_reduction_share(50.0, 100.0) == -1.0


def test_no_reduction_of_no_benefit_leads_to_break_even() -> None:
    with pytest.raises(LedgerError, match=r"break-even: the benefit must be greater than £0, found £-5\.00"):
        break_even_reduction_share(-5.0, 100.0)
