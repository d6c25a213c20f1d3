"""A small stand-in for results whose every figure can be worked by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from lacsim.model.stages import YEAR
from lacsim.parameters import Parameters, params
from lacsim.results.quantities import EVENTS
from lacsim.runs.scenario import Post, Scenario, forecast

# Whole numbers in one unit of a measure: events, or seconds of a person-year.
MEASURES = (
    "admissions",
    "short_stays",
    "delayed_beyond_price",
    "assessments",
    "reablement_episodes",
    "package_at_home",
    "council_residential",
    "council_nursing",
    "own_residential",
    "own_nursing",
    "caseload",
)
YEARS = ("2019/20", "2020/21")
LONG_AGO = dt.date(2012, 4, 1)
# Round shares and whole-pound prices, so that a person can follow the arithmetic.
ROUND = {
    "programme.cost_per_coordinator": 52_597.0,
    "programme.better_care_fund_share": 0.59,
    "programme.network_membership": 9_000.0,
    "programme.cost_per_manager": 52_597.0,
    "programme.recruitment_lead_days": 0.0,
    "programme.coordinators_per_manager": 10.0,
    "programme.vacant_post_paid_share": 1.0,
    "coordination.vacancy_share": 0.0,
    **{f"cashability.{key}_share": 0.3 for key in ("nel_short", "nel_long", "reablement")},
    **{f"cashability.{key}_share": 1.0 for key in ("homecare_weekall", "residential_week", "nursing_week")},
    **{
        f"cashability.{key}_lag_years": 0.0
        for key in ("nel_short", "nel_long", "reablement", "homecare_weekall", "residential_week", "nursing_week")
    },
    "appraisal.client_contribution_share": 0.2,
    "effects.wellbys_per_supported_year": 0.1,
}


@dataclass(frozen=True)
class FakeResults:
    """What the ledger asks of results, and nothing else."""

    plan: Any
    quantities: pd.DataFrame
    draws: tuple[dict[str, Any], ...]

    def values(self, future: int) -> dict[str, Any]:
        return self.draws[future - 1]


Make = Callable[..., FakeResults]


def fake(
    counts: Mapping[str, Mapping[str, float]],
    *,
    years: tuple[str, ...] = YEARS,
    draws: tuple[dict[str, float], ...] = ({},),
    changes: Mapping[str, object] | None = None,
    scale: float = 1.0,
) -> FakeResults:
    """Results with the same counts in every year and future; measures that are not given are 0.

    Times are given in person-years; `posts` are coordinator posts that were there before the period.
    """
    parameters: Parameters = params().replace({**ROUND, **(changes or {})})
    rows = [
        (scenario, future, year, "Abbey", *(whole(measure, float(found.get(measure, 0.0))) for measure in MEASURES))
        for scenario, found in counts.items()
        for future in range(1, len(draws) + 1)
        for year in years
    ]
    plan = SimpleNamespace(
        scenarios=tuple(
            Scenario(name, name, (Post("Abbey", LONG_AGO, found["posts"]),) if found.get("posts") else ())
            for name, found in counts.items()
        ),
        parameters=parameters,
        period=forecast(len(years)),
        area=SimpleNamespace(ward_names=["Abbey"]),
        scale=scale,
    )
    quantities = pd.DataFrame(rows, columns=["scenario", "future", "year", "ward", *MEASURES])
    return FakeResults(plan, quantities, tuple({**parameters.values(), **draw} for draw in draws))


def whole(measure: str, value: float) -> int:
    """Events, or person-years as whole seconds."""
    return round(value if measure in EVENTS else value * YEAR)


@pytest.fixture
def make() -> Make:
    return fake


@pytest.fixture
def busy() -> FakeResults:
    """Two scenarios, three futures with awkward prices, two years, every measure in use."""
    base = {measure: 10.37 * k for k, measure in enumerate(MEASURES, start=1)}
    base |= {"posts": 0.0, "admissions": 413.0, "short_stays": 191.0, "assessments": 77.0}
    more = {measure: 0.93 * value for measure, value in base.items()}
    more |= {"posts": 17.0, "admissions": 401.0, "short_stays": 188.0, "assessments": 81.0}
    draws = tuple(
        {
            "unit_costs.nel_long": 3_053.1234 * tilt,
            "unit_costs.homecare_weekall": 246.777 * tilt,
            "cashability.nel_long_share": 0.3 * tilt,
            "unit_costs.wellby": 12_659.005 * tilt,
        }
        for tilt in (1.0, 0.87654321, 1.2345678)
    )
    return fake({"no-lac": base, "wards-17": more}, draws=draws)
