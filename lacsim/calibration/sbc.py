"""Simulation-based calibration: data made from the prior must rank their own truth evenly in the posterior.

Each data set is simulated from a draw of the prior with the error the fit assumes, fitted by the same code, and the
rank of the truth among equally weighted posterior points is noted. A right fitting code gives even ranks for every
parameter; too narrow a posterior piles them up at the ends, too wide a one in the middle.

Source
------
Talts et al. (2018), arXiv 1804.06788.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg, stats

from lacsim.calibration.imis import Sample, effective_number, normal_points

RANKS: Final = 63
BINS: Final = 8
FEWEST: Final = 100.0  # effective points below which a data set is counted as unreliable


@dataclass(frozen=True)
class Calibration:
    """What simulation-based calibration found.

    Attributes
    ----------
    ranks
        Rank of each truth among `RANKS` posterior points, 0 to RANKS, shape (data sets, d).
    counts
        Ranks in `BINS` equal bins, shape (d, BINS).
    p
        Of the chi-squared test of evenness, shape (d,).
    unreliable
        Data sets with fewer than `FEWEST` effective points; they are counted in.
    """

    ranks: np.ndarray
    counts: np.ndarray
    p: np.ndarray
    unreliable: int


def calibrate(
    fit: Callable[[np.ndarray, int], Sample],
    simulate: Callable[[np.ndarray], np.ndarray],
    covariance: np.ndarray,
    d: int,
    *,
    data_sets: int,
    seed: int,
) -> Calibration:
    """Rank the truth of many simulated data sets in the posterior a fit gives for each.

    Parameters
    ----------
    fit
        Takes published measures, shape (m,), and a seed; returns a posterior sample.
    simulate
        Measures of standard normal points, (n, d) to (n, m).
    covariance
        Of the error of the measures, shape (m, m).
    """
    # One sequence for both: two scrambles of one Sobol sequence share the halves their points fall in, column by
    # column, and a truth that knows the sign of its error is not ranked evenly by the right posterior.
    both = normal_points(data_sets, d + len(covariance), seed)
    truths, errors = both[:, :d], both[:, d:] @ linalg.cholesky(covariance, lower=True).T
    data = simulate(truths) + errors
    ranks, unreliable = np.zeros((data_sets, d), np.int64), 0
    for k in range(data_sets):
        sample = fit(data[k], seed + 2 + k)
        unreliable += effective_number(sample.weights) < FEWEST
        rows = np.random.default_rng(seed + k).choice(len(sample.weights), size=RANKS, p=sample.weights)
        ranks[k] = (sample.points[rows] < truths[k]).sum(axis=0)
    edges = np.linspace(0, RANKS + 1, BINS + 1)
    counts = np.array([np.histogram(ranks[:, j], bins=edges)[0] for j in range(d)])
    p = np.array([stats.chisquare(row).pvalue for row in counts])
    return Calibration(ranks, counts, p, int(unreliable))


def reweighted(points: np.ndarray, measures: np.ndarray, covariance: np.ndarray) -> Callable[[np.ndarray, int], Sample]:
    """A fit that re-weights one stored pool of prior runs: nearly free, and right if the pool is large enough."""
    inverse = linalg.inv(covariance)

    def fit(published: np.ndarray, seed: int) -> Sample:
        del seed
        left = measures - published
        log_likelihood = -0.5 * np.einsum("ij,jk,ik->i", left, inverse, left)
        weights = np.exp(log_likelihood - log_likelihood.max())
        weights = weights / weights.sum()
        return Sample(points, measures, weights, (effective_number(weights),))

    return fit
