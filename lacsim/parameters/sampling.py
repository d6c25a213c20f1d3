"""Draws of all uncertain parameters at once, as a scrambled Sobol sequence.

A set of draws is a thing to keep: it carries its own hash, is saved beside the results it produced, and is
never quietly made again when a file is missing or altered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from lacsim.errors import RegisterError
from lacsim.parameters.values import Parameters

Floats = npt.NDArray[np.float64]
_EDGE = 2.0**-40


@dataclass(frozen=True)
class Draws:
    """Sampled parameter sets.

    Parameters
    ----------
    names
        Parameter names, sorted; one per column.
    values
        Shape (n, d), each column in its parameter's unit; read-only.
    seed
        Seed of the scramble.
    sha256
        Hash of names, shape and values.
    """

    names: tuple[str, ...]
    values: Floats = field(repr=False)
    seed: int
    sha256: str

    def row(self, draw: int) -> dict[str, float]:
        """One parameter set by name, in each parameter's unit."""
        return {name: float(value) for name, value in zip(self.names, self.values[draw], strict=True)}

    def save(self, path: Path) -> None:
        """Write the draws to a NumPy archive with their hash inside."""
        with path.open("wb") as stream:
            np.savez(
                stream,
                names=np.array(self.names),
                values=self.values,
                seed=self.seed,
                sha256=np.array(self.sha256),
            )


def _digest(names: tuple[str, ...], values: Floats) -> str:
    digest = hashlib.sha256("\n".join(names).encode())
    digest.update(np.asarray(values.shape, dtype="<i8").tobytes())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def _sealed(names: tuple[str, ...], values: Floats, seed: int) -> Draws:
    values.setflags(write=False)
    return Draws(names, values, seed, _digest(names, values))


def _numbers(parameters: Parameters) -> list[str]:
    """Every number the model may read, uncertain or not, sorted."""
    entries = ((name, parameters.entry(name)) for name in sorted(parameters.names()))
    return [name for name, entry in entries if entry.role != "claim" and entry.range is not None]


def draw_matrix(parameters: Parameters, n: int, seed: int) -> Draws:
    """Sample every uncertain parameter n times.

    The sequence is made for the next power of two and its first n points are kept, so that more draws keep the ones
    already run. A number keeps its draws whatever else is overridden and whichever stance is read. Quantiles beyond an
    entry's range are set to its end. Fitted numbers take whole rows of their posterior, so that they stay together; a
    fitted number that is overridden leaves the rows of the others as they are (the fit is not made again).

    Parameters
    ----------
    parameters
        The stance and overrides to sample; overridden and fixed entries are not sampled.
    n
        Number of parameter sets, at least 1.
    seed
        Seed of the scramble; the same seed, names and n give the same draws.

    Raises
    ------
    RegisterError
        If n is less than 1 or the seed is negative.
    """
    # a second to import, for which one central life, or a process that only lives, need not wait
    from scipy.stats import qmc

    from lacsim.parameters.distributions import ppf

    if n < 1:
        raise RegisterError(f"draws: needs at least 1 parameter set, found {n}. Ask for 1 or more.")
    if seed < 0:
        raise RegisterError(f"draws: the seed must be 0 or more, found {seed}. Choose another.")

    names = tuple(sorted(parameters.uncertain()))
    values = np.empty((n, len(names)), dtype=np.float64)
    if names:
        # One dimension for every number of the register: overriding one leaves the draws of all others alone.
        dimension = {name: k for k, name in enumerate(_numbers(parameters))}
        power = max(n - 1, 0).bit_length()
        uniforms = qmc.Sobol(len(dimension), scramble=True, rng=seed).random_base2(power)[:n]
        uniforms = np.clip(uniforms, _EDGE, 1.0 - _EDGE)
        for column, name in enumerate(names):
            entry, claim, block = parameters.entry(name), parameters.claim(name), parameters.block(name)
            assert entry.range is not None
            if block is not None:  # all columns of a fit take the same row, chosen by the fit's first parameter
                chosen = (uniforms[:, dimension[block.names[0]]] * len(block.rows)).astype(np.int64)
                values[:, column] = block.column(name)[chosen]
                continue
            drawn = ppf(claim.spread, float(claim.value), uniforms[:, dimension[name]])
            values[:, column] = np.clip(drawn, float(entry.range[0]), float(entry.range[1]))
    return _sealed(names, values, seed)


def load_draws(path: Path) -> Draws:
    """Read saved draws and check them against their own hash.

    Raises
    ------
    RegisterError
        If the file is missing, unreadable or altered; draws are never made again silently.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            names = tuple(str(name) for name in stored["names"])
            values, seed, expected = np.array(stored["values"]), int(stored["seed"]), str(stored["sha256"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as why:
        raise RegisterError(
            f"draws: {path.name} cannot be read ({why}). Restore it, or run again from the start."
        ) from why
    draws = _sealed(names, values, seed)
    if draws.sha256 != expected:
        raise RegisterError(
            f"draws: {path.name} has hash {draws.sha256[:12]}, its record says {expected[:12]}: "
            "it was altered. Restore it, or run again from the start."
        )
    return draws
