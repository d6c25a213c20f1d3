"""M1 as a rule set of `lacsim`, run by its engines through the public entry `compiled.run(world, rules)`.

A stage of waiting is entered by wanting a place; the engine joins the queue or grants at once. One draw for each
competing cause; a cause that cannot beat the best so far needs no logarithm, because -ln u >= x + x²/2 + x³/3 with
x = 1 - u (same winner, same bits). The record of a resident is one line of cache.
"""

from __future__ import annotations

import hashlib
import math
import types
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.m1 import pathway as m1
from benchmarks.m1.pathway import (
    A_DEATH,
    AGE_SLOPE,
    ASS,
    ASS_MU,
    ASS_SIGMA,
    B_DEATH,
    COMM,
    DAY,
    DEAD,
    DEATH_RATIO,
    HCP,
    HCP_DEATH,
    HCP_HOSP,
    HCP_POWER,
    HCP_RES,
    HCP_SCALE,
    HORIZON,
    HOSP,
    HOSP_MU,
    HOSP_SIGMA,
    LTC,
    LTC_HOSP,
    LTC_POWER,
    LTC_RES,
    LTC_SCALE,
    N_WARDS,
    NEED_RATIO,
    P_AGE,
    P_ASSESS,
    P_DEATH,
    P_END,
    P_GROUP,
    P_HOSP,
    P_LTC,
    P_RES,
    P_ROUTE,
    P_STS,
    R_ASSESS,
    R_HOSP,
    R_LTC,
    R_RES,
    R_STS,
    RES,
    RES_DEATH,
    RES_HOSP,
    STS,
    STS_MU,
    STS_SIGMA,
    WASS,
    WLTC,
    WSTS,
    YEAR,
)  # fmt: skip
from lacsim.model.compiling import rule
from lacsim.model.streams import normal_quantile
from lacsim.model.trace import GRANTED, HAPPENED
from lacsim.model.world import CALENDAR, World, members_by_ward

NEVER = 1 << 62
NOWHERE = 255

PERSON = np.dtype(
    [
        ("next_time", np.int64),
        ("key", np.uint64),  # address of this resident's luck
        ("age", np.float64),  # years on the first day
        ("occasion", np.int32),  # stages entered so far
        ("reason_occasion", np.int32),
        ("drawn", np.int32),  # the stage for which what comes next has been drawn
        ("ward", np.int16),
        ("holds", np.uint16),
        ("stage", np.uint8),
        ("goes_to", np.uint8),  # stage entered at `next_time`; COMM after STS, ASS and HOSP until routed
        ("cause", np.uint8),
        ("reason", np.uint8),
        ("outcome", np.uint8),
        ("group", np.uint8),
        ("wants", np.uint8, (3,)),
        ("has", np.uint8, (3,)),
        ("urgency", np.uint8, (3,)),
        ("spare", np.uint8, (9,)),
    ],
    align=True,
)
assert PERSON.itemsize == 64
EMPTY = np.dtype([("unused", np.float64)])
RATES = np.dtype([("need_ratio", np.float64, (4,)), ("death_ratio", np.float64, (4,))])

_G = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_5, _12, _27, _30, _31, _1 = (np.uint64(k) for k in (5, 12, 27, 30, 31, 1))
_STEP = 2.0**-52
_AFTER_HORIZON = 1.0e18


@rule
def mix(z: np.uint64) -> np.uint64:
    """The splitmix64 finaliser."""
    z = (z ^ (z >> _30)) * _MIX1
    z = (z ^ (z >> _27)) * _MIX2
    return z ^ (z >> _31)


@rule
def share(key: np.uint64, purpose: int, k: int) -> float:
    """A uniform number in (0, 1) for a purpose of the k-th stage of a resident."""
    word = mix(key + _G * (((np.uint64(k) << _5) | np.uint64(purpose)) + _1))
    return (np.float64(word >> _12) + 0.5) * _STEP


@rule
def sooner(u: float, rate: float, best: float) -> float:
    """Days until an exponential cause if that is sooner than `best`, otherwise `best`."""
    x = 1.0 - u
    limit = rate * best
    if x >= limit or x * (1.0 + x * (0.5 + x * (1.0 / 3.0))) >= limit:
        return best
    return min(-math.log(u) / rate, best)


