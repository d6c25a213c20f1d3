"""The period of a second, by the table of days and by looking through all starts."""

from __future__ import annotations

import bisect

from hypothesis import given
from hypothesis import strategies as st

from lacsim.model.compiling import kernel
from lacsim.model.stages import DAY
from lacsim.results.periods import period_of, periods_of
from lacsim.runs.scenario import forecast, history


@kernel
def asked(periods: object, second: int) -> int:
    """`period_of` as a kernel calls it."""
    return period_of(periods, second)


@given(st.data())
def test_a_second_falls_in_the_last_period_that_has_begun(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.one_of(st.integers(1, 9), st.integers(1, 40 * DAY)), min_size=1, max_size=12))
    starts = [sum(lengths[:k]) for k in range(len(lengths) + 1)]
    second = data.draw(st.one_of(st.sampled_from(starts[:-1]), st.integers(0, starts[-1] - 1)))
    assert asked(periods_of(starts), second) == bisect.bisect_right(starts, second) - 1


def test_the_first_and_the_last_second_of_every_month_and_year_are_its_own() -> None:
    for period in (forecast(5), history()):
        for starts in (period.month_starts, period.year_starts):
            periods = periods_of(starts)
            assert [asked(periods, second) for second in starts[:-1]] == list(range(len(starts) - 1))
            assert [asked(periods, second - 1) for second in starts[1:]] == list(range(len(starts) - 1))
