"""Survival against closed forms: competing risks, Gompertz lives, a stay against a hazard, a life table, every law of duration.

Hazards run on the model's own clocks; the Weibull risk and the stays are timers. A life table is a hazard that the calendar
changes on every birthday. Two-stage tests, false-alarm rate 5 in a million for each quantity.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import chain_rules
import closed_forms as forms
import numpy as np
import pytest
from chain_rules import chains
from duration_rules import DETERMINISTIC, EXPONENTIAL, GAMMA, GOMPERTZ, LOGNORMAL, WEIBULL
from life_table import DEATHS_PER_YEAR
from scipy import stats
from theory_worlds import live, same_by_both
from trace_reading import stays
from two_stage import SIZES, Size, hold

from lacsim.model.stages import YEAR
from lacsim.model.world import CONDITIONS

UNIT = 10**7  # seconds in a model unit, where the unit is not a year
ALIVE = 0


def first_moves(world: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where each resident went first, and when (seconds); stage 7 where they never went."""
    n, horizon = len(world.people), world.horizon
    rows, _, first = live(world, chain_rules)
    found = stays(rows, first, horizon)
    starts = np.searchsorted(found.resident, np.arange(n))
    moved = np.append(found.resident[1:] == found.resident[:-1], False)[starts]
    return np.where(moved, found.stage[np.minimum(starts + 1, len(found.stage) - 1)], 7), found.end[starts]


