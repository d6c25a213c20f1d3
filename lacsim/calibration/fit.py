"""The fit of Derby's natural history: every uncertain number the city without coordinators reads, all at once.

All of them are in the fit, not a chosen few: a draw must stay near the targets while the numbers nobody measured vary,
so those that were measured have to move against them. What the data did not inform keeps its prior and is printed so.
The size of coordination's effect is not here and cannot be: no target has anything to say about it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from scipy import special

from lacsim.calibration.imis import Sample, imis
from lacsim.calibration.simulator import noise, simulate
from lacsim.calibration.targets import TARGETS, Target, published
from lacsim.errors import RegisterError
from lacsim.parameters import Parameters, params
from lacsim.parameters.distributions import ppf

SEED: Final = 20_190_205
SUBJECTS: Final = ("adult_care", "hospital", "natural_history", "population", "residential")
ROWS: Final = 512
_EDGE: Final = 2.0**-40


def prior_names(parameters: Parameters) -> list[str]:
    """Uncertain numbers that a city without coordination reads, sorted."""
    return [name for name in parameters.uncertain() if name.split(".")[0] in SUBJECTS]


def prior_sha256(parameters: Parameters, names: list[str]) -> str:
    """Hash of names, spreads and ranges: the fit is of these priors and no others."""
    content = [
        [n, parameters.claim(n).spread.model_dump(exclude_none=True), parameters.entry(n).range] for n in names
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def values_at(parameters: Parameters, names: list[str], points: np.ndarray) -> np.ndarray:
    """Parameter values of standard normal points, shape (n, len(names)), through each prior's own quantiles."""
    uniforms = np.clip(special.ndtr(points), _EDGE, 1.0 - _EDGE)
    columns = []
    for k, name in enumerate(names):
        claim, ends = parameters.claim(name), parameters.entry(name).range
        assert ends is not None
        drawn = ppf(claim.spread, float(claim.value), uniforms[:, k])
        columns.append(np.clip(drawn, float(ends[0]), float(ends[1])))
    return np.column_stack(columns)


def error_covariance(targets: list[Target], luck: np.ndarray) -> np.ndarray:
    """Covariance of the log error: each target's own spread, one sample's luck, and factors that targets share.

    Parameters
    ----------
    luck
        Variance of each log measure from the luck of one sample, shape (len(targets),).
    """
    p = params()
    covariance = np.diag([t.spread**2 for t in targets if t.spread is not None] + luck)
    for factor in sorted({name for target in targets for name in target.factor}):
        claim = p.claim(factor)
        low, high = np.log(ppf(claim.spread, float(claim.value), np.array([0.05, 0.95])))
        shares = np.array([factor in target.factor for target in targets], float) * (high - low) / 3.2897
        covariance += np.outer(shares, shares)
    return np.asarray(covariance)


@dataclass(frozen=True)
class Fit:
    """What a fit found.

    Attributes
    ----------
    names
        Fitted parameters.
    prior_sha256
        Hash of their priors.
    sample
        Weighted points; measures are logarithms of all fitted targets.
    rows
        Equally weighted parameter sets in each parameter's unit, shape (ROWS, len(names)).
    contraction
        1 − posterior over prior standard deviation of each, on the normal scale, shape (len(names),).
    simulations, seconds
        What it cost.
    """

    names: list[str]
    prior_sha256: str
    sample: Sample
    rows: np.ndarray
    contraction: np.ndarray
    simulations: int
    seconds: float


def fit(
    *,
    prior_sha: str,
    first: int = 1024,
    batch: int = 640,
    rounds: int = 5,
    jobs: int = 0,
    seed: int = SEED,
    say: Callable[[str], None] | None = None,
) -> Fit:
    """Fit the natural history to the targets that have a spread.

    Parameters
    ----------
    prior_sha
        The frozen hash of the priors; the fit refuses others, so that priors are not chosen after looking.
    first, batch, rounds
        Points from the prior, points each round, and rounds.
    say
        Told what is going on, in one line at a time.

    Raises
    ------
    RegisterError
        If the priors are not the frozen ones.
    """
    begun = time.perf_counter()
    priors = params(fitted=False)
    names = prior_names(priors)
    found = prior_sha256(priors, names)
    if found != prior_sha:
        raise RegisterError(
            f"fit: the priors of {len(names)} parameters have hash {found[:12]}, frozen are {prior_sha[:12]}. "
            "Priors are fixed before the data are used; freeze these on purpose (lacsim fit --freeze), or restore them."
        )
    base = priors.values()
    used = [k for k, target in enumerate(TARGETS) if target.spread is not None]
    targets = [TARGETS[k] for k in used]
    figures = np.log([float(published(target)["central"]) for target in targets])
    tell = say or (lambda _: None)
    tell(f"{len(names)} parameters, {len(targets)} targets")
    covariance = error_covariance(targets, noise(base, jobs=jobs)[used])
    count = 0

    def simulator(points: np.ndarray) -> np.ndarray:
        nonlocal count
        measures = simulate(base, names, values_at(priors, names, points), jobs=jobs)[:, used]
        count += len(points)
        tell(f"{count:,} simulations, {time.perf_counter() - begun:,.0f} s")
        return measures

    sample = imis(simulator, figures, covariance, len(names), seed=seed, first=first, batch=batch, rounds=rounds)
    tell(f"effective points by round: {', '.join(f'{e:,.0f}' for e in sample.effective)}")
    rows = values_at(priors, names, sample.points[sample.rows(ROWS)])
    return Fit(names, found, sample, rows, sample.contraction(), count, time.perf_counter() - begun)


__all__ = ["Fit", "error_covariance", "fit", "partial", "prior_names", "prior_sha256", "values_at"]
