"""The SimPy and the compiled engine write the same trace, record for record, where every pool is short of places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import NULL, City, derby, world

from lacsim.model import compiled, reference, rules, trace
from lacsim.model import stages as s
from lacsim.model.trace import CHANGED, GRANTED, JOINED, LEFT_QUEUE, RELEASED
from lacsim.runs.scenario import Post, Scenario

# Wards whose cover begins, grows, shrinks and ends within the period.
COMINGS_AND_GOINGS = Scenario(
    "comings-and-goings",
    "cover that begins and ends",
    (
        Post("Arboretum", dt.date(2013, 1, 1), 2.0, dt.date(2020, 7, 1)),
        Post("Alvaston", dt.date(2013, 1, 1), 1.0),
        Post("Alvaston", dt.date(2019, 9, 1), 2.5, dt.date(2021, 1, 1)),
        Post("Boulton", dt.date(2015, 6, 1), 1.0, dt.date(2020, 1, 1)),
        Post("Boulton", dt.date(2020, 6, 1), 0.5),
        Post("Sinfin", dt.date(2020, 1, 1), 0.4),
        Post("Mickleover", dt.date(2018, 1, 1), 1.0, dt.date(2019, 4, 2)),
    ),
)
SCENARIOS = ("no-lac", "wards-17", COMINGS_AND_GOINGS)

BUSY = {
    "coordination.front_door_offer_share": 0.9,
    "coordination.introduced_at_ask": 0.5,
    "coordination.introduced_at_discharge": 0.4,
    "coordination.introduced_at_contact": 0.4,
    "coordination.places_per_coordinator": 8.0,
    "coordination.first_year_places": 4.0,
    "coordination.short_term_minutes": 600.0,
}
TIGHT = {
    "adult_care.assessor_posts": 100.0,
    "adult_care.assessment_mean_days": 20.0,
    "hospital.beds": 400.0,
    "residential.places": 1_500.0,
    "residential.care_need_at_65": 0.02,
    "residential.resident_share_18_64": 0.001,
    "residential.resident_share_65_74": 0.01,
    "residential.resident_share_75_84": 0.03,
    "residential.resident_share_85_plus": 0.12,
}
SETS: Mapping[str, Mapping[str, Any]] = {
    "the register as it is": {},
    "everything binds, first come": {**BUSY, **TIGHT},
    "everything binds, by urgency": {
        **BUSY, **TIGHT, "coordination.queue_order": "urgency", "natural_history.difficulty_mean_months": 24.0,
    },
    "strong effects": {
        **BUSY, "coordination.queue_order": "urgency", "coordination.mean_stay_days": 60.0,
        "effects.front_door_help_found": 0.6, "effects.difficulty_passes_hr": 3.0, "effects.admission_hr": 0.4,
        "effects.hospital_stay_ratio": 0.5, "effects.care_need_hr": 0.3, "effects.case_closes_hr": 4.0,
        "effects.ward_difficulty_fall_per_coordinator_year": 0.05, "effects.ward_difficulty_fall_most": 0.3,
        "effects.displacement_hr": 1.2, "effects.unmet_need_hr": 2.0, "effects.carry_over_mean_days": 30.0,
    },
    "harmful effects and one assessor": {
        **BUSY, "adult_care.assessor_posts": 1.0, "adult_care.assessment_mean_days": 10.0,
        "effects.admission_hr": 1.7, "effects.difficulty_passes_hr": 0.5, "effects.carry_over_mean_days": 0.0,
        "adult_care.withdraws_after_mean_days": 15.0,
    },
    "busy hospital and care homes": {
        **TIGHT, "natural_history.late_admission_at_65": 0.4, "residential.care_need_at_65": 0.02,
        "adult_care.hospital_outcome_care_home": 0.5, "adult_care.demand_growth": 0.05, "hospital.beds": 700.0,
    },
    "no effect at all": {**NULL, **TIGHT},
}  # fmt: skip


def both(city: City, scenario: str | Scenario) -> np.ndarray:
    """The trace, after both engines have written it and agreed."""
    by_compiled = compiled.run(world(city, scenario), rules)
    by_simpy = reference.run(world(city, scenario), rules)
    assert trace.first_difference(by_simpy, by_compiled) == "", "(simpy / compiled)"
    assert trace.digest(by_simpy) == trace.digest(by_compiled)
    end, ahead = world(city, scenario), world(city, scenario)
    compiled.run(end, rules)
    rows = compiled.run_by_resident(ahead, rules)
    assert trace.first_difference(trace.by_resident(by_compiled, len(end.people)), rows) == "", "(in turn / ahead)"
    assert ahead.people.tobytes() == end.people.tobytes()
    return by_compiled


@pytest.fixture(scope="module")
def traces() -> dict[str, list[np.ndarray]]:
    """Traces of a set, by its name, as the tests below make them."""
    return {}


@pytest.mark.parametrize("name", SETS)
def test_both_engines_write_the_same_trace(name: str, traces: dict[str, list[np.ndarray]]) -> None:
    city = derby(SETS[name], residents=2_000, seed=11 + list(SETS).index(name))
    traces[name] = [both(city, scenario) for scenario in SCENARIOS]
    assert all(len(rows) > 2_000 for rows in traces[name])


def test_the_sets_above_meet_every_kind_of_queue_every_row_and_every_cause(traces: dict[str, list[np.ndarray]]) -> None:
    """What the identity was shown on: otherwise it could be true of an empty city."""
    if len(traces) < len(SETS):  # run alone: the traces of one engine will do
        for k, name in enumerate(SETS):
            city = derby(SETS[name], residents=2_000, seed=11 + k)
            traces[name] = [compiled.run(world(city, scenario), rules) for scenario in SCENARIOS]
    rows = np.concatenate([rows for of_set in traces.values() for rows in of_set])
    waited, granted = (
        np.bincount(rows["cause"][rows["what"] == what], minlength=s.N_KINDS) for what in (JOINED, GRANTED)
    )
    assert (waited > 10).all(), dict(zip(s.KINDS, waited.tolist(), strict=True))
    assert (granted > 10).all(), dict(zip(s.KINDS, granted.tolist(), strict=True))
    assert {RELEASED, LEFT_QUEUE, CHANGED} <= set(rows["what"].tolist())
    happened = set(rows["cause"][rows["what"] == trace.HAPPENED].tolist())
    missing = {s.CAUSES[c] for c in (*range(s.N_CLOCKS), s.STAY_ENDS, s.ARRIVES)} - {s.CAUSES[c] for c in happened}
    assert not missing, missing
    outcomes = {s.OUTCOMES[o] for o in set(rows["outcome"].tolist())}
    assert set(s.OUTCOMES) == outcomes, set(s.OUTCOMES) - outcomes


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


PARAMETERS = st.fixed_dictionaries(
    {
        "coordination.queue_order": st.sampled_from(["first-come", "urgency"]),
        "coordination.front_door_offer_share": _numbers(0.0, 1.0),
        "coordination.introduced_at_ask": _numbers(0.0, 1.0),
        "coordination.introduced_at_discharge": _numbers(0.0, 1.0),
        "coordination.introduced_at_contact": _numbers(0.0, 1.0),
        "coordination.mean_stay_days": _numbers(1.0, 1_000.0),
        "coordination.waits_mean_days": _numbers(1.0, 400.0),
        "coordination.places_per_coordinator": _numbers(0.0, 100.0),
        "coordination.short_term_minutes": _numbers(10.0, 3_000.0),
        "coordination.advice_share": _numbers(0.0, 1.0),
        "coordination.waiting_at_start": _numbers(0.0, 30.0),
        "effects.front_door_help_found": _numbers(0.0, 1.0),
        "effects.difficulty_passes_hr": _numbers(0.2, 5.0),
        "effects.admission_hr": _numbers(0.2, 3.0),
        "effects.hospital_stay_ratio": _numbers(0.2, 2.0),
        "effects.care_need_hr": _numbers(0.2, 3.0),
        "effects.case_closes_hr": _numbers(0.2, 5.0),
        "effects.unmet_need_hr": _numbers(0.5, 3.0),
        "effects.carry_over_mean_days": _numbers(0.0, 700.0),
        "effects.displacement_hr": _numbers(0.9, 1.3),
        "effects.ward_difficulty_fall_per_coordinator_year": st.sampled_from([0.0, 0.01, 0.1]),
        "adult_care.assessor_posts": _numbers(1.0, 300.0),
        "adult_care.assessment_mean_days": _numbers(0.05, 60.0),
        "adult_care.withdraws_after_mean_days": _numbers(1.0, 500.0),
        "adult_care.asks_for_help_at_65": _numbers(0.0, 0.4),
        "adult_care.demand_growth": _numbers(0.0, 0.1),
        "adult_care.share_no_formal_service": _numbers(0.0, 1.0),
        "adult_care.hospital_outcome_care_home": _numbers(0.0, 0.4),
        "hospital.beds": st.one_of(st.just(0.0), _numbers(100.0, 2_000.0)),
        "residential.places": st.one_of(st.just(0.0), _numbers(100.0, 3_000.0)),
        "residential.care_need_at_65": _numbers(0.0, 0.05),
        "natural_history.late_admission_at_65": _numbers(0.0, 0.5),
        "natural_history.death_at_65": _numbers(0.0, 0.1),
        "natural_history.difficulty_starts_at_65": _numbers(0.0, 1.0),
    }
)
WHO = st.sampled_from([*SCENARIOS, "wards-10", "wards-13", "pilot-2"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(values=PARAMETERS, scenario=WHO, residents=st.integers(17, 400), seed=st.integers(0, 2**32))
def test_both_engines_write_the_same_trace_under_generated_parameters(
    values: dict[str, Any], scenario: str | Scenario, residents: int, seed: int
) -> None:
    both(derby(values, residents=residents, years=2, seed=seed), scenario)


@pytest.mark.nightly
def test_both_engines_write_the_same_million_records_under_300_generated_sets() -> None:
    written = {"sets": 0, "records": 0}

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(values=PARAMETERS, scenario=WHO, residents=st.integers(400, 2_000), seed=st.integers(0, 2**62))
    def compare(values: dict[str, Any], scenario: str | Scenario, residents: int, seed: int) -> None:
        rows = both(derby(values, residents=residents, seed=seed), scenario)
        written["sets"] += 1
        written["records"] += len(rows)

    compare()
    assert written["sets"] >= 300, written
    assert written["records"] >= 1_000_000, written


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_whoever_keeps_their_first_dates_would_have_found_the_same(scenario: str | Scenario) -> None:
    """`begin` looks for dates only where circumstances are not those residents were made in; looking again is no harm."""
    here = world(derby(BUSY, residents=3_000), scenario)
    looked = here.people.copy()
    wards = here.wards[here.row_of_ward]
    kept = 0
    for person, other in zip(here.people, looked, strict=True):
        was = person.tobytes()
        rules.begin(person, wards[person["ward"]], np.int64(0), here.rates[0])
        rules.think_again(other, wards[other["ward"]], np.int64(0), here.rates[0])
        kept += person.tobytes() == was
    assert here.people.tobytes() == looked.tobytes()
    assert kept > 1_000 if scenario == "no-lac" else 0 < kept < len(looked)
