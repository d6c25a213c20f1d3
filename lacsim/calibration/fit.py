"""The fit: every uncertain number a block of the model reads, all at once, against counts that were published.

Two blocks. `natural_history` is the city without coordinators against base rates; `coordination` is the team as it was,
2012 to 2019, against the counts of the council paper. All numbers of a block are in its fit but the capacity of
assessors, not a chosen few: a draw must stay near the targets while what nobody measured varies, so what was measured
has to move against it. What the data did not inform keeps its prior and is printed so. The size of coordination's
effect is in neither block and cannot be: no target has anything to say about it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from scipy import special

from lacsim.calibration import history, simulator
from lacsim.calibration.imis import Sample, imis
from lacsim.calibration.programme import COUNTS, printed
from lacsim.calibration.targets import TARGETS, published
from lacsim.errors import RegisterError
from lacsim.parameters import Parameters, params
from lacsim.parameters.distributions import ppf
from lacsim.parameters.fitted import frozen_priors
from lacsim.runs.backends import map_futures
from lacsim.units import did_you_mean

ROWS: Final = 512
_EDGE: Final = 2.0**-40
# How much the city's assessors can do. Their number is assumed and a sample has a share of them; near its limit a queue
# turns a little of either into weeks, so a fit on a sample would move them for reasons that are not Derby's.
CAPACITY: Final = ("adult_care.assessor_posts", "adult_care.assessment_mean_days", "adult_care.assessment_cv")
# Share of the variance from luck that is left when the luck of the first sample is taken off. With six kinds of luck
# for each of eight or ten parameter sets the middle figure kept 0.24 in natural history and 0.55 in coordination, and
# all figures from 0.05 to 0.90.
LUCK_LEFT: Final = 0.5
_LUCK: Final = 24  # samples that differ by luck alone
_Measured = Callable[..., np.ndarray]  # of (values, replication), for other processes: a function of a module


@dataclass(frozen=True)
class Problem:
    """What one block is fitted to.

    Attributes
    ----------
    name
        Name of the block.
    subjects
        Files of the register whose uncertain numbers are fitted.
    labels, figures, spreads
        Names of all measures, published figures, and standard deviations of their log error (None = not fitted).
    factors
        Register names of the factors each figure was taken to Derby with; figures that share one err together.
    measured
        Logarithms of all measures of one sample, from all parameter values and the number of its luck.
    seed, first, batch, rounds
        Of the sampling.
    """

    name: str
    subjects: tuple[str, ...]
    labels: tuple[str, ...]
    figures: tuple[float, ...]
    spreads: tuple[float | None, ...]
    factors: tuple[tuple[str, ...], ...]
    measured: _Measured
    seed: int
    first: int
    batch: int
    rounds: int

    @property
    def used(self) -> list[int]:
        """Positions of the measures that are fitted."""
        return [k for k, spread in enumerate(self.spreads) if spread is not None]

    def names(self, parameters: Parameters) -> list[str]:
        """Uncertain numbers of the block, sorted; not those of `CAPACITY`, which keep the register's spread."""
        return [name for name in parameters.uncertain() if name.split(".")[0] in self.subjects and name not in CAPACITY]

    def covariance(self, luck: np.ndarray) -> np.ndarray:
        """Covariance of the log error: each figure's spread, what is left of luck, and shared factors.

        Parameters
        ----------
        luck
            Variance that luck leaves in every log measure, shape (len(labels),).
        """
        p, used = params(fitted=False), self.used
        covariance = np.diag([float(self.spreads[k] or 0.0) ** 2 + float(luck[k]) for k in used])
        for factor in sorted({name for k in used for name in self.factors[k]}):
            claim = p.claim(factor)
            low, high = np.log(ppf(claim.spread, float(claim.value), np.array([0.05, 0.95])))
            shares = np.array([factor in self.factors[k] for k in used], float) * (high - low) / 3.2897
            covariance += np.outer(shares, shares)
        return np.asarray(covariance)


def problem(name: str) -> Problem:
    """A block by name.

    Raises
    ------
    RegisterError
        If there is no such block.
    """
    if name == "natural_history":
        return Problem(
            name,
            ("adult_care", "hospital", "natural_history", "population", "residential"),
            tuple(f"{t.group}: {t.name}" for t in TARGETS),
            tuple(float(published(t)["central"]) for t in TARGETS),
            tuple(t.spread for t in TARGETS),
            tuple(t.factor for t in TARGETS),
            simulator.measured,
            seed=20_190_205,
            first=1024,
            batch=640,
            rounds=8,
        )
    if name == "coordination":
        return Problem(
            name,
            ("coordination",),
            tuple(c.name for c in COUNTS),
            tuple(printed(c) for c in COUNTS),
            tuple(c.spread for c in COUNTS),
            ((),) * len(COUNTS),
            history.measured,
            seed=20_120_401,
            first=512,
            batch=320,
            rounds=5,
        )
    known = ("natural_history", "coordination")
    raise RegisterError(f"fit: block '{name}' is not known.{did_you_mean(name, known)} Use {' or '.join(known)}.")


def prior_sha256(parameters: Parameters, names: list[str]) -> str:
    """Hash of names, spreads and ranges: the fit is of these priors and no others."""
    content = [[n, parameters.claim(n).spread.model_dump(exclude_none=True), parameters.entry(n).range] for n in names]
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


