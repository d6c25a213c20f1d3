"""One life under every scenario: with every effect at null all scenarios are the same lives, byte for byte."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from worlds import NULL, City, derby, live, world

from lacsim.model import compiled, rules, trace
from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED
from lacsim.model.world import CONDITIONS, QUIETLY
from lacsim.results.compare import lives
from lacsim.runs.scenario import Post, Scenario, built_in

RESIDENTS = 20_000
SCENARIOS = ("no-lac", "wards-10", "wards-17")
# Many are introduced, so that a null effect has many people on whom to show.
MANY = {
    "coordination.introduced_at_ask": 0.6,
    "coordination.introduced_at_discharge": 0.4,
    "coordination.places_per_coordinator": 60.0,
    "coordination.long_term_hours_per_month": 0.5,
}
# Each effect alone, as far from null as makes it show; the short-term ones need short-term time.
EFFECTS = {
    "effects.front_door_help_found": {"effects.front_door_help_found": 0.5, "coordination.front_door_offer_share": 1.0},
    "effects.difficulty_passes_hr": {"effects.difficulty_passes_hr": 1.5},
    "effects.admission_hr": {"effects.admission_hr": 0.7},
    "effects.hospital_stay_ratio": {"effects.hospital_stay_ratio": 0.8},
    "effects.care_need_hr": {"effects.care_need_hr": 0.3},
    "effects.case_closes_hr": {"effects.case_closes_hr": 2.0},
    "effects.unmet_need_hr": {"effects.unmet_need_hr": 1.3},
    "effects.ward_difficulty_fall_per_coordinator_year": {"effects.ward_difficulty_fall_per_coordinator_year": 0.02},
    "effects.displacement_hr": {"effects.displacement_hr": 1.05},
    "coordination.front_door_offer_share": {"coordination.front_door_offer_share": 0.5},
    "coordination.advice_share": {"coordination.advice_share": 0.5},
}


@pytest.mark.parametrize("order", ["first-come", "urgency"])
def test_with_every_effect_at_null_all_scenarios_are_the_same_lives_byte_for_byte(order: str) -> None:
    city = derby({**NULL, **MANY, "coordination.queue_order": order}, residents=RESIDENTS, seed=3)
    rows = {name: live(city, name) for name in SCENARIOS}
    starts = {name: int(((r["what"] == GRANTED) & (r["cause"] == s.CASELOAD)).sum()) for name, r in rows.items()}
    assert starts["no-lac"] == 0
    assert 100 < starts["wards-10"] < starts["wards-17"], starts
    base = lives(rows["no-lac"])
    assert len(base) == len(rows["no-lac"]) > 10_000
    for name in SCENARIOS[1:]:
        assert trace.first_difference(base, lives(rows[name])) == "", name
        assert trace.digest(base) == trace.digest(lives(rows[name]))


def test_with_every_effect_at_null_and_every_pool_counted_lives_are_still_the_same() -> None:
    tight = {
        "adult_care.assessor_posts": 60.0, "adult_care.assessment_mean_days": 12.0,
        "hospital.beds": 500.0, "residential.places": 1_200.0,
    }  # fmt: skip
    city = derby({**NULL, **MANY, **tight}, residents=RESIDENTS, seed=4)
    base = lives(live(city, "no-lac"))
    assert trace.first_difference(base, lives(live(city, "wards-17"))) == ""


@pytest.mark.parametrize("effect", EFFECTS)
def test_with_any_one_effect_not_at_null_lives_differ(effect: str) -> None:
    """The control: without it the null test could be passed by effects that do nothing."""
    city = derby({**NULL, **MANY, **EFFECTS[effect]}, residents=RESIDENTS, seed=3)
    assert trace.first_difference(lives(live(city, "no-lac")), lives(live(city, "wards-17"))) != ""


def _outside(city: City, rows: np.ndarray, wards: set[str]) -> np.ndarray:
    """Rows of residents who live in none of these wards."""
    numbers = [city.area.ward_names.index(ward) for ward in wards]
    return rows[~np.isin(city.cohort[0]["ward"][rows["resident"]], numbers)]


STRONG = {
    **MANY,
    "coordination.front_door_offer_share": 0.8,
    "effects.front_door_help_found": 0.6,
    "effects.difficulty_passes_hr": 2.0,
    "effects.admission_hr": 0.6,
    "effects.care_need_hr": 0.5,
    "effects.case_closes_hr": 2.0,
    "effects.ward_difficulty_fall_per_coordinator_year": 0.03,
    "effects.displacement_hr": 1.1,
}


def _one_more_ward(city: City) -> tuple[np.ndarray, np.ndarray, str]:
    """Traces of ten wards and of one more, and that ward."""
    ten = built_in("wards-10", city.area, city.period)
    more = next(post for post in built_in("wards-17", city.area, city.period).posts if post.ward not in ten.wards)
    eleven = Scenario("wards-11", "one more", (*ten.posts, more))
    return live(city, ten), live(city, eleven), more.ward


def test_with_assessors_for_everyone_one_more_ward_changes_no_record_of_anyone_outside_it() -> None:
    values = {**STRONG, "adult_care.assessor_posts": 1e9, "hospital.beds": 0.0, "residential.places": 0.0}
    city = derby(values, residents=RESIDENTS, seed=6)
    ten, eleven, ward = _one_more_ward(city)
    a, b = _outside(city, ten, {ward}), _outside(city, eleven, {ward})
    assert trace.first_difference(a, b) == ""
    assert len(a) > 10_000
    assert trace.first_difference(ten, eleven) != ""


def test_with_a_shared_queue_for_assessors_one_more_ward_may_change_waits_elsewhere() -> None:
    """That spill-over is real, and the control of the test above: it can tell a difference."""
    values = {**STRONG, "adult_care.assessor_posts": 40.0, "adult_care.assessment_mean_days": 12.0}
    city = derby(values, residents=RESIDENTS, seed=6)
    ten, eleven, ward = _one_more_ward(city)
    assert trace.first_difference(_outside(city, ten, {ward}), _outside(city, eleven, {ward})) != ""


def test_luck_is_the_same_for_an_event_that_two_scenarios_share() -> None:
    """Each clock counts its occasions from 0 without a gap, so an event has the same name in two scenarios."""
    city = derby({**STRONG}, residents=5_000, seed=8)
    rings = []
    for name in ("no-lac", "wards-17"):
        rows = live(city, name)
        happened = rows[(rows["what"] == HAPPENED) & (rows["cause"] < s.N_CLOCKS)]
        key = happened["resident"].astype(np.int64) * 32 + happened["cause"]
        order = np.argsort(key, kind="stable")
        occasion, key = happened["occasion"][order], key[order]
        first = np.r_[True, key[1:] != key[:-1]]
        assert (occasion[first] == 0).all()
        assert (np.diff(occasion)[~first[1:]] == 1).all()
        rings.append(len(happened))
    assert rings[0] != rings[1]


# Sixteen posts in one ward, each a year older on a date of its own: twice as many changes of capacity as a ward's record
# remembers, so that whoever nothing happens to is told twice.
SIXTEEN_POSTS = Scenario(
    "sixteen-posts",
    "sixteen posts",
    tuple(Post("Arboretum", dt.date(2013 + m // 12, m % 12 + 1, 1), 1.0) for m in range(16)),
)


@pytest.mark.parametrize(
    "scenario", ["wards-13", "wards-17", SIXTEEN_POSTS], ids=["wards-13", "wards-17", "sixteen-posts"]
)
def test_thinking_again_when_nothing_changed_for_a_resident_changes_no_life(scenario: str | Scenario) -> None:
    """What a ward's record says has changed, and not telling residents, only saves work: lives are the same."""
    fall = "effects.ward_difficulty_fall_"
    values = {**STRONG, f"{fall}most": 0.5, f"{fall}per_coordinator_year": 0.003}
    city = derby(values, residents=5_000, seed=9)
    told_all = world(city, scenario)
    assert (told_all.wards["changed"] != s.COVER_CHANGED | s.CAPACITY_CHANGED).any()
    told_all.wards["changed"] = s.COVER_CHANGED | s.CAPACITY_CHANGED
    quiet = told_all.calendar["what"] == QUIETLY
    assert quiet.any()
    assert (scenario is SIXTEEN_POSTS) == (told_all.wards["steps"].max() > 2 * s.N_STEPS)
    told_all.calendar["what"][quiet] = CONDITIONS
    assert trace.first_difference(live(city, scenario), compiled.run(told_all, rules)) == ""
