"""Back-casting: the published claims put to runs of the history and of three years of forecast, under each stance.

The runs are made and priced here; definitions, verdicts and conflicts are those of `lacsim.calibration.claims`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from lacsim.calibration.claims import Facts, claims_frame, conflicts_frame
from lacsim.calibration.history import programme_from
from lacsim.calibration.programme import Programme
from lacsim.economics import ledger, totals
from lacsim.parameters import STANCES, params
from lacsim.results.study import Kept, Results, keep
from lacsim.runs.backends import map_futures
from lacsim.runs.experiment import Future, Lived, run_future
from lacsim.runs.plan import DEFAULT_SEED, Plan, make_plan
from lacsim.runs.scenario import forecast, history

if TYPE_CHECKING:
    from lacsim.parameters import Parameters

_SERVICES: Final = ("council_cash_gbp", "nhs_cash_gbp", "capacity_released_gbp")
_WEEKS_PER_MONTH: Final = 365.25 / 7.0 / 12.0


class _One(NamedTuple):
    kept: list[Kept]
    programmes: list[Programme]


def _reduce(future: Future, lives: Iterator[Lived]) -> _One:
    programmes: list[Programme] = []

    def counted() -> Iterator[Lived]:
        for life in lives:
            programmes.append(programme_from(future.plan, life, future.plan.scale))
            yield life

    return _One(keep(future, counted()), programmes)


def _one(plan: Plan, number: int) -> _One:
    return run_future(plan, number, _reduce)


def _benefits(results: Results, scenario: str) -> pd.DataFrame:
    """By future: services avoided, value to people and programme cost of a scenario against no coordinators, in £.

    Scaled to the whole area when only a part of its adults was simulated.
    """
    table = totals(ledger(results)).set_index(["scenario", "future"])
    with_it, without = table.loc[scenario], table.loc["no-lac"]
    return (
        pd.DataFrame(
            {
                "services": sum(without[name] - with_it[name] for name in _SERVICES),
                "value": with_it["value_to_people_gbp"] - without["value_to_people_gbp"],
                "cost": with_it["programme_gbp"],
            }
        )
        / results.plan.scale
    )


def facts_of(
    parameters: Parameters, *, futures: int, seed: int = DEFAULT_SEED, jobs: int = 0, residents: int | None = None
) -> list[Facts]:
    """What each draw of one parameter set gives for every claim."""
    options = {"futures": futures, "seed": seed, "residents": residents}
    past = history()
    pilot = make_plan(["no-lac", "pilot-2"], parameters, period=replace(past, years=1), **options)  # type: ignore[arg-type]
    whole = make_plan(["no-lac", "history"], parameters, period=past, **options)  # type: ignore[arg-type]
    ahead = make_plan(["no-lac", "wards-10", "wards-17"], parameters, period=forecast(3), **options)  # type: ignore[arg-type]
    found = {
        name: map_futures(partial(_one, plan), futures, jobs=jobs)
        for name, plan in (("pilot", pilot), ("whole", whole), ("ahead", ahead))
    }
    first = _benefits(Results(pilot, [one.kept for one in found["pilot"]]), "pilot-2")
    past_results = Results(whole, [one.kept for one in found["whole"]])
    sums = past_results.yearly.groupby(["measure", "scenario", "future"], sort=False)["value"].sum()
    forecasts = Results(ahead, [one.kept for one in found["ahead"]])
    ten, seventeen = _benefits(forecasts, "wards-10"), _benefits(forecasts, "wards-17")
    last_year = forecasts.plan.period.years
    facts = []
    for f in range(1, futures + 1):
        values = whole.values(f)
        early, late = found["pilot"][f - 1].programmes[1], found["whole"][f - 1].programmes[1]
        avoided = sums["assessments", "no-lac", f] - sums["assessments", "history", f]
        facts.append(
            Facts(
                saving_12_gbp=float(first["services"][f]),
                people_12=early.people_first_year,
                people=late.people,
                contacts=late.contacts,
                closed=late.closed,
                closed_12=late.closed_12,
                formal_avoided=float(avoided) / whole.scale,
                cost_year_gbp=float(ten["cost"][f]) / last_year,
                benefit_10_gbp=float(ten["services"][f] + ten["value"][f]),
                cost_10_gbp=float(ten["cost"][f]),
                benefit_17_gbp=float(seventeen["services"][f] + seventeen["value"][f]),
                cost_17_gbp=float(seventeen["cost"][f]),
                wellby_10_gbp=float(ten["value"][f]),
                wellby_per_year=float(values["effects.wellbys_per_supported_year"]),
                mean_stay_days=float(values["coordination.mean_stay_days"]),
                case_closes_hr=float(values["effects.case_closes_hr"]),
                minutes_each=_minutes(values),
            )
        )
    return facts


def _minutes(values: Mapping[str, object]) -> float:
    """Minutes a short-term contact may take if a coordinator has 190 a month in the hours long-term work leaves."""

    def number(name: str) -> float:
        return float(str(values[f"coordination.{name}"]))

    hours = number("contracted_hours_per_week") * _WEEKS_PER_MONTH
    for away in ("leave_share", "vacancy_share", "community_and_team_share"):
        hours *= 1.0 - number(away)
    return 60.0 * (hours - number("places_per_coordinator") * number("long_term_hours_per_month")) / 190.0


def claims_table(
    *,
    futures: int = 20,
    seed: int = DEFAULT_SEED,
    jobs: int = 0,
    residents: int | None = None,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Every claim under every stance, one row each; columns of `lacsim.calibration.claims.claims_frame`.

    Parameters
    ----------
    futures
        Draws of the numbers for each stance.
    residents
        Adults on the first day; all if not given. Rare events need them all.
    """
    draws: dict[str, list[Facts]] = {}
    for stance in STANCES:
        if say:
            say(f"{stance}: history and three years ahead, {futures} futures …")
        draws[stance] = facts_of(params(stance), futures=futures, seed=seed, jobs=jobs, residents=residents)
    table = claims_frame(draws)
    table.attrs["conflicts"] = conflicts_frame(draws).to_dict("records")
    return table


def conflicts_table(table: pd.DataFrame) -> pd.DataFrame:
    """The conflicts found in the draws behind a table of `claims_table`."""
    return pd.DataFrame(table.attrs["conflicts"])
