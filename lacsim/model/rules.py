"""Every decision of the pathway, as small compiled functions: no clock object, no queue, no engine.

A rule reads three records: the person, the ward as it is now, and the rates of this draw. It may change the person:
the stage, what they hold, what they want of a pool, and their clocks. Moving places and keeping order is the
engine's work. Engines call only the six functions at the end (`still_due`, `something_happens`, `place_granted`,
`ward_changes`, `think_again`, `begin`); everything above them is what a social-care manager would recognise as a rule.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lacsim.model.clocks import find_next, is_running, renew, set_hazard, stop_all
from lacsim.model.compiling import rule
from lacsim.model.hazards import (
    admission_ratio,
    age_band,
    asking_for_advice_hazard,
    asking_hazard,
    care_need_hazard,
    closing_hazard,
    death_ratio,
    difficulty_hazard_at,
    home_stage,
    is_65_or_over,
    may_give_up,
    may_withdraw,
    moving_hazard,
    new_difficulty_hazard,
    passing_hazard,
)
from lacsim.model.rates import PERSON, RATES, WARD
from lacsim.model.stages import (
    ADVICE_GIVEN,
    ARRANGING_CARE,
    ARRIVES,
    ASKS_FOR_ADVICE,
    ASKS_FOR_HELP,
    ASSESSMENT,
    ASSESSOR,
    BACK_TO_CARE_HOME,
    BED,
    BEING_ASSESSED,
    CAPACITY_CHANGED,
    CARE_HOME,
    CARE_HOME_AGREED,
    CARE_HOME_ENTERED,
    CARE_HOME_PLACE,
    CARE_NEED,
    CARRY_OVER,
    CASE_CLOSED,
    CASELOAD,
    CASELOAD_PLACE,
    COMMUNITY,
    COORDINATION,
    COORDINATION_ENDS,
    COUNCIL_SUPPORTED,
    COVER_CHANGED,
    DEATH,
    DIED,
    DIFFICULTY,
    DIFFICULTY_PASSES,
    DIFFICULTY_STARTS,
    EFFECT_FADES,
    GIVES_UP,
    HELP_FOUND,
    HOLDING,
    HOSPITAL,
    LATE_ADMISSION,
    LOW_LEVEL,
    MET_BY_COORDINATOR,
    MOVES_AWAY,
    N_KINDS,
    N_STEPS,
    NEEDS_CARE_HOME,
    NEVER,
    NO_OUTCOME,
    NO_PHASE,
    NO_SERVICE,
    NURSING,
    ON_WAITING_LIST,
    OPEN_REQUEST,
    ORDINARY,
    OTHER_SUPPORT,
    OUTSIDE,
    PACKAGE,
    PACKAGE_STARTED,
    REABLED,
    REABLED_TO_PACKAGE,
    READY_TO_LEAVE,
    RESIDENTIAL,
    SHORT_TERM,
    SHORT_TERM_TIME,
    SIGNPOSTED,
    STAY_ENDS,
    STOPS_WAITING,
    SUDDEN_ADMISSION,
    TO_ASSESSMENT,
    TREATED,
    URGENT,
    WAITING_FOR_ASSESSOR,
    WAITING_FOR_BED,
    WAITING_FOR_CARE_HOME,
    WENT_HOME,
    WITHDRAWS,
)
from lacsim.model.streams import (
    ARRANGING_DAYS,
    ASSESSMENT_DAYS,
    ASSESSMENT_OUTCOME,
    CONTACT_MINUTES,
    FUNDING,
    HELP_IS_FOUND,
    INTRODUCED,
    LEAVES_DIFFICULTY,
    MET_FIRST,
    NEEDS_ASSESSMENT,
    NURSING_CARE,
    REABLEMENT_ENDS_WELL,
    STAY_DAYS,
    TRIAGE,
    normal_quantile,
    uniform,
)

__all__ = [
    "PERSON",
    "RATES",
    "WARD",
    "begin",
    "place_granted",
    "something_happens",
    "still_due",
    "think_again",
    "ward_changes",
]


# --- luck and durations --------------------


@rule
def luck(person: Any, decision: int, clock: int, occasion: int, rates: Any) -> float:
    """The uniform number of one decision that belongs to one occasion of one clock."""
    return uniform(rates.seed, rates.replication, person.identity, 32 * decision + clock, occasion)


@rule
def lognormal_seconds(mu: float, sigma: float, u: float) -> int:
    """A duration in whole seconds, at least one: exp(mu + sigma x normal quantile of u)."""
    return max(np.int64(1), np.int64(math.floor(math.exp(mu + sigma * normal_quantile(u)) + 0.5)))


# --- steps that several events share --------------------


@rule
def introduce(person: Any, ward: Any, clock: int, occasion: int, chance: float, rates: Any) -> None:
    """At a crisis a resident of a covered ward may be introduced to the coordinator and wants a caseload place."""
    if ward.posts <= 0.0 or person.wants[CASELOAD] or person.holds & (CARE_HOME | NEEDS_CARE_HOME):
        return
    weighted = chance * rates.introduction_weight[person.need] * rates.tenure_weight[person.tenure]
    if luck(person, INTRODUCED, clock, occasion, rates) < weighted:
        person.wants[CASELOAD] = 1
        urgent = rates.caseload_by_urgency and person.holds & DIFFICULTY
        person.urgency[CASELOAD] = URGENT if urgent else ORDINARY
        person.holds |= ON_WAITING_LIST


@rule
def leave_programme(person: Any) -> None:
    """Give back the caseload place, or leave its waiting list."""
    person.wants[CASELOAD] = 0
    person.holds &= ~np.uint16(CASELOAD_PLACE | ON_WAITING_LIST)


@rule
def leave_stage(person: Any) -> None:
    """Leave short-term support, assessment or a bed: places and queues of that stage are given up.

    A caseload place is kept, and so is a care-home place while its resident is in hospital.
    """
    for kind in range(N_KINDS):
        if kind != CASELOAD and not (kind == CARE_HOME_PLACE and person.holds & CARE_HOME):
            person.wants[kind] = 0
    person.stay_ends = NEVER
    person.phase = NO_PHASE


@rule
def go_home(person: Any) -> None:
    """Return to the resident's own home."""
    leave_stage(person)
    person.stage = home_stage(person)


