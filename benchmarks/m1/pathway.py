"""M1 in numbers: stages, pools, rates, and luck with an address, in plain Python.

Time is days in the formulas and whole seconds in every calendar: a date is rounded once, when it is drawn, as the
engines' contract asks. Nothing here needs more than the standard library.

All rates are those of the prototype this benchmark grew from; they are plausible and describe no real place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

DAY = 86_400
YEAR = 365.25  # days
HORIZON_DAYS = 3_652.5
HORIZON = int(HORIZON_DAYS * DAY)
MONTH = 2_629_800  # seconds: 30.4375 days
N_MONTHS = 120
N_WARDS = 17
CITY = 200_000  # residents for whom the pools are sized

COMM, WSTS, STS, WLTC, LTC, WASS, ASS, HCP, HOSP, RES, DEAD = range(11)
STAGES = ("COMM", "WSTS", "STS", "WLTC", "LTC", "WASS", "ASS", "HCP", "HOSP", "RES", "DEAD")
N_STAGES = 11
# Kinds of pool, and the stage of waiting for and of having a place of each.
SHORT, LONG, ASSESSORS = range(3)

# Purposes of luck.
P_HOSP, P_ASSESS, P_STS, P_LTC, P_RES, P_END, P_ROUTE, P_DEATH = range(8)
P_GROUP, P_AGE = 16, 17

# Rates a year at age 60 and need group 0; a day in the code.
R_HOSP, R_ASSESS, R_STS, R_LTC, R_RES = 0.10 / YEAR, 0.02 / YEAR, 0.035 / YEAR, 0.002 / YEAR, 0.0008 / YEAR
A_DEATH, B_DEATH = 0.005 / YEAR, 0.09 / YEAR
AGE_SLOPE = 0.03
NEED_RATIO = (1.0, 2.0, 4.0, 6.0)
DEATH_RATIO = (1.0, 1.3, 1.8, 2.5)

STS_MU, STS_SIGMA = math.log(14.0), 0.8
ASS_MU, ASS_SIGMA = 0.0, 0.5
HOSP_MU, HOSP_SIGMA = math.log(4.0), 1.0
LTC_SCALE, LTC_POWER = 550.0, 1.0 / 1.5
HCP_SCALE, HCP_POWER = 700.0, 1.0 / 0.8

LTC_HOSP, LTC_RES = 0.7, 0.6
HCP_HOSP, HCP_RES, HCP_DEATH = 1.5, 4.0, 1.5
RES_HOSP, RES_DEATH = 1.2, 3.0

_MASK = (1 << 64) - 1
_G = 0x9E3779B97F4A7C15


def capacities(residents: int, share: float = 1.0) -> list[int]:
    """Places of all pools: short-term by ward, caseload by ward, assessors of the city."""
    scale = share * residents / CITY
    places = [36] * N_WARDS + [50 + w % 16 for w in range(N_WARDS)] + [36]
    return [max(1, round(p * scale)) for p in places]


def ward_of(resident: int, residents: int) -> int:
    """The ward a resident lives in."""
    return resident * N_WARDS // residents


# --- luck ---------------------------------------------------------------------------------------------------------


def mix(z: int) -> int:
    """The splitmix64 finaliser."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def key_of(seed: int, resident: int) -> int:
    """The 64 bits that stand for one resident of one seed."""
    return mix((mix((seed + _G) & _MASK) + _G * (resident + 1)) & _MASK)


def share(key: int, purpose: int, k: int) -> float:
    """A uniform number in (0, 1) for a purpose of the k-th stage of a resident."""
    return ((mix((key + _G * (((k << 5) | purpose) + 1)) & _MASK) >> 12) + 0.5) * 2.0**-52


def group_of(key: int) -> int:
    """Need group, 0 to 3."""
    u = share(key, P_GROUP, 0)
    return 0 if u < 0.70 else 1 if u < 0.85 else 2 if u < 0.95 else 3


def age_of(key: int) -> float:
    """Age in years on the first day."""
    u = share(key, P_AGE, 0)
    return 18.0 + 75.0 * u * (0.5 + 0.5 * u)


