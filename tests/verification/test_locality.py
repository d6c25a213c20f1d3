"""Locality: what happens in one ward reaches another only through the city's own queue for assessors."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lacsim.parameters import params
from lacsim.runs.experiment import Future, live, make_future
from lacsim.runs.plan import central_plan
from lacsim.runs.scenario import Post, Scenario, forecast

NEW = "Spondon"


def lived(future: Future, scenario: Scenario) -> np.ndarray:
    """The rows of everyone who lives outside the new ward."""
    trace = live(future, scenario).trace
    ward = future.people[0]["ward"]
    outside = trace[ward[trace["resident"]] != future.plan.area.ward_names.index(NEW)]
    assert 0 < len(outside) < len(trace)
    return outside


def two_scenarios(assessors: float) -> tuple[np.ndarray, np.ndarray]:
    """Ten wards, and the same with one more, under strong effects."""
    parameters = params("reported").replace({"adult_care.assessor_posts": assessors})
    plan = central_plan(["wards-10"], parameters, residents=20_000, period=forecast(3), seed=8)
    future = make_future(plan, 1)
    ten = plan.scenarios[0]
    eleven = Scenario("eleven", "eleven wards", (*ten.posts, Post(NEW, dt.date(2019, 4, 1))))
    return lived(future, ten), lived(future, eleven)


def test_with_unlimited_assessors_one_more_ward_changes_no_life_outside_it() -> None:
    ten, eleven = two_scenarios(1_000.0)
    assert ten.tobytes() == eleven.tobytes()


def test_with_a_shared_queue_for_assessors_the_new_ward_is_felt_elsewhere() -> None:
    """The control: with few assessors the queue is real, so the test above could have failed."""
    ten, eleven = two_scenarios(20.0)
    assert ten.tobytes() != eleven.tobytes()