@rule
def wait_for_assessor(person: Any, urgency: int) -> None:
    """Join the city's one queue for an assessor, at home or in a hospital bed."""
    person.wants[ASSESSOR] = 1
    person.urgency[ASSESSOR] = urgency
    person.phase = WAITING_FOR_ASSESSOR
    person.stay_ends = NEVER


@rule
def request_support(person: Any, ward: Any, clock: int, occasion: int, rates: Any) -> None:
    """A request for support reaches the council: most are signposted, the others wait for an assessment."""
    introduce(person, ward, clock, occasion, rates.introduced_at_ask, rates)
    if luck(person, TRIAGE, clock, occasion, rates) < rates.share_no_formal_service:
        go_home(person)
        person.outcome = SIGNPOSTED
        return
    leave_stage(person)
    person.stage = ASSESSMENT
    person.holds |= OPEN_REQUEST
    person.reason = clock
    person.reason_occasion = occasion
    wait_for_assessor(person, ORDINARY)
    person.outcome = TO_ASSESSMENT


@rule
def enter_care_home(person: Any, rates: Any) -> None:
    """Move into a care home: the package and coordination end; the council or the resident pays, for good."""
    leave_stage(person)
    leave_programme(person)
    person.holds &= ~np.uint16(PACKAGE | CARRY_OVER | NEEDS_CARE_HOME | OPEN_REQUEST | DIFFICULTY)
    person.holds |= CARE_HOME
    if luck(person, FUNDING, person.reason, person.reason_occasion, rates) < rates.council_supported_share:
        person.holds |= COUNCIL_SUPPORTED
    if luck(person, NURSING_CARE, person.reason, person.reason_occasion, rates) < rates.nursing_share:
        person.holds |= NURSING
    if rates.care_home_places_are_capped:
        person.wants[CARE_HOME_PLACE] = 1
    person.stage = RESIDENTIAL


