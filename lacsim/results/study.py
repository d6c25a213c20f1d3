"""Run a plan and keep its tables: by year, ward, age band and month, with flows, waits and paired differences.

Tables are tidy, in natural units (people, person-years, days), sorted by scenario and future, and depend on the plan
alone: not on the number of processes, the order in which futures finished, or the time of day.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from lacsim.errors import FuturesError, LacsimError
from lacsim.model import stages as s
from lacsim.results.accounts import unaccounted
from lacsim.results.columns import labelled
from lacsim.results.compare import CLASSES, EVENTS, Found, classify, find_events
from lacsim.results.quantities import PRICED, quantities, years_of_months
from lacsim.results.tally import EVENTS as COUNTS
from lacsim.results.tally import MONTHLY, TIMES, tally
from lacsim.runs.backends import Backend, Block, Lost, Stop, backend_for, blocks_of, run_blocks
from lacsim.runs.experiment import Future, Lived, run_future
from lacsim.runs.plan import Plan
from lacsim.runs.scenario import Period, Scenario
from lacsim.units import Value

MEASURES = (*COUNTS, *TIMES)
_WAIT_KINDS = (s.SHORT_TERM_TIME, s.CASELOAD, s.ASSESSOR)


class Kept(NamedTuple):
    """What is kept of one scenario of one future."""

    yearly: np.ndarray  # (n_years, n_measures)
    wards: np.ndarray  # (n_wards, n_measures)
    ages: np.ndarray  # (6, n_measures)
    tenures: np.ndarray  # (3, n events), counts only
    monthly: np.ndarray  # (n_months, len(MONTHLY)), person-seconds
    ward_caseload: np.ndarray  # (n_months, n_wards), person-seconds with a caseload place
    flows: np.ndarray  # (n_months, 8, 8)
    waits: np.ndarray  # (3 kinds, n / p50 / p90 / share who waited)
    paired: np.ndarray  # (n_scenarios before this one, 3 events, n_classes + 1)
    checks: np.ndarray  # (people accounted for, person-seconds accounted for), each as expected - found
    rows: int
    seconds: float
    priced: np.ndarray  # (n_years, n_wards, len(PRICED)), whole events and person-seconds
    priced_monthly: np.ndarray  # (n_months, len(PRICED)), the same over all wards


def _measures(events: np.ndarray, seconds: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Counts and person-years summed over axes, measures last."""
    return np.concatenate([events.sum(axis=axes), seconds.sum(axis=axes) / s.YEAR], axis=-1)


def _wait_summary(waits: np.ndarray) -> np.ndarray:
    """Number of places granted, median and 90th percentile of the wait in days, and the share who waited at all.

    Where no place was granted there is no wait to tell of: not a number, and not a wait of 0 days.
    """
    rows = np.full((len(_WAIT_KINDS), 4), np.nan)
    rows[:, 0] = 0
    for k, kind in enumerate(_WAIT_KINDS):
        took = waits["seconds"][(waits["kind"] == kind) & (waits["granted"] == 1)] / s.DAY
        if len(took):
            p50, p90 = np.quantile(took, [0.5, 0.9], method="inverted_cdf")
            rows[k] = (len(took), p50, p90, np.mean(took > 0.0))
    return rows


def keep(future: Future, lived: Iterator[Lived]) -> list[Kept]:
    """Reduce the traces of one future; each scenario is paired with all before it."""
    plan = future.plan
    period = plan.period
    kept: list[Kept] = []
    found: list[dict[str, Found]] = []
    for life in lived:
        counted = tally(
            life.trace,
            life.start,
            year_starts=period.year_starts,
            month_starts=period.month_starts,
            n_wards=len(plan.area.wards),
            short_stay_days=float(plan.values(future.number)["appraisal.short_stay_days"]),
        )
        values = plan.values(future.number)
        priced = quantities(
            life.trace,
            life.start,
            period_starts=period.month_starts,
            group=life.start["ward"],
            n_groups=len(plan.area.wards),
            short_stay_days=float(values["appraisal.short_stay_days"]),
            spell_days=float(values["appraisal.days_inside_spell_price"]),
        )
        events = find_events(life.trace, period.horizon)
        paired = np.zeros((len(found), len(EVENTS), len(CLASSES) + 1), np.int64)
        for k, before in enumerate(found):
            for e, kind in enumerate(EVENTS):
                paired[k, e] = list(classify(before[kind], events[kind]).values())
        found.append(events)
        kept.append(
            Kept(
                yearly=_measures(counted.events, counted.seconds, (1, 2)),
                wards=_measures(counted.events, counted.seconds, (0, 2)),
                ages=_measures(counted.events, counted.seconds, (0, 1)),
                tenures=counted.tenures,
                monthly=counted.monthly.sum(axis=1),
                ward_caseload=counted.monthly[..., MONTHLY.index("caseload")],
                flows=counted.flows,
                waits=_wait_summary(counted.waits),
                paired=paired,
                checks=unaccounted(life, counted, period.horizon),
                rows=len(life.trace),
                seconds=life.seconds,
                priced=years_of_months(priced),
                priced_monthly=priced.sum(axis=1),
            )
        )
    return kept


