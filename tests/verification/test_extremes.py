"""Extreme values: each one line of what must be true then, by both engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import derby, live, plain_rates, plain_ward, resident, town, with_death_at, world

from lacsim.model import compiled, reference, rules, trace
from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED, JOINED
from lacsim.model.world import CAPACITY, CONDITIONS, World


def both(make: Any) -> np.ndarray:
    """The trace of a world, after both engines have agreed; `make` gives a fresh world each time."""
    by_compiled, by_simpy = compiled.run(make(), rules), reference.run(make(), rules)
    assert trace.first_difference(by_simpy, by_compiled) == ""
    return by_compiled


def causes(rows: np.ndarray) -> np.ndarray:
    """How often each cause happened."""
    return np.bincount(rows["cause"][rows["what"] == HAPPENED], minlength=len(s.CAUSES))


def test_with_no_mortality_nobody_dies() -> None:
    rows = live(derby({"natural_history.death_at_65": 0.0}), "wards-17")
    assert causes(rows)[s.DEATH] == 0
    assert causes(rows)[s.LATE_ADMISSION] > 0


def test_with_enormous_mortality_everyone_is_dead_within_the_first_hour() -> None:
    city = with_death_at(derby(residents=500), 10.0)
    rows = both(lambda: world(city, "wards-10"))
    people = city.cohort[0]
    assert causes(rows)[s.DEATH] == len(people)  # those who arrive later die on arrival
    first_day = (people["stage"] != s.OUTSIDE)[rows["resident"]]
    assert rows["seconds"][first_day].max() < s.HOUR


def test_where_nothing_can_happen_nothing_happens() -> None:
    assert len(both(lambda: town(resident(), plain_rates()))) == 0


def test_one_resident_lives_one_life() -> None:
    rates = plain_rates(
        death=1.0 / s.YEAR,
        sudden_admission=12.0 / s.YEAR,
        stay_mu=(11.0, 11.0),
        difficulty_starts=4.0 / s.YEAR,
        difficulty_passes=12.0 / s.YEAR,
    )
    rows = both(lambda: town(resident(identity=4), rates, horizon=90 * s.YEAR))
    assert causes(rows)[s.DEATH] == 1
    assert rows[-1]["entered"] == s.DIED
    assert causes(rows)[s.SUDDEN_ADMISSION] > 0


def test_one_resident_in_derby() -> None:
    city = derby(residents=1)
    assert (city.cohort[0]["stage"] != s.OUTSIDE).sum() == 1
    both(lambda: world(city, "wards-17"))


@pytest.mark.parametrize("horizon", [1, 2])
def test_with_a_horizon_of_a_second_only_the_first_second_happens(horizon: int) -> None:
    people = [resident(stage=s.HOSPITAL, phase=s.TREATED, stay_ends=at) for at in (0, 1, 2)]
    rows = both(lambda: town(people, plain_rates(), horizon=horizon))
    assert rows["resident"].tolist() == list(range(horizon))


def test_what_is_due_at_the_horizon_does_not_happen() -> None:
    people = [resident(stage=s.HOSPITAL, phase=s.TREATED, stay_ends=at) for at in (99, 100)]
    assert both(lambda: town(people, plain_rates(), horizon=100))["seconds"].tolist() == [99]


def test_without_posts_nobody_meets_a_coordinator() -> None:
    rows = live(derby({"coordination.front_door_offer_share": 1.0}), "no-lac")
    of_programme = (rows["cause"] == s.SHORT_TERM_TIME) | (rows["cause"] == s.CASELOAD)
    assert not ((rows["what"] == GRANTED) & of_programme).any()
    assert not (rows["holds"] & (s.CASELOAD_PLACE | s.CARRY_OVER | s.ON_WAITING_LIST)).any()
    assert not np.isin(rows["entered"], (s.SHORT_TERM, s.COORDINATION)).any()


def test_without_any_assessor_people_wait_until_they_give_up_die_or_leave() -> None:
    people = [resident(identity=i, age=60.0) for i in range(30)]
    rates = plain_rates(asks_for_help=1.0 / s.YEAR, withdraws=2.0 / s.YEAR, outcome_low_level=1.0)
    rows = both(lambda: town(people, rates, capacity={s.ASSESSOR: 0}))
    assert (rows["what"] == JOINED).sum() > 100
    assert not (rows["what"] == GRANTED).any()
    assert causes(rows)[s.WITHDRAWS] > 100


def test_with_places_for_everyone_nobody_waits() -> None:
    rows = live(derby({"adult_care.assessor_posts": 1e9, "hospital.beds": 1e9, "residential.places": 1e9}), "no-lac")
    assert not (rows["what"] == JOINED).any()
    assert (rows["what"] == GRANTED).any()


def test_when_everything_happens_on_the_same_second_residents_go_in_order() -> None:
    people = [resident(identity=i, stage=s.HOSPITAL, phase=s.TREATED, stay_ends=1_000) for i in range(20)]
    rates = plain_rates(hospital_needs_assessment=1.0, assessment_mu=np.log(600.0))
    rows = both(lambda: town(people, rates, capacity={s.ASSESSOR: 3}, horizon=100_000))
    ready = rows[(rows["what"] == HAPPENED) & (rows["outcome"] == s.READY_TO_LEAVE)]
    assert ready["resident"].tolist() == list(range(20))
    granted = rows[rows["what"] == GRANTED]
    assert granted["resident"].tolist() == list(range(20))
    assert granted["seconds"].tolist() == [1_000 + 600 * (i // 3) for i in range(20)]


def test_a_calendar_entry_comes_before_residents_of_the_same_second() -> None:
    people = [resident(identity=i, stage=s.HOSPITAL, phase=s.TREATED, stay_ends=1_000) for i in range(3)]
    rates = plain_rates(hospital_needs_assessment=1.0, assessment_mu=np.log(600.0))
    assessors = 2  # index of the pool in a town of one ward
    rows = both(
        lambda: town(people, rates, capacity={s.ASSESSOR: 0}, calendar=[(1_000, CAPACITY, assessors, 2)], horizon=1_001)
    )
    assert (rows["what"] == GRANTED).sum() == 2
    assert (rows["what"] == JOINED).sum() == 1


def test_a_cut_takes_no_place_away_but_fills_none_until_enough_have_left() -> None:
    people = [resident(identity=i, stage=s.HOSPITAL, phase=s.TREATED, stay_ends=1_000 + i) for i in range(6)]
    rates = plain_rates(hospital_needs_assessment=1.0, assessment_mu=np.log(600.0))
    rows = both(
        lambda: town(people, rates, capacity={s.ASSESSOR: 3}, calendar=[(1_300, CAPACITY, 2, 1)], horizon=50_000)
    )
    at = rows["seconds"][rows["what"] == GRANTED].tolist()
    assert at == [1_000, 1_001, 1_002, 1_602, 2_202, 2_802]


def test_where_a_ward_loses_its_cover_everyone_in_it_meets_that_on_the_same_second() -> None:
    wards = np.concatenate([plain_ward(posts=1.0), plain_ward(cover=1)])
    held = {"stage": s.COORDINATION, "holds": s.CASELOAD_PLACE, "has": {s.CASELOAD: s.HOLDING}}
    people = [resident(identity=i, ward=i % 2, **held) for i in range(6)]
    calendar = [(500, CONDITIONS, 0, 1), (500, CAPACITY, 2, 0)]

    def make() -> World:
        return town(people, plain_rates(), wards=wards, row_of_ward=(0, 0), capacity={s.CASELOAD: 3}, calendar=calendar)

    rows = both(make)
    assert set(rows["resident"].tolist()) == {0, 2, 4}
    assert set(rows["seconds"].tolist()) == {500}
    end = make()
    compiled.run(end, rules)
    assert (end.people["holds"] == [s.CARRY_OVER, s.CASELOAD_PLACE] * 3).all()


def test_whoever_dies_waiting_is_never_served() -> None:
    people = [resident(identity=i, age=80.0) for i in range(40)]
    rates = plain_rates(
        asks_for_help=2.0 / s.YEAR, death=0.5 / s.YEAR, assessment_mu=np.log(200.0 * s.DAY), outcome_low_level=1.0
    )
    rows = both(lambda: town(people, rates, capacity={s.ASSESSOR: 1}))
    waiting: set[int] = set()
    died_waiting = set()
    for row in rows:
        resident_number = int(row["resident"])
        if row["what"] == JOINED:
            waiting.add(resident_number)
        elif row["what"] == GRANTED:
            assert resident_number not in died_waiting
            waiting.discard(resident_number)
        elif row["what"] == HAPPENED and row["cause"] == s.DEATH and resident_number in waiting:
            died_waiting.add(resident_number)
    assert len(died_waiting) > 5


def test_one_more_assessor_lengthens_nobodys_first_wait() -> None:
    """Waits end in service only, so the order of service is the order of asking and one more can only help."""
    people = [resident(identity=i) for i in range(60)]
    rates = plain_rates(asks_for_help=1.0 / s.YEAR, assessment_mu=np.log(60.0 * s.DAY), outcome_low_level=1.0)
    served = []
    for posts in (1, 2, 3):
        rows = both(lambda posts=posts: town(people, rates, capacity={s.ASSESSOR: posts}, horizon=5 * s.YEAR))
        first = np.full(60, s.NEVER)
        granted = rows[rows["what"] == GRANTED][::-1]  # of one resident's rows the earliest is written last
        first[granted["resident"]] = granted["seconds"]
        served.append(first)
    assert (served[1] <= served[0]).all()
    assert (served[2] <= served[1]).all()
    assert (served[1] < served[0]).any()


def test_a_longer_horizon_only_adds_records_at_the_end() -> None:
    short = live(derby(residents=1_000, years=1), "wards-10")
    long = live(derby(residents=1_000, years=3), "wards-10")
    n_short = len(derby(residents=1_000, years=1).cohort[0])
    within = long[(long["seconds"] < short["seconds"].max() + 1) & (long["resident"] < n_short)]
    assert trace.first_difference(short, within[: len(short)]) == ""


def test_higher_mortality_lets_nobody_die_later() -> None:
    """The same luck; only death is at work, so dates can be compared person by person."""
    dates = []
    for death in (0.2, 0.3):
        people = [resident(identity=i) for i in range(300)]
        rates = plain_rates(death=death / s.YEAR)
        rates[0].slope[s.DEATH] = 0.1 / s.YEAR
        rows = both(lambda rates=rates, people=people: town(people, rates, horizon=60 * s.YEAR))
        died = np.full(300, s.NEVER)
        died[rows["resident"]] = rows["seconds"]
        dates.append(died)
    assert (dates[1] <= dates[0]).all()
    assert (dates[1] < dates[0]).mean() > 0.9


def test_with_a_horizon_of_nothing_nothing_happens() -> None:
    people = [resident(stage=s.HOSPITAL, phase=s.TREATED, stay_ends=0)]
    assert len(both(lambda: town(people, plain_rates(), horizon=0))) == 0


def test_a_stay_of_nothing_lasts_one_second() -> None:
    people = [resident(identity=i) for i in range(20)]
    rates = plain_rates(sudden_admission=4.0 / s.YEAR, stay_mu=(-50.0, -50.0))
    rows = both(lambda: town(people, rates))
    admitted, left = (rows["seconds"][rows[column] == s.HOSPITAL] for column in ("entered", "left"))
    assert len(left) > 500
    assert (left == admitted + 1).all()


@pytest.mark.parametrize(("ratio", "admitted"), [(0.0, False), (1.0, True), (5.0, True)])
def test_a_ratio_of_nothing_stops_admissions_of_those_supported_and_a_large_one_does_not(
    ratio: float, admitted: bool
) -> None:
    held = {"stage": s.COORDINATION, "holds": s.CASELOAD_PLACE, "has": {s.CASELOAD: s.HOLDING}}
    people = [resident(identity=i, **(held if i % 2 else {})) for i in range(40)]
    rates = plain_rates(sudden_admission=0.5 / s.YEAR, stay_mu=(10.0, 10.0), effect_admission_hr=ratio)
    rows = both(lambda: town(people, rates, wards=plain_ward(posts=1.0)))
    number = np.bincount(
        rows["resident"][(rows["cause"] == s.SUDDEN_ADMISSION) & (rows["what"] == HAPPENED)], minlength=40
    )
    assert number[::2].sum() > 50
    assert bool(number[1::2].any()) is admitted
    if ratio > 1.0:  # a harmful effect shows as harm
        assert number[1::2].sum() > 2 * number[::2].sum()


@pytest.mark.parametrize(("per_year", "closed"), [(0.0, 0), (1e9, 20)])
def test_cases_never_close_at_a_pace_of_nothing_and_all_at_once_at_an_enormous_one(
    per_year: float, closed: int
) -> None:
    people = [resident(identity=i, holds=s.PACKAGE) for i in range(20)]
    rows = both(lambda: town(people, plain_rates(package_closes=per_year / s.YEAR)))
    assert causes(rows)[s.CASE_CLOSED] == closed
    assert rows["seconds"].max(initial=0) < 60


def test_a_caseload_without_places_has_nobody_on_it() -> None:
    people = [resident(identity=i) for i in range(30)]
    rates = plain_rates(asks_for_help=1.0 / s.YEAR, introduced_at_ask=1.0, share_no_formal_service=1.0)
    rows = both(lambda: town(people, rates, wards=plain_ward(posts=1.0), capacity={s.CASELOAD: 0}))
    assert ((rows["what"] == JOINED) & (rows["cause"] == s.CASELOAD)).sum() == 30
    assert not (rows["what"] == GRANTED).any()
    assert not (rows["holds"] & s.CASELOAD_PLACE).any()


def test_an_empty_ward_changes_no_record_and_all_may_live_in_one() -> None:
    rates = plain_rates(asks_for_help=1.0 / s.YEAR, introduced_at_ask=0.5, assessment_mu=np.log(30.0 * s.DAY),
                        coordination_ends=1.0 / s.YEAR, outcome_low_level=1.0)  # fmt: skip
    made = []
    for n_wards, ward in ((1, 0), (2, 0), (3, 2)):
        people = [resident(identity=i, ward=ward) for i in range(30)]
        made.append(
            both(
                lambda people=people, n=n_wards: town(
                    people,
                    rates,
                    wards=plain_ward(posts=1.0),
                    row_of_ward=(0,) * n,
                    capacity={s.CASELOAD: 3, s.ASSESSOR: 2},
                )
            )
        )
    assert len(made[0]) > 500
    assert made[0].tobytes() == made[1].tobytes() == made[2].tobytes()
