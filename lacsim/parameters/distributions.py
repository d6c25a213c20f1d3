"""Quantiles and means of the spreads the register may use.

Families: fixed, normal, lognormal, gamma, beta, uniform, pert. `low` and `high` of lognormal and beta are the
5th and 95th percentiles; those of uniform and pert are the ends. Accuracy is that of scipy.special (about
1e-12 relative); a beta fitted to two percentiles hits them within 1e-6, which a test holds it to.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import special

from lacsim.parameters.entries import Beta, Fixed, Gamma, Lognormal, Normal, Pert, Spread, Uniform

Floats = npt.NDArray[np.float64]
Z95 = 1.6448536269514722


def _lognormal_terms(spread: Lognormal) -> tuple[float, float]:
    if spread.median is not None and spread.ratio is not None:
        return math.log(spread.median), math.log(spread.ratio) / Z95
    assert spread.low is not None
    assert spread.high is not None
    low, high = math.log(spread.low), math.log(spread.high)
    return (low + high) / 2.0, (high - low) / (2.0 * Z95)


@cache
def _beta_through(low: float, high: float) -> tuple[float, float]:
    centre, half = (low + high) / 2.0, (high - low) / (2.0 * Z95)
    size = max(centre * (1.0 - centre) / half**2 - 1.0, 0.5)

    def miss(logs: Floats) -> Floats:
        a, b = np.exp(logs)
        return np.asarray([special.betaincinv(a, b, 0.05) - low, special.betaincinv(a, b, 0.95) - high])

    from scipy import optimize  # slow to import, and only the first draw of such a spread needs it

    found = optimize.root(miss, np.log([centre * size, (1.0 - centre) * size]), tol=1e-12)
    a, b = np.exp(found.x)
    return float(a), float(b)


def beta_terms(spread: Beta) -> tuple[float, float]:
    """The two shape parameters of a beta spread."""
    if spread.mean is not None and spread.se is not None:
        size = spread.mean * (1.0 - spread.mean) / spread.se**2 - 1.0
        return spread.mean * size, (1.0 - spread.mean) * size
    assert spread.low is not None
    assert spread.high is not None
    return _beta_through(float(spread.low), float(spread.high))


def _pert_terms(spread: Pert) -> tuple[float, float, float]:
    width = spread.high - spread.low
    a = 1.0 + 4.0 * (spread.mode - spread.low) / width
    return a, 6.0 - a, float(width)


def ppf(spread: Spread, value: float, u: npt.ArrayLike) -> Floats:
    """Quantiles of a spread.

    Parameters
    ----------
    spread
        The spread.
    value
        The claim's value, returned wherever the spread is fixed; in the entry's unit.
    u
        Probabilities in (0, 1), any shape.

    Returns
    -------
        Quantiles in the entry's unit, of the shape of `u`.
    """
    p = np.asarray(u, dtype=np.float64)
    if isinstance(spread, Fixed):
        return np.full(p.shape, float(value))
    if isinstance(spread, Normal):
        return np.asarray(spread.mean + spread.se * special.ndtri(p))
    if isinstance(spread, Lognormal):
        mu, sigma = _lognormal_terms(spread)
        return np.asarray(np.exp(mu + sigma * special.ndtri(p)))
    if isinstance(spread, Gamma):
        shape, scale = (spread.mean / spread.se) ** 2, spread.se**2 / spread.mean
        return np.asarray(special.gammaincinv(shape, p) * scale)
    if isinstance(spread, Beta):
        a, b = beta_terms(spread)
        return np.asarray(special.betaincinv(a, b, p))
    if isinstance(spread, Uniform):
        return np.asarray(spread.low + (spread.high - spread.low) * p)
    a, b, width = _pert_terms(spread)
    return np.asarray(spread.low + width * special.betaincinv(a, b, p))


def mean(spread: Spread, value: float) -> float:
    """Mean of a spread in the entry's unit; the claim's value if it is fixed."""
    if isinstance(spread, Fixed):
        return float(value)
    if isinstance(spread, (Normal, Gamma)):
        return float(spread.mean)
    if isinstance(spread, Lognormal):
        mu, sigma = _lognormal_terms(spread)
        return math.exp(mu + sigma**2 / 2.0)
    if isinstance(spread, Beta):
        a, b = beta_terms(spread)
        return a / (a + b)
    if isinstance(spread, Uniform):
        return (spread.low + spread.high) / 2.0
    return (spread.low + 4.0 * spread.mode + spread.high) / 6.0