def post_years(scenario: Scenario, period: Period) -> list[float]:
    """Coordinator post-years paid for in each financial year: from the post's own first day, recruitment included."""
    paid = []
    for begins, ends in zip(period.year_starts[:-1], period.year_starts[1:], strict=True):
        total = 0.0
        for post in scenario.posts:
            until = ends if post.ends is None else period.seconds(post.ends)
            total += post.posts * max(0, min(until, ends) - max(period.seconds(post.starts), begins)) / (ends - begins)
        paid.append(total)
    return paid


@dataclass(frozen=True)
class Results:
    """The tables of one plan; see each property for its columns."""

    plan: Plan
    kept: list[list[Kept]]  # by future, then scenario

    def values(self, future: int) -> dict[str, Value]:
        """All parameter values of one future (from 1)."""
        return self.plan.values(future)

    def _long(
        self, part: Callable[[Kept], np.ndarray], keys: dict[str, list[str]], measures: tuple[str, ...]
    ) -> pd.DataFrame:
        """Long table of `part` with columns scenario, future, one key column, measure, value."""
        ((key, labels),) = keys.items()
        names = [scenario.name for scenario in self.plan.scenarios]
        n_scenarios, n_futures = len(names), len(self.kept)
        block = len(labels) * len(measures)
        data = np.stack([[part(f[k]) for f in self.kept] for k in range(n_scenarios)])
        return pd.DataFrame(
            {
                "scenario": np.repeat(names, n_futures * block),
                "future": np.tile(np.repeat(np.arange(1, n_futures + 1), block), n_scenarios),
                key: np.tile(np.repeat(labels, len(measures)), n_scenarios * n_futures),
                "measure": np.tile(measures, n_scenarios * n_futures * len(labels)),
                "value": data.reshape(-1),
            }
        )

    @property
    def yearly(self) -> pd.DataFrame:
        """Columns scenario, future, year, measure, value; counts and person-years of the whole city, and post-years."""
        posts = {sc.name: post_years(sc, self.plan.period) for sc in self.plan.scenarios}
        order = [sc.name for sc in self.plan.scenarios]
        long = self._long(lambda k: k.yearly, {"year": self.plan.period.year_labels}, MEASURES)
        years = self.plan.period.year_labels
        n = len(self.kept)
        paid = pd.DataFrame(
            {
                "scenario": np.repeat(order, n * len(years)),
                "future": np.tile(np.repeat(np.arange(1, n + 1), len(years)), len(order)),
                "year": np.tile(years, n * len(order)),
                "measure": "posts",
                "value": np.concatenate([np.tile(posts[name], n) for name in order]),
            }
        )
        return pd.concat([long, paid], ignore_index=True)

    @property
    def wards(self) -> pd.DataFrame:
        """Columns scenario, future, ward, measure, value; sums over the whole period."""
        return self._long(lambda k: k.wards, {"ward": self.plan.area.ward_names}, MEASURES)

    @property
    def ages(self) -> pd.DataFrame:
        """Columns scenario, future, age_band, measure, value; sums over the whole period."""
        return self._long(lambda k: k.ages, {"age_band": list(s.AGE_BANDS)}, MEASURES)

    @property
    def tenures(self) -> pd.DataFrame:
        """Columns scenario, future, tenure, measure, value; counts over the whole period, no person-years."""
        return self._long(lambda k: k.tenures, {"tenure": list(s.TENURES)}, COUNTS)

    @property
    def monthly(self) -> pd.DataFrame:
        """Columns scenario, future, month, measure, value; mean people in the month."""
        starts = np.array(self.plan.period.month_starts)
        length = np.diff(starts)[:, None]
        return self._long(lambda k: k.monthly / length, {"month": self.month_labels}, MONTHLY)

    @property
    def ward_months(self) -> pd.DataFrame:
        """Columns scenario, future, month, ward, people: mean people on caseloads in the month, ward by ward."""
        length = np.diff(np.array(self.plan.period.month_starts))[:, None]
        long = self._long(
            lambda k: k.ward_caseload / length, {"month": self.month_labels}, tuple(self.plan.area.ward_names)
        )
        return long.rename(columns={"measure": "ward", "value": "people"})

    @property
    def month_labels(self) -> list[str]:
        """Months of the period as 2019-04."""
        first = self.plan.period.starts
        months = range(first.month - 1, first.month - 1 + 12 * self.plan.period.years)
        return [f"{first.year + m // 12}-{m % 12 + 1:02d}" for m in months]

    @property
    def flows(self) -> pd.DataFrame:
        """Columns scenario, future, month, from_stage, to_stage, people; rows with nobody are left out."""
        frames = []
        for k, scenario in enumerate(self.plan.scenarios):
            flows = np.stack([future[k].flows for future in self.kept])
            future, month, left, entered = np.nonzero(flows)
            frames.append(
                pd.DataFrame(
                    {
                        "scenario": labelled([scenario.name], np.zeros(len(future), np.int64)),
                        "future": future + 1,
                        "month": labelled(self.month_labels, month),
                        "from_stage": labelled(s.STAGES, left),
                        "to_stage": labelled(s.STAGES, entered),
                        "people": flows[future, month, left, entered],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    @property
    def waits(self) -> pd.DataFrame:
        """Columns scenario, future, kind, n, p50_days, p90_days, share_waited; places that were granted."""
        rows = [
            (scenario.name, f, s.KINDS[kind], *future[k].waits[w])
            for k, scenario in enumerate(self.plan.scenarios)
            for f, future in enumerate(self.kept, start=1)
            for w, kind in enumerate(_WAIT_KINDS)
        ]
        columns = ["scenario", "future", "kind", "n", "p50_days", "p90_days", "share_waited"]
        return pd.DataFrame(rows, columns=columns).astype({"n": int})

    @property
    def paired(self) -> pd.DataFrame:
        """Columns scenario, comparator, future, event, one per class, difference; every scenario with all before it."""
        rows = [
            (scenario.name, self.plan.scenarios[c].name, f, event, *future[k].paired[c, e].tolist())
            for k, scenario in enumerate(self.plan.scenarios)
            for c in range(k)
            for f, future in enumerate(self.kept, start=1)
            for e, event in enumerate(EVENTS)
        ]
        return pd.DataFrame(rows, columns=["scenario", "comparator", "future", "event", *CLASSES, "difference"])

    @property
    def quantities(self) -> pd.DataFrame:
        """What is priced, one column per measure of `PRICED` in whole events and person-seconds.

        Columns scenario, future, year, ward, then the measures.
        """
        keys = {"year": self.plan.period.year_labels, "ward": self.plan.area.ward_names}
        return self._priced(lambda k: k.priced, keys)

    @property
    def quantities_monthly(self) -> pd.DataFrame:
        """As `quantities`, over all wards: columns scenario, future, month, then the measures."""
        return self._priced(lambda k: k.priced_monthly, {"month": self.month_labels})

    def _priced(self, part: Callable[[Kept], np.ndarray], keys: dict[str, list[str]]) -> pd.DataFrame:
        """Whole numbers with one row for each scenario, future and combination of keys."""
        axes: dict[str, list[str] | list[int]] = {
            "scenario": [scenario.name for scenario in self.plan.scenarios],
            "future": list(range(1, len(self.kept) + 1)),
            **keys,
        }
        data = np.stack([[part(f[k]) for f in self.kept] for k in range(len(self.plan.scenarios))])
        index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
        return pd.DataFrame(data.reshape(-1, len(PRICED)), index=index, columns=list(PRICED)).reset_index()

    @property
    def records(self) -> pd.DataFrame:
        """Columns scenario, future, rows of the trace, seconds of work (the only column that is not reproducible)."""
        rows = [
            (scenario.name, f, future[k].rows, future[k].seconds)
            for k, scenario in enumerate(self.plan.scenarios)
            for f, future in enumerate(self.kept, start=1)
        ]
        return pd.DataFrame(rows, columns=["scenario", "future", "rows", "seconds_of_work"])

    @property
    def checks(self) -> pd.DataFrame:
        """Columns check, passed, observed, expected, tolerance, level: what every run is held to.

        A run with a check that did not pass is kept and marked, and must not be used.
        """
        people = [abs(int(k.checks[0])) for future in self.kept for k in future]
        seconds = [abs(int(k.checks[1])) for future in self.kept for k in future]
        pairs = [
            abs(int(row[4] - row[0] - row[-1])) for future in self.kept for k in future for p in k.paired for row in p
        ]
        found = {
            "people are conserved": max(people),
            "person-seconds are conserved": max(seconds),
            "paired differences add up to the difference of totals": max(pairs, default=0),
        }
        return pd.DataFrame(
            [(name, worst == 0, worst, 0, 0, "exact") for name, worst in found.items()],
            columns=["check", "passed", "observed", "expected", "tolerance", "level"],
        )


class Keeper(Protocol):
    """What saves blocks as they are finished."""

    def save(self, block: Block, kept: Sequence[list[Kept]]) -> None:
        """Save some futures."""


def run(
    plan: Plan,
    *,
    jobs: int = 0,
    backend: Backend | None = None,
    progress: Callable[[int, int], None] | None = None,
    already: Mapping[int, list[Kept]] | None = None,
    keeper: Keeper | None = None,
    stop: Stop | None = None,
) -> Results:
    """Live every future of a plan under every scenario and keep its tables.

    Parameters
    ----------
    jobs
        Processes; 0 uses every usable core. The tables do not depend on it.
    backend
        What runs the blocks, from `lacsim.runs.backends.backend_for`; processes of this computer if not given.
    progress
        Called with (futures done, futures in all).
    already
        Futures by number that need not be lived again.
    keeper
        Saves each block as it is finished.
    stop
        When asked to stop, blocks under way are finished and saved, then `Stopped` is raised.

    Raises
    ------
    FuturesError
        With the futures that failed, after all others are finished and saved.
    """
    kept = dict(already or {})
    missing = [number for number in range(1, plan.futures + 1) if number not in kept]
    failed: list[Failure] = []
    workers = backend or backend_for(jobs, len(missing))
    blocks = blocks_of(missing, seconds_per_future(plan), workers.n_workers)
    for block, result in run_blocks(live_block, plan, blocks, workers, stop=stop):
        lives: Sequence[list[Kept] | Failure]
        lives = [Failure(n, _KILLED) for n in block] if isinstance(result, Lost) else result
        done = {n: life for n, life in zip(block, lives, strict=True) if isinstance(life, list)}
        failed += [life for life in lives if isinstance(life, Failure)]
        kept.update(done)
        if keeper and done:
            keeper.save(list(done), list(done.values()))
        if progress:
            progress(len(kept), plan.futures)
    if failed:
        raise _failures(sorted(failed, key=lambda f: f.number), len(kept), plan)
    return Results(plan, [kept[number] for number in range(1, plan.futures + 1)])


@dataclass(frozen=True)
class Failure:
    """A future that ended with an error of ours."""

    number: int
    reason: str
    details: str = ""


_MOST_NAMED = 5
_KILLED = "its process was killed, perhaps for want of memory"


def _failures(failed: list[Failure], n_kept: int, plan: Plan) -> FuturesError:
    """Which futures failed and why, in one message."""
    named = ", ".join(str(f.number) for f in failed[:_MOST_NAMED])
    more = f" and {len(failed) - _MOST_NAMED:,} more" if len(failed) > _MOST_NAMED else ""
    n = len(plan.scenarios)
    error = FuturesError(
        f"future{'s' if len(failed) > 1 else ''} {named}{more} of {plan.futures:,} failed ({failed[0].reason}). "
        f"{n_kept * n:,} of {plan.futures * n:,} runs are done; the same command tries the others again."
    )
    error.details = "\n".join(f"future {f.number}: {f.details or f.reason}" for f in failed)
    return error


# Seconds of one core for one resident in one year of one scenario, for the size of blocks and a first estimate; on a
# quiet machine half of that was measured for the compiled engine.
SECONDS_PER_RESIDENT_YEAR = {"compiled": 5e-7, "simpy": 3e-4}


def seconds_per_future(plan: Plan) -> float:
    """Roughly how long one future takes on one core."""
    return plan.n_residents * plan.period.years * len(plan.scenarios) * SECONDS_PER_RESIDENT_YEAR[plan.engine]


def live_block(plan: Plan, block: Block) -> list[list[Kept] | Failure]:
    """The unit of work that is sent to a process: what is kept of some futures, in their order.

    A future that fails does not take the others with it; what the model refuses ends the run.
    """
    lives: list[list[Kept] | Failure] = []
    for number in block:
        try:
            lives.append(run_future(plan, number, keep))
        except LacsimError:
            raise
        except Exception as why:
            lives.append(Failure(number, f"{type(why).__name__}: {why}", traceback.format_exc()))
    return lives
