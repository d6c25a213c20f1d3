"""Frailty of those who are alive at an age: the frail have died sooner, so it is lower and narrower than at 18.

At 18 frailty is lognormal with mean 1. The chance of having lived to an age falls with the death hazard somebody of
that frailty had on the way: the hazard at home, and more of it in the shares of time that go with frailty in hospital,
in a care home and on a package. A city that starts with this law is near the one it would have become, so no warm-up is
needed; how near is a test. This module knows no resident and draws no luck.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lacsim.model.compiling import kernel
from lacsim.model.stages import DEATH, DIFFICULTY_STARTS, LATE_ADMISSION, YEAR

if TYPE_CHECKING:
    from lacsim.model.cohort import Population

FIRST_AGE: Final = 18
LAST_AGE: Final = 110
SCORE_STEP: Final = 0.125
SCORES: Final = np.arange(-5.0, 5.0 + 0.5 * SCORE_STEP, SCORE_STEP)
_FINE: Final = np.arange(-8.0, 5.0 + 1e-9, 0.02)  # frailty in standard deviations of its logarithm at 18
_BANDS: Final = np.array([30.0, 45.0, 65.0, 75.0, 85.0])


def frailty_of_the_living(population: Population, wards: np.ndarray, rates: Any) -> tuple[np.ndarray, np.ndarray]:
    """Log-frailty of the living by age and normal score, and its means.

    Parameters
    ----------
    population
        Counts and shares of day one.
    wards
        `WARD` records without coordination, one per ward.
    rates
        One `RATES` record.

    Returns
    -------
        Logarithm of frailty at each whole age from `FIRST_AGE` to `LAST_AGE` (rows) and normal score in `SCORES`
        (columns); and by age the means of frailty and of its root, shape (ages, 2).
    """
    sigma = population.frailty_sigma
    log_frailty = sigma * _FINE - 0.5 * sigma * sigma
    frailty = np.exp(log_frailty)
    adults = np.maximum(population.adults.sum(axis=1), 1e-9)
    here = float(np.average(wards["admission_ratio"], weights=adults))
    needs = np.average(population.need_share, axis=0, weights=adults)
    weights = np.exp(-0.5 * _FINE**2)
    scores = _normal_cdf(SCORES)
    table = np.empty((LAST_AGE - FIRST_AGE + 1, len(SCORES)))
    means = np.empty((len(table), 2))
    for k in range(len(table)):
        share = weights / weights.sum()
        means[k] = share @ frailty, share @ np.sqrt(frailty)
        below = np.cumsum(share) - 0.5 * share
        table[k] = np.interp(scores, below, log_frailty)
        hazard = _death_hazard(FIRST_AGE + k + 0.5, frailty, means[k], population, here, needs, rates)
        weights = share * np.exp(-hazard)
    return table, means


def _death_hazard(
    age: float,
    frailty: np.ndarray,
    means: np.ndarray,
    population: Population,
    here: float,
    needs: np.ndarray,
    rates: Any,
) -> np.ndarray:
    """Deaths a year at an age for each frailty, over the places where people of that frailty are found.

    `here` is the city's admission ratio and `needs` its shares of need groups under 65 and over, shape (2, 6).
    """
    band, years = int(np.searchsorted(_BANDS, age, side="right")), age - 65.0
    older = 1 if band >= 3 else 0
    slope = rates["slope"] * YEAR
    admits = rates["sudden_admission"] + rates["late_admission"] * math.exp(slope[LATE_ADMISSION] * years)
    admits = admits * here * (needs[older] @ rates["admission_hr"]) * frailty
    starts = rates["difficulty_starts"] * math.exp(slope[DIFFICULTY_STARTS] * years)
    starts = starts * (needs[older] @ rates["difficulty_hr"]) * frailty + admits * rates["admission_leaves_difficulty"]
    in_difficulty = starts / (starts + max(float(rates["difficulty_passes"]), 1e-300))
    admits = admits * (1.0 + in_difficulty * (rates["admission_hr_difficulty"] - 1.0))
    stay = math.exp(rates["stay_mu"][older] + 0.5 * rates["stay_sigma"] ** 2)
    hospital = admits * stay / (1.0 + admits * stay)
    home = np.minimum(population.care_home_share[band] * np.sqrt(frailty) / means[1], 1.0)
    package = np.minimum(population.package_share[band] * frailty / means[0], 1.0) * (1.0 - home)
    ratio = 1.0 + hospital * (rates["death_hr_hospital"] - 1.0) + home * (rates["death_hr_care_home"] - 1.0)
    ratio = ratio + package * (rates["death_hr_package"] - 1.0)
    ratio = ratio * (1.0 + in_difficulty * (rates["death_hr_difficulty"] - 1.0))
    return np.asarray(rates["death"] * YEAR * math.exp(slope[DEATH] * years) * np.sqrt(frailty) * ratio)


def _normal_cdf(scores: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(-x / math.sqrt(2.0)) for x in scores])


@kernel
def between(table: Any, age: float, score: float) -> float:
    """Value of a table by age and normal score, linear between its ages and scores."""
    a = min(max(age - FIRST_AGE, 0.0), table.shape[0] - 1.001)
    s = min(max((score + 5.0) / SCORE_STEP, 0.0), table.shape[1] - 1.001)
    i, j = int(a), int(s)
    u, v = a - i, s - j
    low = table[i, j] * (1.0 - v) + table[i, j + 1] * v
    high = table[i + 1, j] * (1.0 - v) + table[i + 1, j + 1] * v
    return low * (1.0 - u) + high * u


@kernel
def at_age(means: Any, age: float, column: int) -> float:
    """A mean at an age, linear between whole ages."""
    a = min(max(age - FIRST_AGE, 0.0), means.shape[0] - 1.001)
    i = int(a)
    return means[i, column] * (1.0 - (a - i)) + means[i + 1, column] * (a - i)