@rule
def move_to_care_home(person: Any, rates: Any) -> None:
    """A care home has been agreed: move in, or wait where one is until a place is free."""
    if rates.care_home_places_are_capped and person.has[CARE_HOME_PLACE] != HOLDING:
        person.wants[CARE_HOME_PLACE] = 1
        person.urgency[CARE_HOME_PLACE] = URGENT if person.stage == HOSPITAL else ORDINARY
        person.phase = WAITING_FOR_CARE_HOME
        person.stay_ends = NEVER
        person.outcome = CARE_HOME_AGREED
    else:
        enter_care_home(person, rates)
        person.outcome = CARE_HOME_ENTERED


# --- what happens when a clock rings --------------------


@rule
def leave_city(person: Any, stage: int) -> None:
    """Death or a move away: everything is given up and every clock stops."""
    person.holds = 0
    leave_stage(person)
    leave_programme(person)
    person.stage = stage
    stop_all(person)


@rule
def admit(person: Any, now: int, clock: int, occasion: int, rates: Any) -> None:
    """An emergency admission ends whatever stay or wait the resident was in; a caseload place is kept."""
    leave_stage(person)
    person.stage = HOSPITAL
    person.reason = clock
    person.reason_occasion = occasion
    person.outcome = NO_OUTCOME
    if rates.beds_are_capped:
        person.wants[BED] = 1
        person.urgency[BED] = ORDINARY
        person.phase = WAITING_FOR_BED
    else:
        start_treatment(person, now, rates)


@rule
def start_treatment(person: Any, now: int, rates: Any) -> None:
    """Days until medically ready to leave; a coordinator who knows the person may change them."""
    older = 1 if is_65_or_over(person, now) else 0
    mu = rates.stay_mu[older]
    if person.holds & CASELOAD_PLACE:
        mu += math.log(rates.effect_stay_ratio)
    u = luck(person, STAY_DAYS, person.reason, person.reason_occasion, rates)
    person.phase = TREATED
    person.stay_ends = now + lognormal_seconds(mu, rates.stay_sigma, u)


@rule
def ready_to_leave_hospital(person: Any, ward: Any, now: int, rates: Any) -> None:
    """When medically ready: back to the care home, home, or wait in the bed for an assessment."""
    clock, occasion = person.reason, person.reason_occasion
    if person.holds & CARE_HOME:
        leave_stage(person)
        if rates.care_home_places_are_capped:
            person.wants[CARE_HOME_PLACE] = 1
        person.stage = RESIDENTIAL
        person.outcome = BACK_TO_CARE_HOME
        return
    if luck(person, LEAVES_DIFFICULTY, clock, occasion, rates) < rates.admission_leaves_difficulty:
        person.holds |= DIFFICULTY
    introduce(person, ward, clock, occasion, rates.introduced_at_discharge, rates)
    chance = rates.hospital_needs_assessment[age_band(person, now)]
    needs_one = luck(person, NEEDS_ASSESSMENT, clock, occasion, rates) < chance
    if needs_one or person.holds & (OPEN_REQUEST | NEEDS_CARE_HOME):
        person.holds |= OPEN_REQUEST
        person.outcome = READY_TO_LEAVE
        wait_for_assessor(person, URGENT)
        return
    go_home(person)
    person.outcome = WENT_HOME


