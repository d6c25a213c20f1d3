"""Statistical tests that are not flaky: two stages, fixed seeds, and the smallest error each could have missed.

A measure gives, for n independent systems and a seed, one number a system for each quantity; its mean under a correct
engine is the closed form. Stage 1 rejects with chance 1e-3; if it does, fresh seeds and four times as many systems decide with 5e-3, so a
correct engine fails five times in a million. The smallest error found with power 0.99 is stated beside every result.
"""

from __future__ import annotations

import datetime
import math
import zlib
from collections.abc import Callable, Mapping

import numpy as np
import pytest

FIRST, SECOND = 3.2905, 2.8070  # two-sided normal limits of 1e-3 and 5e-3
POWER = 2.3263  # normal quantile of 0.99
FRESH = 1_000_003  # the second stage's seeds lie this far from the first's
FEWEST = 20  # systems; the mean of fewer is not near enough to normal

Measure = Callable[[int, int], Mapping[str, np.ndarray]]


def smallest_error(values: np.ndarray, expected: float) -> float:
    """Smallest true error, as a share of what is expected (or absolute if that is 0), found with power 0.99."""
    error = (FIRST + POWER) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return error / abs(expected) if expected else error


def z_of(values: np.ndarray, expected: float) -> float:
    """How many standard errors the mean lies from what is expected."""
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    difference = float(values.mean()) - expected
    return difference / error if error > 0.0 else math.copysign(math.inf, difference) if difference else 0.0


class Size:
    """How many times the quick number of systems, and the seed."""

    def __init__(self, times: int, seed: int) -> None:
        self.times, self.seed = times, seed


def _today() -> int:
    return int(datetime.datetime.now(tz=datetime.UTC).strftime("%Y%m%d"))


# Quick runs have fixed seeds; nightly runs have 16 times as many systems and a new seed every day, which is recorded.
SIZES = [
    pytest.param(Size(1, 1), id="quick"),
    pytest.param(Size(16, _today()), id="nightly", marks=pytest.mark.nightly),
]


def _in_parts(measure: Measure, n: int, parts: int, seed: int) -> dict[str, np.ndarray]:
    """The numbers of `parts` runs of n systems each, so that a large test needs no more memory than a quick one."""
    found = [measure(n, 10_000 * seed + part) for part in range(parts)]
    return {name: np.concatenate([np.asarray(f[name], float) for f in found]) for name in found[0]}


def hold(
    record: Callable[[str, object], None], measure: Measure, n: int, expected: Mapping[str, float], size: Size
) -> None:
    """Hold a measure against closed forms; writes down every quantity, its z and its smallest detectable error."""
    own = size.seed + zlib.crc32(repr(sorted(expected.items())).encode()) % FRESH  # no two tests share their luck
    record("seed", own)
    for parts, seed, limit in ((size.times, own, FIRST), (4 * size.times, own + FRESH, SECOND)):
        found = _in_parts(measure, n, parts, seed)
        assert set(found) == set(expected), "the measure and the closed forms name other quantities"
        bad = []
        for name, value in expected.items():
            values = found[name]
            assert len(values) >= FEWEST, f"{name}: {len(values)} systems are too few for a normal mean"
            z, error = z_of(values, value), smallest_error(values, value)
            unit = "%" if value else ""
            text = (
                f"{name}: expected {value:.8g}, found {values.mean():.8g}, z {z:+.2f}, "
                f"smallest detectable error {100 * error if value else error:.2g}{unit}"
            )
            print(text)
            record(name, text)
            if not abs(z) < limit:
                bad.append(text)
        if not bad:
            return
    pytest.fail("second stage, fresh seeds: " + "; ".join(bad))


def per_system(sums: np.ndarray, counts: np.ndarray, ratio: float) -> np.ndarray:
    """Numbers a system whose mean is `ratio` when mean(sums) = ratio x mean(counts): a ratio of means without bias."""
    return np.asarray(ratio + (sums - ratio * counts) / counts.mean())
