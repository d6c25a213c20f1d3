"""Published decision models lived by the engines: sick-sicker as a chain, as yearly cycles, and with a shortened remaining life.

The exact expectation of each is computed here (oracle or matrices) and held against the printed one; the engines are then
held against the exact one. Sources are named in `docs/verification.md`.
"""

from __future__ import annotations

import math
from typing import Any

import chain_rules
import numpy as np
import oracle
import pytest
from chain_rules import chains
from duration_rules import DETERMINISTIC
from theory_worlds import live, same_by_both
from trace_reading import number_in, stays, value_of
from two_stage import SIZES, Size, hold

from lacsim.model.stages import YEAR


def wide(*values: float) -> np.ndarray:
    """Rewards by state of the rule set, nothing in the states that are not used."""
    return np.append(np.array(values, float), np.zeros(8 - len(values)))


# --- B5: sick-sicker in continuous time ------------------------------------------------------------------------------

DISCOUNT = math.log(1.03)
STRATEGIES = {  # ratio of sick to sicker, £ a year, utility, printed cost, printed QALYs
    "usual care": (1.0, (2_000, 4_000, 15_000), (1, 0.75, 0.5), 147_742.6275, 21.34483864),
    "A": (1.0, (2_000, 16_000, 27_000), (1, 0.95, 0.5), 272_906.1603, 22.05738075),
    "B": (0.6, (2_000, 17_000, 28_000), (1, 0.75, 0.5), 244_672.5371, 22.88866831),
    "AB": (0.6, (2_000, 29_000, 40_000), (1, 0.95, 0.5), 355_058.9680, 23.74909039),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_sick_sicker_model_is_lived_as_its_chain_says(name: str, size: Size, record_property: Any) -> None:
    ratio, gbp, utility, printed_cost, printed_qaly = STRATEGIES[name]
    rates = {(0, 1): 0.15, (1, 0): 0.5, (1, 2): 0.105 * ratio, (0, 3): 0.002, (1, 3): 0.006, (2, 3): 0.02}
    chain = oracle.chain(rates, 4)
    cost = chain.total(np.array([*gbp, 0.0]), 75.0, discount=DISCOUNT)
    qaly = chain.total(np.array([*utility, 0.0]), 75.0, discount=DISCOUNT)
    assert cost == pytest.approx(printed_cost, abs=0.6e-4)
    assert qaly == pytest.approx(printed_qaly, abs=0.6e-8)
    expected = {"cost": cost, "QALYs": qaly, **{f"in state {k} at 10": float(p) for k, p in enumerate(chain.law(10.0))}}
    if name == "usual care":
        spread = chain.spread(np.array([*gbp, 0.0]), 75.0, discount=DISCOUNT)
        expected["variance of cost"] = spread**2
        assert spread == pytest.approx(100_492.03, abs=0.6e-2)
        assert chain.spread(np.array([*utility, 0.0]), 75.0, discount=DISCOUNT) == pytest.approx(6.850153, abs=0.6e-6)
        assert chain.law(10.0) == pytest.approx([0.6448222507, 0.1646710089, 0.1516330442, 0.0388736962], abs=0.6e-10)

    def world(n: int, seed: int) -> Any:
        return chains(residents=n, unit=YEAR, seed=seed, horizon=75 * YEAR, rates=rates)

    same_by_both(lambda: world(30, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        rows, _, first = live(world(n, seed), chain_rules)
        found = stays(rows, first, 75 * YEAR)
        each = value_of(found, wide(*gbp), n, year=YEAR, until=75.0, discount=DISCOUNT)
        values = {"cost": each, "QALYs": value_of(found, wide(*utility), n, year=YEAR, until=75.0, discount=DISCOUNT)}
        for k in range(4):
            values[f"in state {k} at 10"] = number_in(found, k, 10 * YEAR, np.arange(n), n)
        if "variance of cost" in expected:
            values["variance of cost"] = (each - cost) ** 2
        return values

    hold(record_property, measure, 40_000, expected, size)


# --- B6: sick-sicker in cycles of a year -------------------------------------------------------------------------------

CYCLES = 30


def yearly() -> np.ndarray:
    """Chances of moving from one year to the next: healthy, sick, sicker, dead."""
    rate = -math.log(1.0 - 0.005)
    sick, sicker = -math.expm1(-3.0 * rate), -math.expm1(-10.0 * rate)
    return np.array([
        [1 - 0.15 - 0.005, 0.15, 0.0, 0.005],
        [0.5, 1 - 0.5 - 0.105 - sick, 0.105, sick],
        [0.0, 0.0, 1 - sicker, sicker],
        [0.0, 0.0, 0.0, 1.0],
    ])  # fmt: skip


def moments(reward: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the discounted sum of a reward at years 0 to 30, from healthy."""
    p, mean, square = yearly(), np.zeros(4), np.zeros(4)
    for year in range(CYCLES, -1, -1):
        now = reward * 1.03**-year
        ahead, ahead_square = p @ mean, p @ square
        square = now**2 + 2.0 * now * ahead + ahead_square
        mean = now + ahead
    return float(mean[0]), math.sqrt(square[0] - mean[0] ** 2)


@pytest.mark.parametrize("size", SIZES)
def test_the_yearly_microsimulation_is_lived_as_its_matrices_say(size: Size, record_property: Any) -> None:
    gbp, treated = np.array([2_000.0, 4_000, 15_000, 0]), np.array([2_000.0, 16_000, 27_000, 0])
    utility, better = np.array([1, 0.75, 0.5, 0]), np.array([1, 0.95, 0.5, 0])
    rewards = {"cost": gbp, "cost treated": treated, "QALYs": utility, "QALYs treated": better,
               "more cost": treated - gbp, "more QALYs": better - utility}  # fmt: skip
    exact = {name: moments(reward) for name, reward in rewards.items()}
    assert [exact[name][0] for name in rewards] == pytest.approx(
        [75_976.149140, 141_623.028188, 15.838848, 16.400406, 65_646.879, 0.561558], rel=1e-6
    )
    assert exact["cost"][0] == pytest.approx(75_976.149140, abs=0.6e-6)
    spreads = [exact[name][1] for name in ("cost", "QALYs", "more cost")]
    assert spreads == pytest.approx([57_903.07, 4.948906, 51_857.09], abs=0.6e-2)
    assert exact["cost"][1] / math.sqrt(100_000) == pytest.approx(183.11, abs=0.6e-2)
    assert exact["more cost"][0] / exact["more QALYs"][0] == pytest.approx(116_901.38, abs=0.6e-2)
    p = yearly()

    def world(n: int, seed: int) -> Any:
        return chains(residents=n, unit=YEAR, seed=seed, horizon=CYCLES * YEAR + 2,
                      timer=dict.fromkeys(range(3), (DETERMINISTIC, YEAR, 0.0)),
                      branch={(a, b): p[a, b] for a in range(3) for b in range(4)})  # fmt: skip

    same_by_both(lambda: world(30, 1), chain_rules)
    weight = 1.03 ** -np.arange(CYCLES + 1.0)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        rows, _, first = live(world(n, seed), chain_rules)
        found = stays(rows, first, CYCLES * YEAR + 2)
        # Years at which the stay is looked at: from its first to the last before it ends.
        begin, end = -(-found.start // YEAR), np.minimum(-(-found.end // YEAR), CYCLES + 1)
        upto = np.concatenate([[0.0], np.cumsum(weight)])
        total = upto[np.maximum(begin, end)] - upto[begin]
        values = {}
        for name, reward in rewards.items():
            values[name] = np.bincount(found.resident, weights=wide(*reward)[found.stage] * total, minlength=n)
        return {**values, "variance of cost": (values["cost"] - exact["cost"][0]) ** 2}

    expected = {name: mean for name, (mean, _) in exact.items()}
    hold(record_property, measure, 30_000, {**expected, "variance of cost": exact["cost"][1] ** 2}, size)


# --- B8: what is left of a life is shortened when somebody becomes sicker --------------------------------------------

ARMS = {  # sick to sicker, added £ a year, printed life years, QALYs, £
    "no intervention": (0.2, 0.0, 10.773339, 6.441517, 61_348.7488),
    "intervention": (0.14, 1_000.0, 10.894615, 6.784197, 69_331.7221),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("arm", ARMS)
def test_a_budget_spent_faster_shortens_what_is_left_of_a_life(arm: str, size: Size, record_property: Any) -> None:
    """Multiplying the remaining life by 0.8 is dividing the hazard by 0.8: one budget, spent at another pace."""
    sicker, added, *printed = ARMS[arm]
    rates = {(0, 1): sicker, (0, 2): 0.05, (1, 2): 0.05 / 0.8}
    discount, horizon = math.log(1.035), 400
    rewards = {"life years": (1.0, 1.0), "QALYs": (0.8, 0.5), "cost": (3_000.0 + added, 7_000.0 + added)}
    chain = oracle.chain(rates, 3)
    expected = {name: chain.total(np.array([*r, 0.0]), 2_000.0, discount=discount) for name, r in rewards.items()}
    assert list(expected.values()) == pytest.approx(printed, abs=0.6e-4)

    def world(n: int, seed: int) -> Any:
        return chains(residents=n, unit=YEAR, seed=seed, horizon=horizon * YEAR, rates=rates)

    same_by_both(lambda: world(30, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        rows, _, first = live(world(n, seed), chain_rules)
        found = stays(rows, first, horizon * YEAR)
        return {
            name: value_of(found, wide(*r), n, year=YEAR, until=horizon, discount=discount)
            for name, r in rewards.items()
        }

    hold(record_property, measure, 100_000, expected, size)


def test_the_same_luck_makes_what_is_left_of_each_life_exactly_eight_tenths() -> None:
    """Person by person and to the second: the budgets of the two worlds are the same, only the pace differs."""

    def deaths(pace: float) -> tuple[np.ndarray, np.ndarray]:
        rates = {(0, 1): 0.2, (0, 2): 0.05, (1, 2): 0.05 * pace}
        rows, _, first = live(
            chains(residents=2_000, unit=YEAR, seed=5, horizon=2_000 * YEAR, rates=rates), chain_rules
        )
        found = stays(rows, first, 2_000 * YEAR)
        sick = found.stage == 1
        return found.start[sick], found.end[sick]

    became, died = deaths(1.0)
    same, sooner = deaths(1.25)
    assert np.array_equal(became, same)
    assert np.abs((sooner - same) - 0.8 * (died - became)).max() <= 1.0
