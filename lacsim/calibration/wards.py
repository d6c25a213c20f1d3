"""Ward truth: what a ward asks of its coordinator, and how many posts a stated promise needs.

Demand is what the model's residents do (asks for help and advice, introductions), ward by ward; the wait for a first
conversation is counted from the trace. Posts differ by design rule: residents of all ages for each coordinator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from lacsim.evidence import Area, area
from lacsim.model import stages as s
from lacsim.parameters import Parameters, params
from lacsim.results.tally import EVENTS, TIMES, tally
from lacsim.runs.backends import map_futures
from lacsim.runs.experiment import Future, Lived, run_future
from lacsim.runs.plan import DEFAULT_SEED, Plan, central_plan
from lacsim.runs.scenario import Period, Post, Scenario, forecast

RULES: Final = (8_000.0, 10_000.0, 15_000.0)  # residents for each coordinator: claims.residents_per_coordinator
PROMISES: Final = (1.0, 2.0, 4.0)  # weeks
KEPT_FOR: Final = 0.9
MOST_POSTS: Final = 3.0
_PAST: Final = 500  # days before the period: posts at work and past their first year


class _Ward(NamedTuple):
    events: np.ndarray  # (n_wards, len(EVENTS)), whole period
    years: np.ndarray  # (n_wards, len(TIMES))
    waits: list[np.ndarray]  # days waited for a first conversation that was had or given up, by ward


def share_of_older_and_deprived(place: Area) -> dict[str, float]:
    """What the covered and the other wards hold, all from the ward table.

    Returns
    -------
        `older_other` (share of the city's residents 65 and over who live in the wards without coordination),
        `deprived_other` and `deprived_covered` (share of those wards' own residents who live in England's most deprived
        fifth), `of_deprived_covered` (share of all such residents of the city who live in the covered wards).
    """
    wards = place.wards
    covered = wards["lac_covered_2019"].to_numpy(bool)
    people, older = wards["pop2017"].to_numpy(float), wards["a65p_2017"].to_numpy(float)
    deprived = people * wards["pct_pop2017_in_most_deprived_20pct_imd2019"].to_numpy(float) / 100.0
    return {
        "older_other": float(older[~covered].sum() / older.sum()),
        "deprived_other": float(deprived[~covered].sum() / people[~covered].sum()),
        "deprived_covered": float(deprived[covered].sum() / people[covered].sum()),
        "of_deprived_covered": float(deprived[covered].sum() / deprived.sum()),
    }


def by_rule(place: Area, period: Period, residents_per_post: float, *, wards: Sequence[str] | None = None) -> Scenario:
    """Every ward with the posts a design rule gives it, at work and past their first year when the period begins.

    Posts are parts of whole posts, to a tenth, at least half a post, so that no ward is left without.
    """
    import datetime as dt

    names = list(wards or place.ward_names)
    people = dict(zip(place.ward_names, place.wards["pop2017"].astype(float), strict=True))
    starts = period.starts - dt.timedelta(days=_PAST)
    posts = tuple(Post(name, starts, max(0.5, round(people[name] / residents_per_post, 1))) for name in names)
    return Scenario(f"rule-{residents_per_post:.0f}", f"a post for {residents_per_post:,.0f} residents", posts)


def _reduce(future: Future, lives: Iterator[Lived]) -> list[_Ward]:
    plan, n = future.plan, len(future.plan.area.wards)
    found = []
    for life in lives:
        counted = tally(
            life.trace,
            life.start,
            year_starts=plan.period.year_starts,
            month_starts=plan.period.month_starts,
            n_wards=n,
            short_stay_days=1.0,
        )
        waits = counted.waits[counted.waits["kind"] == s.SHORT_TERM_TIME]
        days = [waits["seconds"][waits["ward"] == w] / s.DAY for w in range(n)]
        found.append(_Ward(counted.events.sum(axis=(0, 2)), counted.seconds.sum(axis=(0, 2)) / s.YEAR, days))
    return found


def _one(plan: Plan, number: int) -> list[_Ward]:
    return run_future(plan, number, _reduce)


def ward_plan(
    parameters: Parameters | None = None,
    *,
    rules: Sequence[float] = RULES,
    years: int = 3,
    replications: int = 2,
    seed: int = DEFAULT_SEED,
) -> Plan:
    """No coordinators, then each design rule, in the whole city with central values."""
    place, period = area(), forecast(years)
    plan = central_plan(["no-lac"], parameters or params(), replications=replications, seed=seed, period=period)
    scenarios = (Scenario("no-lac", "no coordinators", ()), *(by_rule(place, period, rule) for rule in rules))
    return replace(plan, scenarios=scenarios)


def ward_table(
    parameters: Parameters | None = None,
    *,
    rules: Sequence[float] = RULES,
    years: int = 3,
    replications: int = 2,
    seed: int = DEFAULT_SEED,
    jobs: int = 0,
) -> pd.DataFrame:
    """Demand, pressure, waits and effect ward by ward, for each design rule.

    Returns
    -------
        One row a rule and ward. Columns rule (residents for each coordinator), ward, covered_2019, residents, share_65,
        share_deprived, posts; and for each coordinator and year: asks (for help or advice), introductions, places_full
        (mean share of caseload places in use), waiting (people on the list); then wait_p50_days, wait_p90_days and
        gave_up_share of first conversations; admissions_avoided and care_home_entries_avoided for each coordinator and
        year, against the same lives with no coordinator.
    """
    plan = ward_plan(parameters, rules=rules, years=years, replications=replications, seed=seed)
    place, scenarios = plan.area, plan.scenarios
    runs = map_futures(partial(_one, plan), replications, jobs=jobs)
    places = plan.parameters.number("coordination.places_per_coordinator")
    table = place.wards
    rows = []
    for k, rule in enumerate(rules, start=1):
        posts = {post.ward: post.posts for post in scenarios[k].posts}
        events = np.mean([run[k].events for run in runs], axis=0) / years
        without = np.mean([run[0].events for run in runs], axis=0) / years
        people = np.mean([run[k].years for run in runs], axis=0) / years
        count = {name: events[:, EVENTS.index(name)] for name in EVENTS}
        fewer = {
            name: without[:, EVENTS.index(name)] - count[name] for name in ("admissions", "council_care_home_entries")
        }
        for w, name in enumerate(place.ward_names):
            n, waits = posts[name], np.concatenate([run[k].waits[w] for run in runs])
            met = count["short_term_contacts"][w] * years * replications
            rows.append(
                {
                    "rule": rule,
                    "ward": name,
                    "covered_2019": bool(table["lac_covered_2019"].iloc[w]),
                    "residents": int(table["pop2017"].iloc[w]),
                    "share_65": float(table["a65p_2017"].iloc[w] / table["pop2017"].iloc[w]),
                    "share_deprived": float(table["pct_pop2017_in_most_deprived_20pct_imd2019"].iloc[w]) / 100.0,
                    "posts": n,
                    "asks": float(count["short_term_contacts"][w]) / n,
                    "introductions": float(count["introductions"][w]) / n,
                    "places_full": float(people[w, TIMES.index("caseload")]) / (n * places),
                    "waiting": float(people[w, TIMES.index("waiting_list")]) / n,
                    "wait_p50_days": float(np.quantile(waits, 0.5)) if len(waits) else math.nan,
                    "wait_p90_days": float(np.quantile(waits, KEPT_FOR)) if len(waits) else math.nan,
                    "gave_up_share": max(0.0, 1.0 - met / len(waits)) if len(waits) else math.nan,
                    "admissions_avoided": float(fewer["admissions"][w]) / n,
                    "care_home_entries_avoided": float(fewer["council_care_home_entries"][w]) / n,
                }
            )
    return pd.DataFrame(rows)


def posts_needed(
    parameters: Parameters | None = None,
    *,
    promises: Sequence[float] = PROMISES,
    years: int = 2,
    seed: int = DEFAULT_SEED,
    jobs: int = 0,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Posts each of the 17 wards needs so that 9 in 10 people wait no longer than a promise for a first conversation.

    A wait that ended because the person gave up counts as its own length. Posts go up by half a post from half a post
    until the promise is kept, all wards in one run, so that a ward's posts do not depend on the order of wards.

    Returns
    -------
        Columns promise_weeks, ward, posts (infinite above `MOST_POSTS`), p90_days at those posts.
    """
    place, period = area(), forecast(years)
    plan = central_plan(["no-lac"], parameters or params(), replications=1, seed=seed, period=period)
    import datetime as dt

    starts = period.starts - dt.timedelta(days=_PAST)
    steps = np.arange(0.5, MOST_POSTS + 0.25, 0.5)
    scenarios = tuple(
        Scenario(
            f"posts-{step:g}",
            f"{step:g} posts in every ward",
            tuple(Post(w, starts, float(step)) for w in place.ward_names),
        )
        for step in steps
    )
    if say:
        say(f"{len(steps)} numbers of posts in every ward, {years} years …")
    (run,) = map_futures(partial(_one, replace(plan, scenarios=scenarios)), 1, jobs=jobs)
    p90 = np.array([[np.quantile(days, KEPT_FOR) if len(days) else 0.0 for days in found.waits] for found in run])
    rows = []
    for promise in promises:
        for w, name in enumerate(place.ward_names):
            kept = np.nonzero(p90[:, w] <= 7.0 * promise)[0]
            k = int(kept[0]) if len(kept) else -1
            rows.append(
                {
                    "promise_weeks": promise,
                    "ward": name,
                    "posts": float(steps[k]) if k >= 0 else math.inf,
                    "p90_days": float(p90[k, w]) if k >= 0 else float(p90[-1, w]),
                }
            )
    return pd.DataFrame(rows)
