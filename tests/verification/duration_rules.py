"""Durations by law for test rule sets: deterministic, exponential, gamma, lognormal, Weibull, Gompertz.

Each is found from numbers with an address and without rejection, so a duration needs the same numbers whatever
they are. A gamma has a shape that is a multiple of one half: a sum of exponentials and half a squared normal.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from lacsim.model.compiling import rule
from lacsim.model.streams import normal_quantile, uniform

NO_LAW: Final = 0
DETERMINISTIC: Final = 1  # p = seconds
EXPONENTIAL: Final = 2  # p = mean seconds
GAMMA: Final = 3  # p = scale in seconds, q = shape, a multiple of 1/2 (whole = Erlang)
LOGNORMAL: Final = 4  # p, q = mean and standard deviation of log-seconds
WEIBULL: Final = 5  # p = scale in seconds, q = shape
GOMPERTZ: Final = 6  # p = hazard per second at once, q = its growth per second

PER_DURATION: Final = 64  # numbers kept apart for one duration


@rule
def seconds_of(law: int, p: float, q: float, person: Any, purpose: int, occasion: int, rates: Any) -> int:
    """A duration of at least one whole second under a law, for one occasion of one purpose of one person."""
    first = PER_DURATION * purpose
    u = uniform(rates.seed, rates.replication, person.identity, first, occasion)
    x = p
    if law == EXPONENTIAL:
        x = -p * math.log(u)
    elif law == GAMMA:
        x = 0.0
        whole = np.int64(math.floor(q))
        for j in range(whole):
            x -= math.log(uniform(rates.seed, rates.replication, person.identity, first + 1 + j, occasion))
        if q > whole:
            z = normal_quantile(u)
            x += 0.5 * z * z
        x *= p
    elif law == LOGNORMAL:
        x = math.exp(p + q * normal_quantile(u))
    elif law == WEIBULL:
        x = p * math.exp(math.log(-math.log(u)) / q)
    elif law == GOMPERTZ:
        x = math.log1p(-math.log(u) * q / p) / q
    return max(np.int64(1), np.int64(math.floor(x + 0.5)))
