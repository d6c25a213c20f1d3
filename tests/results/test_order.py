"""Whatever reads a trace finds the same in rows that stand in order and in rows that stand resident by resident.

And where there is nothing to tell, nothing is told.
"""

from __future__ import annotations

import numpy as np
import pytest

from lacsim.calibration.history import programme_from
from lacsim.results import accounts, compare, lives, quantities, study, tally
from lacsim.runs.experiment import Lived, live, make_future
from lacsim.runs.plan import make_plan
from lacsim.runs.scenario import history


@pytest.fixture(scope="module")
def told() -> tuple[Lived, Lived]:
    """The same lives of one scenario, in order and resident by resident."""
    future = make_future(make_plan(["wards-17"], futures=1, residents=6_000), 1)
    scenario = future.plan.scenarios[0]
    return live(future, scenario), live(future, scenario, in_order=False)


def test_the_rows_are_the_same_in_another_order(told: tuple[Lived, Lived]) -> None:
    one, other = told
    assert len(one.trace) > 10_000
    assert (np.diff(one.trace["seconds"]) >= 0).all()
    assert (np.diff(other.trace["resident"]) >= 0).all()
    assert one.trace.tobytes() != other.trace.tobytes()
    order = np.argsort(one.trace["resident"], kind="stable")
    assert one.trace[order].tobytes() == other.trace.tobytes()


def test_counts_and_times_are_the_same(told: tuple[Lived, Lived]) -> None:
    period = make_plan(["wards-17"], futures=1).period
    counted = [
        tally.tally(
            life.trace,
            life.start,
            year_starts=period.year_starts,
            month_starts=period.month_starts,
            n_wards=17,
            short_stay_days=1.0,
        )
        for life in told
    ]
    for name in ("events", "tenures", "seconds", "monthly", "flows"):
        assert np.array_equal(*(getattr(one, name) for one in counted)), name
    assert np.array_equal(*(np.sort(one.waits) for one in counted))
    for life, one in zip(told, counted, strict=True):
        assert accounts.unaccounted(life, one, period.horizon).tolist() == [0, 0]
    priced = [
        quantities.quantities(
            life.trace,
            life.start,
            period_starts=period.month_starts,
            group=life.start["ward"],
            n_groups=17,
            short_stay_days=1.0,
            spell_days=5.0,
        )
        for life in told
    ]
    assert np.array_equal(*priced)


def test_events_and_whole_lives_are_the_same(told: tuple[Lived, Lived]) -> None:
    period = make_plan(["wards-17"], futures=1).period
    one, other = (compare.find_events(life.trace, period.horizon) for life in told)
    for kind in compare.EVENTS:
        assert len(one[kind].name) > 10
        for a, b in zip(one[kind], other[kind], strict=True):
            assert np.array_equal(a, b)
    followed = [lives.follow(life.trace, life.start, year_starts=period.year_starts) for life in told]
    for name, a, b in zip(lives.Lives._fields, *followed, strict=True):
        sort = isinstance(a, np.ndarray) and a.dtype.names is not None  # lists of people, in the order of the rows
        assert np.array_equal(np.sort(a), np.sort(b)) if sort else np.array_equal(a, b), name


def test_where_no_place_was_granted_no_wait_is_told() -> None:
    waits = study.run(make_plan(["no-lac"], futures=1, residents=2_000), jobs=1).waits.set_index("kind")
    told = ["p50_days", "p90_days", "share_waited"]
    assert waits.loc["short_term_time", "n"] == 0
    assert waits.loc["short_term_time", told].isna().all()
    assert waits.loc["assessor", "n"] > 0
    assert waits.loc["assessor", told].notna().all()


def test_the_history_of_the_programme_is_the_same() -> None:
    future = make_future(make_plan(["wards-10"], futures=1, residents=20_000, period=history()), 1)
    scenario = future.plan.scenarios[0]
    one, other = (programme_from(future.plan, live(future, scenario, in_order=order), 0.1) for order in (True, False))
    assert str(one) == str(other)