@rule
def death_sooner(u: float, a: float, best: float) -> float:
    """Days until a Gompertz death if that is sooner than `best`, otherwise `best`."""
    x = 1.0 - u
    z = B_DEATH * best
    # expm1(z) <= this for z up to 0.9, ten years
    limit = a * (z * (1.0 + z * (0.5 + z * (1.0 / 6.0 + z * 0.051))))
    if B_DEATH * (x * (1.0 + x * (0.5 + x * (1.0 / 3.0)))) >= limit:
        return best
    return min(math.log1p(B_DEATH * -math.log(u) / a) / B_DEATH, best)


@rule
def end_sooner(u: float, scale: float, power: float, best: float) -> float:
    """Days until a Weibull end if that is sooner than `best`, otherwise `best`."""
    return min(scale * (-math.log(u)) ** power, best)


@rule
def race(person: Any, stage: int, now: int, rates: Any) -> float:
    """Days until the first of the competing causes; sets `goes_to`. The horizon competes too, and wins ties."""
    key, k = person.key, person.occasion
    ea = math.exp(AGE_SLOPE * (person.age + now / DAY / YEAR - 60.0))
    gm = rates.need_ratio[person.group]
    a = A_DEATH * rates.death_ratio[person.group] * (ea * ea * ea)
    hosp = R_HOSP * gm * ea
    res = R_RES * gm * (ea * ea)
    best = (HORIZON - now) / DAY + 1.0
    if stage == LTC:
        hosp *= LTC_HOSP
    elif stage == HCP:
        hosp *= HCP_HOSP
        a *= HCP_DEATH
    elif stage == RES:
        hosp *= RES_HOSP
        a *= RES_DEATH
    to = NOWHERE
    t = sooner(share(key, P_HOSP, k), hosp, best)
    if t < best:
        best, to = t, HOSP
    if stage == COMM:
        t = sooner(share(key, P_ASSESS, k), R_ASSESS * gm * ea, best)
        if t < best:
            best, to = t, WASS
        t = sooner(share(key, P_STS, k), R_STS * gm, best)
        if t < best:
            best, to = t, WSTS
        t = sooner(share(key, P_LTC, k), R_LTC * gm, best)
        if t < best:
            best, to = t, WLTC
        t = sooner(share(key, P_RES, k), res, best)
        if t < best:
            best, to = t, RES
    elif stage == LTC:
        t = end_sooner(share(key, P_END, k), LTC_SCALE, LTC_POWER, best)
        if t < best:
            best, to = t, COMM
        t = sooner(share(key, P_RES, k), res * LTC_RES, best)
        if t < best:
            best, to = t, RES
    elif stage == HCP:
        t = end_sooner(share(key, P_END, k), HCP_SCALE, HCP_POWER, best)
        if t < best:
            best, to = t, COMM
        t = sooner(share(key, P_RES, k), res * HCP_RES, best)
        if t < best:
            best, to = t, RES
    t = death_sooner(share(key, P_DEATH, k), a, best)
    if t < best:
        best, to = t, DEAD
    person.goes_to = to
    return best if to != NOWHERE else _AFTER_HORIZON


@rule
def route(person: Any) -> int:
    """Where the end of short-term support, an assessment or a hospital stay leads."""
    u = share(person.key, P_ROUTE, person.occasion)
    if person.stage == STS:
        return WASS if u < 0.15 else WLTC if u < 0.20 else COMM
    if person.stage == ASS:
        return RES if u < 0.10 else HCP if u < 0.40 else WLTC if u < 0.55 else COMM
    return DEAD if u < 0.04 else RES if u < 0.07 else WASS if u < 0.27 else HCP if u < 0.34 else COMM


