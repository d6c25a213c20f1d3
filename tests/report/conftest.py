"""Synthetic results of any shape, made from a few numbers, and one small real run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lacsim.model import stages
from lacsim.parameters import params
from lacsim.report import companions
from lacsim.report.api import Run
from lacsim.report.api import run as run_scenarios
from lacsim.results.compare import CLASSES, EVENTS
from lacsim.results.quantities import PRICED
from lacsim.results.quantities import TIMES as PRICED_TIMES
from lacsim.results.study import MEASURES, post_years
from lacsim.results.tally import EVENTS as COUNTS
from lacsim.results.tally import MONTHLY
from lacsim.runs.plan import Plan, make_plan
from lacsim.runs.scenario import forecast

THREE = ("no-lac", "wards-10", "wards-17")
# People or person-years in a year of a city without coordinators; anything else is 0.
_CITY = {
    "admissions": 26_000.0, "short_stays": 10_000.0, "assessments": 4_500.0, "reablement_episodes": 1_300.0,
    "care_home_entries": 580.0, "hospital": 390.0, "delayed_in_hospital": 15.0, "package_at_home": 3_000.0,
    "council_residential": 640.0, "council_nursing": 440.0, "own_residential": 420.0, "own_nursing": 280.0,
}  # fmt: skip
_MOVES = {
    ("community", "hospital"): 26_000, ("hospital", "community"): 25_000, ("community", "assessment"): 3_000,
    ("community", "short_term"): 2_500, ("community", "coordination"): 300, ("short_term", "community"): 2_200,
    ("short_term", "assessment"): 300, ("coordination", "community"): 280, ("coordination", "hospital"): 190,
    ("hospital", "coordination"): 190, ("assessment", "community"): 2_900, ("assessment", "residential"): 440,
    ("hospital", "residential"): 850, ("residential", "hospital"): 770, ("residential", "died"): 470,
}  # fmt: skip


@dataclass(frozen=True)
class Synthetic:
    """Stands in for `lacsim.results.study.Results`; relief is the share of services avoided per ten posts."""

    plan: Plan
    relief: float
    noise: float

    def values(self, future: int) -> dict[str, Any]:
        return self.plan.values(future)

    @property
    def month_labels(self) -> list[str]:
        first, years = self.plan.period.starts.year, self.plan.period.years
        return [f"{first + (m + 3) // 12}-{(m + 3) % 12 + 1:02d}" for m in range(12 * years)]

    def _avoided(self, posts: float, future: int) -> float:
        luck = np.sin(12.9898 * future) * 43758.5453 % 1.0
        return posts / 10.0 * (self.relief + self.noise * (luck - 0.5))

    def _long(self, key: str, labels: list[str], share: float) -> pd.DataFrame:
        rows = []
        for scenario in self.plan.scenarios:
            posts = scenario.n_posts
            for future in range(1, self.plan.futures + 1):
                factor = 1.0 - self._avoided(posts, future)
                own = {"supported": 60.0 * posts, "caseload_starts": 35.0 * posts, "introductions": 40.0 * posts}
                own |= {"caseload": 33.0 * posts, "short_term_contacts": 2_300.0 * posts, "community": 190_000.0}
                for label in labels:
                    for measure in MEASURES:
                        value = _CITY.get(measure, 0.0) * factor + own.get(measure, 0.0)
                        rows.append((scenario.name, future, label, measure, value * share))
        return pd.DataFrame(rows, columns=["scenario", "future", key, "measure", "value"])

    @property
    def yearly(self) -> pd.DataFrame:
        years = self.plan.period.year_labels
        paid = [
            (sc.name, f, year, "posts", value)
            for sc in self.plan.scenarios
            for f in range(1, self.plan.futures + 1)
            for year, value in zip(years, post_years(sc, self.plan.period), strict=True)
        ]
        long = self._long("year", years, 1.0)
        return pd.concat([long, pd.DataFrame(paid, columns=long.columns)], ignore_index=True)

    @property
    def quantities(self) -> pd.DataFrame:
        names = self.plan.area.ward_names
        long = self._long("year", self.plan.period.year_labels, 1.0)
        long["measure"] = long["measure"].replace("delayed_in_hospital", "delayed_beyond_price")
        city = long[long["measure"].isin(PRICED)].copy()
        city["value"] *= np.where(city["measure"].isin(PRICED_TIMES), stages.YEAR, 1) / len(names)
        wide = city.pivot_table(index=["scenario", "future", "year"], columns="measure", values="value", sort=False)
        wide = wide.reindex(columns=list(PRICED), fill_value=0.0).round().astype("int64").reset_index()
        return wide.merge(pd.DataFrame({"ward": names}), how="cross")

    @property
    def quantities_monthly(self) -> pd.DataFrame:
        yearly = self.quantities.groupby(["scenario", "future", "year"])[list(PRICED)].sum().reset_index()
        months = pd.DataFrame({"month": self.month_labels})
        months["year"] = np.repeat(self.plan.period.year_labels, 12)
        spread = yearly.merge(months, on="year")
        spread[list(PRICED)] //= 12
        return spread.drop(columns="year")

    @property
    def wards(self) -> pd.DataFrame:
        names = self.plan.area.ward_names
        return self._long("ward", names, self.plan.period.years / len(names))

    @property
    def ages(self) -> pd.DataFrame:
        bands = list(stages.AGE_BANDS)
        return self._long("age_band", bands, self.plan.period.years / len(bands))

    @property
    def tenures(self) -> pd.DataFrame:
        tenures = list(stages.TENURES)
        long = self._long("tenure", tenures, self.plan.period.years / len(tenures))
        return long[long["measure"].isin(COUNTS)]

    @property
    def monthly(self) -> pd.DataFrame:
        level = {"caseload": 35.0, "waiting_list": 6.0}
        rows = [
            (sc.name, f, month, m, level.get(m, 0.0) * sc.n_posts * (1.0 + 0.01 * k * (1.0 + self._avoided(10.0, f))))
            for sc in self.plan.scenarios
            for f in range(1, self.plan.futures + 1)
            for k, month in enumerate(self.month_labels)
            for m in MONTHLY
        ]
        return pd.DataFrame(rows, columns=["scenario", "future", "month", "measure", "value"])

    @property
    def ward_months(self) -> pd.DataFrame:
        posts = {sc.name: {p.ward: p.posts for p in sc.posts} for sc in self.plan.scenarios}
        rows = [
            (sc.name, f, month, ward, 30.0 * posts[sc.name].get(ward, 0.0) * (1.0 + 0.005 * k + self._avoided(1.0, f)))
            for sc in self.plan.scenarios
            for f in range(1, self.plan.futures + 1)
            for k, month in enumerate(self.month_labels)
            for ward in self.plan.area.ward_names
        ]
        return pd.DataFrame(rows, columns=["scenario", "future", "month", "ward", "people"])

    @property
    def flows(self) -> pd.DataFrame:
        rows = []
        for sc in self.plan.scenarios:
            for f in range(1, self.plan.futures + 1):
                for (a, b), yearly in _MOVES.items():
                    on_programme = {a, b} & {"short_term", "coordination"}
                    factor = sc.n_posts / 10.0 if on_programme else 1.0 - self._avoided(sc.n_posts, f)
                    people = round(yearly * factor / 12)
                    rows += [(sc.name, f, month, a, b, people) for month in self.month_labels if people]
        return pd.DataFrame(rows, columns=["scenario", "future", "month", "from_stage", "to_stage", "people"])

    @property
    def waits(self) -> pd.DataFrame:
        rows = [
            (
                sc.name,
                f,
                kind,
                100,
                30.0 / max(sc.n_posts, 1.0),
                300.0 / max(sc.n_posts, 1.0) * (1 + 0.1 * (f % 3)),
                0.5,
            )
            for sc in self.plan.scenarios
            for f in range(1, self.plan.futures + 1)
            for kind in ("short_term_time", "caseload", "assessor")
        ]
        return pd.DataFrame(rows, columns=["scenario", "future", "kind", "n", "p50_days", "p90_days", "share_waited"])

    @property
    def paired(self) -> pd.DataFrame:
        columns = ["scenario", "comparator", "future", "event", *CLASSES, "difference"]
        first, *others = [scenario.name for scenario in self.plan.scenarios]
        rows = [(name, first, 1, event, *([0] * len(CLASSES)), 0) for name in others for event in EVENTS]
        return pd.DataFrame(rows, columns=columns)

    @property
    def records(self) -> pd.DataFrame:
        rows = [(sc.name, 1, 10, 0.1) for sc in self.plan.scenarios]
        return pd.DataFrame(rows, columns=["scenario", "future", "rows", "seconds_of_work"])

    @property
    def checks(self) -> pd.DataFrame:
        columns = ["check", "passed", "observed", "expected", "tolerance", "level"]
        return pd.DataFrame([("people are conserved", True, 0, 0, 0, "exact")], columns=columns)


MakeRun = Callable[..., Run]


def synthetic_run(
    scenarios: tuple[str, ...] = THREE,
    *,
    futures: int = 12,
    relief: float = 0.004,
    noise: float = 0.004,
    years: int = 2,
    overrides: dict[str, object] | None = None,
    **options: Any,
) -> Run:
    """A run whose scenarios relieve a share of all services for every ten posts, more or less."""
    plan = make_plan(scenarios, params().replace(overrides or {}), futures=futures, period=forecast(years), **options)
    run = Run(Synthetic(plan, relief, noise))  # type: ignore[arg-type]
    run.__dict__["lives"] = None  # nobody of a made-up run can be lived again
    return run


def with_made_up_companions(run: Run) -> Run:
    """The run with made-up runs beside it: other stances, other numbers of coordinators."""
    one: Any = run.results
    made = {name: Synthetic(plan, one.relief, one.noise) for name, plan in companions.plans(run.plan).items()}
    both = Run(run.results, companions.together(made))  # type: ignore[arg-type]
    both.__dict__["lives"] = None
    return both


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """Make a synthetic run; see `synthetic_run`."""
    return synthetic_run


@pytest.fixture(scope="session")
def dear() -> Run:
    """Relief is small: 17 wards costs more in every future."""
    return synthetic_run(relief=0.001, noise=0.0005)


@pytest.fixture(scope="session")
def cheap() -> Run:
    """Relief is large: 17 wards costs less in every future."""
    return synthetic_run(relief=0.02, noise=0.004, futures=60)


@pytest.fixture(scope="session")
def complete(dear: Run) -> Run:
    """The dear run with the smaller runs beside it."""
    return with_made_up_companions(dear)


@pytest.fixture(scope="session")
def four() -> Run:
    """Four scenarios, one of them staged, with enough futures to tell which assumption matters."""
    return synthetic_run(("no-lac", "pilot-2", "wards-13", "wards-17"), futures=24, years=1)


@pytest.fixture(scope="session")
def alone() -> Run:
    """One scenario with nothing to compare it with."""
    return synthetic_run(("wards-17",))


@pytest.fixture(scope="session")
def real() -> Run:
    """A small run of the model itself."""
    return run_scenarios(THREE, futures=3, residents=3_000, years=2, jobs=1)
