"""Runs of the history for the fit of coordination: all adults of the covered wards, always the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from lacsim.calibration.programme import Programme, log_counts, programme_of
from lacsim.evidence import area
from lacsim.model import cohort, compiled, rules
from lacsim.model.world import members_by_ward
from lacsim.results.lives import follow
from lacsim.results.tally import EVENTS, tally
from lacsim.runs.backends import map_futures
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
    trace: Any = compiled.run(world, rules)
    return programme_from(replace(plan), Lived(scenario, start, world, trace, 0.0))


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


def _one(base: Mapping[str, Any], names: Sequence[str], rows: np.ndarray, number: int) -> np.ndarray:
    return log_counts(live_history(dict(base) | dict(zip(names, rows[number - 1].tolist(), strict=True))))


def _luck(base: Mapping[str, Any], number: int) -> np.ndarray:
    return log_counts(live_history(base, replication=number))


def simulate(
    base: Mapping[str, Any],
    names: Sequence[str],
    rows: np.ndarray,
    *,
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Logarithms of all counts for each parameter set, shape (n, len(COUNTS))."""
    return np.array(map_futures(partial(_one, base, names, rows), len(rows), jobs=jobs, progress=progress))


def luck(base: Mapping[str, Any], *, replications: int = 24, jobs: int = 0) -> np.ndarray:
    """Logarithms of all counts of several histories that differ by luck alone, shape (replications, len(COUNTS)).

    The first is lived with the luck that all parameter sets are lived with.
    """
    return np.array(map_futures(partial(_luck, base), replications, jobs=jobs))