class AddressedLuck:
    """Luck of one resident by purpose and stage: the same for every teller. Times are days."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.k = 0
        self.normal = NormalDist().inv_cdf

    def exponential(self, purpose: int, rate: float) -> float:
        return -math.log(share(self.key, purpose, self.k)) / rate

    def gompertz(self, a: float) -> float:
        return math.log1p(B_DEATH * -math.log(share(self.key, P_DEATH, self.k)) / a) / B_DEATH

    def weibull(self, scale: float, power: float) -> float:
        return scale * (-math.log(share(self.key, P_END, self.k))) ** power

    def lognormal(self, mu: float, sigma: float) -> float:
        return math.exp(mu + sigma * self.normal(share(self.key, P_END, self.k)))

    def route(self) -> float:
        return share(self.key, P_ROUTE, self.k)


class StreamLuck:
    """One stream for everybody, as a SimPy tutorial would have it: fast, and nobody's luck is their own."""

    def __init__(self, random: Random) -> None:
        self.k = 0
        self.random = random.random
        self.lognormal = random.lognormvariate

    def exponential(self, purpose: int, rate: float) -> float:
        return -math.log(1.0 - self.random()) / rate

    def gompertz(self, a: float) -> float:
        return math.log1p(B_DEATH * -math.log(1.0 - self.random()) / a) / B_DEATH

    def weibull(self, scale: float, power: float) -> float:
        return scale * (-math.log(1.0 - self.random())) ** power

    def route(self) -> float:
        return self.random()


Luck = AddressedLuck | StreamLuck


@dataclass(slots=True)
class Person:
    """Who a resident is."""

    number: int
    ward: int
    age: float
    group: int
    luck: Luck


def make_people(residents: int, seed: int, *, addressed: bool) -> list[Person]:
    """All residents on the first day; they have the same attributes with either kind of luck."""
    stream = Random(seed)
    people = []
    for r in range(residents):
        key = key_of(seed, r)
        luck: Luck = AddressedLuck(key) if addressed else StreamLuck(stream)
        people.append(Person(r, ward_of(r, residents), age_of(key), group_of(key), luck))
    return people


# --- what comes next ------------------------------------------------------------------------------------------------


def next_of(person: Person, stage: int, now: int) -> tuple[int, int]:
    """(whole seconds until it happens, stage entered then) for a resident who enters `stage` at second `now`.

    In short-term support, assessment and hospital nothing competes with the end of the stay.
    """
    luck = person.luck
    if stage == STS:
        return seconds(luck.lognormal(STS_MU, STS_SIGMA)), after_contact(luck.route())
    if stage == ASS:
        return seconds(luck.lognormal(ASS_MU, ASS_SIGMA)), after_assessment(luck.route())
    if stage == HOSP:
        return seconds(luck.lognormal(HOSP_MU, HOSP_SIGMA)), after_hospital(luck.route())
    ea = math.exp(AGE_SLOPE * (person.age + now / DAY / YEAR - 60.0))
    gm = NEED_RATIO[person.group]
    a = A_DEATH * DEATH_RATIO[person.group] * (ea * ea * ea)
    hosp = R_HOSP * gm * ea
    res = R_RES * gm * (ea * ea)
    if stage == COMM:
        first, to = luck.exponential(P_HOSP, hosp), HOSP
        for purpose, rate, goes in (
            (P_ASSESS, R_ASSESS * gm * ea, WASS),
            (P_STS, R_STS * gm, WSTS),
            (P_LTC, R_LTC * gm, WLTC),
            (P_RES, res, RES),
        ):
            t = luck.exponential(purpose, rate)
            if t < first:
                first, to = t, goes
    elif stage == LTC:
        first, to = luck.exponential(P_HOSP, hosp * LTC_HOSP), HOSP
        t = luck.weibull(LTC_SCALE, LTC_POWER)
        if t < first:
            first, to = t, COMM
        t = luck.exponential(P_RES, res * LTC_RES)
        if t < first:
            first, to = t, RES
    elif stage == HCP:
        first, to = luck.exponential(P_HOSP, hosp * HCP_HOSP), HOSP
        t = luck.weibull(HCP_SCALE, HCP_POWER)
        if t < first:
            first, to = t, COMM
        t = luck.exponential(P_RES, res * HCP_RES)
        if t < first:
            first, to = t, RES
        a *= HCP_DEATH
    elif stage == RES:
        first, to = luck.exponential(P_HOSP, hosp * RES_HOSP), HOSP
        a *= RES_DEATH
    else:
        first, to = luck.exponential(P_HOSP, hosp), HOSP
    t = luck.gompertz(a)
    if t < first:
        first, to = t, DEAD
    return seconds(first), to


def seconds(days: float) -> int:
    """Whole seconds of a time in days, rounded half up."""
    return math.floor(days * DAY + 0.5)


def after_contact(u: float) -> int:
    """Where a short-term contact leads."""
    return WASS if u < 0.15 else WLTC if u < 0.20 else COMM


def after_assessment(u: float) -> int:
    """Where an assessment leads; every ward has a coordinator."""
    return RES if u < 0.10 else HCP if u < 0.40 else WLTC if u < 0.55 else COMM


def after_hospital(u: float) -> int:
    """Where a hospital stay leads."""
    return DEAD if u < 0.04 else RES if u < 0.07 else WASS if u < 0.27 else HCP if u < 0.34 else COMM