def point_of(parameters: Parameters, names: list[str]) -> np.ndarray:
    """Standard normal point whose values are the claims' own, to within a thousandth; shape (len(names),)."""
    grid = np.linspace(-4.0, 4.0, 8001)
    point = []
    for name in names:
        claim = parameters.claim(name)
        values = ppf(claim.spread, float(claim.value), special.ndtr(grid))
        point.append(float(np.interp(float(claim.value), values, grid)))
    return np.array(point)


def _one(
    measured: _Measured, base: Mapping[str, Any], names: Sequence[str], rows: np.ndarray, number: int
) -> np.ndarray:
    return measured(dict(base) | dict(zip(names, rows[number - 1].tolist(), strict=True)))


def simulate(
    measured: _Measured, base: Mapping[str, Any], names: Sequence[str], rows: np.ndarray, *, jobs: int = 0
) -> np.ndarray:
    """Logarithms of all measures for each parameter set, always with the same luck, shape (n, n_measures).

    Parameters
    ----------
    base
        All parameter values; those in `names` are replaced.
    names, rows
        The varied parameters and their values, shape (n, len(names)), in each parameter's unit.
    """
    return np.array(map_futures(partial(_one, measured, base, names, rows), len(rows), jobs=jobs))


def luck(measured: _Measured, base: Mapping[str, Any], *, samples: int = _LUCK, jobs: int = 0) -> np.ndarray:
    """Logarithms of all measures of samples that differ by luck alone, shape (samples, n_measures).

    The first is lived with the luck that all parameter sets are lived with.
    """
    return np.array(map_futures(partial(measured, base), samples, jobs=jobs))


def luck_of_the_first(lived: np.ndarray) -> np.ndarray:
    """How far the first sample lies from the mean of all, shape (n_measures,).

    All parameter sets are lived with the luck of the first, so that they differ by their values alone; what that luck
    does to a measure is much the same for all of them, and is taken off (`LUCK_LEFT` is what is not).

    Parameters
    ----------
    lived
        Logarithms of the measures of samples that differ by luck alone, shape (n_samples, n_measures).
    """
    return np.asarray(lived[0] - lived.mean(axis=0))


@dataclass(frozen=True)
class Fit:
    """What a fit found.

    Attributes
    ----------
    problem
        What was fitted to what.
    names, prior_sha256
        Fitted parameters and the hash of their priors.
    sample
        Weighted points; measures are logarithms of the fitted figures.
    rows
        Equally likely parameter sets in each parameter's unit, shape (ROWS, len(names)).
    simulations, seconds
        What it cost.
    """

    problem: Problem
    names: list[str]
    prior_sha256: str
    sample: Sample
    rows: np.ndarray
    simulations: int
    seconds: float


def fit(
    name: str, *, jobs: int = 0, say: Callable[[str], None] | None = None, size: tuple[int, int, int] | None = None
) -> Fit:
    """Fit one block to its figures.

    Parameters
    ----------
    name
        `natural_history` or `coordination`.
    jobs
        Processes; the result does not depend on it.
    say
        Told what is going on, one line at a time.
    size
        Points from the prior, points each round, and rounds; the block's own if not given.

    Raises
    ------
    RegisterError
        If the block is unknown, or its priors are not the frozen ones.
    """
    begun = time.perf_counter()
    task, priors = problem(name), params(fitted=False)
    names = task.names(priors)
    found, frozen = prior_sha256(priors, names), frozen_priors().get(name, "none")
    if found != frozen:
        raise RegisterError(
            f"fit: the priors of {name} ({len(names)} parameters) have hash {found[:12]}, frozen are {frozen[:12]}. "
            f"Priors are fixed before data are used: restore them, or freeze these on purpose: "
            f"lacsim fit {name} --freeze"
        )
    base: dict[str, Any] = dict(params().values() if name == "coordination" else priors.values())
    base |= {n: priors.values()[n] for n in names}  # not those of an earlier fit of the same numbers
    first, batch, rounds = size or (task.first, task.batch, task.rounds)
    tell = say or (lambda _: None)
    tell(f"{name}: {len(names)} parameters, {len(task.used)} figures")
    by_luck = luck(task.measured, base, jobs=jobs)
    shift = luck_of_the_first(by_luck)
    covariance = task.covariance(LUCK_LEFT * by_luck.var(axis=0, ddof=1))
    figures = np.log([task.figures[k] for k in task.used])
    count = 0

    def measures_at(points: np.ndarray) -> np.ndarray:
        nonlocal count
        lived = simulate(task.measured, base, names, values_at(priors, names, points), jobs=jobs)
        measures: np.ndarray = (lived - shift)[:, task.used]
        count += len(points)
        tell(f"{count:,} simulations, {time.perf_counter() - begun:,.0f} s")
        return measures

    sample = imis(measures_at, figures, covariance, len(names), seed=task.seed, first=first, batch=batch, rounds=rounds)
    tell(f"effective points by round: {', '.join(f'{e:,.0f}' for e in sample.effective)}")
    rows = values_at(priors, names, sample.points[sample.rows(ROWS)])
    return Fit(task, names, found, sample, rows, count, time.perf_counter() - begun)
