"""How likely things are for a resident: each a sentence, then a product.

A hazard is per second at age 65; its growth with age is the clock's business (`clocks.py`). A hazard follows
from who the person is, a stage and what is held there, the ward and the rates of this draw; no function here changes
anything. Hazards are not stored: what a clock has had so far is worked out again from the stage and holds of then, so
these two are arguments.
Nothing may depend on the present second: a hazard changes only when something happens to the person or the ward, or
looking twice would change a life.
"""

from __future__ import annotations

import math
from typing import Any

from lacsim.model.compiling import rule
from lacsim.model.stages import (
    ASSESSMENT,
    ASSESSOR,
    CARE_HOME,
    CARRY_OVER,
    CASELOAD_PLACE,
    COMMUNITY,
    COORDINATION,
    DIED,
    DIFFICULTY,
    HOSPITAL,
    NEEDS_CARE_HOME,
    PACKAGE,
    RESIDENTIAL,
    SHORT_TERM,
    SHORT_TERM_TIME,
    WAITING,
    YEAR,
)

_65_YEARS = 65 * YEAR


@rule
def is_65_or_over(person: Any, now: int) -> bool:
    """Whether the resident has reached 65."""
    return now - person.born >= _65_YEARS


@rule
def age_band(person: Any, now: int) -> int:
    """Age band now, 0 to 5 (18-29, 30-44, 45-64, 65-74, 75-84, 85+)."""
    age = (now - person.born) // YEAR
    if age < 45:
        return 0 if age < 30 else 1
    if age < 75:
        return 2 if age < 65 else 3
    return 4 if age < 85 else 5


@rule
def lives_at_home(stage: int) -> bool:
    """Whether this is the resident's own home: community, short-term support, coordination or assessment."""
    return stage <= ASSESSMENT


@rule
def is_supported(holds: int) -> bool:
    """Whether a coordinator's help works: the resident has a place, or had one and it has not faded."""
    return (holds & (CASELOAD_PLACE | CARRY_OVER)) != 0


@rule
def home_stage(person: Any) -> int:
    """At home a resident with a caseload place is in coordination, any other in the community."""
    return COORDINATION if person.holds & CASELOAD_PLACE else COMMUNITY


@rule
def death_ratio(stage: int, holds: int, rates: Any) -> float:
    """What multiplies the hazard of death, which goes with the root of frailty: a hospital, a care home, a package."""
    if stage >= DIED:
        return 0.0
    ratio = 1.0
    if stage == HOSPITAL:
        ratio = rates.death_hr_hospital
    elif stage == RESIDENTIAL:
        ratio = rates.death_hr_care_home
    elif holds & PACKAGE:
        ratio = rates.death_hr_package
    if holds & DIFFICULTY:
        ratio *= rates.death_hr_difficulty
    return ratio


@rule
def moving_hazard(person: Any, stage: int, holds: int, rates: Any) -> float:
    """People who live at home without a package may move out of the city, the young far more often."""
    if not lives_at_home(stage) or holds & PACKAGE:
        return 0.0
    return rates.moves_away[person.age_band]


@rule
def admission_ratio(person: Any, stage: int, holds: int, ward: Any, rates: Any) -> float:
    """What multiplies both kinds of emergency admission: need, frailty, a difficulty, a package, a coordinator."""
    if stage >= DIED or stage == HOSPITAL:
        return 0.0
    ratio = ward.admission_ratio * rates.admission_hr[person.need] * person.frailty
    if holds & DIFFICULTY:
        ratio *= rates.admission_hr_difficulty
    if holds & PACKAGE:
        ratio *= rates.admission_hr_package
    if holds & CARE_HOME:
        ratio *= rates.admission_hr_care_home
    elif is_supported(holds):
        ratio *= rates.effect_admission_hr
    return ratio


