"""The words of the pathway: stages, holds, clocks, pools and outcomes, each with its number.

Everything the engines and the trace write down is one of these small integers. Numbers are append-only: a
stored trace must mean the same next year. Nothing here decides anything.
"""

from __future__ import annotations

from typing import Final

# Where a resident is (exclusive).
COMMUNITY: Final = 0
SHORT_TERM: Final = 1
COORDINATION: Final = 2
ASSESSMENT: Final = 3
HOSPITAL: Final = 4
RESIDENTIAL: Final = 5
DIED: Final = 6
OUTSIDE: Final = 7
STAGES: Final = (
    "community",
    "short_term",
    "coordination",
    "assessment",
    "hospital",
    "residential",
    "died",
    "outside",
)

# Where in a stay a resident is (only hospital and assessment have more than one phase).
NO_PHASE: Final = 0
WAITING_FOR_BED: Final = 1
TREATED: Final = 2
WAITING_FOR_ASSESSOR: Final = 3
BEING_ASSESSED: Final = 4
ARRANGING_CARE: Final = 5
WAITING_FOR_CARE_HOME: Final = 6

# What a resident may hold at the same time (bits of one number).
DIFFICULTY: Final = 1
PACKAGE: Final = 2
CASELOAD_PLACE: Final = 4
CARRY_OVER: Final = 8
OPEN_REQUEST: Final = 16
CARE_HOME: Final = 32
COUNCIL_SUPPORTED: Final = 64
NEEDS_CARE_HOME: Final = 128
ON_WAITING_LIST: Final = 256
NURSING: Final = 512
HOLDS: Final = {
    "difficulty": DIFFICULTY,
    "package": PACKAGE,
    "caseload_place": CASELOAD_PLACE,
    "carry_over": CARRY_OVER,
    "open_request": OPEN_REQUEST,
    "care_home": CARE_HOME,
    "council_supported": COUNCIL_SUPPORTED,
    "needs_care_home": NEEDS_CARE_HOME,
    "on_waiting_list": ON_WAITING_LIST,
    "nursing": NURSING,
}

# Clocks: what can happen to a resident by chance. The order is the order within one second.
DEATH: Final = 0
MOVES_AWAY: Final = 1
SUDDEN_ADMISSION: Final = 2
LATE_ADMISSION: Final = 3
CARE_NEED: Final = 4
ASKS_FOR_HELP: Final = 5
ASKS_FOR_ADVICE: Final = 6
DIFFICULTY_STARTS: Final = 7
DIFFICULTY_PASSES: Final = 8
CASE_CLOSED: Final = 9
COORDINATION_ENDS: Final = 10
EFFECT_FADES: Final = 11
STOPS_WAITING: Final = 12
WITHDRAWS: Final = 13
GIVES_UP: Final = 14
N_CLOCKS: Final = 15
# Timers: a date that was drawn, not a hazard that is spent.
STAY_ENDS: Final = 16
ARRIVES: Final = 17
POLICY: Final = 18
CAUSES: Final = (
    "death",
    "moves_away",
    "sudden_admission",
    "late_admission",
    "care_need",
    "asks_for_help",
    "asks_for_advice",
    "difficulty_starts",
    "difficulty_passes",
    "case_closed",
    "coordination_ends",
    "effect_fades",
    "stops_waiting",
    "withdraws",
    "gives_up",
    "",
    "stay_ends",
    "arrives",
    "policy",
)

# Kinds of pool. A kind is either one pool per ward or one for the city.
SHORT_TERM_TIME: Final = 0
CASELOAD: Final = 1
ASSESSOR: Final = 2
BED: Final = 3
CARE_HOME_PLACE: Final = 4
N_KINDS: Final = 5
KINDS: Final = ("short_term_time", "caseload", "assessor", "bed", "care_home_place")
KIND_IS_BY_WARD: Final = (True, True, False, False, False)

# What a resident has of a pool.
NOTHING: Final = 0
WAITING: Final = 1
HOLDING: Final = 2

# How urgent a wait is: 0 goes first. Within an urgency the order is first come, first served.
N_URGENCIES: Final = 3
URGENT: Final = 0
ORDINARY: Final = 1

# How something ended.
NO_OUTCOME: Final = 0
SIGNPOSTED: Final = 1
TO_ASSESSMENT: Final = 2
MET_BY_COORDINATOR: Final = 3
HELP_FOUND: Final = 4
ADVICE_GIVEN: Final = 5
LOW_LEVEL: Final = 6
REABLED: Final = 7
REABLED_TO_PACKAGE: Final = 8
PACKAGE_STARTED: Final = 9
OTHER_SUPPORT: Final = 10
CARE_HOME_ENTERED: Final = 11
WENT_HOME: Final = 12
READY_TO_LEAVE: Final = 13
BACK_TO_CARE_HOME: Final = 14
CARE_HOME_AGREED: Final = 15
NO_SERVICE: Final = 16
OUTCOMES: Final = (
    "",
    "signposted",
    "to_assessment",
    "met_by_coordinator",
    "help_found",
    "advice_given",
    "low_level",
    "reabled",
    "reabled_to_package",
    "package_started",
    "other_support",
    "care_home_entered",
    "went_home",
    "ready_to_leave",
    "back_to_care_home",
    "care_home_agreed",
    "no_service",
)

# Who a resident is.
MENTAL_HEALTH: Final = 0
FRAIL: Final = 1
PHYSICAL: Final = 2
LEARNING_DISABILITY: Final = 3
CARER: Final = 4
OTHER_NEED: Final = 5
NEEDS: Final = ("mental_health", "frail", "physical", "learning_disability", "carer", "other")
N_NEEDS: Final = 6

SOCIAL_RENT: Final = 0
OWNER: Final = 1
PRIVATE_RENT: Final = 2
TENURES: Final = ("social_rent", "owner", "private_rent")
N_TENURES: Final = 3

AGE_BANDS: Final = ("18-29", "30-44", "45-64", "65-74", "75-84", "85+")
AGE_BAND_STARTS: Final = (18, 30, 45, 65, 75, 85)

# What may be different in a ward's next record.
COVER_CHANGED: Final = 1
CAPACITY_CHANGED: Final = 2
N_STEPS: Final = 32  # ratios of its own capacity that a ward's record remembers

# Time is a whole number of seconds.
HOUR: Final = 3_600
DAY: Final = 86_400
WEEK: Final = 7 * DAY
YEAR: Final = 31_557_600  # 365.25 days
NEVER: Final = 4_611_686_018_427_387_904  # 2**62