@rule
def begin(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Everybody begins in the community."""
    think_again(person, ward, now, rates)


@rule
def something_happens(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Enter the next stage; a stage of waiting is a wish for a place, any other gives places up."""
    stage = person.stage
    to = route(person) if stage in (STS, ASS, HOSP) else person.goes_to
    person.occasion += 1
    person.stage = to
    person.cause = to
    for kind in range(3):
        person.wants[kind] = 0
    if to in (WSTS, WLTC, WASS):
        person.wants[(to - WSTS) >> 1] = 1


@rule
def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
    """From waiting to having: the stage after it."""
    person.occasion += 1
    person.stage += 1


@rule
def ward_changes(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Nothing about a ward changes in M1."""
    person.outcome = 0


@rule
def think_again(person: Any, ward: Any, now: int, rates: Any) -> None:
    """Draw what comes next, once for each stage entered."""
    if person.drawn == person.occasion:
        return
    person.drawn = person.occasion
    stage = person.stage
    if stage == DEAD:
        person.next_time = NEVER
        return
    if stage in (STS, ASS, HOSP):
        mu, sigma = STS_MU, STS_SIGMA
        if stage == ASS:
            mu, sigma = ASS_MU, ASS_SIGMA
        elif stage == HOSP:
            mu, sigma = HOSP_MU, HOSP_SIGMA
        days = math.exp(mu + sigma * normal_quantile(share(person.key, P_END, person.occasion)))
    else:
        days = race(person, stage, now, rates)
    person.next_time = now + np.int64(math.floor(days * DAY + 0.5)) if days < _AFTER_HORIZON else NEVER


def _digest() -> str:
    """Hash of this file and the numbers it reads."""
    text = hashlib.sha256()
    for path in (Path(__file__), Path(m1.__file__)):
        text.update(path.read_bytes())
    return text.hexdigest()[:12]


# The engine keeps compiled loops by the name of the rule set; the digest keeps it from running old rules.
RULES = types.SimpleNamespace(
    __name__=f"m1_{_digest()}",
    begin=begin,
    something_happens=something_happens,
    place_granted=place_granted,
    ward_changes=ward_changes,
    think_again=think_again,
)


@rule
def _fill(people: Any, first_key: np.uint64) -> None:
    """Attributes of everybody, shape (n,)."""
    n = people.shape[0]
    for i in range(n):
        person = people[i]
        key = mix(first_key + _G * np.uint64(i + 1))
        person.key = key
        u = share(key, P_GROUP, 0)
        person.group = 0 if u < 0.70 else 1 if u < 0.85 else 2 if u < 0.95 else 3
        u = share(key, P_AGE, 0)
        person.age = 18.0 + 75.0 * u * (0.5 + 0.5 * u)
        person.ward = i * N_WARDS // n
        person.occasion = 1


def aligned(n: int, dtype: np.dtype) -> np.ndarray:
    """Zeroed records, the first at the beginning of a line of cache."""
    raw = np.zeros(n * dtype.itemsize + 64, np.uint8)
    offset = -raw.ctypes.data % 64
    return raw[offset : offset + n * dtype.itemsize].view(dtype)


def people_of(residents: int, seed: int) -> np.ndarray:
    """Residents on the first day, as records."""
    people = aligned(residents, PERSON)
    _fill(people, np.uint64(m1.mix((seed + int(_G)) & ((1 << 64) - 1))))
    return people


def world_of(people: np.ndarray, *, capacity_share: float = 1.0) -> World:
    """M1's world around a fresh copy of people."""
    residents = len(people)
    own = aligned(residents, PERSON)
    own[:] = people
    members, first_member = members_by_ward(own["ward"], N_WARDS)
    return World(
        people=own,
        wards=np.zeros(N_WARDS, EMPTY),
        rates=np.array([(NEED_RATIO, DEATH_RATIO)], RATES),
        row_of_ward=np.arange(N_WARDS),
        first_pool=np.array([0, N_WARDS, 2 * N_WARDS]),
        by_ward=np.array([1, 1, 0]),
        capacity=np.array(m1.capacities(residents, capacity_share), np.int64),
        calendar=np.zeros(0, CALENDAR),
        horizon=HORIZON,
        members=members,
        first_member=first_member,
        n_urgencies=1,
    )


def transitions(trace: np.ndarray) -> int:
    """How many rows are transitions: what happened, and places granted."""
    return int(np.count_nonzero((trace["what"] == HAPPENED) | (trace["what"] == GRANTED)))