@rule
def assessed_at_home(person: Any, rates: Any) -> None:
    """What a community assessment leads to; someone who cannot manage at home goes to a care home."""
    clock, occasion = person.reason, person.reason_occasion
    person.wants[ASSESSOR] = 0
    person.holds &= ~np.uint16(OPEN_REQUEST)
    if person.holds & NEEDS_CARE_HOME:
        move_to_care_home(person, rates)
        return
    u = luck(person, ASSESSMENT_OUTCOME, clock, occasion, rates)
    if u < rates.outcome_low_level:
        person.outcome = LOW_LEVEL
    elif u < rates.outcome_low_level + rates.outcome_reablement:
        person.outcome = after_reablement(person, clock, occasion, rates)
    elif u < rates.outcome_low_level + rates.outcome_reablement + rates.outcome_long_term:
        person.outcome = PACKAGE_STARTED
    else:
        person.outcome = OTHER_SUPPORT
    if person.outcome == PACKAGE_STARTED or person.outcome == REABLED_TO_PACKAGE:
        person.holds |= PACKAGE
    go_home(person)


@rule
def after_reablement(person: Any, clock: int, occasion: int, rates: Any) -> int:
    """Short-term help to regain independence: many need nothing after it, the others a package."""
    u = luck(person, REABLEMENT_ENDS_WELL, clock, occasion, rates)
    return REABLED if u < rates.reablement_no_ongoing else REABLED_TO_PACKAGE


@rule
def assessed_in_hospital(person: Any, now: int, rates: Any) -> None:
    """After the assessment in hospital: home at once, or stay in the bed while care is arranged."""
    clock, occasion = person.reason, person.reason_occasion
    person.wants[ASSESSOR] = 0
    person.holds &= ~np.uint16(OPEN_REQUEST)
    u = luck(person, ASSESSMENT_OUTCOME, clock, occasion, rates)
    care_home = rates.hospital_outcome_care_home if is_65_or_over(person, now) else 0.0
    with_package = care_home + rates.hospital_outcome_package
    mu = -1.0
    if person.holds & NEEDS_CARE_HOME or u < care_home:
        person.holds |= NEEDS_CARE_HOME
        person.outcome = CARE_HOME_AGREED
        mu = rates.arrange_care_home_mu
    elif u < with_package:
        person.holds |= PACKAGE
        person.outcome = PACKAGE_STARTED
        mu = rates.arrange_package_mu
    elif u < with_package + rates.hospital_outcome_reablement:
        person.outcome = after_reablement(person, clock, occasion, rates)
        if person.outcome == REABLED_TO_PACKAGE:
            person.holds |= PACKAGE
        mu = rates.arrange_package_mu
    else:
        person.outcome = NO_SERVICE
    if mu < 0.0:
        go_home(person)
        return
    person.phase = ARRANGING_CARE
    days = luck(person, ARRANGING_DAYS, clock, occasion, rates)
    person.stay_ends = now + lognormal_seconds(mu, rates.arrange_sigma, days)


@rule
def contact_ends(person: Any, ward: Any, rates: Any) -> None:
    """The coordinator has met the person: advice was given, help was found, or the request goes on to the council."""
    clock, occasion = person.reason, person.reason_occasion
    introduce(person, ward, clock, occasion, rates.introduced_at_contact, rates)
    if clock == ASKS_FOR_ADVICE:
        go_home(person)
        person.outcome = ADVICE_GIVEN
    elif luck(person, HELP_IS_FOUND, clock, occasion, rates) < rates.effect_help_found:
        go_home(person)
        person.outcome = HELP_FOUND
    else:
        request_support(person, ward, clock, occasion, rates)


