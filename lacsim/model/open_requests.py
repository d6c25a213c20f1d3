"""Who is waiting for an assessment on the first day: residents who had asked for help and have not been seen yet.

How many there are follows from how fast requests come, how many assessors there are and how long people wait before
they give up: the mean of a many-server queue with impatience (Erlang-A) in its steady state. Who they are is luck in
proportion to each resident's hazard of asking. Nobody has to wait for the queue to fill, so no warm-up is needed.

Source
------
Palm's queue with impatience as in Garnett, Mandelbaum & Reiman (2002), doi 10.1287/msom.4.3.208.7753. Assessments here
are lognormal and urgent people go first, so the mean is near and not exact; how near is a test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lacsim.model.compiling import kernel
from lacsim.model.hazards import admission_ratio, age_band, asking_hazard, care_need_hazard
from lacsim.model.rules import think_again, wait_for_assessor
from lacsim.model.stages import (
    ASKS_FOR_HELP,
    ASSESSMENT,
    CARE_HOME,
    CARE_NEED,
    LATE_ADMISSION,
    OPEN_REQUEST,
    ORDINARY,
    OUTSIDE,
    YEAR,
)
from lacsim.model.streams import START_REQUEST, uniform

_LONGEST = 200_000  # people in the queue that are thought of; a longer one has no steady state worth the name


def open_requests(people: np.ndarray, rank: np.ndarray, wards: np.ndarray, rates: np.ndarray, assessors: int) -> None:
    """Let some residents have asked for help before the first day: they wait for an assessor and hold no place.

    Parameters
    ----------
    people, rank
        People on the first day and their rank for caseload places (`lacsim.model.cohort.make`); both are changed.
    wards
        `WARD` records without coordination, one per ward.
    rates
        `RATES`, shape (1,).
    assessors
        Whole posts that assess, for these people.
    """
    hazard = np.empty(len(people))
    urgent = _hazards_of_requests(people, np.asarray(wards), np.asarray(rates), hazard)
    r = np.asarray(rates)[0]
    ordinary = float(hazard.sum())
    if ordinary <= 0.0:
        return
    service = 1.0 / math.exp(float(r["assessment_mu"]) + 0.5 * float(r["assessment_sigma"]) ** 2)
    busy, waiting = mean_queue(ordinary + urgent, service, assessors, float(r["withdraws"]))
    days_open = waiting / ordinary + busy / (ordinary + urgent)
    _ask(people, rank, np.asarray(wards), np.asarray(rates), hazard * days_open)


def mean_queue(arrival: float, service: float, places: int, leaving: float) -> tuple[float, float]:
    """Mean numbers in service and waiting in the steady state of M/M/c with exponential patience (Erlang-A).

    Rates are per one unit of time, `leaving` per person who waits.
    """
    most = min(_LONGEST, places + 200 + int(3.0 * arrival / max(leaving, 1e-300)))
    n = np.arange(1, most + 1)
    logs = np.cumsum(np.log(arrival / (service * np.minimum(n, places) + leaving * np.maximum(n - places, 0))))
    logs = np.append(0.0, logs)
    law = np.exp(logs - logs.max())
    law /= law.sum()
    n = np.append(0, n)
    return float(law @ np.minimum(n, places)), float(law @ np.maximum(n - places, 0))


@kernel
def _hazards_of_requests(people: Any, wards: Any, rates: Any, hazard: Any) -> float:
    """Requests that wait their turn, per second and resident, into `hazard`; returns those that are urgent, in all."""
    r = rates[0]
    urgent = 0.0
    for i in range(people.shape[0]):
        person = people[i]
        hazard[i] = 0.0
        if person.stage == OUTSIDE:
            continue
        ward = wards[person.ward]
        above_65 = -person.born - 65.0 * YEAR
        asks = asking_hazard(person, person.stage, person.holds, ward, ward.others_asks_hr, r)
        asks *= math.exp(r.slope[ASKS_FOR_HELP] * above_65)
        hazard[i] = asks * (1.0 - r.share_no_formal_service)
        needs = care_need_hazard(person, person.stage, person.holds, ward, r)
        urgent += needs * math.exp(r.slope[CARE_NEED] * above_65)
        if not person.holds & CARE_HOME:
            admissions = r.sudden_admission + r.late_admission * math.exp(r.slope[LATE_ADMISSION] * above_65)
            chance = r.hospital_needs_assessment[age_band(person, 0)]
            urgent += admissions * admission_ratio(person, person.stage, person.holds, ward, r) * chance
    return urgent


@kernel
def _ask(people: Any, rank: Any, wards: Any, rates: Any, chance: Any) -> None:
    """Those whose luck is below their chance wait for an assessor from before the first day."""
    r = rates[0]
    for i in range(people.shape[0]):
        person = people[i]
        if chance[i] <= 0.0 or uniform(r.seed, r.replication, person.identity, START_REQUEST, 0) >= chance[i]:
            continue
        person.stage = ASSESSMENT
        person.holds |= OPEN_REQUEST
        person.reason = ASKS_FOR_HELP
        person.reason_occasion = -1  # asked before the first day
        wait_for_assessor(person, ORDINARY)
        rank[i] = np.inf
        think_again(person, wards[person.ward], np.int64(0), r)
