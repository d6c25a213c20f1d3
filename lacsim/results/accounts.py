"""People and person-time that are unaccounted for, worked out without the tally it checks.

Both numbers are exact and must be 0: every person who was here on the first day or came must be here on the last, have
died or have moved away; and their time between must be the time the tally found them in the six stages.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lacsim.model import stages as s
from lacsim.model.compiling import kernel
from lacsim.results.tally import EVENTS, Tally
from lacsim.runs.experiment import Lived


def unaccounted(life: Lived, counted: Tally, horizon: int) -> np.ndarray:
    """(people, person-seconds) that are missing from or too many in a tally, shape (2,).

    People: those here on the first day, plus arrivals, less deaths and departures, less those here on the last.
    Time: from the dates on which residents came and went, less the sum over stages.
    """
    here_first = int((life.start["stage"] < s.DIED).sum())
    here_last = int((life.world.people["stage"] < s.DIED).sum())
    count = dict(zip(EVENTS, counted.events.sum(axis=(0, 1, 2)).tolist(), strict=True))
    people = here_first + count["arrivals"] - count["deaths"] - count["departures"] - here_last
    expected = here_first * horizon + _time_of_movers(life.trace, horizon)
    return np.array([people, expected - int(counted.seconds[..., :6].sum())], np.int64)


@kernel
def _time_of_movers(trace: Any, horizon: int) -> int:
    """Seconds from each arrival to the horizon, less seconds from each death or departure to the horizon."""
    total = np.int64(0)
    for j in range(trace.shape[0]):
        row = trace[j]
        if row.left == s.OUTSIDE and row.entered < s.DIED:
            total += horizon - row.seconds
        elif row.left < s.DIED and row.entered >= s.DIED:
            total -= horizon - row.seconds
    return total
