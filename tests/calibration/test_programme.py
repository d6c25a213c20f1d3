"""The team's history and the wards: counted as the council paper counts, and asked what a promise needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from lacsim.calibration.history import programme_from
from lacsim.calibration.wards import by_rule, share_of_older_and_deprived
from lacsim.evidence import area
from lacsim.model import stages as s
from lacsim.parameters import params
from lacsim.report.claims import facts_of
from lacsim.runs.experiment import live, make_future
from lacsim.runs.plan import central_plan
from lacsim.runs.scenario import forecast, history


@pytest.fixture(scope="module")
def past():  # type: ignore[no-untyped-def]
    plan = central_plan(["history"], params(fitted=False), period=history(), residents=6_000)
    future = make_future(plan, 1)
    return plan, future, live(future, plan.scenarios[0])


def test_the_history_begins_with_nobody_on_a_caseload(past) -> None:  # type: ignore[no-untyped-def]
    _, _, life = past
    assert not (life.start["holds"] & (s.CASELOAD_PLACE | s.ON_WAITING_LIST)).any()


def test_the_forecast_begins_with_the_caseloads_of_posts_that_were_there() -> None:
    plan = central_plan(["wards-17"], params(fitted=False), residents=20_000)
    people = make_future(plan, 1).world(plan.scenarios[0]).people
    held = people["ward"][(people["holds"] & s.CASELOAD_PLACE) != 0]
    names = {plan.area.ward_names[w] for w in held}
    assert names == set(plan.area.covered_2019)


def test_the_programme_is_counted_as_the_paper_counts_it(past) -> None:  # type: ignore[no-untyped-def]
    plan, _, life = past
    found = programme_from(plan, life, plan.scale)
    assert found.people > found.people_first_year > 0
    assert found.social_rent + found.owner + found.private_rent == pytest.approx(1.0)
    assert 45 < found.coordinator_years < 60  # 13.7 of the pilot's two, and eight that came one by one to 2015
    assert found.known >= 0
    assert 0 <= found.closed <= 1


def test_the_first_year_counts_the_first_coordinators_only(past) -> None:  # type: ignore[no-untyped-def]
    """The paper's 50 people are of two coordinators; more joined within the year, whose people are not among them."""
    plan, _, life = past
    first_day = min(post.starts for post in life.scenario.posts)
    pilot = replace(
        life, scenario=replace(life.scenario, posts=tuple(p for p in life.scenario.posts if p.starts == first_day))
    )
    later = replace(
        life, scenario=replace(life.scenario, posts=tuple(p for p in life.scenario.posts if p.starts > first_day))
    )
    joined_within_the_year = [p for p in later.scenario.posts if p.starts < first_day + dt.timedelta(days=365)]
    counted = [programme_from(plan, one, plan.scale).people_first_year for one in (life, pilot, later)]
    assert joined_within_the_year
    assert counted[0] == counted[1]
    assert counted[2] == 0


def test_counts_are_put_back_to_full_size(past) -> None:  # type: ignore[no-untyped-def]
    plan, _, life = past
    half, whole = programme_from(plan, life, 0.5), programme_from(plan, life, 1.0)
    assert half.people == 2 * whole.people
    assert half.mean_age == whole.mean_age


def test_the_seven_wards_hold_half_the_older_residents_and_few_of_the_deprived() -> None:
    held = share_of_older_and_deprived(area())
    assert held["older_other"] == pytest.approx(0.49, abs=0.005)
    assert held["deprived_other"] == pytest.approx(0.06, abs=0.005)
    assert held["deprived_covered"] == pytest.approx(0.55, abs=0.005)
    assert held["of_deprived_covered"] == pytest.approx(0.94, abs=0.005)


def test_a_design_rule_gives_every_ward_posts_in_proportion_and_past_their_first_year() -> None:
    place, period = area(), forecast(2)
    scenario = by_rule(place, period, 8_000.0)
    posts = {post.ward: post.posts for post in scenario.posts}
    assert set(posts) == set(place.ward_names)
    assert posts["Arboretum"] == pytest.approx(20_629 / 8_000, abs=0.05)
    assert scenario.n_posts == pytest.approx(257_034 / 8_000, abs=1.0)
    assert all(period.starts - post.starts > dt.timedelta(days=365) for post in scenario.posts)


def test_every_claim_is_put_to_a_run_of_each_draw() -> None:
    facts = facts_of(params("sceptical"), futures=2, jobs=1, residents=3_000)
    assert len(facts) == 2
    assert facts[0].case_closes_hr == 1.0
    assert facts[0].wellby_10_gbp == 0.0
    assert replace(facts[0]) == facts[0]
    assert facts[0].cost_17_gbp > facts[0].cost_10_gbp > 1_000_000
