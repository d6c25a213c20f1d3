"""What was spent stays spent: along every life, the hazards a trace tells of add up to each clock's own budget.

The engines store no hazard: a clock that meets another one works out the one before from what the resident last met.
Here nothing is taken from a clock. The stage and holds of every stretch of a life come from the rows, the ward's record
from the calendar, the area under each hazard from its closed form, and the budgets from the random numbers.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
from worlds import City, derby, hazards_by_clock, live, world

from lacsim.model import stages as s
from lacsim.model.streams import uniform
from lacsim.model.trace import HAPPENED, by_resident
from lacsim.model.world import CAPACITY, World
from lacsim.runs.scenario import Post, Scenario

# Each ward begins, grows, shrinks or ends within the five years; places are few, so people wait and are let in.
MOVING = Scenario(
    "moving",
    "posts that come and go",
    (
        Post("Arboretum", dt.date(2013, 4, 1), 1.0, ends=dt.date(2021, 6, 30)),
        Post("Abbey", dt.date(2014, 4, 1), 2.0),
        Post("Sinfin", dt.date(2020, 1, 1), 1.0),
        Post("Sinfin", dt.date(2021, 1, 1), 1.0, ends=dt.date(2022, 12, 31)),
        Post("Mickleover", dt.date(2019, 9, 1), 1.0),
    ),
)

# Every effect far from null, and many people introduced.
STRONG = {
    "coordination.introduced_at_ask": 0.6,
    "coordination.introduced_at_discharge": 0.4,
    "coordination.front_door_offer_share": 0.8,
    "coordination.mean_stay_days": 200.0,
    "effects.carry_over_mean_days": 100.0,
    "effects.difficulty_passes_hr": 2.0,
    "effects.admission_hr": 0.6,
    "effects.care_need_hr": 0.5,
    "effects.case_closes_hr": 2.0,
    "effects.unmet_need_hr": 1.5,
    "effects.displacement_hr": 1.3,
    "effects.ward_difficulty_fall_per_coordinator_year": 0.05,
    "adult_care.demand_growth": 0.03,
}


def _area(hazard: float, slope: float, born: int, begins: int, ends: int) -> float:
    """What a Gompertz hazard spends between two seconds."""
    if slope == 0.0:
        return hazard * (ends - begins)
    level = hazard * math.exp(slope * (begins - born - 65 * s.YEAR))
    return level * math.expm1(slope * (ends - begins)) / slope


def _records(start: World) -> dict[int, list[tuple[int, Any]]]:
    """For each ward the records it lives by, each with the second from which it holds."""
    wards = start.wards.view(np.recarray)
    found = {w: [(0, wards[row])] for w, row in enumerate(start.row_of_ward.tolist())}
    for seconds, what, target, value in start.calendar.tolist():
        if what != CAPACITY:
            found[target].append((seconds, wards[value]))
    return found


def _stretches(person: Any, rows: np.ndarray, records: list[tuple[int, Any]], horizon: int) -> list[tuple[Any, ...]]:
    """(begins, ends, stage, holds, ward's record, clocks that ring at the end) along one life."""
    changes: dict[int, list[Any]] = defaultdict(lambda: [None, []])
    for row in rows:
        change = changes[int(row["seconds"])]
        change[0] = (int(row["entered"]), int(row["holds"]))
        if row["what"] == HAPPENED and row["cause"] < s.N_CLOCKS:
            change[1].append((int(row["cause"]), int(row["occasion"])))
    cuts = sorted({0, horizon, *changes, *(at for at, _ in records)})
    stage, holds = int(person.stage), int(person.holds)
    found = []
    for begins, ends in pairwise(cuts):
        if begins in changes:
            stage, holds = changes[begins][0]
        ward = [record for at, record in records if at <= begins][-1]
        found.append((begins, ends, stage, holds, ward, changes[ends][1] if ends in changes else []))
    return found


def _worst(city: City, scenario: Scenario) -> tuple[dict[int, float], dict[int, int]]:
    """For each clock the largest |spent - budget| over all its rings, in seconds of its hazard, and how many there were."""
    start = world(city, scenario)
    rows = by_resident(live(city, scenario), len(start.people))
    records, rates = _records(start), city.rates[0]
    bounds = np.searchsorted(rows["resident"], np.arange(len(start.people) + 1))
    people = start.people.view(np.recarray)
    worst, rings = defaultdict(float), defaultdict(int)
    for i, person in enumerate(people):
        mine = rows[bounds[i] : bounds[i + 1]]
        if not len(mine):
            continue
        spent: dict[int, float] = defaultdict(float)
        for begins, ends, stage, holds, ward, ringing in _stretches(
            person, mine, records[int(person.ward)], start.horizon
        ):
            if stage >= s.DIED:
                continue
            now = hazards_by_clock(person, stage, holds, ward, rates)
            for clock, hazard in now.items():
                if hazard > 0.0:
                    spent[clock] += _area(hazard, rates.slope[clock], person.born, begins, ends)
            for clock, occasion in ringing:
                if clock not in now:
                    continue
                budget = -math.log(uniform(rates.seed, rates.replication, person.identity, clock, occasion))
                second = _area(now[clock], rates.slope[clock], person.born, ends, ends + 1)
                worst[clock] = max(worst[clock], abs(spent[clock] - budget) / second if second > 0.0 else math.inf)
                rings[clock] += 1
                spent[clock] = 0.0
    return worst, rings


def test_every_ring_comes_on_the_second_on_which_its_budget_is_spent() -> None:
    """To half a second of the hazard, because dates are rounded to whole seconds once."""
    city = derby(STRONG, residents=6_000, seed=3)
    worst, rings = _worst(city, MOVING)
    assert set(rings) == set(range(s.WITHDRAWS))
    assert min(rings.values()) >= 10, {s.CAUSES[clock]: n for clock, n in rings.items()}
    assert max(worst.values()) < 0.501, {s.CAUSES[clock]: off for clock, off in worst.items()}