@rule
def stay_ends(person: Any, ward: Any, now: int, rates: Any) -> None:
    """A date that was drawn has come: someone arrives, or a contact, treatment, assessment or arrangement is done."""
    person.stay_ends = NEVER
    if person.stage == OUTSIDE:
        person.cause = ARRIVES
        person.stage = COMMUNITY
    elif person.stage == SHORT_TERM:
        contact_ends(person, ward, rates)
    elif person.stage == ASSESSMENT:
        assessed_at_home(person, rates)
    elif person.phase == TREATED:
        ready_to_leave_hospital(person, ward, now, rates)
    elif person.phase == BEING_ASSESSED:
        assessed_in_hospital(person, now, rates)
    elif person.holds & NEEDS_CARE_HOME:
        move_to_care_home(person, rates)
    else:
        go_home(person)
        person.outcome = WENT_HOME


@rule
def ask_for_help(person: Any, ward: Any, clock: int, occasion: int, rates: Any) -> None:
    """Someone asks for help: in a covered ward the coordinator may meet them first, otherwise it is a request."""
    if ward.posts > 0.0 and luck(person, MET_FIRST, clock, occasion, rates) < rates.front_door_offer_share:
        meet_coordinator(person, clock, occasion)
    else:
        request_support(person, ward, clock, occasion, rates)


@rule
def meet_coordinator(person: Any, clock: int, occasion: int) -> None:
    """Wait for a short-term appointment with the ward's coordinator."""
    person.stage = SHORT_TERM
    person.wants[SHORT_TERM_TIME] = 1
    person.urgency[SHORT_TERM_TIME] = ORDINARY
    person.reason = clock
    person.reason_occasion = occasion
    person.outcome = MET_BY_COORDINATOR


@rule
def give_up(person: Any, ward: Any, rates: Any) -> None:
    """Whoever waited too long for the coordinator takes a request for help to the council; any other wait just ends."""
    if person.stage == SHORT_TERM and person.reason == ASKS_FOR_HELP:
        request_support(person, ward, person.reason, person.reason_occasion, rates)
    else:
        person.holds &= ~np.uint16(OPEN_REQUEST)
        go_home(person)


@rule
def need_care_home(person: Any, clock: int, occasion: int) -> None:
    """Someone can no longer manage at home: an urgent assessment (or the one already asked for), then a care home."""
    person.holds |= NEEDS_CARE_HOME | OPEN_REQUEST
    person.reason = clock
    person.reason_occasion = occasion
    if person.stage != ASSESSMENT:
        leave_stage(person)
        person.stage = ASSESSMENT
        wait_for_assessor(person, URGENT)


@rule
def lose_coordinator(person: Any, ward: Any, rates: Any) -> None:
    """The ward's last post has ended: whoever had a place carries its effect on, whoever waits must look elsewhere."""
    if person.wants[CASELOAD]:
        if person.holds & CASELOAD_PLACE:
            person.holds |= CARRY_OVER
        leave_programme(person)
        if person.stage == COORDINATION:
            person.stage = COMMUNITY
    if person.stage == SHORT_TERM and person.has[SHORT_TERM_TIME] != HOLDING:
        give_up(person, ward, rates)


# --- what the engines call --------------------


