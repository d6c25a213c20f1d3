"""Laws that hold exactly on every trace: people, time, places and queues, replayed row by row (20,000 residents)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pytest
from replay import Replayed, replay
from worlds import City, derby, world

from lacsim.model import compiled, rules
from lacsim.model import stages as s
from lacsim.model.trace import HAPPENED
from lacsim.model.world import World
from lacsim.runs.scenario import Post, Scenario

RESIDENTS = 20_000
# Every pool is short of places, in a few wards cover ends or shrinks.
VALUES = {
    "coordination.front_door_offer_share": 0.8,
    "coordination.introduced_at_ask": 0.4,
    "coordination.introduced_at_discharge": 0.2,
    "coordination.places_per_coordinator": 12.0,
    "coordination.short_term_minutes": 300.0,
    "adult_care.assessor_posts": 60.0,
    "adult_care.assessment_mean_days": 12.0,
    "residential.care_need_at_65": 0.02,
}
CUTS = Scenario(
    "cuts",
    "posts that end or shrink",
    (
        Post("Arboretum", dt.date(2013, 1, 1), 1.0),
        Post("Arboretum", dt.date(2013, 1, 1), 3.0, dt.date(2020, 7, 1)),
        Post("Alvaston", dt.date(2013, 1, 1), 2.0, dt.date(2021, 1, 1)),
        Post("Sinfin", dt.date(2019, 4, 1), 1.0),
        Post("Abbey", dt.date(2019, 4, 1), 2.0, dt.date(2022, 4, 1)),
    ),
)
CASES = {
    "first come": ({}, "wards-17"),
    "by urgency": ({"coordination.queue_order": "urgency", "natural_history.difficulty_mean_months": 18.0}, "wards-13"),
    "cuts": ({"coordination.queue_order": "urgency"}, CUTS),
    # more assessors: everybody asks them here, and with 60 posts hardly anyone ever finds one free
    "no coordinators": ({"adult_care.assessor_posts": 200.0}, "no-lac"),
}


def tight(values: dict[str, object], **make: int) -> City:
    """A city with as many beds and care-home places as there are residents in them on the first day."""
    free = derby(values, residents=RESIDENTS, **make)
    there = np.bincount(free.cohort[0]["stage"], minlength=len(s.STAGES))
    counted = {"hospital.beds": there[s.HOSPITAL] / free.scale, "residential.places": there[s.RESIDENTIAL] / free.scale}
    assert there[s.HOSPITAL] > 10
    assert there[s.RESIDENTIAL] > 10
    return derby({**values, **counted}, residents=RESIDENTS, **make)


class Case(NamedTuple):
    """One trace with its world at the start and at the end."""

    city: City
    start: World
    end: World
    rows: np.ndarray
    replayed: Replayed


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    values, scenario = CASES[request.param]
    city = tight({**VALUES, **values}, years=4, seed=5)
    end = world(city, scenario)
    rows = compiled.run(end, rules)
    start = world(city, scenario)
    return Case(city, start, end, rows, replay(start, rows))


def test_rows_stand_in_order_and_before_the_horizon(case: Case) -> None:
    assert case.replayed.faults["order"] == []


def test_every_resident_is_in_exactly_one_stage_after_every_record(case: Case) -> None:
    assert case.replayed.faults["people"] == []
    assert case.replayed.stage == case.end.people["stage"].tolist()
    assert case.replayed.holds == case.end.people["holds"].tolist()


def test_nobody_acts_or_holds_anything_after_death_or_departure(case: Case) -> None:
    assert case.replayed.faults["dead"] == []
    gone = np.isin(case.end.people["stage"], (s.DIED, s.OUTSIDE))
    assert not case.end.people["has"][gone].any()
    assert not case.end.people["wants"][gone].any()
    happened = case.rows[case.rows["what"] == HAPPENED]
    ends = happened[np.isin(happened["cause"], (s.DEATH, s.MOVES_AWAY))]
    assert len(ends) > 1_000
    assert len(np.unique(ends["resident"])) == len(ends)
    last_row = np.zeros(len(case.end.people), np.int64)
    last_row[case.rows["resident"]] = case.rows["seconds"]  # rows are in order: the last one stays
    assert (last_row[ends["resident"]] == ends["seconds"]).all()


def test_person_time_by_stage_adds_up_to_exit_minus_entry(case: Case) -> None:
    people, rows, horizon = case.start.people, case.rows, case.start.horizon
    by_stage = np.zeros(len(s.STAGES), np.int64)
    stage, since = people["stage"].tolist(), [0] * len(people)
    for row in rows[rows["left"] != rows["entered"]].tolist():
        seconds, resident, entered = row[0], row[1], row[7]
        by_stage[stage[resident]] += seconds - since[resident]
        stage[resident], since[resident] = entered, seconds
    for resident, at in enumerate(since):
        by_stage[stage[resident]] += horizon - at
    happened = rows[rows["what"] == HAPPENED]
    entry = np.where(people["stage"] == s.OUTSIDE, horizon, 0)
    arrived = happened[happened["cause"] == s.ARRIVES]
    entry[arrived["resident"]] = arrived["seconds"]
    leave = np.full(len(people), horizon)
    gone = happened[np.isin(happened["cause"], (s.DEATH, s.MOVES_AWAY))]
    leave[gone["resident"]] = gone["seconds"]
    assert len(arrived) > 100
    assert by_stage[: s.DIED].sum() == (leave - entry).sum()
    assert by_stage.sum() == len(people) * horizon


def test_places_in_use_never_exceed_capacity_and_releases_match(case: Case) -> None:
    assert case.replayed.faults["places"] == []
    people, start = case.end.people, case.start
    for kind in range(s.N_KINDS):
        holders = (people["has"][:, kind] == s.HOLDING).sum()
        first = start.first_pool[kind]
        last = first + (len(start.row_of_ward) if start.by_ward[kind] else 1)
        assert sum(case.replayed.in_use[first:last]) == holders, s.KINDS[kind]


def test_no_place_is_idle_while_someone_waits_for_it(case: Case) -> None:
    assert case.replayed.faults["idle"] == []


def test_places_go_to_the_most_urgent_and_then_to_whoever_has_waited_longest(case: Case) -> None:
    assert case.replayed.faults["queue"] == []
    assert case.replayed.grants_from_queue > 1_000
    assert case.replayed.grants_at_once > 100


def test_the_cases_above_fill_every_pool_and_let_the_urgent_pass(case: Case) -> None:
    """The laws were shown where they bind."""
    expected = {s.ASSESSOR, s.BED, s.CARE_HOME_PLACE}
    if case.start.people["wants"][:, s.CASELOAD].any():
        expected |= {s.SHORT_TERM_TIME, s.CASELOAD}
    assert expected <= case.replayed.full
    assert case.replayed.urgent_first > 0


def test_a_caseload_place_and_its_mark_go_together(case: Case) -> None:
    people = case.end.people
    holds_one = (people["holds"] & s.CASELOAD_PLACE) != 0
    listed = (people["holds"] & s.ON_WAITING_LIST) != 0
    assert np.array_equal(holds_one, people["has"][:, s.CASELOAD] == s.HOLDING)
    assert np.array_equal(listed, people["has"][:, s.CASELOAD] == s.WAITING)
    assert not (holds_one & (people["stage"] == s.COMMUNITY)).any()
    assert (holds_one | (people["stage"] != s.COORDINATION)).all()


def test_residents_in_hospital_or_a_care_home_on_the_first_day_use_the_places_that_are_counted() -> None:
    """Where beds and care-home places are capped, those already there occupy them."""
    city = tight(dict(VALUES), years=1, seed=5)
    people = world(city, "no-lac").people
    for stage, kind in ((s.HOSPITAL, s.BED), (s.RESIDENTIAL, s.CARE_HOME_PLACE)):
        there = people["stage"] == stage
        assert (people["has"][there, kind] == s.HOLDING).all(), f"{s.STAGES[stage]} without a {s.KINDS[kind]}"
        assert (people["wants"][there, kind] == 1).all()
