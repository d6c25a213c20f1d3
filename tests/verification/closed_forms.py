"""Closed forms of queueing and survival theory, written out once more so that no printed number is trusted alone.

Rates and times are in the model unit of each benchmark. Nothing here knows an engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, special, stats

Array = NDArray[np.float64]


def erlang_b(places: int, load: float) -> float:
    """Share of customers lost when nobody may wait; `load` is offered load in places."""
    blocked = 1.0
    for k in range(1, places + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(places: int, load: float) -> float:
    """Share of customers who wait when all may."""
    blocked = erlang_b(places, load)
    return blocked / (1.0 - load / places * (1.0 - blocked))


def mmc(arrival: float, service: float, places: int) -> dict[str, float]:
    """Share who wait, mean wait and mean number in the system of M/M/c, from Erlang C."""
    load = arrival / service
    waits = erlang_c(places, load)
    wait = waits / (places * service - arrival)
    return {"share_wait": waits, "wait": wait, "number": arrival * wait + load}


def stationary(births: Array, deaths: Array) -> Array:
    """Stationary law of a birth and death chain: `births[n]` from n to n + 1, `deaths[n]` from n + 1 to n."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths))])
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def mmc_law(arrival: float, service: float, places: int, most: int) -> Array:
    """Stationary law of the number in an M/M/c system that holds at most `most`."""
    n = np.arange(1, most + 1)
    return stationary(np.full(most, arrival), service * np.minimum(n, places))


def erlang_a_law(arrival: float, service: float, places: int, leaving: float, most: int) -> Array:
    """Stationary law of the number in M/M/c with exponential patience of rate `leaving`."""
    n = np.arange(1, most + 1)
    return stationary(np.full(most, arrival), service * np.minimum(n, places) + leaving * np.maximum(n - places, 0))


def finite_source_law(customers: int, calling: float, service: float, places: int) -> Array:
    """Stationary law of the number in a system with so many customers, each calling at a rate while away."""
    n = np.arange(1, customers + 1)
    return stationary(calling * (customers - n + 1.0), service * np.minimum(n, places))


def mg1_wait(arrival: float, mean: float, scv: float) -> float:
    """Pollaczek-Khinchine: mean wait of M/G/1; `scv` is the squared coefficient of variation of service."""
    load = arrival * mean
    return load * mean * (1.0 + scv) / (2.0 * (1.0 - load))


def cobham(arrivals: list[float], service: float, places: int) -> list[float]:
    """Mean wait by class of M/M/c with classes served in order of urgency and nobody interrupted."""
    load = sum(arrivals) / service
    base = erlang_c(places, load) / (places * service - sum(arrivals)) * (1.0 - load / places)
    waits, above = [], 0.0
    for rate in arrivals:
        upto = above + rate / (places * service)
        waits.append(base / ((1.0 - above) * (1.0 - upto)))
        above = upto
    return waits


def jackson(outside: Array, routes: Array, service: Array, places: list[int]) -> tuple[Array, Array, float]:
    """Arrival rate and mean number by station, and mean time from entry to exit, of an open Jackson network."""
    rates = np.linalg.solve(np.eye(len(outside)) - routes.T, outside)
    numbers = np.array([mmc(a, m, c)["number"] for a, m, c in zip(rates, service, places, strict=True)])
    return rates, numbers, float(numbers.sum() / outside.sum())


def busy_from_empty(arrival: float, survival: Callable[[float], float], t: float) -> float:
    """Mean number in M/G/infinity a time `t` after it was empty: arrival rate times the integral of survival."""
    return arrival * float(integrate.quad(survival, 0.0, t, epsabs=1e-13, epsrel=1e-12, limit=200)[0])


def mean_number_from_empty(arrival: float, service: float, places: int, times: list[float], most: int) -> list[float]:
    """Mean number in M/M/c at times after it was empty, by uniformisation of the chain cut at `most`."""
    n = np.arange(most + 1)
    up = np.where(n < most, arrival, 0.0)
    down = service * np.minimum(n, places)
    pace = float((up + down).max())
    found = []
    for t in times:
        steps = int(stats.poisson.isf(1e-16, pace * t)) + 10
        weights = stats.poisson.pmf(np.arange(steps), pace * t)
        law = np.zeros(most + 1)
        law[0] = 1.0
        mean = 0.0
        for weight in weights:
            mean += weight * float(law @ n)
            after = law * (1.0 - (up + down) / pace)
            after[1:] += law[:-1] * up[:-1] / pace
            after[:-1] += law[1:] * down[1:] / pace
            law = after
        found.append(mean)
    return found


def first_cause(
    hazards: list[Callable[[float], float]], totals: list[Callable[[float], float]], t: float
) -> list[float]:
    """Chance that each risk has come first by `t`, from hazards and cumulative hazards of independent risks."""

    def density(x: float, k: int) -> float:
        return hazards[k](x) * math.exp(-sum(total(x) for total in totals))

    return [
        float(integrate.quad(density, 0.0, t, args=(k,), epsabs=1e-14, epsrel=1e-12, limit=200)[0])
        for k in range(len(hazards))
    ]


def gompertz_mean(level: float, slope: float) -> float:
    """Mean lifetime under hazard level x exp(slope x age): exp(a/b) E1(a/b) / b."""
    ratio = level / slope
    return float(math.exp(ratio) * special.exp1(ratio) / slope)


def gompertz_variance(level: float, slope: float) -> float:
    """Variance of that lifetime, by quadrature."""
    second, _ = integrate.quad(
        lambda t: 2.0 * t * math.exp(-level / slope * math.expm1(slope * t)), 0.0, 200.0, epsabs=1e-12, limit=300
    )
    return float(second) - gompertz_mean(level, slope) ** 2


def lognormal_parameters(mean: float, cv: float) -> tuple[float, float]:
    """Location and scale of the logarithm of a lognormal of this mean and coefficient of variation."""
    sigma_squared = math.log1p(cv * cv)
    return math.log(mean) - 0.5 * sigma_squared, math.sqrt(sigma_squared)


def survives_exponential(law: object, rate: float) -> tuple[float, float]:
    """Chance that a stay ends before an exponential of `rate`, and the mean time until the first of the two."""
    frozen = law  # a frozen scipy law
    first, _ = integrate.quad(
        lambda q: math.exp(-rate * frozen.ppf(q)),
        0.0,
        1.0,
        epsabs=1e-13,
        epsrel=1e-12,
        limit=500,  # type: ignore[attr-defined]
    )
    return float(first), (1.0 - float(first)) / rate


def life_table(rates: Array, from_age: int) -> tuple[Array, float]:
    """Survival at each later birthday and mean years to the end of the table, hazard constant within each year of age."""
    taken = rates[from_age:]
    alive = np.concatenate([[1.0], np.exp(-np.cumsum(taken))])
    return alive, float(np.sum(alive[:-1] * -np.expm1(-taken) / taken))
