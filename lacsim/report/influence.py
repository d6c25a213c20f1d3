"""Which assumptions move a figure most, seen from the futures that were run: no further simulation.

Each future has its own draw of every uncertain figure, so the rank correlation between a draw and an outcome says how
closely the two go together. With few futures and many figures, some go together by luck: only correlations that luck
would seldom reach are named. Going together is not an effect; the tornado and its switching values say how large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from lacsim.parameters.sampling import Draws

FEWEST: Final = 20
# With 150 figures and no connection at all, one would pass 3.5 standard errors in about 7 of 100 runs.
LUCK_Z: Final = 3.5

Floats = npt.NDArray[np.float64]


class Mover(NamedTuple):
    """A figure and its rank correlation with an outcome, from -1 to 1."""

    name: str
    correlation: float


def ranks(values: npt.ArrayLike) -> Floats:
    """Ranks from 0, equal values sharing their mean rank; shape of the first axis is kept."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(np.asarray(values, float), axis=0), float)


def correlations(draws: Draws, outcome: npt.ArrayLike) -> Floats:
    """Rank correlation of every drawn figure with an outcome of the same futures, shape (n_names,).

    Source
    ------
    Spearman (1904), doi:10.2307/1412159.
    """
    x, y = ranks(draws.values), ranks(outcome)
    x, y = x - x.mean(axis=0), y - y.mean()
    size = np.sqrt((x**2).sum(axis=0) * float(y @ y))
    return np.asarray(np.divide(y @ x, size, out=np.zeros(x.shape[1]), where=size > 0.0))


def movers(draws: Draws, outcome: Sequence[float], most: int = 3) -> list[Mover]:
    """Figures that go together with an outcome more than luck would have it, strongest first; perhaps none."""
    n = len(outcome)
    if n < FEWEST or not draws.names:
        return []
    found = correlations(draws, outcome)
    order = np.argsort(-np.abs(found), kind="stable")[:most]
    return [Mover(draws.names[k], float(found[k])) for k in order if abs(found[k]) > LUCK_Z / np.sqrt(n - 1)]


def in_words(draws: Draws, outcome: Sequence[float], most: int = 2) -> str:
    """'Moves with: …' for a footer, naming figures as the register does."""
    if len(outcome) < FEWEST:
        return "Too few futures to say which assumption moves it most."
    found = movers(draws, outcome, most)
    if not found:
        return "No single assumption stands out as moving it."
    named = ", ".join(f"{one.name} ({'+' if one.correlation > 0 else '−'})" for one in found)
    return f"Moves most with {named}."
