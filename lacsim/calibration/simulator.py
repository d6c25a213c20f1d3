"""One parameter set in, the fit's measures out: a short life of a sample of Derby, always with the same luck.

Older residents make most of the events, so they are over-represented and weighted back. Nobody has a coordinator. With
the luck fixed the outcome is a smooth function of the parameters; what that luck does is measured once against other
luck and taken off (`lacsim.calibration.fit`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np

from lacsim.calibration.city import City
from lacsim.calibration.targets import TARGETS
from lacsim.evidence import Area, area
from lacsim.model import cohort, compiled, rules
from lacsim.model.stages import YEAR
from lacsim.model.world import members_by_ward
from lacsim.results.lives import follow
from lacsim.results.tally import tally
from lacsim.runs.bind import Reader, population_of, rates_of, terms_of, wards_of
from lacsim.runs.experiment import Lived, start_of
from lacsim.runs.scenario import Period, built_in, forecast
from lacsim.runs.schedule import assessors_of, make_world

SEED: Final = 41_000
YEARS: Final = 3
# Share of each age band that is simulated, and of the assessors: about two thirds of requests come from people of 65
# and over.
SHARES: Final = np.array([0.06, 0.06, 0.10, 0.45, 0.45, 0.45])
_ASSESSORS: Final = 0.32 * 0.08 + 0.68 * 0.45


def city_of(life: Lived, place: Area, period: Period, shares: np.ndarray | None = None) -> City:
    """The measures of one run without coordination; `shares` are those of the age bands that were simulated."""
    weights = np.ones(6) if shares is None else 1.0 / shares
    counted = tally(
        life.trace,
        life.start,
        year_starts=period.year_starts,
        month_starts=period.month_starts,
        n_wards=len(place.wards),
        short_stay_days=1.0,
    )
    lives = follow(life.trace, life.start, year_starts=period.year_starts)
    return City(
        events=counted.events.sum(axis=0) * weights[:, None],
        years=counted.seconds.sum(axis=0) * weights[:, None] / YEAR,
        by_year=counted.seconds.sum(axis=1) * weights[:, None] / YEAR,
        is_sample=bool((weights != weights[0]).any()),
        lives=lives._replace(supported=lives.supported * weights, outcomes=lives.outcomes * weights[0]),
        n_years=float(period.years),
        horizon=period.horizon,
        imd=place.wards["imd2019_avg_score"].to_numpy(float),
    )


def live_sample(values: Mapping[str, Any], replication: int = 1) -> City:
    """Three years of the sample with these parameter values."""
    place, period = area(), forecast(YEARS)
    get = Reader(values)
    rates, wards, terms = rates_of(get, SEED, replication), wards_of(get, place), terms_of(get, place)
    whole = population_of(get, place, period)
    sample = whole._replace(
        adults=np.floor(whole.adults * SHARES + 0.5).astype(np.int64),
        arrivals_per_year=whole.arrivals_per_year * np.append(SHARES, SHARES[0]),
    )
    assessors = assessors_of(terms, _ASSESSORS)
    people, rank = cohort.make(sample, wards, rates, years=period.years, assessors=assessors)
    scenario = built_in("no-lac", place, period)
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
        scale=_ASSESSORS,
    )
    start = start_of(people)
    trace: Any = compiled.run_by_resident(world, rules)
    return city_of(Lived(scenario, start, world, trace, 0.0), place, period, SHARES)


@cache
def _measures() -> tuple[Callable[[City], float], ...]:
    return tuple(target.measure for target in TARGETS)


def log_measures(city: City) -> np.ndarray:
    """Logarithm of every target's measure, shape (len(TARGETS),); NaN where the period is too short."""
    found = np.array([measure(city) for measure in _measures()])
    return np.asarray(np.log(np.maximum(found, 1e-9)))


def measured(values: Mapping[str, Any], replication: int = 1) -> np.ndarray:
    """Logarithm of every target's measure in a sample with these parameter values, shape (len(TARGETS),)."""
    return log_measures(live_sample(values, replication))
