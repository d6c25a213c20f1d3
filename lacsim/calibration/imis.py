"""Incremental mixture importance sampling of a posterior, deterministic for a seed.

The parameters are standard normal before the data (a change of variable brings any prior there). Each round adds a
Gaussian component to the mixture from which points have been drawn; its centre and covariance are those of the
posterior if the measures were linear, with the line fitted to the points so far, the likely ones counting most. Weights
are prior × likelihood / mixture, so they are right whether or not the line is: a bad line costs effective points, never
correctness. A component around the best point with the covariance of its neighbours, as first published, needs
thousands of neighbours in ninety dimensions; the line needs one point a dimension.

Source
------
Steele, Raftery & Emond (2006), Computing normalizing constants for finite mixture models via incremental mixture
importance sampling, Journal of Computational and Graphical Statistics.
Raftery & Bao (2010), Estimating and projecting trends in HIV/AIDS generalized epidemics using incremental mixture
importance sampling, Biometrics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special
from scipy.stats import qmc

Simulator = Callable[[np.ndarray], np.ndarray]
_EDGE = 2.0**-40


@dataclass(frozen=True)
class Sample:
    """Weighted points of a posterior.

    Attributes
    ----------
    points
        Shape (n, d), standard normal before the data.
    measures
        What the simulator gave, shape (n, m).
    weights
        Shape (n,), add up to 1.
    effective
        Effective number of points (Kish) after each round, the first entry before any.
    """

    points: np.ndarray
    measures: np.ndarray
    weights: np.ndarray
    effective: tuple[float, ...]

    def mean(self) -> np.ndarray:
        """Posterior means, shape (d,)."""
        return np.asarray(self.weights @ self.points)

    def sd(self) -> np.ndarray:
        """Posterior standard deviations, shape (d,); 1 is the prior's."""
        return np.asarray(np.sqrt(np.maximum(self.weights @ self.points**2 - self.mean() ** 2, 0.0)))

    def contraction(self) -> np.ndarray:
        """1 − posterior over prior standard deviation, shape (d,)."""
        return np.asarray(1.0 - self.sd())

    def rows(self, n: int) -> np.ndarray:
        """Indices of n equally weighted points (systematic resampling at the middles of n equal steps)."""
        edges = np.cumsum(self.weights)
        return np.minimum(np.searchsorted(edges, (np.arange(n) + 0.5) / n), len(edges) - 1)


def normal_points(n: int, d: int, seed: int) -> np.ndarray:
    """Standard normal points from a scrambled Sobol sequence, shape (n, d)."""
    power = max(n - 1, 1).bit_length()
    uniforms = qmc.Sobol(d, scramble=True, rng=seed).random_base2(power)[:n]
    return np.asarray(special.ndtri(np.clip(uniforms, _EDGE, 1.0 - _EDGE)))


def effective_number(weights: np.ndarray) -> float:
    """Kish's effective number of weighted points."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def imis(
    simulate: Simulator,
    published: np.ndarray,
    covariance: np.ndarray,
    d: int,
    *,
    seed: int,
    first: int = 1024,
    batch: int = 512,
    rounds: int = 4,
) -> Sample:
    """Draw from the posterior of `d` standard normal parameters given published measures with Gaussian error.

    Parameters
    ----------
    simulate
        Measures of each row of points: (n, d) to (n, m). A row with a value that is not finite has no weight.
    published, covariance
        Figures, shape (m,), and the covariance of their error, shape (m, m).
    seed
        Of the Sobol scrambles; round k uses seed + k, so a sample depends on nothing else.
    first, batch, rounds
        Points from the prior, points each round, and rounds.
    """
    points = normal_points(first, d, seed)
    measures = simulate(points)
    components: list[tuple[np.ndarray, np.ndarray, int]] = []
    weights = _weights(points, measures, published, covariance, components, first)
    effective = [effective_number(weights)]
    for number in range(1, rounds + 1):
        centre, spread = linear_posterior(points, measures, published, covariance, weights)
        components.append((centre, spread, batch))
        root = linalg.cholesky(spread, lower=True)
        added = centre + normal_points(batch, d, seed + number) @ root.T
        points, measures = np.vstack([points, added]), np.vstack([measures, simulate(added)])
        weights = _weights(points, measures, published, covariance, components, first)
        effective.append(effective_number(weights))
    return Sample(points, measures, weights, tuple(effective))


def _weights(
    points: np.ndarray,
    measures: np.ndarray,
    published: np.ndarray,
    covariance: np.ndarray,
    components: list[tuple[np.ndarray, np.ndarray, int]],
    first: int,
) -> np.ndarray:
    """Prior × likelihood over the mixture of everything drawn so far, adding up to 1."""
    log_prior = -0.5 * (points**2).sum(axis=1)
    parts = [np.log(first) + log_prior]
    for centre, spread, n in components:
        root = linalg.cholesky(spread, lower=True)
        scaled = linalg.solve_triangular(root, (points - centre).T, lower=True)
        parts.append(np.log(n) - 0.5 * (scaled**2).sum(axis=0) - np.log(np.diag(root)).sum())
    usable = np.isfinite(measures).all(axis=1)
    left = np.where(usable[:, None], measures - published, 0.0)
    log_likelihood = -0.5 * (left * linalg.cho_solve(linalg.cho_factor(covariance), left.T).T).sum(axis=1)
    log_weight = np.where(usable, log_likelihood + log_prior - special.logsumexp(parts, axis=0), -np.inf)
    weights = np.exp(log_weight - log_weight.max())
    return np.asarray(weights / weights.sum())


def _tempered(weights: np.ndarray, wanted: float) -> np.ndarray:
    """Weights to the largest power (up to 1) that leaves an effective number of at least `wanted`."""
    positive = np.maximum(weights, 1e-300)
    low, high = 0.0, 1.0
    if effective_number(weights) >= wanted:
        return weights
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective_number(positive**middle) >= wanted else (low, middle)
    return np.asarray(positive**low)


def linear_posterior(
    points: np.ndarray, measures: np.ndarray, published: np.ndarray, covariance: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the posterior if the measures were linear in the points.

    The line is a weighted ridge regression; what it leaves over is added to the error, so that a poor line gives a
    wide component.
    """
    usable = np.isfinite(measures).all(axis=1)
    x, y, d = points[usable], measures[usable], points.shape[1]
    w = _tempered(weights[usable], min(4.0 * (d + 1), 0.6 * len(x)))
    w = w / w.sum()
    mean_x, mean_y = w @ x, w @ y
    cx, cy = x - mean_x, y - mean_y
    gram = cx.T @ (cx * w[:, None]) + 1e-4 * np.eye(d)
    slope = linalg.solve(gram, cx.T @ (cy * w[:, None]), assume_a="pos")
    residual = cy - cx @ slope
    freedom = max(1.0 - (d + 1) / effective_number(w), 0.2)
    error = covariance + residual.T @ (residual * w[:, None]) / freedom
    precise = linalg.cho_solve(linalg.cho_factor(error), slope.T)
    spread = linalg.inv(np.eye(d) + slope @ precise)
    spread = 0.5 * (spread + spread.T)
    centre = spread @ (precise.T @ (published - mean_y + mean_x @ slope))
    return centre, spread
