"""Hazard clocks by hand and against numeric integration: what was spent stays spent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate
from worlds import derby, plain_rates, plain_ward, resident

from lacsim.errors import LacsimError
from lacsim.model import hazards
from lacsim.model import stages as s
from lacsim.model.clocks import UNDRAWN, find_next, is_running, renew, set_hazard, stop_all
from lacsim.model.streams import uniform

CLOCK = s.DIFFICULTY_PASSES
AGEING = s.DEATH
PER_YEAR = 1.0 / s.YEAR


def _one(*, slope: float = 0.0, age: float = 70.0, identity: int = 1, clock: int = CLOCK) -> tuple[Any, Any]:
    """A resident whose clocks all stand, and rates with a slope per year of age for one clock."""
    rates = plain_rates()
    rates[0].slope[clock] = slope * PER_YEAR
    return resident(age=age, identity=identity)[0], rates[0]


def _budget(person: Any, rates: Any, clock: int) -> float:
    return -math.log(uniform(rates.seed, rates.replication, person.identity, clock, person.occasions[clock]))


def test_a_constant_hazard_rings_when_its_budget_is_spent() -> None:
    person, rates = _one()
    set_hazard(person, CLOCK, 0.0, 2.0 * PER_YEAR, 1_000, rates)
    assert person.due[CLOCK] == pytest.approx(1_000 + _budget(person, rates, CLOCK) / (2.0 * PER_YEAR), rel=1e-15)


def test_halving_a_hazard_midway_doubles_the_time_that_is_left() -> None:
    person, rates = _one()
    set_hazard(person, CLOCK, 0.0, PER_YEAR, 0, rates)
    first = person.due[CLOCK]
    now = int(0.4 * first)
    set_hazard(person, CLOCK, PER_YEAR, 0.5 * PER_YEAR, now, rates)
    assert person.due[CLOCK] == pytest.approx(now + 2.0 * (first - now), rel=1e-14)


def test_halving_and_doubling_a_hazard_at_once_changes_nothing_to_speak_of() -> None:
    for slope in (0.0, 0.1):
        person, rates = _one(slope=slope)
        set_hazard(person, CLOCK, 0.0, PER_YEAR, 0, rates)
        first = person.due[CLOCK]
        set_hazard(person, CLOCK, PER_YEAR, 0.5 * PER_YEAR, 1_000, rates)
        set_hazard(person, CLOCK, 0.5 * PER_YEAR, PER_YEAR, 1_000, rates)
        assert person.due[CLOCK] == pytest.approx(first, rel=1e-12)


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_an_unchanged_hazard_leaves_its_date_as_it_is_bit_for_bit(slope: float) -> None:
    person, rates = _one(slope=slope)
    set_hazard(person, CLOCK, 0.0, PER_YEAR / 3.0, 17, rates)
    before = np.float64(person.due[CLOCK]).tobytes()
    for now in range(100, 50_000_000, 999_983):
        set_hazard(person, CLOCK, PER_YEAR / 3.0, PER_YEAR / 3.0, now, rates)
    assert np.float64(person.due[CLOCK]).tobytes() == before


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_a_clock_that_stops_and_starts_again_keeps_its_budget(slope: float) -> None:
    person, rates = _one(slope=slope, clock=AGEING)
    set_hazard(person, AGEING, 0.0, PER_YEAR / 5.0, 0, rates)
    whole = _budget(person, rates, AGEING)
    spent, now = 0.0, 0
    for _ in range(40):
        hours = 30 * s.DAY
        g, age = slope * PER_YEAR, now - person.born - 65 * s.YEAR
        level = PER_YEAR / 5.0 * math.exp(g * age)
        spent += level * (math.expm1(g * hours) / g if g else hours)
        if spent > whole:
            break
        set_hazard(person, AGEING, PER_YEAR / 5.0, 0.0, now + hours, rates)
        assert -person.due[AGEING] == pytest.approx(whole - spent, abs=1e-9 * whole)
        now += 90 * s.DAY
        set_hazard(person, AGEING, 0.0, PER_YEAR / 5.0, now, rates)
    assert spent > 0.0


def test_a_clock_that_stops_before_anyone_drew_its_budget_draws_it_when_it_starts() -> None:
    person, rates = _one()
    set_hazard(person, CLOCK, 0.0, 0.0, 10, rates)
    assert person.due[CLOCK] == UNDRAWN
    set_hazard(person, CLOCK, 0.0, PER_YEAR, 10, rates)
    assert person.due[CLOCK] > 10.0


@pytest.mark.parametrize("slope", [0.0, 0.02, 0.1, 0.25])
@pytest.mark.parametrize("age", [18.0, 45.0, 88.0])
def test_the_date_of_a_gompertz_hazard_agrees_with_numeric_integration(slope: float, age: float) -> None:
    """Integrating the hazard from now to the date gives the budget."""
    for identity in range(1, 30):
        person, rates = _one(slope=slope, age=age, identity=identity, clock=AGEING)
        now, hazard = 3 * s.YEAR, 0.2 * PER_YEAR
        set_hazard(person, AGEING, 0.0, hazard, now, rates)
        due = person.due[AGEING]

        def h(years: float, born: int = int(person.born)) -> float:
            return 0.2 * math.exp(slope * (years - born / s.YEAR - 65.0))

        area, _ = integrate.quad(h, now / s.YEAR, due / s.YEAR, epsabs=1e-13, epsrel=1e-12, limit=500)
        assert area == pytest.approx(_budget(person, rates, AGEING), rel=1e-9)


def test_a_gompertz_hazard_that_changes_midway_still_spends_its_budget() -> None:
    slope = 0.1
    person, rates = _one(slope=slope, age=60.0, clock=AGEING)
    set_hazard(person, AGEING, 0.0, 0.3 * PER_YEAR, 0, rates)
    set_hazard(person, AGEING, 0.3 * PER_YEAR, 0.9 * PER_YEAR, s.YEAR // 2, rates)
    due = person.due[AGEING] / s.YEAR
    assert due > 0.5

    def spent(hazard: float, start: float, end: float) -> float:
        return integrate.quad(lambda y: hazard * math.exp(slope * (y - 5.0)), start, end, epsrel=1e-12)[0]

    assert spent(0.3, 0.0, 0.5) + spent(0.9, 0.5, due) == pytest.approx(_budget(person, rates, AGEING), rel=1e-9)


@pytest.mark.parametrize("name", ["adult_care.asks_for_help_slope", "adult_care.demand_growth"])
def test_a_hazard_that_falls_with_age_or_time_is_refused_or_kept_to(name: str) -> None:
    """Asks per year of a resident of 75, falling by 5% a year: refused at the boundary, or followed."""
    values = {"adult_care.asks_for_help_slope": 0.0, "adult_care.demand_growth": 0.0, name: -0.05}
    try:
        city = derby(values, residents=17)
    except LacsimError:
        return
    rates = city.rates[0]
    rates.seed = np.uint64(5)
    person = resident(age=75.0, identity=3)[0]
    hazard = hazards.asking_hazard(person, s.COMMUNITY, 0, plain_ward()[0], 1.0, rates)
    set_hazard(person, s.ASKS_FOR_HELP, 0.0, hazard, 0, rates)
    due = person.due[s.ASKS_FOR_HELP] / s.YEAR
    years_over_65 = 0.0 if "growth" in name else 10.0
    spent, _ = integrate.quad(
        lambda y: rates.asks_for_help * s.YEAR * math.exp(-0.05 * (years_over_65 + y)), 0.0, min(due, 1e4), epsrel=1e-11
    )
    budget = _budget(person, rates, s.ASKS_FOR_HELP)
    assert spent == pytest.approx(budget, rel=1e-8) or (due > 1e4 and spent < budget)


@pytest.mark.parametrize("age", [25.0, 65.0, 85.0])
def test_growth_of_demand_goes_with_the_calendar_and_not_with_age(age: float) -> None:
    """Asks grow by 3% a year of age over 65 and, for everyone alike, by 5% a year since the run began."""
    city = derby({"adult_care.asks_for_help_slope": 0.03, "adult_care.demand_growth": 0.05}, residents=17)
    rates, now = city.rates[0], 2 * s.YEAR
    person = resident(age=age, identity=3)[0]
    set_hazard(
        person,
        s.ASKS_FOR_HELP,
        0.0,
        hazards.asking_hazard(person, s.COMMUNITY, 0, plain_ward()[0], 1.0, rates),
        now,
        rates,
    )
    due = person.due[s.ASKS_FOR_HELP] / s.YEAR

    def asks_per_year(years: float) -> float:
        return float(rates.asks_for_help) * s.YEAR * math.exp(0.03 * (age + years - 65.0) + 0.05 * years)

    spent, _ = integrate.quad(asks_per_year, 2.0, due, epsrel=1e-11)
    assert spent == pytest.approx(_budget(person, rates, s.ASKS_FOR_HELP), rel=1e-8)


def test_each_occasion_has_its_own_budget() -> None:
    person, rates = _one()
    budgets = []
    for occasion in range(5):
        assert person.occasions[CLOCK] == occasion
        set_hazard(person, CLOCK, 0.0, PER_YEAR, 0, rates)
        budgets.append(person.due[CLOCK])
        renew(person, CLOCK)
        assert not is_running(person, CLOCK)
        assert person.due[CLOCK] == UNDRAWN
    assert len(set(budgets)) == 5


@settings(max_examples=300)
@given(
    identity=st.integers(1, 10_000),
    slope=st.sampled_from([0.0, 0.01, 0.1]),
    times=st.lists(st.integers(1, 5 * s.YEAR), min_size=1, max_size=6, unique=True),
    levels=st.lists(st.sampled_from([0.0, 0.1, 0.3, 1.0, 2.0]), min_size=7, max_size=7),
    extra=st.lists(st.sampled_from([1.0, 1.0, 1.5, 20.0]), min_size=7, max_size=7),
)
def test_a_larger_hazard_never_rings_later(
    identity: int, slope: float, times: list[int], levels: list[float], extra: list[float]
) -> None:
    """The same luck under a history of hazards and under one that is nowhere lower."""

    def rings(history: list[float]) -> float:
        person, rates = _one(slope=slope, identity=identity)
        before = 0.0
        for at, level in zip([0, *sorted(times)], history, strict=False):
            if is_running(person, CLOCK) and person.due[CLOCK] <= at:
                break
            set_hazard(person, CLOCK, before * PER_YEAR, level * PER_YEAR, at, rates)
            before = level
        return float(person.due[CLOCK]) if is_running(person, CLOCK) else math.inf

    lower, higher = rings(levels), rings([a * b for a, b in zip(levels, extra, strict=True)])
    assert higher <= lower * (1.0 + 1e-11)


@given(
    hazard=st.floats(1e-15, 1e-2),
    age=st.floats(18.0, 105.0),
    slope=st.floats(0.0, 0.3),
    now=st.integers(0, 40 * s.YEAR),
)
def test_a_running_clock_has_a_finite_date_that_is_not_in_the_past(
    hazard: float, age: float, slope: float, now: int
) -> None:
    person, rates = _one(slope=slope, age=age)
    set_hazard(person, CLOCK, 0.0, hazard, now, rates)
    assume(slope == 0.0 or slope >= 1e-6)
    assert math.isfinite(person.due[CLOCK])
    assert person.due[CLOCK] >= now


def test_what_comes_first_is_the_earliest_second_and_of_equals_the_lower_clock() -> None:
    person, _ = _one()
    person.due[:] = 500.0
    person.due[s.CARE_NEED] = 99.6
    person.due[s.SUDDEN_ADMISSION] = 99.6
    person.stay_ends = 101
    find_next(person, 0)
    assert (person.next_time, person.next_cause) == (100, s.SUDDEN_ADMISSION)


def test_a_timer_comes_after_a_clock_of_the_same_second() -> None:
    person, _ = _one()
    person.due[s.WITHDRAWS], person.stay_ends = 99.7, 100
    find_next(person, 0)
    assert (person.next_time, person.next_cause) == (100, s.WITHDRAWS)
    person.stay_ends = 99
    find_next(person, 0)
    assert (person.next_time, person.next_cause) == (99, s.STAY_ENDS)


def test_what_is_overdue_happens_now_and_not_in_the_past() -> None:
    person, _ = _one()
    person.due[CLOCK] = 12.2
    find_next(person, 13)
    assert person.next_time == 13
    person.stay_ends = 5
    find_next(person, 13)
    assert (person.next_time, person.next_cause) == (13, s.STAY_ENDS)


def test_a_clock_that_is_overdue_by_rounding_still_runs_when_its_hazard_falls() -> None:
    """A date of 0.6 s is rounded to 1 s; something else of that second then makes the hazard ten times smaller."""
    person, rates = _one()
    person.due[CLOCK] = 0.6
    set_hazard(person, CLOCK, 10.0, 1.0, 1, rates)
    assert is_running(person, CLOCK)
    find_next(person, 1)
    assert (person.next_time, person.next_cause) == (1, CLOCK)


def test_a_resident_whose_clocks_are_all_stopped_has_nothing_due() -> None:
    person, rates = _one()
    set_hazard(person, CLOCK, 0.0, PER_YEAR, 0, rates)
    person.stay_ends = 7
    stop_all(person)
    find_next(person, 0)
    assert person.next_time == s.NEVER
