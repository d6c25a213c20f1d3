"""Which way things must go, person by person, on the rules of the pathway: no statistics, because luck belongs to the person.

Each test names what must be switched off for its direction to hold for everybody: residents meet each other in queues, and a
queue can hand one person's gain to another as a loss.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from worlds import NULL, derby, live, plain_rates, resident, town, with_death_at, world

from lacsim.model import compiled, reference, rules, trace
from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED

RESIDENTS = 20_000
NEVER = 1 << 60
NO_QUEUE_FOR_ASSESSORS = {"adult_care.assessor_posts": 1e9}
MANY_PLACES = {"coordination.places_per_coordinator": 1e6, "coordination.first_year_places": 1e6,
               "coordination.long_term_hours_per_month": 0.0}  # fmt: skip


def first(rows: np.ndarray, chosen: np.ndarray, n: int) -> np.ndarray:
    """Second of each resident's first row of some kind, or NEVER."""
    at = np.full(n, NEVER)
    np.minimum.at(at, rows["resident"][chosen], rows["seconds"][chosen])
    return at


def not_earlier(earlier: np.ndarray, later: np.ndarray, what: str) -> int:
    """Assert that nobody's date in `later` is before theirs in `earlier`; returns for how many it is after."""
    wrong = np.flatnonzero(later < earlier)
    assert len(wrong) == 0, f"{what}: resident {wrong[0]} at {later[wrong[0]]} s, before {earlier[wrong[0]]} s"
    return int((later > earlier).sum())


def test_the_more_coordination_lowers_admissions_the_later_everyones_first_admission() -> None:
    """Off: capacity of the ward (g), unmet need (h), displacement (j), all other effects, and every queue between people
    (places for everyone, assessors for everyone, no short-term contacts), so that nobody's help depends on anyone else.
    """
    dates = []
    for ratio in (1.0, 0.8, 0.5, 0.2):
        city = derby({**NULL, **NO_QUEUE_FOR_ASSESSORS, **MANY_PLACES, "coordination.introduced_at_ask": 1.0,
                      "effects.admission_hr": ratio}, residents=RESIDENTS, seed=11)  # fmt: skip
        rows = live(city, "wards-17")
        admitted = (rows["what"] == HAPPENED) & np.isin(rows["cause"], (s.SUDDEN_ADMISSION, s.LATE_ADMISSION))
        dates.append(first(rows, admitted, len(city.cohort[0])))
    assert (dates[0] < NEVER).sum() > 1_000
    assert all(not_earlier(a, b, "first admission") > 20 for a, b in pairwise(dates))


def test_with_more_caseload_places_nobody_is_connected_later() -> None:
    """Off: every effect (so that all live the same lives and are introduced on the same dates), giving up the waiting list
    and the end of coordination. Otherwise a place goes to someone who would have given up, or who comes a second time, and the next in
    the queue waits longer. Who dies waiting frees nothing and who dies with a place frees it, so deaths may stay.
    """
    dates = []
    for places in (10.0, 40.0, 100.0, 300.0):
        city = derby({**NULL, **NO_QUEUE_FOR_ASSESSORS, "coordination.introduced_at_ask": 0.5, "coordination.waiting_at_start": 0.0,
                      "coordination.places_per_coordinator": places, "coordination.first_year_places": places,
                      "coordination.long_term_hours_per_month": 0.0, "coordination.waits_mean_days": 1e9,
                      "coordination.mean_stay_days": 1e9}, residents=RESIDENTS, seed=12)  # fmt: skip
        start = world(city, "wards-10")
        at_once = start.people["has"][:, s.CASELOAD] == s.HOLDING
        rows = compiled.run(start, rules)
        connected = first(rows, (rows["what"] == GRANTED) & (rows["cause"] == s.CASELOAD), len(at_once))
        connected[at_once] = 0
        dates.append(connected)
    assert all(not_earlier(b, a, "first connection") > 20 for a, b in pairwise(dates))


def test_with_higher_mortality_nobody_dies_later() -> None:
    """Off: queues and coordinators. A death frees an assessor for a neighbour who then leaves hospital, where people die
    sooner; so with a queue some would die later. The residents are the same: only the pace of the clock of death changes.
    """
    city = derby({**NULL, **NO_QUEUE_FOR_ASSESSORS}, residents=RESIDENTS, seed=13)
    dates = []
    for times in (1.0, 1.2, 2.0, 10.0):
        rows = live(with_death_at(city, times * float(city.rates["death"][0])), "no-lac")
        dates.append(first(rows, (rows["what"] == HAPPENED) & (rows["cause"] == s.DEATH), len(city.cohort[0])))
    for fewer, more in pairwise(dates):
        assert not_earlier(more, fewer, "death at the lower mortality") > 100


@pytest.mark.parametrize("posts", [(1, 2, 3, 8)])
def test_with_more_assessors_nobodys_assessment_begins_later(posts: tuple[int, ...]) -> None:
    """Each resident needs exactly one assessment, on a date that no queue can move: they are ready to leave hospital then and nothing
    else can happen. Were they to ask again, an earlier assessment could bring an earlier second request, which may stand before a
    neighbour's first; only then would routing matter.
    """
    rng = np.random.default_rng(14)
    ready = np.sort(rng.integers(0, 100 * s.DAY, 300))
    people = [resident(identity=i, stage=s.HOSPITAL, phase=s.TREATED, stay_ends=int(t)) for i, t in enumerate(ready)]
    rates = plain_rates(hospital_needs_assessment=1.0, assessment_mu=np.log(0.6 * s.DAY), assessment_sigma=1.0)
    dates = []
    for number in posts:
        rows = compiled.run(town(people, rates, capacity={s.ASSESSOR: number}, horizon=400 * s.DAY), rules)
        by_simpy = reference.run(town(people, rates, capacity={s.ASSESSOR: number}, horizon=400 * s.DAY), rules)
        assert trace.first_difference(by_simpy, rows) == ""
        dates.append(first(rows, (rows["what"] == GRANTED) & (rows["cause"] == s.ASSESSOR), len(people)))
        assert (dates[-1] < NEVER).all()
    later = [not_earlier(b, a, "assessment") for a, b in pairwise(dates)]
    assert later[0] > 100


def test_the_checks_of_direction_notice_an_effect_with_the_wrong_sign() -> None:
    """A control: where coordination raises admissions, somebody's first admission is earlier."""

    def dates(ratio: float) -> np.ndarray:
        city = derby({**NULL, **NO_QUEUE_FOR_ASSESSORS, **MANY_PLACES, "coordination.introduced_at_ask": 1.0,
                      "effects.admission_hr": ratio}, residents=RESIDENTS, seed=11)  # fmt: skip
        rows = live(city, "wards-17")
        admitted = (rows["what"] == HAPPENED) & np.isin(rows["cause"], (s.SUDDEN_ADMISSION, s.LATE_ADMISSION))
        return first(rows, admitted, len(city.cohort[0]))

    with pytest.raises(AssertionError, match="first admission: resident"):
        not_earlier(dates(1.0), dates(2.0), "first admission")
