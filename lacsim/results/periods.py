"""Years and months of a run: in which of them a second falls.

Every row of a trace asks, so the answer comes from a table of days: a day's first second tells the period, or one
shortly before it where a period begins within a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lacsim.model.compiling import step
from lacsim.model.stages import DAY


class Periods(NamedTuple):
    """Periods that follow one another without gaps.

    Attributes
    ----------
    starts
        Seconds at which they begin, the first at 0, and at which the last ends, ascending; shape (n_periods + 1,).
    of_day
        Period in which each day begins; shape (n_days,).
    """

    starts: np.ndarray
    of_day: np.ndarray


def periods_of(starts: Sequence[int]) -> Periods:
    """Periods from the seconds at which they begin, ending with the horizon."""
    seconds = np.array(starts, np.int64)
    days = np.arange(0, seconds[-1], DAY)
    return Periods(seconds, (np.searchsorted(seconds, days, side="right") - 1).astype(np.int32))


@step
def period_of(periods: Any, second: int) -> int:
    """Which period a second before the horizon falls in."""
    p: int = periods.of_day[second // DAY]
    while periods.starts[p + 1] <= second:
        p += 1
    return p
