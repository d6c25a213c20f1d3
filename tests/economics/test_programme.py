"""What the programme buys: recruitment, vacancies, part years, managers and membership, by ward and by month."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from lacsim.economics.programme import MEASURES, months_of, programme_quantities, years_of
from lacsim.runs.scenario import Period, Post, Scenario, forecast

WARDS = ["Abbey", "Darley"]
OLD, NEW = Post("Abbey", dt.date(2012, 4, 1)), Post("Darley", dt.date(2019, 4, 1))
VALUES = {
    "programme.recruitment_lead_days": 91.5,
    "coordination.vacancy_share": 0.0,
    "programme.coordinators_per_manager": 10.0,
}


def bought(*posts: Post, years: int = 2, period: Period | None = None, **changes: float) -> np.ndarray:
    """Post-years and memberships of one future, shape (years, wards and city, measures)."""
    values = {**VALUES, **{name.replace("__", "."): value for name, value in changes.items()}}
    when = period or forecast(years)
    return programme_quantities(Scenario("s", "s", posts), when, WARDS, [values], years_of(when))[0] / 1e6


def test_a_new_post_is_vacant_until_recruitment_is_over_and_an_old_one_is_not() -> None:
    found = bought(OLD, NEW)
    assert found[0, :, 0].tolist() == [1.0, 0.75, 0.0]  # 91.5 of the 366 days of 2019/20
    assert found[0, :, 1].tolist() == [0.0, 0.25, 0.0]
    assert found[1, :, 0].tolist() == [1.0, 1.0, 0.0]


def test_vacancies_are_a_share_of_posts_that_are_at_work() -> None:
    found = bought(OLD, NEW, coordination__vacancy_share=0.1)
    assert found[0, :, 0].tolist() == pytest.approx([0.9, 0.675, 0.0])
    assert found[..., :2].sum(axis=(1, 2)).tolist() == pytest.approx([2.0, 2.0])


def test_recruitment_of_the_past_is_over_in_the_history() -> None:
    period = Period("history", dt.date(2012, 4, 1), 7)
    assert bought(Post("Abbey", dt.date(2012, 4, 1)), period=period)[0, 0].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_posts_that_start_and_end_within_a_year_are_paid_for_their_days() -> None:
    post = Post("Abbey", dt.date(2019, 7, 1), 0.5, dt.date(2020, 7, 1))
    found = bought(post, years=3)
    assert found[:, 0, :2].sum(axis=1).tolist() == pytest.approx([0.5 * 275 / 366, 0.5 * 91 / 365, 0.0], abs=1e-6)
    assert found[:, 2, 2].tolist() == pytest.approx([275 / 366, 91 / 365, 0.0], abs=1e-6)  # its manager
    assert found[:, 2, 3].tolist() == [1.0, 1.0, 0.0]  # membership by the year


def test_managers_grow_above_the_span_of_one() -> None:
    crowd = [Post("Abbey", dt.date(2012, 4, 1), 17.0)]
    assert bought(*crowd)[0, 2, 2] == pytest.approx(1.7)
    assert bought(*crowd, programme__coordinators_per_manager=17.0)[0, 2, 2] == 1.0
    assert bought()[0, 2].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_twelve_months_add_up_to_their_year() -> None:
    period, scenario = forecast(5), Scenario("s", "s", (OLD, NEW, Post("Abbey", dt.date(2021, 2, 15), 0.4)))
    values = [VALUES, {**VALUES, "programme.recruitment_lead_days": 200.0, "coordination.vacancy_share": 0.07}]
    by_year = programme_quantities(scenario, period, WARDS, values, years_of(period))
    by_month = programme_quantities(scenario, period, WARDS, values, months_of(period))
    again = by_month.reshape(2, 5, 12, 3, len(MEASURES)).sum(axis=2)
    assert np.abs(again - by_year).max() <= 12  # millionths: each month is rounded
    assert not (by_year[0] == by_year[1]).all()
