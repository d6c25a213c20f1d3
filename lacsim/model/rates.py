"""The records that cross into compiled code: who a resident is, what a ward offers, what the rules read.

Three records and nothing else: `PERSON` (one per resident), `WARD` (one per ward and period) and `RATES` (one per
draw). They are plain NumPy structured types, so a rule reads `person.stage` or `rates.asks_hr_package` in Python and
in compiled code alike. Filling them from the register is the business of `lacsim.runs.bind`.
"""

from __future__ import annotations

import numpy as np

from lacsim.model.stages import N_CLOCKS, N_KINDS, N_NEEDS, N_STEPS, N_TENURES

# What every event reads comes first and clocks that few people run last; 232 bytes, because memory is what a large city
# costs: nothing is stored that a rule can work out.
PERSON = np.dtype(
    [
        ("next_time", np.int64),  # seconds: when the next thing happens
        ("born", np.int64),  # seconds from the start of the run, negative for those alive then
        ("stay_ends", np.int64),  # seconds: end of the present timer, NEVER if none
        ("frailty", np.float64),  # multiplies risks of ill health; mean 1
        ("identity", np.int32),  # address of this resident's luck; never changes
        ("occasion", np.int32),  # occasion of what happens now
        ("reason_occasion", np.int32),  # occasion of the clock that led to the present stay or wait
        ("ward", np.int16),
        ("holds", np.uint16),
        ("need", np.uint8),
        ("tenure", np.uint8),
        ("stage", np.uint8),
        ("phase", np.uint8),
        ("next_cause", np.uint8),
        ("cause", np.uint8),
        ("reason", np.uint8),  # clock that led to the present stay or wait
        ("outcome", np.uint8),
        ("age_band", np.uint8),  # at the start of the run or on arrival
        ("wants", np.uint8, (N_KINDS,)),  # 1 = should have a place of this kind
        ("has", np.uint8, (N_KINDS,)),  # NOTHING, WAITING, HOLDING: kept by the engine
        ("urgency", np.uint8, (N_KINDS,)),
        ("due", np.float64, (N_CLOCKS,)),  # seconds (clock runs) or minus the budget left (clock stands)
        ("occasions", np.uint16, (N_CLOCKS,)),  # how often each clock has rung; luck comes round after 65,535
        # the circumstances that the clocks have met, from which their hazards follow
        ("met_holds", np.uint16),
        ("met_cover", np.uint16),
        ("met_stage", np.uint16),  # not 8 bits: without gaps a copy of a record is the same bytes
        ("met_steps", np.uint32),  # changes of the ward's own capacity
    ],
    align=True,
)

WARD = np.dtype(
    [
        ("posts", np.float64),  # coordinator posts at work; 0 = not covered
        ("contact_seconds", np.float64),  # seconds from the start to the end of one short-term contact
        ("advice_hazard", np.float64),  # asks for advice per person-second
        ("new_difficulty_ratio", np.float64),  # community capacity: multiplies the start of difficulties
        ("others_asks_hr", np.float64),  # displacement: multiplies asks of people without a coordinator
        ("admission_ratio", np.float64),  # deprivation and local level of admissions
        ("ask_ratio", np.float64),  # deprivation gradient of council-funded care
        ("care_need_ratio", np.float64),
        ("advice_hazard_before", np.float64),  # of the record before, or of a ward without coordination
        ("others_asks_hr_before", np.float64),
        ("changed", np.uint8),  # what differs from the record before: bits COVER_CHANGED, CAPACITY_CHANGED
        ("cover", np.uint16),  # how often posts, `advice_hazard` or `others_asks_hr` have changed so far
        ("steps", np.uint32),  # how often `new_difficulty_ratio` has changed so far
        ("step_at", np.int64, (N_STEPS,)),  # second of each of the last of them; step k stands at k modulo N_STEPS
        ("step_ratio", np.float64, (N_STEPS,)),  # `new_difficulty_ratio` from that step on
    ],
    align=True,
)