# --- A15: competing risks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_constant_competing_risks_agree_with_their_closed_form(size: Size, record_property: Any) -> None:
    hazards = {1: 0.12, 2: 0.05, 3: 0.03}
    expected = {f"cause {k} by {t}": h / 0.2 * -math.expm1(-0.2 * t) for t in (1, 5) for k, h in hazards.items()}
    printed = (0.1087615482, 0.0453173117, 0.0271903870, 0.3792723353, 0.1580301397, 0.0948180838)
    assert list(expected.values()) == pytest.approx(printed, abs=0.6e-10)

    def world(n: int, seed: int) -> Any:
        return chains(
            residents=n, unit=UNIT, seed=seed, horizon=5 * UNIT + 1, rates={(0, k): h for k, h in hazards.items()}
        )

    same_by_both(lambda: world(50, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        cause, at = first_moves(world(n, seed))
        return {f"cause {k} by {t}": (cause == k) & (at <= t * UNIT) for t in (1, 5) for k in hazards}

    hold(record_property, measure, 200_000, expected, size)


@pytest.mark.parametrize("size", SIZES)
def test_weibull_gompertz_and_constant_risks_together_agree_with_quadrature(size: Size, record_property: Any) -> None:
    chances = forms.first_cause(
        [lambda t: 1.5 / 4.0 * math.sqrt(t / 4.0), lambda t: 0.0095 * math.exp(0.1 * t), lambda t: 0.08],
        [lambda t: (t / 4.0) ** 1.5, lambda t: 0.095 * math.expm1(0.1 * t), lambda t: 0.08 * t],
        5.0,
    )
    assert chances == pytest.approx([0.6047027254, 0.0300080997, 0.2094874395], abs=0.6e-10)
    assert 1.0 - sum(chances) == pytest.approx(0.1558017354, abs=0.6e-10)

    def world(n: int, seed: int) -> Any:
        # The clock's hazard is that of age 65 (in years); residents are that old at the start.
        return chains(
            residents=n, unit=YEAR, seed=seed, horizon=5 * YEAR + 1, born=-65 * YEAR, rates={(0, 2): 0.0095, (0, 3): 0.08},
            slope={2: 0.1}, timer={0: (WEIBULL, 4.0 * YEAR, 1.5)}, branch={(0, 1): 1.0},
        )  # fmt: skip

    same_by_both(lambda: world(50, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        cause, _ = first_moves(world(n, seed))
        return {f"cause {k} by 5": cause == k for k in (1, 2, 3)}

    hold(record_property, measure, 200_000, {f"cause {k + 1} by 5": c for k, c in enumerate(chances)}, size)


# --- A16: Gompertz lives -----------------------------------------------------------------------------------------------

LIVES = {(0.00003, 0.1): 75.370731787273, (0.00005, 0.09): 76.91918498347, (0.0095, 0.1): 20.557608411799}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("by", ["clock", "timer"])
@pytest.mark.parametrize(("level", "slope"), LIVES)
def test_gompertz_lives_have_their_mean(level: float, slope: float, by: str, size: Size, record_property: Any) -> None:
    expected = {"mean": forms.gompertz_mean(level, slope), "variance": forms.gompertz_variance(level, slope)}
    assert expected["mean"] == pytest.approx(LIVES[level, slope], rel=1e-12)

    def world(n: int, seed: int) -> Any:
        if by == "timer":
            return chains(residents=n, unit=YEAR, seed=seed, horizon=200 * YEAR, branch={(0, 1): 1.0},
                          timer={0: (GOMPERTZ, level / YEAR, slope / YEAR)})  # fmt: skip
        at_65 = level * math.exp(slope * 65.0)  # lives begin at age 0
        return chains(residents=n, unit=YEAR, seed=seed, horizon=200 * YEAR, rates={(0, 1): at_65}, slope={1: slope})

    same_by_both(lambda: world(50, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        _, at = first_moves(world(n, seed))
        return {"mean": at / YEAR, "variance": (at / YEAR - expected["mean"]) ** 2}

    hold(record_property, measure, 100_000, expected, size)


# --- A17: a stay against a hazard ----------------------------------------------------------------------------------------

_MU, _SIGMA = forms.lognormal_parameters(1.5, 0.8)
AGAINST = {
    "erlang 3": (GAMMA, 0.5, 3.0, stats.gamma(3.0, scale=0.5), 0.702331961591, 1.190672153635),
    "lognormal": (LOGNORMAL, _MU, _SIGMA, stats.lognorm(_SIGMA, scale=math.exp(_MU)), 0.712303208271, 1.150787166918),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", AGAINST)
def test_a_stay_against_a_hazard_agrees_with_its_transform(name: str, size: Size, record_property: Any) -> None:
    law, p, q, frozen, printed_first, printed_time = AGAINST[name]
    first, time = forms.survives_exponential(frozen, 0.25)
    assert (first, time) == pytest.approx((printed_first, printed_time), abs=1e-10)
    in_seconds = p + math.log(UNIT) if law == LOGNORMAL else p * UNIT

    def world(n: int, seed: int) -> Any:
        return chains(residents=n, unit=UNIT, seed=seed, horizon=500 * UNIT, rates={(0, 2): 0.25},
                      timer={0: (law, in_seconds, q)}, branch={(0, 1): 1.0})  # fmt: skip

    same_by_both(lambda: world(50, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        cause, at = first_moves(world(n, seed))
        return {"stay ends first": cause == 1, "time to the first": at / UNIT}

    hold(record_property, measure, 200_000, {"stay ends first": first, "time to the first": time}, size)


# --- A18: a life table ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_life_table_is_lived_when_the_calendar_changes_the_hazard_each_birthday(
    size: Size, record_property: Any
) -> None:
    alive, years = forms.life_table(DEATHS_PER_YEAR, 25)
    assert alive[[20, 40, 60]] == pytest.approx([0.9707279743, 0.8531132275, 0.4355293897], abs=0.6e-10)
    assert years == pytest.approx(54.97248070, abs=0.6e-8)
    horizon = 86 * YEAR  # to age 111

    def world(n: int, seed: int) -> Any:
        return chains(
            residents=n, unit=YEAR, seed=seed, horizon=horizon, rates={(0, 1): 1.0},
            ratios=[{1: float(rate)} for rate in DEATHS_PER_YEAR[25:]],
            calendar=[(k * YEAR, CONDITIONS, 0, k) for k in range(1, 86)],
        )  # fmt: skip

    same_by_both(lambda: world(300, 1), chain_rules)

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        _, at = first_moves(world(n, seed))
        return {
            "alive at 45": at > 20 * YEAR,
            "alive at 65": at > 40 * YEAR,
            "alive at 85": at > 60 * YEAR,
            "years": at / YEAR,
        }

    expected = {f"alive at {age}": float(alive[age - 25]) for age in (45, 65, 85)}
    hold(record_property, measure, 30_000, {**expected, "years": years}, size)


# --- every law of duration ---------------------------------------------------------------------------------------------

LAWS: dict[str, tuple[tuple[int, float, float], Any]] = {
    "exponential": ((EXPONENTIAL, UNIT, 0.0), stats.expon()),
    "erlang": ((GAMMA, UNIT, 4.0), stats.gamma(4.0)),
    "gamma of half a shape": ((GAMMA, UNIT, 2.5), stats.gamma(2.5)),
    "lognormal": ((LOGNORMAL, math.log(UNIT), 0.7), stats.lognorm(0.7)),
    "weibull": ((WEIBULL, UNIT, 1.5), stats.weibull_min(1.5)),
    "gompertz": ((GOMPERTZ, 0.5 / UNIT, 0.8 / UNIT), stats.gompertz(0.625, scale=1.25)),
}


def lived(law: Sequence[float], n: int, seed: int) -> np.ndarray:
    """Durations of n stays under a law, in model units."""
    world = chains(residents=n, unit=UNIT, seed=seed, horizon=1_000 * UNIT, timer={0: tuple(law)}, branch={(0, 1): 1.0})  # type: ignore[dict-item]
    return first_moves(world)[1] / UNIT


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LAWS)
def test_durations_have_the_law_they_are_given(name: str, size: Size, record_property: Any) -> None:
    """Mean and variance by two stages; the whole law by Kolmogorov and Smirnov, p below 1e-3 and then below 5e-3."""
    law, frozen = LAWS[name]
    same_by_both(
        lambda: chains(residents=50, unit=UNIT, seed=1, horizon=1_000 * UNIT, timer={0: law}, branch={(0, 1): 1.0}),
        chain_rules,
    )
    mean, variance = (float(x) for x in frozen.stats("mv"))

    def measure(n: int, seed: int) -> dict[str, np.ndarray]:
        found = lived(law, n, seed)
        return {"mean": found, "variance": (found - mean) ** 2}

    hold(record_property, measure, 50_000, {"mean": mean, "variance": variance}, size)
    own = size.seed + zlib.crc32(name.encode()) % 1_000_003
    for n, seed, limit in ((50_000, own, 1e-3), (200_000, own + 1_000_003, 5e-3)):
        distance = stats.kstest(lived(law, n, seed), frozen.cdf)
        print(f"whole law: distance {distance.statistic:.5f}, p {distance.pvalue:.3g}, n {n}")
        if distance.pvalue > limit:
            return
    pytest.fail(f"{name}: distance {distance.statistic:.5f}, p {distance.pvalue:.2g} on fresh seeds")


def test_a_deterministic_stay_lasts_its_seconds_exactly() -> None:
    assert set(lived((DETERMINISTIC, 12_345.0, 0.0), 1_000, 1) * UNIT) == {12_345.0}
