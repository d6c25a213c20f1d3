"""Posts become places and hours: one working-time budget, recruitment, first year, community capacity."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacsim.evidence import area
from lacsim.model.rates import PERSON, RATES, WARD
from lacsim.model.stages import CAPACITY_CHANGED, DAY, YEAR
from lacsim.model.world import CAPACITY, CONDITIONS, members_by_ward
from lacsim.parameters import params
from lacsim.runs.bind import Reader, Terms, terms_of
from lacsim.runs.scenario import Post, Scenario, forecast, history
from lacsim.runs.schedule import caseload_places, contact_seconds, make_world, ward_timeline, working_from

DERBY = area("derby")
NOW = forecast()
TERMS: Terms = terms_of(Reader(params().values()), DERBY)
LONG_AGO = -10 * YEAR


def test_a_mature_post_has_its_places_and_a_new_one_fewer() -> None:
    assert caseload_places([(LONG_AGO, 1.0)], 0, TERMS, 1.0) == int(TERMS.places)
    assert caseload_places([(0, 1.0)], 0, TERMS, 1.0) == int(TERMS.first_year_places)


def test_places_and_contacts_share_one_budget_of_hours() -> None:
    places = caseload_places([(LONG_AGO, 1.0)], 0, TERMS, 1.0)
    seconds = contact_seconds([(LONG_AGO, 1.0)], places, TERMS)
    contacts_per_week = 7 * DAY / seconds
    used = places * TERMS.hours_per_place_per_week + contacts_per_week * TERMS.contact_hours
    assert used == pytest.approx(TERMS.direct_hours_per_week, rel=1e-12)


@given(hours=st.floats(0.1, 20.0), fte=st.floats(0.1, 5.0))
def test_long_term_work_never_takes_the_least_share_kept_for_contacts(hours: float, fte: float) -> None:
    terms = TERMS._replace(hours_per_place_per_week=hours)
    places = caseload_places([(LONG_AGO, fte)], 0, terms, 1.0)
    direct = fte * terms.direct_hours_per_week
    assert places * hours <= (1.0 - terms.least_short_term_share) * direct + 1e-9
    contacts_per_week = 7 * DAY / contact_seconds([(LONG_AGO, fte)], places, terms)
    assert contacts_per_week * terms.contact_hours >= terms.least_short_term_share * direct - 1e-9


def test_a_new_post_works_only_after_recruitment_and_an_old_one_at_once() -> None:
    assert working_from(Post("Spondon", dt.date(2019, 4, 1)), NOW, TERMS) == int(TERMS.recruitment_lead_days * DAY)
    assert working_from(Post("Abbey", dt.date(2015, 11, 1)), NOW, TERMS) < 0
    assert working_from(Post("Abbey", dt.date(2015, 11, 1)), history(), TERMS) == history().seconds(
        dt.date(2015, 11, 1)
    )


def test_a_ward_without_posts_never_changes() -> None:
    timeline = ward_timeline("Oakwood", Scenario("x", "x", ()), NOW, TERMS, 1.0)
    assert timeline == [(0, (0.0, 1.0, 1.0, 1.0), 0)]


def test_a_post_that_ends_leaves_the_ward_uncovered() -> None:
    post = Post("Abbey", dt.date(2015, 11, 1), 1.0, dt.date(2020, 4, 1))
    last = ward_timeline("Abbey", Scenario("x", "x", (post,)), NOW, TERMS, 1.0)[-1]
    assert last[1][0] == 0.0
    assert last[2] == 0


def test_community_capacity_grows_once_a_year_up_to_its_limit() -> None:
    terms = TERMS._replace(ward_fall_per_year=0.04, ward_fall_most=0.1)
    post = Post("Spondon", dt.date(2019, 4, 1))
    ratios = [entry[1][2] for entry in ward_timeline("Spondon", Scenario("x", "x", (post,)), NOW, terms, 1.0)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] == 1.0
    assert ratios[-1] == pytest.approx(0.9)


def test_with_no_effect_on_the_ward_there_is_no_yearly_entry() -> None:
    terms = TERMS._replace(ward_fall_per_year=0.0)
    post = Post("Abbey", dt.date(2012, 4, 1))
    assert len(ward_timeline("Abbey", Scenario("x", "x", (post,)), NOW, terms, 1.0)) == 1


def test_residents_are_not_told_that_their_wards_own_capacity_has_grown() -> None:
    """It puts difficulties off, which can wait until somebody is looked at."""
    growing = Scenario("growing", "one post", (Post("Arboretum", dt.date(2013, 1, 1), 1.0),))
    assert _told_of_capacity(growing) == {False}


def _told_of_capacity(scenario: Scenario) -> set[bool]:
    """Whether residents are told, over all entries of the calendar by which only a ward's own capacity changes."""
    people = np.zeros(0, PERSON)
    wards = np.zeros(len(DERBY.ward_names), WARD)
    wards["new_difficulty_ratio"] = 1.0
    world = make_world(
        people,
        np.zeros(0),
        wards,
        np.zeros(1, RATES),
        members=members_by_ward(people["ward"], len(wards)),
        area=DERBY,
        scenario=scenario,
        period=NOW,
        terms=TERMS._replace(ward_fall_per_year=0.02, ward_fall_most=0.5),
    )
    entries = world.calendar[world.calendar["what"] != CAPACITY]
    changed = world.wards["changed"][entries["value"]]
    return set((entries["what"][changed & CAPACITY_CHANGED != 0] == CONDITIONS).tolist())