RATES = np.dtype(
    [
        ("seed", np.uint64),
        ("replication", np.uint64),
        ("slope", np.float64, (N_CLOCKS,)),  # per second: growth of each hazard with age (and calendar)
        # natural history; hazards are per second at age 65, ratios multiply
        ("difficulty_starts", np.float64),
        ("difficulty_passes", np.float64),
        ("difficulty_hr", np.float64, (N_NEEDS,)),
        ("sudden_admission", np.float64),
        ("late_admission", np.float64),
        ("admission_hr", np.float64, (N_NEEDS,)),
        ("admission_hr_difficulty", np.float64),
        ("admission_hr_package", np.float64),
        ("admission_hr_care_home", np.float64),
        ("admission_leaves_difficulty", np.float64),
        ("death", np.float64),
        ("death_hr_hospital", np.float64),
        ("death_hr_care_home", np.float64),
        ("death_hr_package", np.float64),
        ("death_hr_difficulty", np.float64),
        ("moves_away", np.float64, (6,)),
        # adult care
        ("asks_for_help", np.float64),
        ("asks_hr", np.float64, (N_NEEDS,)),
        ("asks_hr_difficulty", np.float64),
        ("asks_hr_package", np.float64),
        ("demand_growth", np.float64),  # per second; already inside slope[ASKS_FOR_HELP]
        ("share_no_formal_service", np.float64),
        ("outcome_low_level", np.float64),  # shares of community assessments, add up to 1 with `other`
        ("outcome_reablement", np.float64),
        ("outcome_long_term", np.float64),
        ("reablement_no_ongoing", np.float64),
        ("hospital_needs_assessment", np.float64, (6,)),
        ("hospital_outcome_care_home", np.float64),
        ("hospital_outcome_package", np.float64),
        ("hospital_outcome_reablement", np.float64),
        ("assessment_mu", np.float64),  # log-seconds
        ("assessment_sigma", np.float64),
        ("withdraws", np.float64),
        ("package_closes", np.float64),
        ("package_closes_hr_18_64", np.float64),
        ("arrange_package_mu", np.float64),
        ("arrange_care_home_mu", np.float64),
        ("arrange_sigma", np.float64),
        # hospital and residential care
        ("stay_mu", np.float64, (2,)),
        ("stay_sigma", np.float64),
        ("care_need", np.float64),
        ("care_need_hr", np.float64, (N_NEEDS,)),
        ("care_need_hr_difficulty", np.float64),
        ("care_need_hr_package", np.float64),
        ("council_supported_share", np.float64),
        ("nursing_share", np.float64),
        ("beds_are_capped", np.uint8),
        ("care_home_places_are_capped", np.uint8),
        ("caseload_by_urgency", np.uint8),
        # coordination
        ("front_door_offer_share", np.float64),
        ("introduced_at_ask", np.float64),
        ("introduced_at_discharge", np.float64),
        ("introduced_at_contact", np.float64),
        ("introduction_weight", np.float64, (N_NEEDS,)),
        ("tenure_weight", np.float64, (N_TENURES,)),
        ("coordination_ends", np.float64),
        ("stops_waiting", np.float64),
        ("gives_up_contact", np.float64),
        ("contact_mu", np.float64),  # log of the ratio to the mean minutes
        ("contact_sigma", np.float64),
        # what coordination changes, (a) to (i); (g) and (j) are in WARD
        ("effect_help_found", np.float64),
        ("effect_difficulty_passes_hr", np.float64),
        ("effect_admission_hr", np.float64),
        ("effect_stay_ratio", np.float64),
        ("effect_care_need_hr", np.float64),
        ("effect_case_closes_hr", np.float64),
        ("effect_unmet_need_hr", np.float64),
        ("effect_fades", np.float64),
    ],
    align=True,
)


def one_record(dtype: np.dtype) -> np.recarray:
    """An all-zero array of one record of `dtype`, shape (1,), whose fields read as attributes."""
    return np.zeros(1, dtype=dtype).view(np.recarray)
