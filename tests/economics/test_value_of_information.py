"""Net benefit, acceptability, expected loss and the value of information, against closed forms and printed tables."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np
import pytest

from lacsim.economics import ledger
from lacsim.economics.value_of_information import (
    acceptability,
    cost_effectiveness,
    curves,
    evpi,
    evppi,
    expected_loss,
    incremental_net_benefit,
    net_benefits,
    parameters_worth_knowing,
    worth_by_luck,
)
from lacsim.errors import LedgerError
from lacsim.results.study import run
from lacsim.runs.plan import make_plan


def value_of_knowing(mean: float, sd: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X."""
    z = mean / sd
    return mean * 0.5 * (1 + erf(z / sqrt(2))) + sd * exp(-z * z / 2) / sqrt(2 * pi) - max(0.0, mean)


def test_the_closed_form_is_the_documented_one() -> None:
    assert value_of_knowing(100, 500) == pytest.approx(153.44731793, abs=1e-8)
    assert value_of_knowing(100, 300) == pytest.approx(76.27083429, abs=1e-8)
    assert value_of_knowing(100, 400) == pytest.approx(114.53787929, abs=1e-8)


def test_regression_takes_the_luck_out_of_the_value_of_information() -> None:
    """Twenty sets of 512 single draws with noise: false alarm below 1 in 10,000 a line (4 standard errors)."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(20):
        z = rng.standard_normal((2, 512))
        inb = 100 + 300 * z[0] + 400 * z[1] + 600 * rng.standard_normal(512)
        both = np.column_stack([np.zeros(512), inb])
        found.append((evpi(both), evppi(both, [z[0], z[1]]), evppi(both, [z[0]]), evppi(both, [z[1]])))
    means = np.mean(found, axis=0)
    assert means[0] == pytest.approx(value_of_knowing(100, sqrt(500**2 + 600**2)), abs=4 * 30 / sqrt(20))
    assert means[0] > 1.5 * value_of_knowing(100, 500)  # what the raw futures would say
    for mean, true, sd in zip(means[1:], (153.447, 76.271, 114.538), (19.3, 20.8, 18.8), strict=True):
        assert mean == pytest.approx(true, abs=4 * sd / sqrt(20))


def test_printed_cost_effectiveness_tables_come_out() -> None:
    names = ("SoC", "A", "B", "AB")
    sick = cost_effectiveness(
        dict(zip(names, (151_580.0, 284_805.0, 259_100.0, 378_875.0), strict=True)),
        dict(zip(names, (20.711, 21.499, 22.184, 23.137), strict=True)),
    ).set_index("option")
    # the printed ratios were made from unrounded figures: half a unit of the last digit of both effects
    assert sick.loc["B", "icer_gbp"] == pytest.approx(72_988, rel=0.001 / 1.473)
    assert sick.loc["AB", "icer_gbp"] == pytest.approx(125_764, rel=0.001 / 0.953)
    assert sick["status"].to_dict() == {"SoC": "ND", "B": "ND", "A": "D", "AB": "ND"}
    hiv = cost_effectiveness({"mono": 44_663.4535637, "combo": 50_601.6513312}, {"mono": 7.9912066, "combo": 8.9373889})
    assert hiv["icer_gbp"].iloc[1] == pytest.approx(6_275.95560, rel=1e-6)
    micro = cost_effectiveness({"no": 75_976.149140, "yes": 141_623.028188}, {"no": 15.838848, "yes": 16.400406})
    assert micro["icer_gbp"].iloc[1] == pytest.approx(116_901.38, rel=3e-6)


def test_an_option_beaten_by_a_mix_of_two_others_is_marked() -> None:
    table = cost_effectiveness({"a": 0.0, "b": 90.0, "c": 100.0}, {"a": 0.0, "b": 1.0, "c": 2.0}).set_index("option")
    assert table["status"].to_dict() == {"a": "ND", "b": "ED", "c": "ND"}
    assert table.loc["c", "icer_gbp"] == 50.0


def test_expected_loss_and_acceptability_by_hand() -> None:
    table = np.array([[0.0, 10.0], [0.0, -4.0], [0.0, 6.0], [5.0, 5.0]])
    assert acceptability(table).tolist() == [0.375, 0.625]
    assert expected_loss(table).tolist() == [4.0, 1.0]
    assert evpi(table) == 1.0
    assert incremental_net_benefit([-100.0], [0.02], 13_000.0).tolist() == pytest.approx([160.0])
    with pytest.raises(LedgerError, match=r"needs one finite amount for each future and option, found shape \(0, 2\)"):
        evpi(np.zeros((0, 2)))


def test_net_benefit_of_a_ledger_is_wellbys_at_the_threshold_less_the_public_purse(make: Any) -> None:
    results = make({"no-lac": {}, "wards-17": {"posts": 1.0, "caseload": 50.0}}, years=("2019/20",))
    costs = ledger(results)
    table = net_benefits(results, costs, 20_000.0)
    assert table["no-lac"].tolist() == [0.0]
    assert table["wards-17"].tolist() == pytest.approx([50 * 0.1 * 20_000.0 - 2 * 52_597.0 - 9_000.0])
    both = curves(results, costs, [0.0, 40_000.0]).set_index(["threshold_gbp", "scenario"])
    assert both["prob_best"].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert both["evpi_gbp"].tolist() == [0.0] * 4


def test_too_few_futures_cannot_value_parameters() -> None:
    results = run(make_plan(["wards-10", "wards-17"], futures=2, residents=500), jobs=1)
    with pytest.raises(LedgerError, match=r"needs at least 70 futures to tell parameters from luck, found 2"):
        parameters_worth_knowing(results, ledger(results), 12_659.0)


def test_luck_that_all_options_share_is_worth_nothing() -> None:
    rng = np.random.default_rng(3)
    shared = 1e6 * rng.normal(size=(80, 1))
    own = 1e3 * rng.normal(size=(80, 3))
    draws = [rng.normal(size=80) for _ in range(20)]
    alone, together = (np.array([evppi(b, [draw]) for draw in draws]) for b in (own, own + shared))
    assert together == pytest.approx(alone, abs=0.01)


def test_the_largest_worth_of_parameters_without_any_is_within_what_luck_gives() -> None:
    passed = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        benefit, draws = rng.normal(size=(80, 2)), [rng.normal(size=80) for _ in range(10)]
        by_luck = worth_by_luck(benefit, draws, shuffles=40)
        assert by_luck.shape == (40,)
        passed.append(max(evppi(benefit, [draw]) for draw in draws) > np.quantile(by_luck, 0.95))
    # 5 in 100 are expected: seven or more of 40 has chance 0.003
    assert sum(passed) < 7
