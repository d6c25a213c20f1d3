"""Who lives in the city on the first day, and who will come: all adults, one by one, from counts and luck.

The counts by ward and age band are met exactly. Everything else about a resident (age within the band, need group,
tenure, frailty, whether they start in a care home, in hospital, on a package, in a difficulty or waiting for an
assessment) is luck with an
address, so it is the same in every scenario. People who will turn 18 or move in are listed from the start
and arrive on their date. This module reads plain arrays; where they come from is the business of `lacsim.runs.bind`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lacsim.model.clocks import UNDRAWN
from lacsim.model.compiling import kernel
from lacsim.model.frailty import at_age, between, frailty_of_the_living
from lacsim.model.hazards import admission_ratio, asking_hazard, new_difficulty_hazard
from lacsim.model.memory import unused, words_of
from lacsim.model.open_requests import open_requests
from lacsim.model.rates import PERSON
from lacsim.model.rules import think_again
from lacsim.model.stages import (
    ASKS_FOR_HELP,
    CARE_HOME,
    COMMUNITY,
    COUNCIL_SUPPORTED,
    DAY,
    DIFFICULTY,
    DIFFICULTY_STARTS,
    HOSPITAL,
    LATE_ADMISSION,
    N_NEEDS,
    N_TENURES,
    NEVER,
    NURSING,
    OUTSIDE,
    PACKAGE,
    RESIDENTIAL,
    TREATED,
    YEAR,
)
from lacsim.model.streams import (
    AGE,
    ARRIVAL_TIME,
    FRAILTY,
    NEED,
    START_DIFFICULTY,
    START_FUNDING,
    START_NURSING,
    START_PACKAGE,
    START_RANK,
    START_STAGE,
    START_STAY,
    TENURE,
    normal_quantile,
    uniform,
)

_BAND_FROM = np.array([18.0, 30.0, 45.0, 65.0, 75.0, 85.0])
_BAND_TO = np.array([30.0, 45.0, 65.0, 75.0, 85.0, 110.0])
TURNS_18 = 6  # a seventh "band" for those who arrive by turning 18


class Population(NamedTuple):
    """What the cohort is made from.

    Attributes
    ----------
    adults
        Adults by ward and age band on day one, shape (n_wards, 6).
    arrivals_per_year
        People who move in, by ward and age band, and who turn 18 (last column), shape (n_wards, 7).
    age_tilt
        Slope of ages within each band, -1 to 1 (0 = even), shape (n_wards, 6).
    need_share
        Share of each need group by ward and by under 65 / 65 and over, shape (n_wards, 2, 6).
    tenure_share
        Share of each tenure by ward, shape (n_wards, 3).
    care_home_share, package_share
        Share of each age band in a care home, and of the others on a package, on day one; shape (6,).
    years_above_85
        Mean years above 85 of residents aged 85 and over.
    frailty_sigma
        Standard deviation of the logarithm of frailty (mean 1).
    """

    adults: np.ndarray
    arrivals_per_year: np.ndarray
    age_tilt: np.ndarray
    need_share: np.ndarray
    tenure_share: np.ndarray
    care_home_share: np.ndarray
    package_share: np.ndarray
    years_above_85: float
    frailty_sigma: float


@kernel
def _fill(
    people: Any,
    words: Any,
    rank: Any,
    ward: Any,
    band: Any,
    year: Any,
    wards: Any,
    rates: Any,
    population: Any,
    of_the_living: Any,
    means: Any,
) -> None:
    """Give every listed resident their attributes and their state on day one, or their date of arrival.

    The dates of all clocks are found here, once for all scenarios; an engine's `begin` only changes those that
    coordination changes. The rates must be those of the run: a date rests on the hazard it was found with.
    """
    r = rates[0]
    seed, replication = r.seed, r.replication
    for i in range(people.shape[0]):
        for word in range(words.shape[1]):  # here and not all at once, so that a record is fetched from memory once
            words[i, word] = 0
        person = people[i]
        person.identity = i
        person.ward = ward[i]
        person.stay_ends = NEVER
        for clock in range(person.due.shape[0]):
            person.due[clock] = UNDRAWN
        b = band[i]
        arrives = year[i] >= 0
        u = uniform(seed, replication, i, AGE, 0)
        if b == TURNS_18:
            age = 18.0
            b = 0
        elif b == 5:
            age = min(85.0 - population.years_above_85 * math.log(1.0 - u), 109.0)
        else:
            tilt = population.age_tilt[ward[i], b]
            if abs(tilt) > 1e-9:
                u = (tilt - 1.0 + math.sqrt((1.0 - tilt) * (1.0 - tilt) + 4.0 * tilt * u)) / (2.0 * tilt)
            age = _BAND_FROM[b] + u * (_BAND_TO[b] - _BAND_FROM[b])
        person.age_band = b
        older = 1 if b >= 3 else 0
        arrival = np.int64(0)
        if arrives:
            arrival = np.int64((year[i] + uniform(seed, replication, i, ARRIVAL_TIME, 0)) * YEAR) + 1
        person.born = arrival - np.int64(age * YEAR)
        u = uniform(seed, replication, i, NEED, 0)
        need = 0
        while need < N_NEEDS - 1 and u >= population.need_share[ward[i], older, need]:
            u -= population.need_share[ward[i], older, need]
            need += 1
        person.need = need
        u = uniform(seed, replication, i, TENURE, 0)
        tenure = 0
        while tenure < N_TENURES - 1 and u >= population.tenure_share[ward[i], tenure]:
            u -= population.tenure_share[ward[i], tenure]
            tenure += 1
        person.tenure = tenure
        z = normal_quantile(uniform(seed, replication, i, FRAILTY, 0))
        person.frailty = math.exp(between(of_the_living, age, z))
        if arrives:
            person.stage = OUTSIDE
            person.stay_ends = arrival
            rank[i] = np.inf
        else:
            _start_state(person, wards[ward[i]], r, population, older, means, age)
            rank[i] = _caseload_rank(person, wards[ward[i]], r)
            think_again(person, wards[ward[i]], np.int64(0), r)


@kernel
def _start_state(person: Any, ward: Any, rates: Any, population: Any, older: int, means: Any, age: float) -> None:
    """Where somebody is on day one and what they hold, by luck in proportion to their risks.

    Frailty counts over its mean at that age, so that the shares of day one are met on average. Entry to a care home
    goes with frailty and death there with its root, so those found living in one go with the root.
    """
    seed, replication, i = rates.seed, rates.replication, person.identity
    years = -person.born / YEAR - 65.0
    relative = person.frailty / at_age(means, age, 0)
    relative_root = math.sqrt(person.frailty) / at_age(means, age, 1)
    relative_care = 0.0
    relative_ask = 0.0
    for need in range(N_NEEDS):
        share = population.need_share[person.ward, older, need]
        relative_care += share * rates.care_need_hr[need]
        relative_ask += share * rates.asks_hr[need]
    in_care = (
        population.care_home_share[person.age_band]
        * relative_root
        * rates.care_need_hr[person.need]
        / relative_care
        * ward.care_need_ratio
    )
    person.stage = COMMUNITY
    u = uniform(seed, replication, i, START_STAGE, 0)
    if u < in_care:
        person.stage = RESIDENTIAL
        person.holds = CARE_HOME
        if uniform(seed, replication, i, START_FUNDING, 0) < rates.council_supported_share:
            person.holds |= COUNCIL_SUPPORTED
        if uniform(seed, replication, i, START_NURSING, 0) < rates.nursing_share:
            person.holds |= NURSING
        return
    per_admission = rates.sudden_admission + rates.late_admission * math.exp(rates.slope[LATE_ADMISSION] * YEAR * years)
    starts = new_difficulty_hazard(person, person.stage, person.holds, ward, rates)
    starts *= math.exp(rates.slope[DIFFICULTY_STARTS] * YEAR * years)
    admissions = per_admission * admission_ratio(person, person.stage, person.holds, ward, rates)
    starts += admissions * rates.admission_leaves_difficulty
    chance = starts / (starts + rates.difficulty_passes)
    if uniform(seed, replication, i, START_DIFFICULTY, 0) < chance:
        person.holds |= DIFFICULTY
    in_package = (
        population.package_share[person.age_band]
        * relative
        * rates.asks_hr[person.need]
        / relative_ask
        * ward.ask_ratio
    )
    if uniform(seed, replication, i, START_PACKAGE, 0) < in_package:
        person.holds |= PACKAGE
    mu, sigma = rates.stay_mu[older], rates.stay_sigma
    admissions = per_admission * admission_ratio(person, person.stage, person.holds, ward, rates)
    in_hospital = admissions * math.exp(mu + 0.5 * sigma * sigma)
    if u < in_care + in_hospital:
        person.stage = HOSPITAL
        person.phase = TREATED
        person.reason = LATE_ADMISSION
        person.reason_occasion = -1  # admitted before the first day
        # A stay found running on a given day is length-biased; what is left of it is a uniform share.
        z = normal_quantile(uniform(seed, replication, i, START_STAY, 0))
        whole = math.exp(mu + sigma * sigma + sigma * z)
        left = whole * uniform(seed, replication, i, START_STAY, 1)
        person.stay_ends = min(np.int64(left) + 1, np.int64(3_650 * DAY))


@kernel
def _caseload_rank(person: Any, ward: Any, rates: Any) -> float:
    """Order in which residents hold the caseload places of day one: a weighted lottery, smallest first.

    The weight is the chance of having been introduced: asking for help times the weights of need and tenure.
    """
    if person.stage != COMMUNITY:
        return np.inf
    asks = asking_hazard(person, person.stage, person.holds, ward, ward.others_asks_hr, rates)
    weight = asks * math.exp(rates.slope[ASKS_FOR_HELP] * (-person.born - 65 * YEAR))
    weight *= rates.introduction_weight[person.need] * rates.tenure_weight[person.tenure]
    if weight <= 0.0:
        return np.inf
    return -math.log(uniform(rates.seed, rates.replication, person.identity, START_RANK, 0)) / weight


def make(
    population: Population, wards: np.ndarray, rates: np.ndarray, *, years: int, assessors: int
) -> tuple[np.ndarray, np.ndarray]:
    """All residents of a run and the order in which they would hold caseload places on day one.

    Parameters
    ----------
    population
        Counts and shares.
    wards
        `WARD` records without any coordination, one per ward, shape (n_wards,).
    rates
        `RATES`, shape (1,).
    years
        Whole years for which arrivals are listed; a longer run only adds residents at the end of the list.
    assessors
        Whole posts that assess these residents; they decide how many wait for an assessment on day one.

    Returns
    -------
        People (`PERSON`, shape (n,)) and rank (shape (n,), infinite for those who cannot be on a caseload).
    """
    n_wards = len(population.adults)
    cells = np.arange(n_wards * 6)
    counts = population.adults.astype(np.int64).ravel()
    ward = [np.repeat(cells // 6, counts)]
    band = [np.repeat(cells % 6, counts)]
    year = [np.full(int(counts.sum()), -1)]
    cells = np.arange(n_wards * 7)
    cumulative = np.zeros(n_wards * 7)
    for y in range(years):
        # Whole people each year, so that the running total follows the rate and never drifts from it.
        before = np.floor(cumulative + 0.5)
        cumulative += population.arrivals_per_year.ravel()
        counts = (np.floor(cumulative + 0.5) - before).astype(np.int64)
        ward.append(np.repeat(cells // 7, counts))
        band.append(np.repeat(cells % 7, counts))
        year.append(np.full(int(counts.sum()), y))
    wards_of = np.concatenate(ward).astype(np.int16)
    people = unused("people", len(wards_of), PERSON)
    rank = np.empty(len(people))
    _fill(
        people,
        words_of(people),
        rank,
        wards_of,
        np.concatenate(band).astype(np.int8),
        np.concatenate(year).astype(np.int32),
        np.asarray(wards),
        np.asarray(rates),
        population,
        *frailty_of_the_living(population, np.asarray(wards), np.asarray(rates)[0]),
    )
    open_requests(people, rank, wards, rates, assessors)
    return people, rank