@rule
def still_due(person: Any, ward: Any, now: int, rates: Any) -> bool:
    """Whether what was to come first comes now: a difficulty may have been put off by the ward's own capacity."""
    if person.next_cause == DIFFICULTY_STARTS and person.met_steps != ward.steps:
        meet_steps(person, ward, rates)
        find_next(person, now)
    return person.next_time <= now


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """What was due first happens now. Sets `cause`, `occasion` and `outcome` for the record."""
    clock = person.next_cause
    person.cause = clock
    person.outcome = NO_OUTCOME
    if clock == STAY_ENDS:
        person.occasion = person.reason_occasion
        stay_ends(person, ward, now, rates)
        return
    occasion = person.occasions[clock]
    person.occasion = occasion
    renew(person, clock)
    if clock == DEATH:
        leave_city(person, DIED)
    elif clock == MOVES_AWAY:
        leave_city(person, OUTSIDE)
    elif clock in (SUDDEN_ADMISSION, LATE_ADMISSION):
        admit(person, now, clock, occasion, rates)
    elif clock == CARE_NEED:
        need_care_home(person, clock, occasion)
    elif clock == ASKS_FOR_HELP:
        ask_for_help(person, ward, clock, occasion, rates)
    elif clock == ASKS_FOR_ADVICE:
        meet_coordinator(person, clock, occasion)
    elif clock == DIFFICULTY_STARTS:
        person.holds |= DIFFICULTY
    elif clock == DIFFICULTY_PASSES:
        person.holds &= ~np.uint16(DIFFICULTY)
    elif clock == CASE_CLOSED:
        person.holds &= ~np.uint16(PACKAGE)
    elif clock == COORDINATION_ENDS:
        leave_programme(person)
        person.holds |= CARRY_OVER
        if person.stage == COORDINATION:
            person.stage = COMMUNITY
    elif clock == EFFECT_FADES:
        person.holds &= ~np.uint16(CARRY_OVER)
    elif clock == STOPS_WAITING:
        leave_programme(person)
    elif clock in (WITHDRAWS, GIVES_UP):
        give_up(person, ward, rates)


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """A place of this kind is the resident's from now on."""
    person.outcome = NO_OUTCOME
    if kind == SHORT_TERM_TIME:
        u = luck(person, CONTACT_MINUTES, person.reason, person.reason_occasion, rates)
        mu = rates.contact_mu + math.log(ward.contact_seconds)
        person.stay_ends = now + lognormal_seconds(mu, rates.contact_sigma, u)
    elif kind == CASELOAD:
        person.holds &= ~np.uint16(ON_WAITING_LIST | CARRY_OVER)
        person.holds |= CASELOAD_PLACE
        if person.stage == COMMUNITY:
            person.stage = COORDINATION
    elif kind == ASSESSOR:
        person.phase = BEING_ASSESSED
        u = luck(person, ASSESSMENT_DAYS, person.reason, person.reason_occasion, rates)
        person.stay_ends = now + lognormal_seconds(rates.assessment_mu, rates.assessment_sigma, u)
    elif kind == BED:
        start_treatment(person, now, rates)
    elif kind == CARE_HOME_PLACE and person.stage != RESIDENTIAL:
        enter_care_home(person, rates)
        person.outcome = CARE_HOME_ENTERED


