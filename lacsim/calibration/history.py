"""Runs of the history for the fit of coordination: all adults of the covered wards, always the same luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from lacsim.calibration.programme import Programme, log_counts, programme_of
from lacsim.evidence import area
from lacsim.model import cohort, compiled, rules
from lacsim.model.world import members_by_ward
from lacsim.results.lives import follow
from lacsim.results.tally import EVENTS, tally
from lacsim.runs.bind import Reader, population_of, rates_of, terms_of, wards_of
from lacsim.runs.experiment import Lived, start_of
from lacsim.runs.plan import central_plan
from lacsim.runs.scenario import history
from lacsim.runs.schedule import assessors_of, make_world

SEED: Final = 41_001


def live_history(values: Mapping[str, Any], replication: int = 1) -> Programme:
    """The history of the covered wards' adults with these parameter values.

    Assessors are those of these wards' share of all adults. A part of the adults would be faster, but places are whole
    numbers, and the first two coordinators' fifty people are few enough.
    """
    place, period = area(), history()
    plan = central_plan(["history"], period=period)
    covered = place.wards["lac_covered_2019"].to_numpy(bool)
    get = Reader(values)
    rates, wards, terms = rates_of(get, SEED, replication), wards_of(get, place), terms_of(get, place)
    whole = population_of(get, place, period)
    lived = covered.astype(np.int64)[:, None]
    here = float(whole.adults[covered].sum() / whole.adults.sum())
    sample = whole._replace(adults=whole.adults * lived, arrivals_per_year=whole.arrivals_per_year * lived)
    terms = terms._replace(assessor_posts=terms.assessor_posts * here)
    assessors = assessors_of(terms, 1.0)
    people, rank = cohort.make(sample, wards, rates, years=period.years, assessors=assessors)
    scenario = plan.scenarios[0]
    members = members_by_ward(people["ward"], len(wards))
    world = make_world(
        people,
        rank,
        wards,
        rates,
        members=members,
        area=place,
        scenario=scenario,
        period=period,
        terms=terms,
    )
    start = start_of(people)
    trace: Any = compiled.run_by_resident(world, rules)
    return programme_from(plan, Lived(scenario, start, world, trace, 0.0))


def programme_from(plan: Any, life: Lived, scale: float = 1.0) -> Programme:
    """The counts of one life of the history."""
    period = plan.period
    counted = tally(
        life.trace,
        life.start,
        year_starts=period.year_starts,
        month_starts=period.month_starts,
        n_wards=len(plan.area.wards),
        short_stay_days=1.0,
    )
    contacts = float(counted.events[-1, :, :, EVENTS.index("short_term_contacts")].sum())
    return programme_of(plan, life, follow(life.trace, life.start, year_starts=period.year_starts), contacts, scale)


def measured(values: Mapping[str, Any], replication: int = 1) -> np.ndarray:
    """Logarithm of every count of a history with these parameter values, shape (len(COUNTS),)."""
    return log_counts(live_history(values, replication))
