"""Each thing that coordination changes is a switch of its own: it moves its own clock or decision and no other."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import hazards_by_clock, plain_rates, plain_ward, resident

from lacsim.model import rules
from lacsim.model import stages as s
from lacsim.model.clocks import is_running
from lacsim.model.rates import RATES, WARD
from lacsim.model.streams import uniform

# Every hazard and ratio of natural history at some value of its own, so that a factor left out would show.
NATURE = {
    "death": 3e-10, "sudden_admission": 2e-9, "late_admission": 4e-9, "asks_for_help": 5e-9, "moves_away": 1e-9,
    "difficulty_starts": 6e-9, "difficulty_passes": 7e-8, "care_need": 8e-10, "package_closes": 9e-9,
    "package_closes_hr_18_64": 0.6, "coordination_ends": 1e-8, "stops_waiting": 2e-8, "withdraws": 3e-8,
    "effect_fades": 4e-8, "gives_up_contact": 5e-8, "admission_hr_difficulty": 3.0, "admission_hr_package": 1.5,
    "care_need_hr_difficulty": 2.0, "care_need_hr_package": 4.0, "asks_hr_difficulty": 4.0, "asks_hr_package": 0.8,
    "death_hr_hospital": 20.0, "death_hr_care_home": 4.0, "death_hr_package": 2.0, "admission_hr_care_home": 1.2,
}  # fmt: skip
HAZARD_EFFECTS = {
    "effect_difficulty_passes_hr": {s.DIFFICULTY_PASSES},
    "effect_admission_hr": {s.SUDDEN_ADMISSION, s.LATE_ADMISSION},
    "effect_care_need_hr": {s.CARE_NEED},
    "effect_case_closes_hr": {s.CASE_CLOSED},
    "effect_unmet_need_hr": {s.ASKS_FOR_HELP},
    "effect_fades": {s.EFFECT_FADES},
    "effect_help_found": set(),
    "effect_stay_ratio": set(),
}
WARD_EFFECTS = {
    "new_difficulty_ratio": {s.DIFFICULTY_STARTS},
    "others_asks_hr": {s.ASKS_FOR_HELP},
    "advice_hazard": {s.ASKS_FOR_ADVICE},
}
SUPPORTED = s.CASELOAD_PLACE | s.CARRY_OVER
STATES = [
    (stage, holds | support)
    for stage, holds, support in itertools.product(
        range(s.DIED),
        (0, s.DIFFICULTY, s.PACKAGE, s.DIFFICULTY | s.PACKAGE, s.NEEDS_CARE_HOME, s.CARE_HOME),
        (0, s.CASELOAD_PLACE, s.CARRY_OVER, s.ON_WAITING_LIST, s.ON_WAITING_LIST | s.CARRY_OVER),
    )
]


def hazards_of(
    stage: int, holds: int, *, rates: Any, ward: Any, age: float = 60.0, need: int = s.OTHER_NEED
) -> np.ndarray:
    """The hazard of every clock for a resident in this state: its budget over the time until its date (no slopes)."""
    person = resident(age=age, stage=stage, holds=holds, need=need)[0]
    rules.think_again(person, ward, 0, rates)
    assert not rates.slope.any()
    found = [
        -math.log(uniform(rates.seed, rates.replication, person.identity, clock, 0)) / person.due[clock]
        if is_running(person, clock)
        else 0.0
        for clock in range(s.N_CLOCKS)
    ]
    return np.array(found)


def _nature(**changed: float) -> Any:
    known = {name: value for name, value in NATURE.items() if name in RATES.names}
    return plain_rates(**{**known, **changed})[0]


def test_every_effect_of_the_rates_and_of_a_ward_is_tested_here() -> None:
    assert set(HAZARD_EFFECTS) == {name for name in RATES.names if name.startswith("effect_")}
    assert set(WARD_EFFECTS) < set(WARD.names)


@pytest.mark.parametrize("effect", HAZARD_EFFECTS)
def test_an_effect_moves_its_own_clock_of_supported_residents_and_nothing_else(effect: str) -> None:
    ward = plain_ward(posts=1.0, advice_hazard=1e-9)[0]
    moved: set[int] = set()
    for stage, holds in STATES:
        plain = hazards_of(stage, holds, rates=_nature(), ward=ward)
        changed = hazards_of(stage, holds, rates=_nature(**{effect: 0.5}), ward=ward)
        clocks = set(np.nonzero(plain != changed)[0].tolist())
        assert clocks <= HAZARD_EFFECTS[effect], (s.STAGES[stage], holds, [s.CAUSES[c] for c in clocks])
        if clocks:
            assert holds & SUPPORTED, (s.STAGES[stage], holds)
        if effect.endswith("_hr") and clocks:
            np.testing.assert_allclose(changed[list(clocks)], 0.5 * plain[list(clocks)], rtol=1e-15)
        moved |= clocks
    assert moved == HAZARD_EFFECTS[effect]


@pytest.mark.parametrize("effect", WARD_EFFECTS)
def test_what_a_ward_changes_moves_its_own_clock_and_nothing_else(effect: str) -> None:
    moved: set[int] = set()
    for stage, holds in STATES:
        plain = hazards_of(stage, holds, rates=_nature(), ward=plain_ward(posts=1.0)[0])
        changed = hazards_of(stage, holds, rates=_nature(), ward=plain_ward(posts=1.0, **{effect: 0.5})[0])
        clocks = set(np.nonzero(plain != changed)[0].tolist())
        assert clocks <= WARD_EFFECTS[effect], (s.STAGES[stage], holds)
        moved |= clocks
    assert moved == WARD_EFFECTS[effect]


def test_displacement_falls_on_people_without_a_coordinator_and_unmet_need_on_those_with_one() -> None:
    ward = plain_ward(posts=1.0, others_asks_hr=1.5)[0]
    rates = _nature(effect_unmet_need_hr=1.2)
    asks = _nature().asks_for_help
    assert hazards_of(s.COMMUNITY, 0, rates=rates, ward=ward)[s.ASKS_FOR_HELP] == asks * 1.5
    assert hazards_of(s.COORDINATION, s.CASELOAD_PLACE, rates=rates, ward=ward)[s.ASKS_FOR_HELP] == asks * 1.2


def test_a_coordinator_who_is_there_changes_no_hazard_when_every_effect_is_null() -> None:
    """Bit for bit; only the programme's own clocks differ."""
    own = [s.COORDINATION_ENDS, s.EFFECT_FADES, s.STOPS_WAITING]
    pairs = {s.COMMUNITY: s.COORDINATION}
    for stage, holds in STATES:
        if holds & (SUPPORTED | s.ON_WAITING_LIST) or stage == s.COORDINATION:
            continue
        without = hazards_of(stage, holds, rates=_nature(), ward=plain_ward()[0])
        for support in (s.CASELOAD_PLACE, s.CARRY_OVER, s.ON_WAITING_LIST):
            there = pairs.get(stage, stage) if support == s.CASELOAD_PLACE else stage
            with_one = hazards_of(there, holds | support, rates=_nature(), ward=plain_ward(posts=1.0)[0])
            assert np.delete(without, own).tobytes() == np.delete(with_one, own).tobytes(), (stage, holds, support)


