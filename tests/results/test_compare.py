"""Paired differences: each event is found again under the same name, and the classes add up."""

from __future__ import annotations

import numpy as np
import pytest

from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED, TRACE
from lacsim.results.compare import EVENTS, Found, classify, find_events
from lacsim.results.study import run
from lacsim.runs.experiment import trace_of
from lacsim.runs.plan import central_plan
from lacsim.runs.scenario import forecast

HORIZON = 1_000


def rows(*entries: tuple[int, int, int, int, int, int, int, int, int, int]) -> np.ndarray:
    return np.array(list(entries), TRACE)


def admission(at: int, resident: int, occasion: int) -> tuple[int, ...]:
    return (at, resident, occasion, HAPPENED, s.SUDDEN_ADMISSION, 0, s.COMMUNITY, s.HOSPITAL, 0, 0)


def discharge(at: int, resident: int) -> tuple[int, ...]:
    return (
        at,
        resident,
        0,
        HAPPENED,
        s.STAY_ENDS,
        s.SUDDEN_ADMISSION,
        s.HOSPITAL,
        s.COMMUNITY,
        s.WENT_HOME,
        0,
    )


def test_each_admission_gets_the_class_it_deserves() -> None:
    before = rows(
        admission(10, 0, 0), discharge(20, 0),  # prevented
        admission(10, 1, 0), discharge(30, 1),  # reduced
        admission(10, 2, 0), discharge(20, 2),  # delayed
        admission(50, 3, 0), discharge(60, 3),  # brought forward
        admission(10, 5, 0), discharge(20, 5),  # unchanged
        admission(10, 6, 0), discharge(20, 6),  # lengthened, to the horizon
    )  # fmt: skip
    after = rows(
        admission(10, 1, 0), discharge(25, 1),
        admission(15, 2, 0), discharge(25, 2),
        admission(40, 3, 0), discharge(50, 3),
        admission(90, 3, 1),  # added
        admission(10, 5, 0), discharge(20, 5),
        admission(10, 6, 0),
    )  # fmt: skip
    a, b = (find_events(trace, HORIZON)["admissions"] for trace in (before, after))
    assert classify(a, b) == {
        "prevented": 1,
        "reduced": 1,
        "delayed": 1,
        "brought_forward": 1,
        "added": 1,
        "lengthened": 1,
        "unchanged": 1,
        "difference": 0,
    }


def test_a_stay_that_runs_at_the_horizon_is_cut_there() -> None:
    found = find_events(rows(admission(10, 0, 0)), HORIZON)["admissions"]
    assert found.took.tolist() == [HORIZON - 10]


def test_an_assessment_is_known_by_what_led_to_it() -> None:
    granted = (5, 4, 2, GRANTED, s.ASSESSOR, s.ASKS_FOR_HELP, s.ASSESSMENT, s.ASSESSMENT, 0, 0)
    other = (5, 4, 2, GRANTED, s.ASSESSOR, s.CARE_NEED, s.ASSESSMENT, s.ASSESSMENT, 0, 0)
    a = find_events(rows(granted), HORIZON)["assessments"]
    b = find_events(rows(other), HORIZON)["assessments"]
    assert classify(a, b)["prevented"] == classify(a, b)["added"] == 1


def test_two_events_of_one_resident_and_second_have_different_names() -> None:
    found = find_events(rows(admission(5, 4, 0), discharge(5, 4), admission(5, 4, 1)), HORIZON)["admissions"]
    assert len(np.unique(found.name)) == 2
    assert isinstance(found, Found)


@pytest.fixture(scope="module")
def study() -> object:
    return run(central_plan(["no-lac", "wards-10", "wards-17"], residents=20_000, period=forecast(3), seed=5), jobs=1)


def test_classes_add_up_to_the_difference_of_the_totals(study: object) -> None:
    paired = study.paired  # type: ignore[attr-defined]
    assert (paired["added"] - paired["prevented"] == paired["difference"]).all()
    totals = study.yearly.groupby(["scenario", "measure"])["value"].sum()  # type: ignore[attr-defined]
    for row in paired.itertuples():
        assert totals[row.scenario, row.event] - totals[row.comparator, row.event] == row.difference


def test_names_of_events_are_unique_in_a_real_trace() -> None:
    lived = trace_of(central_plan(["wards-17"], residents=20_000, period=forecast(3), seed=5), 1, "wards-17")
    for kind in EVENTS:
        found = find_events(lived.trace, lived.world.horizon)[kind]
        assert len(found.name) > 0
        assert len(np.unique(found.name)) == len(found.name), kind
