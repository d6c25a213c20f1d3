"""The pathway by hand: one resident, chosen luck, and what must follow. Chances are 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import plain_rates, plain_ward, resident

from lacsim.model import hazards, rules
from lacsim.model import stages as s
from lacsim.model.clocks import is_running
from lacsim.model.stages import HOLDING, NEVER, NOTHING, WAITING

HOLD_ALL = 0xFFFF


def happens(person: Any, clock: int, *, rates: Any, ward: Any, now: int = 1_000) -> Any:
    """Let a clock (or the timer) ring now, by the rules alone."""
    person.next_cause = clock
    rules.something_happens(person, ward, now, rates)
    return person


def wanted(person: Any) -> set[int]:
    """Kinds of place the resident wants."""
    return {kind for kind in range(s.N_KINDS) if person.wants[kind]}


@pytest.fixture
def covered() -> Any:
    """A ward with one coordinator."""
    return plain_ward(posts=1.0)[0]


@pytest.fixture
def uncovered() -> Any:
    """A ward with none."""
    return plain_ward()[0]


# --- asking for help -----------------------------------------------------------------------------------------------


def test_in_a_covered_ward_someone_who_asks_may_meet_the_coordinator_first(covered: Any) -> None:
    rates = plain_rates(front_door_offer_share=1.0)[0]
    person = happens(resident()[0], s.ASKS_FOR_HELP, rates=rates, ward=covered)
    assert (person.stage, person.outcome) == (s.SHORT_TERM, s.MET_BY_COORDINATOR)
    assert wanted(person) == {s.SHORT_TERM_TIME}
    assert not person.holds & s.OPEN_REQUEST


def test_in_an_uncovered_ward_every_ask_is_a_request_to_the_council(uncovered: Any) -> None:
    rates = plain_rates(front_door_offer_share=1.0)[0]
    person = happens(resident()[0], s.ASKS_FOR_HELP, rates=rates, ward=uncovered)
    assert (person.stage, person.outcome) == (s.ASSESSMENT, s.TO_ASSESSMENT)
    assert wanted(person) == {s.ASSESSOR}
    assert person.holds & s.OPEN_REQUEST
    assert person.urgency[s.ASSESSOR] == s.ORDINARY


def test_a_request_that_needs_no_formal_service_is_signposted_and_waits_for_nobody(uncovered: Any) -> None:
    rates = plain_rates(share_no_formal_service=1.0)[0]
    person = happens(resident()[0], s.ASKS_FOR_HELP, rates=rates, ward=uncovered)
    assert (person.stage, person.outcome) == (s.COMMUNITY, s.SIGNPOSTED)
    assert wanted(person) == set()
    assert person.holds == 0


def test_help_found_by_the_coordinator_ends_without_a_request(covered: Any) -> None:
    person = resident(stage=s.SHORT_TERM, reason=s.ASKS_FOR_HELP, stay_ends=1_000, has={s.SHORT_TERM_TIME: HOLDING})[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(effect_help_found=1.0)[0], ward=covered)
    assert (person.stage, person.outcome) == (s.COMMUNITY, s.HELP_FOUND)
    assert wanted(person) == set()


def test_help_not_found_goes_on_to_the_council_as_the_same_request(covered: Any) -> None:
    person = resident(
        stage=s.SHORT_TERM, reason=s.ASKS_FOR_HELP, reason_occasion=3, stay_ends=1_000, has={s.SHORT_TERM_TIME: HOLDING}
    )[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(effect_help_found=0.0)[0], ward=covered)
    assert (person.stage, person.outcome) == (s.ASSESSMENT, s.TO_ASSESSMENT)
    assert (person.reason, person.reason_occasion) == (s.ASKS_FOR_HELP, 3)
    assert wanted(person) == {s.ASSESSOR}


def test_advice_ends_with_advice_and_never_with_a_request(covered: Any) -> None:
    person = resident(stage=s.SHORT_TERM, reason=s.ASKS_FOR_ADVICE, has={s.SHORT_TERM_TIME: HOLDING})[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(effect_help_found=0.0)[0], ward=covered)
    assert (person.stage, person.outcome) == (s.COMMUNITY, s.ADVICE_GIVEN)


def test_the_lot_of_a_request_does_not_depend_on_the_way_it_came() -> None:
    """Signposting is luck of the ask itself, so a coordinator in between does not throw the dice again."""
    for identity in range(1, 60):
        outcomes = []
        for posts in (0.0, 1.0):
            ward = plain_ward(posts=posts)[0]
            rates = plain_rates(front_door_offer_share=1.0, share_no_formal_service=0.5)[0]
            person = happens(resident(identity=identity)[0], s.ASKS_FOR_HELP, rates=rates, ward=ward)
            if posts:
                happens(person, s.STAY_ENDS, rates=plain_rates(share_no_formal_service=0.5)[0], ward=ward)
            outcomes.append(int(person.outcome))
        assert outcomes[0] == outcomes[1], identity


# --- coordination ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "clock", "state"),
    [
        ("introduced_at_ask", s.ASKS_FOR_HELP, {}),
        ("introduced_at_contact", s.STAY_ENDS, {"stage": s.SHORT_TERM, "reason": s.ASKS_FOR_ADVICE}),
        ("introduced_at_discharge", s.STAY_ENDS, {"stage": s.HOSPITAL, "phase": s.TREATED}),
    ],
)
def test_people_are_introduced_at_a_crisis_and_only_where_there_is_a_coordinator(
    field: str, clock: int, state: dict[str, int], covered: Any, uncovered: Any
) -> None:
    rates = plain_rates(share_no_formal_service=1.0, **{field: 1.0})[0]
    there = happens(resident(**state)[0], clock, rates=rates, ward=covered)
    assert there.holds & s.ON_WAITING_LIST
    assert s.CASELOAD in wanted(there)
    elsewhere = happens(resident(**state)[0], clock, rates=rates, ward=uncovered)
    assert not elsewhere.holds & s.ON_WAITING_LIST
    assert s.CASELOAD not in wanted(elsewhere)
    never = happens(resident(**state)[0], clock, rates=plain_rates(share_no_formal_service=1.0)[0], ward=covered)
    assert s.CASELOAD not in wanted(never)


def test_someone_already_on_a_caseload_is_not_introduced_again(covered: Any) -> None:
    rates = plain_rates(share_no_formal_service=1.0, introduced_at_ask=1.0)[0]
    person = resident(stage=s.COORDINATION, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})[0]
    happens(person, s.ASKS_FOR_HELP, rates=rates, ward=covered)
    assert person.holds == s.CASELOAD_PLACE


def test_only_those_in_a_difficulty_are_urgent_and_only_where_urgency_counts(covered: Any) -> None:
    for by_urgency, holds, expected in ((1, s.DIFFICULTY, s.URGENT), (1, 0, s.ORDINARY), (0, s.DIFFICULTY, s.ORDINARY)):
        rates = plain_rates(share_no_formal_service=1.0, introduced_at_ask=1.0, caseload_by_urgency=by_urgency)[0]
        person = happens(resident(holds=holds)[0], s.ASKS_FOR_HELP, rates=rates, ward=covered)
        assert person.urgency[s.CASELOAD] == expected


def test_a_caseload_place_brings_someone_at_home_into_coordination_and_someone_in_hospital_not(covered: Any) -> None:
    rates = plain_rates()[0]
    at_home = resident(holds=s.ON_WAITING_LIST | s.CARRY_OVER)[0]
    rules.place_granted(at_home, covered, s.CASELOAD, 10, rates)
    assert (at_home.stage, at_home.holds) == (s.COORDINATION, s.CASELOAD_PLACE)
    away = resident(stage=s.HOSPITAL, holds=s.ON_WAITING_LIST)[0]
    rules.place_granted(away, covered, s.CASELOAD, 10, rates)
    assert (away.stage, away.holds) == (s.HOSPITAL, s.CASELOAD_PLACE)


def test_when_coordination_ends_its_effect_lasts_until_it_fades(covered: Any) -> None:
    rates = plain_rates()[0]
    person = resident(stage=s.COORDINATION, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})[0]
    happens(person, s.COORDINATION_ENDS, rates=rates, ward=covered)
    assert (person.stage, person.holds) == (s.COMMUNITY, s.CARRY_OVER)
    assert wanted(person) == set()
    assert hazards.is_supported(person.holds)
    happens(person, s.EFFECT_FADES, rates=rates, ward=covered)
    assert person.holds == 0
    assert not hazards.is_supported(person.holds)


def test_coordination_that_ends_in_hospital_leaves_the_resident_in_hospital(covered: Any) -> None:
    person = resident(stage=s.HOSPITAL, phase=s.TREATED, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})[0]
    happens(person, s.COORDINATION_ENDS, rates=plain_rates()[0], ward=covered)
    assert person.stage == s.HOSPITAL


def test_whoever_stops_waiting_leaves_the_list_and_nothing_else(covered: Any) -> None:
    person = resident(holds=s.ON_WAITING_LIST | s.PACKAGE, has={s.CASELOAD: WAITING})[0]
    happens(person, s.STOPS_WAITING, rates=plain_rates()[0], ward=covered)
    assert person.holds == s.PACKAGE
    assert wanted(person) == set()


def test_where_cover_ends_places_and_waits_end_and_the_effect_lingers(uncovered: Any) -> None:
    rates = plain_rates()[0]
    person = resident(stage=s.COORDINATION, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})[0]
    rules.ward_changes(person, uncovered, 10, rates)
    assert (person.stage, person.holds) == (s.COMMUNITY, s.CARRY_OVER)
    assert wanted(person) == set()
    listed = resident(holds=s.ON_WAITING_LIST, has={s.CASELOAD: WAITING})[0]
    rules.ward_changes(listed, uncovered, 10, rates)
    assert listed.holds == 0
    in_hospital = resident(stage=s.HOSPITAL, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})[0]
    rules.ward_changes(in_hospital, uncovered, 10, rates)
    assert (in_hospital.stage, in_hospital.holds) == (s.HOSPITAL, s.CARRY_OVER)


def test_where_cover_ends_those_who_wait_for_the_coordinator_go_to_the_council_or_home(uncovered: Any) -> None:
    rates = plain_rates()[0]
    asks = resident(stage=s.SHORT_TERM, reason=s.ASKS_FOR_HELP, has={s.SHORT_TERM_TIME: WAITING})[0]
    rules.ward_changes(asks, uncovered, 10, rates)
    assert asks.stage == s.ASSESSMENT
    assert wanted(asks) == {s.ASSESSOR}
    advice = resident(stage=s.SHORT_TERM, reason=s.ASKS_FOR_ADVICE, has={s.SHORT_TERM_TIME: WAITING})[0]
    rules.ward_changes(advice, uncovered, 10, rates)
    assert advice.stage == s.COMMUNITY
    assert wanted(advice) == set()


def test_where_cover_ends_a_conversation_that_has_begun_is_finished(uncovered: Any) -> None:
    person = resident(stage=s.SHORT_TERM, reason=s.ASKS_FOR_HELP, stay_ends=900, has={s.SHORT_TERM_TIME: HOLDING})[0]
    rules.ward_changes(person, uncovered, 10, plain_rates()[0])
    assert (person.stage, person.stay_ends) == (s.SHORT_TERM, 900)


def test_a_ward_that_keeps_its_cover_changes_nobody(covered: Any) -> None:
    person = resident(stage=s.COORDINATION, holds=s.CASELOAD_PLACE, has={s.CASELOAD: HOLDING})
    rules.ward_changes(person[0], covered, 10, plain_rates()[0])
    assert (person[0].stage, person[0].holds, wanted(person[0])) == (s.COORDINATION, s.CASELOAD_PLACE, {s.CASELOAD})


# --- hospital --------------------------------------------------------------------------------------------------------


def test_an_admission_from_short_term_keeps_the_caseload_place_and_leaves_the_appointment(covered: Any) -> None:
    person = resident(
        stage=s.SHORT_TERM,
        holds=s.CASELOAD_PLACE | s.PACKAGE,
        stay_ends=5_000,
        has={s.CASELOAD: HOLDING, s.SHORT_TERM_TIME: WAITING},
    )[0]
    happens(person, s.LATE_ADMISSION, rates=plain_rates()[0], ward=covered)
    assert person.stage == s.HOSPITAL
    assert wanted(person) == {s.CASELOAD}
    assert person.holds == s.CASELOAD_PLACE | s.PACKAGE
    assert (person.reason, person.reason_occasion) == (s.LATE_ADMISSION, 0)
    happens(person, s.STAY_ENDS, rates=plain_rates()[0], ward=covered)
    assert (person.stage, person.outcome) == (s.COORDINATION, s.WENT_HOME)


def test_an_admission_while_being_assessed_leads_to_an_assessment_in_hospital(uncovered: Any) -> None:
    rates = plain_rates()[0]
    person = resident(
        stage=s.ASSESSMENT, phase=s.BEING_ASSESSED, holds=s.OPEN_REQUEST, stay_ends=5_000, has={s.ASSESSOR: HOLDING}
    )[0]
    happens(person, s.SUDDEN_ADMISSION, rates=rates, ward=uncovered)
    assert (person.stage, person.phase) == (s.HOSPITAL, s.TREATED)
    assert wanted(person) == set()
    assert person.holds == s.OPEN_REQUEST
    happens(person, s.STAY_ENDS, rates=rates, ward=uncovered)  # although nobody needs one by chance
    assert (person.stage, person.phase, person.outcome) == (s.HOSPITAL, s.WAITING_FOR_ASSESSOR, s.READY_TO_LEAVE)
    assert (wanted(person), int(person.urgency[s.ASSESSOR])) == ({s.ASSESSOR}, s.URGENT)
    assert person.stay_ends == NEVER


def test_with_counted_beds_treatment_begins_when_there_is_one(uncovered: Any) -> None:
    rates = plain_rates(beds_are_capped=1)[0]
    person = happens(resident()[0], s.LATE_ADMISSION, rates=rates, ward=uncovered)
    assert (person.stage, person.phase, person.stay_ends) == (s.HOSPITAL, s.WAITING_FOR_BED, NEVER)
    assert wanted(person) == {s.BED}
    rules.place_granted(person, uncovered, s.BED, 2_000, rates)
    assert person.phase == s.TREATED
    assert 2_000 < person.stay_ends < NEVER


def test_the_length_of_a_stay_does_not_depend_on_the_wait_for_a_bed(uncovered: Any) -> None:
    at_once = happens(
        resident(identity=5)[0], s.LATE_ADMISSION, rates=plain_rates(stay_mu=(11.0, 12.0))[0], ward=uncovered
    )
    rates = plain_rates(stay_mu=(11.0, 12.0), beds_are_capped=1)[0]
    later = happens(resident(identity=5)[0], s.LATE_ADMISSION, rates=rates, ward=uncovered)
    rules.place_granted(later, uncovered, s.BED, 90_000, rates)
    assert later.stay_ends - 90_000 == at_once.stay_ends - 1_000


def test_a_care_home_resident_returns_from_hospital_to_the_care_home(uncovered: Any) -> None:
    rates = plain_rates(hospital_needs_assessment=1.0, care_home_places_are_capped=1)[0]
    holds = s.CARE_HOME | s.COUNCIL_SUPPORTED
    person = resident(stage=s.RESIDENTIAL, holds=holds, has={s.CARE_HOME_PLACE: HOLDING})[0]
    happens(person, s.LATE_ADMISSION, rates=rates, ward=uncovered)
    assert wanted(person) == {s.CARE_HOME_PLACE}
    happens(person, s.STAY_ENDS, rates=rates, ward=uncovered)
    assert (person.stage, person.outcome, person.holds) == (s.RESIDENTIAL, s.BACK_TO_CARE_HOME, holds)
    assert wanted(person) == {s.CARE_HOME_PLACE}


@pytest.mark.parametrize(
    ("shares", "outcome", "phase", "package"),
    [
        ({}, s.NO_SERVICE, s.NO_PHASE, False),
        ({"hospital_outcome_package": 1.0}, s.PACKAGE_STARTED, s.ARRANGING_CARE, True),
        ({"hospital_outcome_reablement": 1.0}, s.REABLED_TO_PACKAGE, s.ARRANGING_CARE, True),
        ({"hospital_outcome_reablement": 1.0, "reablement_no_ongoing": 1.0}, s.REABLED, s.ARRANGING_CARE, False),
        ({"hospital_outcome_care_home": 1.0}, s.CARE_HOME_AGREED, s.ARRANGING_CARE, False),
    ],
)
def test_each_outcome_of_an_assessment_in_hospital(
    shares: dict[str, float], outcome: int, phase: int, package: bool, uncovered: Any
) -> None:
    person = resident(
        stage=s.HOSPITAL, phase=s.BEING_ASSESSED, holds=s.OPEN_REQUEST, stay_ends=1_000, has={s.ASSESSOR: HOLDING}
    )[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(**shares)[0], ward=uncovered)
    assert (person.outcome, person.phase) == (outcome, phase)
    assert wanted(person) == set()
    assert bool(person.holds & s.PACKAGE) == package
    assert not person.holds & s.OPEN_REQUEST
    assert person.stage == (s.HOSPITAL if phase else s.COMMUNITY)
    assert (person.stay_ends == NEVER) == (phase == s.NO_PHASE)


def test_under_65_nobody_goes_from_hospital_to_a_care_home_by_chance(uncovered: Any) -> None:
    person = resident(age=50.0, stage=s.HOSPITAL, phase=s.BEING_ASSESSED, has={s.ASSESSOR: HOLDING})[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(hospital_outcome_care_home=1.0)[0], ward=uncovered)
    assert person.outcome == s.NO_SERVICE


# --- assessment and care homes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "outcome", "package"),
    [
        ({"outcome_low_level": 1.0}, s.LOW_LEVEL, False),
        ({"outcome_reablement": 1.0}, s.REABLED_TO_PACKAGE, True),
        ({"outcome_reablement": 1.0, "reablement_no_ongoing": 1.0}, s.REABLED, False),
        ({"outcome_long_term": 1.0}, s.PACKAGE_STARTED, True),
        ({}, s.OTHER_SUPPORT, False),
    ],
)
def test_each_outcome_of_an_assessment_at_home(
    shares: dict[str, float], outcome: int, package: bool, uncovered: Any
) -> None:
    person = resident(stage=s.ASSESSMENT, phase=s.BEING_ASSESSED, holds=s.OPEN_REQUEST, has={s.ASSESSOR: HOLDING})[0]
    happens(person, s.STAY_ENDS, rates=plain_rates(**shares)[0], ward=uncovered)
    assert (person.stage, person.outcome) == (s.COMMUNITY, outcome)
    assert person.holds == (s.PACKAGE if package else 0)
    assert wanted(person) == set()


def test_a_care_need_at_home_is_an_urgent_request(uncovered: Any) -> None:
    person = happens(resident()[0], s.CARE_NEED, rates=plain_rates()[0], ward=uncovered)
    assert (person.stage, person.phase) == (s.ASSESSMENT, s.WAITING_FOR_ASSESSOR)
    assert person.holds == s.NEEDS_CARE_HOME | s.OPEN_REQUEST
    assert person.urgency[s.ASSESSOR] == s.URGENT


def test_a_care_need_while_being_assessed_turns_that_assessment_into_one_for_a_care_home(uncovered: Any) -> None:
    rates = plain_rates(outcome_low_level=1.0)[0]
    person = resident(
        stage=s.ASSESSMENT, phase=s.BEING_ASSESSED, holds=s.OPEN_REQUEST, stay_ends=5_000, has={s.ASSESSOR: HOLDING}
    )[0]
    happens(person, s.CARE_NEED, rates=rates, ward=uncovered)
    assert (person.stage, person.phase, person.stay_ends) == (s.ASSESSMENT, s.BEING_ASSESSED, 5_000)
    assert wanted(person) == {s.ASSESSOR}
    happens(person, s.STAY_ENDS, rates=rates, ward=uncovered, now=5_000)
    assert (person.stage, person.outcome) == (s.RESIDENTIAL, s.CARE_HOME_ENTERED)


def test_a_care_need_while_waiting_for_an_assessment_keeps_the_place_in_the_queue(uncovered: Any) -> None:
    person = resident(
        stage=s.ASSESSMENT, phase=s.WAITING_FOR_ASSESSOR, holds=s.OPEN_REQUEST, has={s.ASSESSOR: WAITING}
    )[0]
    person.urgency[s.ASSESSOR] = s.ORDINARY
    happens(person, s.CARE_NEED, rates=plain_rates()[0], ward=uncovered)
    assert (
        person.urgency[s.ASSESSOR] == s.ORDINARY
    )  # a queue must not be told another urgency while someone stands in it
    assert wanted(person) == {s.ASSESSOR}
    assert person.holds & s.NEEDS_CARE_HOME


def test_entering_a_care_home_ends_the_package_and_coordination(covered: Any) -> None:
    rates = plain_rates(council_supported_share=1.0, nursing_share=0.0)[0]
    person = resident(
        stage=s.ASSESSMENT,
        phase=s.BEING_ASSESSED,
        holds=s.PACKAGE | s.CASELOAD_PLACE | s.DIFFICULTY | s.OPEN_REQUEST | s.NEEDS_CARE_HOME,
        has={s.ASSESSOR: HOLDING, s.CASELOAD: HOLDING},
    )[0]
    happens(person, s.STAY_ENDS, rates=rates, ward=covered)
    assert person.stage == s.RESIDENTIAL
    assert person.holds == s.CARE_HOME | s.COUNCIL_SUPPORTED
    assert wanted(person) == set()


@pytest.mark.parametrize("council", [0.0, 1.0])
@pytest.mark.parametrize("nursing", [0.0, 1.0])
def test_who_pays_for_a_care_home_and_whether_it_nurses_are_drawn_on_entry(
    council: float, nursing: float, uncovered: Any
) -> None:
    rates = plain_rates(council_supported_share=council, nursing_share=nursing)[0]
    person = resident(stage=s.ASSESSMENT, holds=s.NEEDS_CARE_HOME, has={s.ASSESSOR: HOLDING})[0]
    happens(person, s.STAY_ENDS, rates=rates, ward=uncovered)
    expected = s.CARE_HOME | (s.COUNCIL_SUPPORTED if council else 0) | (s.NURSING if nursing else 0)
    assert person.holds == expected


def test_with_counted_care_homes_people_wait_where_they_are_and_those_in_hospital_are_urgent(uncovered: Any) -> None:
    rates = plain_rates(care_home_places_are_capped=1)[0]
    for stage, phase, urgency in (
        (s.ASSESSMENT, s.BEING_ASSESSED, s.ORDINARY),
        (s.HOSPITAL, s.ARRANGING_CARE, s.URGENT),
    ):
        person = resident(stage=stage, phase=phase, holds=s.NEEDS_CARE_HOME | s.PACKAGE, stay_ends=1_000)[0]
        happens(person, s.STAY_ENDS, rates=rates, ward=uncovered)
        assert (person.stage, person.phase, person.outcome) == (stage, s.WAITING_FOR_CARE_HOME, s.CARE_HOME_AGREED)
        assert (wanted(person), int(person.urgency[s.CARE_HOME_PLACE])) == ({s.CARE_HOME_PLACE}, urgency)
        assert person.holds == s.NEEDS_CARE_HOME | s.PACKAGE
        person.has[s.CARE_HOME_PLACE] = HOLDING
        rules.place_granted(person, uncovered, s.CARE_HOME_PLACE, 2_000, rates)
        assert (person.stage, person.outcome, person.holds) == (s.RESIDENTIAL, s.CARE_HOME_ENTERED, s.CARE_HOME)
        assert wanted(person) == {s.CARE_HOME_PLACE}


def test_withdrawing_from_the_wait_for_an_assessment_closes_the_request(uncovered: Any) -> None:
    person = resident(
        stage=s.ASSESSMENT, phase=s.WAITING_FOR_ASSESSOR, holds=s.OPEN_REQUEST, has={s.ASSESSOR: WAITING}
    )[0]
    happens(person, s.WITHDRAWS, rates=plain_rates()[0], ward=uncovered)
    assert (person.stage, person.holds) == (s.COMMUNITY, 0)
    assert wanted(person) == set()


def test_only_those_who_wait_can_withdraw_and_not_those_who_need_a_care_home(uncovered: Any) -> None:
    rates = plain_rates(withdraws=1e-6)[0]
    cases = ((WAITING, 0, True), (HOLDING, 0, False), (NOTHING, 0, False), (WAITING, s.NEEDS_CARE_HOME, False))
    for state, holds, runs in cases:
        person = resident(stage=s.ASSESSMENT, holds=holds)[0]
        person.has[s.ASSESSOR] = state
        rules.think_again(person, uncovered, 0, rates)
        assert bool(is_running(person, s.WITHDRAWS)) == runs


# --- the end ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("clock", "stage"), [(s.DEATH, s.DIED), (s.MOVES_AWAY, s.OUTSIDE)])
def test_whoever_dies_or_moves_away_gives_up_everything_and_nothing_is_due_any_more(
    clock: int, stage: int, covered: Any
) -> None:
    rates = plain_rates(death=1e-9, sudden_admission=1e-9, asks_for_help=1e-9)[0]
    person = resident(holds=HOLD_ALL, stage=s.HOSPITAL, has=dict.fromkeys(range(s.N_KINDS), HOLDING))[0]
    rules.think_again(person, covered, 0, rates)
    happens(person, clock, rates=rates, ward=covered)
    rules.think_again(person, covered, 1_000, rates)
    assert (person.stage, person.holds) == (stage, 0)
    assert wanted(person) == set()
    assert (person.next_time, person.stay_ends) == (NEVER, NEVER)
    assert not any(is_running(person, clock) for clock in range(s.N_CLOCKS))


def test_someone_listed_to_arrive_arrives_in_the_community_and_their_clocks_start(uncovered: Any) -> None:
    rates = plain_rates(death=1e-9)[0]
    person = resident(stage=s.OUTSIDE, stay_ends=777)[0]
    rules.begin(person, uncovered, 0, rates)
    assert (person.next_time, person.next_cause) == (777, s.STAY_ENDS)
    happens(person, s.STAY_ENDS, rates=rates, ward=uncovered, now=777)
    assert (person.cause, person.stage) == (s.ARRIVES, s.COMMUNITY)
    rules.think_again(person, uncovered, 777, rates)
    assert is_running(person, s.DEATH)


def test_looking_twice_never_changes_a_life(covered: Any) -> None:
    rates = plain_rates(
        death=1e-9, sudden_admission=1e-9, late_admission=1e-9, asks_for_help=1e-9, difficulty_passes=1e-7,
        package_closes=1e-8, coordination_ends=1e-8, slope=2e-9, moves_away=1e-9, care_need=1e-9,
    )[0]  # fmt: skip
    people = resident(holds=s.DIFFICULTY | s.PACKAGE | s.CASELOAD_PLACE, stage=s.COORDINATION)
    rules.think_again(people[0], covered, 0, rates)
    before = people.tobytes()
    for now in range(1, 40 * s.YEAR, s.YEAR // 3):
        rules.think_again(people[0], covered, now, rates)
        if people[0].next_time > now:
            assert people.tobytes() == before


def test_a_duration_is_whole_seconds_and_at_least_one() -> None:
    assert rules.lognormal_seconds(-50.0, 0.0, 0.5) == 1
    assert rules.lognormal_seconds(np.log(1_000.0), 0.0, 0.3) == 1_000
    assert rules.lognormal_seconds(np.log(1_000.0), 1.0, 0.5) == 1_000
    assert rules.lognormal_seconds(np.log(1_000.0), 1.0, 0.9) > 1_000