@pytest.mark.parametrize("clock", range(s.N_CLOCKS))
def test_the_dead_and_those_outside_have_no_hazard(clock: int) -> None:
    ward = plain_ward(posts=1.0, advice_hazard=1e-9)[0]
    for stage, holds in itertools.product((s.DIED, s.OUTSIDE), (0, SUPPORTED, 0xFFFF)):
        assert hazards_of(stage, holds, rates=_nature(), ward=ward)[clock] == 0.0


def test_a_coordinator_changes_the_length_of_a_stay_only_for_those_on_the_caseload() -> None:
    stays = {}
    for ratio, holds in itertools.product((1.0, 0.5), (0, s.CASELOAD_PLACE, s.CARRY_OVER, s.ON_WAITING_LIST)):
        person = resident(identity=9, holds=holds)[0]
        rates = plain_rates(stay_mu=(12.0, 13.0), stay_sigma=0.8, effect_stay_ratio=ratio)[0]
        person.next_cause = s.LATE_ADMISSION
        rules.something_happens(person, plain_ward()[0], 0, rates)
        stays[ratio, holds] = int(person.stay_ends)
    full = stays[1.0, 0]
    assert all(stays[1.0, holds] == full for holds in (s.CASELOAD_PLACE, s.CARRY_OVER, s.ON_WAITING_LIST))
    assert stays[0.5, s.CASELOAD_PLACE] == pytest.approx(full / 2, abs=1.0)
    assert stays[0.5, 0] == stays[0.5, s.ON_WAITING_LIST] == full


def test_the_front_door_changes_only_the_ask_and_only_when_it_finds_help() -> None:
    """The share who find help is the effect; whoever does not goes the way they would have gone."""
    ward = plain_ward(posts=1.0)[0]
    found = 0
    for identity in range(400):
        person = resident(identity=identity, stage=s.SHORT_TERM, reason=s.ASKS_FOR_HELP)[0]
        person.next_cause = s.STAY_ENDS
        rules.something_happens(person, ward, 0, plain_rates(effect_help_found=0.3, share_no_formal_service=0.5)[0])
        without = resident(identity=identity)[0]
        without.next_cause = s.ASKS_FOR_HELP
        rules.something_happens(without, plain_ward()[0], 0, plain_rates(share_no_formal_service=0.5)[0])
        if person.outcome == s.HELP_FOUND:
            found += 1
        else:
            assert (person.outcome, person.stage, person.holds) == (without.outcome, without.stage, without.holds)
    assert 70 < found < 170  # six standard errors about 120; luck is fixed


@given(
    stage=st.integers(0, s.DIED - 1),
    holds=st.integers(0, 1_023),
    need=st.integers(0, s.N_NEEDS - 1),
    age=st.floats(18.0, 105.0),
    posts=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_no_hazard_is_negative_or_infinite_in_any_state(
    stage: int, holds: int, need: int, age: float, posts: float
) -> None:
    person, rates = resident(age=age, need=need)[0], _nature()
    found = list(hazards_by_clock(person, stage, holds, plain_ward(posts=posts)[0], rates).values())
    assert np.isfinite(found).all()
    assert (np.array(found) >= 0.0).all()


@given(
    stage=st.sampled_from([s.COMMUNITY, s.COORDINATION, s.HOSPITAL, s.RESIDENTIAL]),
    holds=st.sampled_from([0, s.PACKAGE, s.CASELOAD_PLACE, s.PACKAGE | s.CASELOAD_PLACE]),
    clock=st.sampled_from([s.SUDDEN_ADMISSION, s.LATE_ADMISSION, s.CARE_NEED, s.ASKS_FOR_HELP]),
)
def test_a_difficulty_never_lowers_a_risk(stage: int, holds: int, clock: int) -> None:
    ward = plain_ward()[0]
    without = hazards_of(stage, holds, rates=_nature(), ward=ward)[clock]
    assert hazards_of(stage, holds | s.DIFFICULTY, rates=_nature(), ward=ward)[clock] >= without