@rule
def meet_steps(person: Any, ward: Any, rates: Any) -> None:
    """Changes of the ward's own capacity that nobody was told of reach the clock of difficulties, one by one."""
    while person.met_steps != ward.steps:
        met = person.met_steps % N_STEPS
        person.met_steps += 1
        if is_running(person, DIFFICULTY_STARTS):
            k = person.met_steps % N_STEPS
            before = difficulty_hazard_at(person, ward.step_ratio[met], rates)
            hazard = difficulty_hazard_at(person, ward.step_ratio[k], rates)
            set_hazard(person, DIFFICULTY_STARTS, before, hazard, ward.step_at[k], rates)


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Give every clock the hazard of the present circumstances and find what comes first.

    The hazard a clock has had so far is that of the circumstances its clocks last met: `was`, `had` and the ward's
    record of then.
    """
    if person.stage >= DIED:
        find_next(person, now)
        return
    meet_steps(person, ward, rates)
    was, had, stage, holds = np.uint8(person.met_stage), person.met_holds, person.stage, person.holds
    others, advice = ward.others_asks_hr, ward.advice_hazard
    if person.met_cover != ward.cover:
        others, advice = ward.others_asks_hr_before, ward.advice_hazard_before
    person.met_stage, person.met_holds, person.met_cover = stage, holds, ward.cover

    before, hazard = death_ratio(was, had, rates), death_ratio(stage, holds, rates)
    pace = rates.death * math.sqrt(person.frailty)
    set_hazard(person, DEATH, pace * before, pace * hazard, now, rates)
    before, hazard = moving_hazard(person, was, had, rates), moving_hazard(person, stage, holds, rates)
    set_hazard(person, MOVES_AWAY, before, hazard, now, rates)
    before, hazard = admission_ratio(person, was, had, ward, rates), admission_ratio(person, stage, holds, ward, rates)
    sudden, late = rates.sudden_admission, rates.late_admission
    set_hazard(person, SUDDEN_ADMISSION, sudden * before, sudden * hazard, now, rates)
    set_hazard(person, LATE_ADMISSION, late * before, late * hazard, now, rates)
    before = care_need_hazard(person, was, had, ward, rates)
    hazard = care_need_hazard(person, stage, holds, ward, rates)
    set_hazard(person, CARE_NEED, before, hazard, now, rates)
    before = asking_hazard(person, was, had, ward, others, rates)
    hazard = asking_hazard(person, stage, holds, ward, ward.others_asks_hr, rates)
    set_hazard(person, ASKS_FOR_HELP, before, hazard, now, rates)
    before, hazard = asking_for_advice_hazard(was, advice), asking_for_advice_hazard(stage, ward.advice_hazard)
    set_hazard(person, ASKS_FOR_ADVICE, before, hazard, now, rates)
    before = new_difficulty_hazard(person, was, had, ward, rates)
    hazard = new_difficulty_hazard(person, stage, holds, ward, rates)
    set_hazard(person, DIFFICULTY_STARTS, before, hazard, now, rates)
    before, hazard = passing_hazard(was, had, rates), passing_hazard(stage, holds, rates)
    set_hazard(person, DIFFICULTY_PASSES, before, hazard, now, rates)
    before, hazard = closing_hazard(person, was, had, rates), closing_hazard(person, stage, holds, rates)
    set_hazard(person, CASE_CLOSED, before, hazard, now, rates)
    pace = rates.coordination_ends  # from here on a clock runs at the only pace it has, or stands
    set_hazard(person, COORDINATION_ENDS, pace, pace if holds & CASELOAD_PLACE else 0.0, now, rates)
    pace = rates.effect_fades
    set_hazard(person, EFFECT_FADES, pace, pace if holds & CARRY_OVER else 0.0, now, rates)
    pace = rates.stops_waiting
    listed = holds & ON_WAITING_LIST and stage != RESIDENTIAL
    set_hazard(person, STOPS_WAITING, pace, pace if listed else 0.0, now, rates)
    pace = rates.withdraws
    set_hazard(person, WITHDRAWS, pace, pace if may_withdraw(person) else 0.0, now, rates)
    pace = rates.gives_up_contact
    set_hazard(person, GIVES_UP, pace, pace if may_give_up(person) else 0.0, now, rates)
    find_next(person, now)


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Make a resident ready for the first second: dates of all clocks from the state they start in.

    Whose dates were found when residents were made (their next is after the first second), in the circumstances they
    start in, keeps them.
    """
    has_met_ward = person.met_cover == ward.cover and person.met_steps == ward.steps
    has_met_state = person.met_stage == person.stage and person.met_holds == person.holds
    if not (has_met_ward and has_met_state) or person.next_time <= now:
        think_again(person, ward, now, rates)


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """The ward's circumstances have changed: where there is no coordinator any more, places and waits end.

    A ward that is only a year further in its own capacity changes one clock and nothing else.
    """
    person.outcome = NO_OUTCOME
    if ward.changed & COVER_CHANGED:
        if ward.posts <= 0.0:
            lose_coordinator(person, ward, rates)
        think_again(person, ward, now, rates)
    elif ward.changed & CAPACITY_CHANGED and person.stage < DIED:
        meet_steps(person, ward, rates)
        hazard = new_difficulty_hazard(person, person.stage, person.holds, ward, rates)
        set_hazard(person, DIFFICULTY_STARTS, hazard, hazard, now, rates)  # starts it if a ratio of 0 had stopped it
        find_next(person, now)