@rule
def care_need_hazard(person: Any, stage: int, holds: int, ward: Any, rates: Any) -> float:
    """People at home can come to need a care home: far more with age, frailty, a package or a difficulty."""
    if not lives_at_home(stage) or holds & NEEDS_CARE_HOME:
        return 0.0
    hazard = rates.care_need * ward.care_need_ratio * rates.care_need_hr[person.need] * person.frailty
    if holds & DIFFICULTY:
        hazard *= rates.care_need_hr_difficulty
    if holds & PACKAGE:
        hazard *= rates.care_need_hr_package
    if is_supported(holds):
        hazard *= rates.effect_care_need_hr
    return hazard


@rule
def asking_hazard(person: Any, stage: int, holds: int, ward: Any, others_hr: float, rates: Any) -> float:
    """People at home with no request open ask for help, more in a difficulty; a coordinator uncovers unmet need.

    `others_hr` is the ward's `others_asks_hr`, now or before: it may have changed since the resident last looked.
    """
    if stage != COMMUNITY and stage != COORDINATION:
        return 0.0
    hazard = rates.asks_for_help * ward.ask_ratio * rates.asks_hr[person.need] * person.frailty
    if rates.demand_growth != 0.0:
        hazard *= math.exp(rates.demand_growth * (person.born + _65_YEARS))
    if holds & DIFFICULTY:
        hazard *= rates.asks_hr_difficulty
    if holds & PACKAGE:
        hazard *= rates.asks_hr_package
    if holds & CASELOAD_PLACE:
        hazard *= rates.effect_unmet_need_hr
    else:
        hazard *= others_hr
    return hazard


@rule
def asking_for_advice_hazard(stage: int, hazard: float) -> float:
    """Where a coordinator works, people in the community come for information and advice at the ward's `hazard`."""
    return hazard if stage == COMMUNITY else 0.0


@rule
def new_difficulty_hazard(person: Any, stage: int, holds: int, ward: Any, rates: Any) -> float:
    """Anyone outside a care home and without a difficulty may meet one; a ward's own capacity makes it rarer."""
    if stage >= RESIDENTIAL or holds & (DIFFICULTY | CARE_HOME):
        return 0.0
    return difficulty_hazard_at(person, ward.new_difficulty_ratio, rates)


@rule
def difficulty_hazard_at(person: Any, ratio: float, rates: Any) -> float:
    """The hazard of a new difficulty at a ratio of the ward's own capacity, for somebody who may meet one."""
    return rates.difficulty_starts * rates.difficulty_hr[person.need] * person.frailty * ratio


@rule
def passing_hazard(stage: int, holds: int, rates: Any) -> float:
    """A difficulty passes in time, and sooner with a coordinator."""
    if stage >= DIED or not holds & DIFFICULTY:
        return 0.0
    return rates.difficulty_passes * (rates.effect_difficulty_passes_hr if is_supported(holds) else 1.0)


@rule
def closing_hazard(person: Any, stage: int, holds: int, rates: Any) -> float:
    """Adult care closes a case and its package ends; at another pace under 65, and with a coordinator.

    The age is the one at the start or on arrival: a hazard may change only when something happens to the person, or
    looking twice would change a life.
    """
    if not holds & PACKAGE or not lives_at_home(stage):
        return 0.0
    hazard = rates.package_closes
    if person.age_band < 3:
        hazard *= rates.package_closes_hr_18_64
    if is_supported(holds):
        hazard *= rates.effect_case_closes_hr
    return hazard


@rule
def may_give_up(person: Any) -> bool:
    """People who wait for a first conversation with the coordinator give up in time."""
    return person.stage == SHORT_TERM and person.has[SHORT_TERM_TIME] == WAITING


@rule
def may_withdraw(person: Any) -> bool:
    """People who wait for an assessment withdraw in time; not those who need a care home."""
    return person.stage == ASSESSMENT and person.has[ASSESSOR] == WAITING and not person.holds & NEEDS_CARE_HOME
