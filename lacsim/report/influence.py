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

from lacsim.report.labels import label_of

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.parameters.sampling import Draws

FEWEST: Final = 20
SHORT: Final = 64  # letters of a figure's name in a footer
_LIVES: Final = (
    "adult_care.", "coordination.", "effects.", "hospital.", "natural_history.", "population.", "residential.",
)  # fmt: skip
# What values the lives of people, or is an analyst's own assumption: in no count and not in the public purse.
_VALUE_ONLY: Final = ("sroi.", "unit_costs.wellby", "effects.wellbys_")
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


def can_move(names: Sequence[str], *, people_only: bool) -> list[int]:
    """Positions of the names that a result can depend on.

    Parameters
    ----------
    people_only
        The result counts people or time: then nothing that only money depends on can move it. Otherwise it is money of
        the public purse, which no value of wellbeing and no analyst's assumed share is part of.
    """
    if people_only:
        return [k for k, name in enumerate(names) if name.startswith(_LIVES) and not name.startswith(_VALUE_ONLY)]
    return [k for k, name in enumerate(names) if not name.startswith(_VALUE_ONLY)]


def movers(draws: Draws, outcome: Sequence[float], most: int = 3, *, people_only: bool = False) -> list[Mover]:
    """Figures that go together with an outcome more than luck would have it, strongest first; perhaps none.

    They enter one by one, each time the one that goes together best with what those before it leave unexplained: draws
    of so many figures in so few futures happen to rise and fall together, and one figure must not be named for another.
    """
    n = len(outcome)
    able = can_move(draws.names, people_only=people_only)
    if n < FEWEST or not able:
        return []
    found = correlations(draws, outcome)
    x, rest = _standard(ranks(draws.values)[:, able]), _standard(ranks(outcome)[:, None])[:, 0]
    named: list[int] = []
    while len(named) < most and float(rest @ rest) > 1e-9 * n:
        together = np.abs(x.T @ rest) / np.sqrt(n * float(rest @ rest))
        together[named] = 0.0
        best = int(np.argmax(together))
        if together[best] <= LUCK_Z / np.sqrt(n - 1 - len(named)):
            break
        named.append(best)
        explained = np.column_stack([np.ones(n), x[:, named]])
        rest = rest - explained @ np.linalg.lstsq(explained, rest, rcond=None)[0]
    return [Mover(draws.names[able[k]], float(found[able[k]])) for k in named]


def _standard(values: Floats) -> Floats:
    """Columns with mean nothing and spread one; a column without spread stays nothing."""
    centred = values - values.mean(axis=0)
    size = centred.std(axis=0)
    return np.asarray(np.divide(centred, size, out=np.zeros_like(centred), where=size > 0.0))


def in_words(
    parameters: Parameters,
    draws: Draws,
    outcome: Sequence[float],
    what: str,
    most: int = 2,
    *,
    people_only: bool = False,
) -> str:
    """Which assumptions `what` rises or falls with, for a footer, in the words of the register."""
    if len(outcome) < FEWEST:
        return f"Too few futures to say which assumption moves {_small(what)} most."
    found = movers(draws, outcome, most, people_only=people_only)
    if not found:
        return f"No single assumption stands out as moving {_small(what)}."
    told = [
        f"{'rises' if one.correlation > 0 else 'falls'} with “{label_of(parameters, one.name, SHORT)}”" for one in found
    ]
    return f"{what} {' and '.join(told)}."


def _small(words: str) -> str:
    return words[0].lower() + words[1:]
