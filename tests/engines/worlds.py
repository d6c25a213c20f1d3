"""Worlds for tests: a small Derby under any parameter values, and towns of a few residents made by hand.

Nothing here depends on a particular value in the register: a test that needs a value gives it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from lacsim.evidence import Area, area
from lacsim.model import cohort, compiled, hazards, rules, trace
from lacsim.model import stages as s
from lacsim.model.clocks import UNDRAWN
from lacsim.model.rates import PERSON, RATES, WARD, one_record
from lacsim.model.world import CALENDAR, World, members_by_ward
from lacsim.parameters import params
from lacsim.runs import bind, schedule
from lacsim.runs import scenario as scenarios

UNLIMITED = 1 << 40

# Every effect of coordination at no effect, and none of the coordinators' short-term time in use.
NULL: Mapping[str, float] = {
    "effects.front_door_help_found": 0.0,
    "effects.difficulty_passes_hr": 1.0,
    "effects.admission_hr": 1.0,
    "effects.hospital_stay_ratio": 1.0,
    "effects.care_need_hr": 1.0,
    "effects.case_closes_hr": 1.0,
    "effects.unmet_need_hr": 1.0,
    "effects.ward_difficulty_fall_per_coordinator_year": 0.0,
    "effects.displacement_hr": 1.0,
    "coordination.front_door_offer_share": 0.0,
    "coordination.advice_share": 0.0,
}


@dataclass(frozen=True)
class City:
    """What all scenarios of one future share."""

    area: Area
    period: scenarios.Period
    rates: np.ndarray
    wards: np.ndarray
    terms: bind.Terms
    cohort: tuple[np.ndarray, np.ndarray]
    scale: float


def derby(
    values: Mapping[str, Any] | None = None,
    *,
    residents: int = 2_000,
    years: int = 5,
    seed: int = 1,
    replication: int = 0,
) -> City:
    """Derby with this many adults; `values` replace those of the register, in or out of their range."""
    known = params("controlled").values()
    unknown = set(values or {}) - set(known)
    assert not unknown, f"not in the register: {sorted(unknown)}"
    get = bind.Reader({**known, **(values or {})})
    derby_area, period = _area(), scenarios.forecast(years)
    rates, wards = bind.rates_of(get, seed, replication), bind.wards_of(get, derby_area)
    population = bind.population_of(get, derby_area, period, residents=residents)
    terms, scale = bind.terms_of(get, derby_area), residents / float(derby_area.wards["adults18p_2017"].sum())
    assessors = schedule.assessors_of(terms, scale)
    return City(
        area=derby_area,
        period=period,
        rates=rates,
        wards=wards,
        terms=terms,
        cohort=cohort.make(population, wards, rates, years=period.years, assessors=assessors),
        scale=scale,
    )


def with_death_at(city: City, per_second: float) -> City:
    """The same residents, who from the first second on die at another rate than they were made with."""
    rates, people = city.rates.copy(), city.cohort[0].copy()
    rates["death"] = per_second
    people["due"][:, s.DEATH] = UNDRAWN  # a date rests on the rate it was found with
    people["next_time"] = 0  # so that all look for their dates again
    return replace(city, rates=rates, cohort=(people, city.cohort[1]))


@cache
def _area() -> Area:
    return area()


def world(city: City, scenario: str | scenarios.Scenario) -> World:
    """A fresh world of a scenario: a built-in name, or a scenario."""
    if isinstance(scenario, str):
        scenario = scenarios.built_in(scenario, city.area, city.period)
    return schedule.make_world(
        city.cohort[0].copy(),
        city.cohort[1],
        city.wards,
        city.rates,
        members=members_by_ward(city.cohort[0]["ward"], len(city.wards)),
        area=city.area,
        scenario=scenario,
        period=city.period,
        terms=city.terms,
        scale=city.scale,
    )


def live(city: City, scenario: str | scenarios.Scenario) -> np.ndarray:
    """The trace of a scenario by the compiled engine."""
    return compiled.run(world(city, scenario), rules)


# --- by hand ------------------------------------------------------------------------------------------------------


def plain_rates(**fields: Any) -> np.recarray:
    """`RATES` under which nothing happens and nothing has an effect, but for the fields given; shape (1,)."""
    table = one_record(RATES)
    r = table[0]
    for name in RATES.names:
        if "_hr" in name or name.startswith("effect_") or name.endswith("_weight"):
            r[name] = 1.0
    r.effect_help_found = r.effect_fades = 0.0
    r.seed = np.uint64(1)
    for name, value in fields.items():
        r[name] = value
    return table


def plain_ward(**fields: Any) -> np.recarray:
    """`WARD` with no coordinator and no local ratios, but for the fields given; shape (1,).

    A record that takes the place of this one says that everything may have changed, and what was before, if it is given
    another `cover` and the fields that end in `_before`.
    """
    table = one_record(WARD)
    w = table[0]
    w.contact_seconds = s.HOUR
    w.changed = s.COVER_CHANGED | s.CAPACITY_CHANGED
    w.new_difficulty_ratio = w.others_asks_hr = w.admission_ratio = w.ask_ratio = w.care_need_ratio = 1.0
    w.others_asks_hr_before = w.step_ratio[0] = 1.0
    for name, value in fields.items():
        w[name] = value
    return table


def resident(*, age: float = 70.0, has: Mapping[int, int] | None = None, **fields: Any) -> np.recarray:
    """One resident at home with nothing, but for the fields given; shape (1,).

    `has` names what they have of a kind of pool (it is also wanted).
    """
    table = one_record(PERSON)
    p = table[0]
    p.born = -int(age * s.YEAR)
    p.frailty = 1.0
    p.need = s.OTHER_NEED
    p.stay_ends = s.NEVER
    p.due[:] = UNDRAWN
    p.age_band = hazards.age_band(p, 0)
    for name, value in fields.items():
        p[name] = value
    for kind, state in (has or {}).items():
        p.has[kind], p.wants[kind] = state, 1
    return table


def hazards_by_clock(person: Any, stage: int, holds: int, ward: Any, rates: Any) -> dict[int, float]:
    """The hazard of each clock that depends on stage, holds and ward alone, per second at age 65."""
    admission = hazards.admission_ratio(person, stage, holds, ward, rates)
    return {
        s.DEATH: rates.death * math.sqrt(person.frailty) * hazards.death_ratio(stage, holds, rates),
        s.MOVES_AWAY: hazards.moving_hazard(person, stage, holds, rates),
        s.SUDDEN_ADMISSION: rates.sudden_admission * admission,
        s.LATE_ADMISSION: rates.late_admission * admission,
        s.CARE_NEED: hazards.care_need_hazard(person, stage, holds, ward, rates),
        s.ASKS_FOR_HELP: hazards.asking_hazard(person, stage, holds, ward, ward.others_asks_hr, rates),
        s.ASKS_FOR_ADVICE: hazards.asking_for_advice_hazard(stage, ward.advice_hazard),
        s.DIFFICULTY_STARTS: hazards.new_difficulty_hazard(person, stage, holds, ward, rates),
        s.DIFFICULTY_PASSES: hazards.passing_hazard(stage, holds, rates),
        s.CASE_CLOSED: hazards.closing_hazard(person, stage, holds, rates),
        s.COORDINATION_ENDS: rates.coordination_ends if holds & s.CASELOAD_PLACE else 0.0,
        s.EFFECT_FADES: rates.effect_fades if holds & s.CARRY_OVER else 0.0,
        s.STOPS_WAITING: rates.stops_waiting if holds & s.ON_WAITING_LIST and stage != s.RESIDENTIAL else 0.0,
    }


def town(
    people: np.ndarray | Sequence[np.ndarray],
    rates: np.ndarray,
    *,
    wards: np.ndarray | None = None,
    row_of_ward: Sequence[int] = (0,),
    capacity: Mapping[int, int] | None = None,
    calendar: Sequence[tuple[int, int, int, int]] = (),
    horizon: int = 10 * s.YEAR,
) -> World:
    """A town of wards with hand-made residents; `capacity` by kind of pool (no limit unless given, all wards alike)."""
    everyone = people if isinstance(people, np.ndarray) else np.concatenate(list(people))
    everyone = everyone.view(np.ndarray).copy()
    if len(everyone) > 1 and not everyone["identity"].any():
        everyone["identity"] = np.arange(len(everyone))
    n = len(row_of_ward)
    places = np.full(2 * n + 3, UNLIMITED, np.int64)
    first = [0, n, 2 * n, 2 * n + 1, 2 * n + 2, 2 * n + 3]
    for kind, number in (capacity or {}).items():
        places[first[kind] : first[kind + 1]] = number
    members, first_member = members_by_ward(everyone["ward"], n)
    return World(
        people=everyone,
        wards=np.asarray(plain_ward() if wards is None else wards),
        rates=np.asarray(rates),
        row_of_ward=np.array(row_of_ward, np.int64),
        first_pool=np.array(first[:5]),
        by_ward=np.array(s.KIND_IS_BY_WARD, np.int64),
        capacity=places,
        calendar=np.array(list(calendar), CALENDAR),
        horizon=horizon,
        members=members,
        first_member=first_member,
        n_urgencies=s.N_URGENCIES,
    )


def same_rows(one: np.ndarray, other: np.ndarray) -> None:
    """Two traces are the same, byte for byte."""
    assert trace.first_difference(one, other) == ""
    assert one.tobytes() == other.tobytes()
