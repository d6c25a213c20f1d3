"""What common random numbers are worth on the real city: variances of the 17-v-10 difference under four kinds of luck.

Own luck (ours), one stream per activity (the field's habit), own luck thrown again after the first day for the second
scenario, and everything independent. Central parameter values, so that luck alone differs between pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.one_stream import stream_rules, with_streams
from benchmarks.page import table
from lacsim.economics import ledger, totals
from lacsim.model import compiled
from lacsim.parameters import params
from lacsim.results import study
from lacsim.runs.experiment import Future, Lived, live, make_future, start_of
from lacsim.runs.plan import Plan, central_plan
from lacsim.runs.scenario import Scenario

PAIR = ("wards-10", "wards-17")
OUTCOMES = ("public purse, £", "admissions", "care_home_entries", "deaths")
DEMANDS = {"public purse, £": 8.0, "admissions": 50.0, "deaths": 50.0}
_ELSEWHERE = 1_000_000  # added to the replication: luck that nothing else uses


@dataclass(frozen=True)
class Spread:
    """Outcomes of pairs under one kind of luck, shape (pairs, 2 scenarios, outcomes)."""

    outcomes: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """Second scenario minus the first, shape (pairs, outcomes)."""
        return np.asarray(self.outcomes[:, 1] - self.outcomes[:, 0])

    @property
    def variance(self) -> np.ndarray:
        """Variance of the difference, by outcome."""
        return np.asarray(self.difference.var(axis=0, ddof=1))

    @property
    def independent_variance(self) -> np.ndarray:
        """What it would be if the two scenarios shared nothing: the sum of their variances."""
        return np.asarray(self.outcomes.var(axis=0, ddof=1).sum(axis=0))


def _own(future: Future, scenario: Scenario) -> Lived:
    """Luck that belongs to the resident."""
    return live(future, scenario)


def _again(future: Future, scenario: Scenario) -> Lived:
    """The same residents on the first day, and new luck after it for the second scenario."""
    if scenario is future.plan.scenarios[1]:
        rates = future.rates.copy()
        rates["replication"] += np.uint64(_ELSEWHERE)
        future = replace(future, rates=rates)
    return live(future, scenario)


def _streams(future: Future, scenario: Scenario) -> Lived:
    """One stream per activity, from its beginning in each scenario."""
    world = replace(future.world(scenario), rates=with_streams(future.rates))
    start = start_of(world.people)
    return Lived(scenario, start, world, compiled.run(world, stream_rules_once()), 0.0)


_rules: list[object] = []


def stream_rules_once() -> object:
    """The streams' rule set, compiled once."""
    if not _rules:
        _rules.append(stream_rules())
    return _rules[0]


LUCKS = {"own luck": _own, "one stream per activity": _streams, "same residents, luck thrown again": _again}


def _outcomes(plan: Plan, kind: str) -> Spread:
    """Live every pair under one kind of luck and price it."""
    way = LUCKS[kind]

    def lives(future: Future) -> Iterator[Lived]:
        for scenario in plan.scenarios:
            yield way(future, scenario)

    kept = []
    for n in range(1, plan.futures + 1):
        future = make_future(plan, n)
        kept.append(study.keep(future, lives(future)))
    results = study.Results(plan, kept)
    found = np.empty((plan.futures, 2, len(OUTCOMES)))
    purse = totals(ledger(results)).set_index(["scenario", "future"])["public_purse_gbp"]
    for k, scenario in enumerate(plan.scenarios):
        found[:, k, 0] = purse[scenario.name].sort_index().to_numpy()
        for e, name in enumerate(OUTCOMES[1:], start=1):
            found[:, k, e] = [f[k].yearly[:, study.MEASURES.index(name)].sum() for f in kept]
    return Spread(found)


def _stance(stance: str, pairs: int, residents: int | None) -> str:
    """One table: how many times smaller the variance is with own luck."""
    plan = central_plan(PAIR, params(stance), replications=pairs, residents=residents)
    found = {kind: _outcomes(plan, kind) for kind in LUCKS}
    own = found["own luck"]
    rows, notes = [], []
    for e, name in enumerate(OUTCOMES):
        smallest = own.variance[e]
        if smallest == 0.0:
            rows.append([name, f"{own.difference[:, e].mean():,.0f}", "0", "", "", ""])
            notes.append(f"- {name}: the difference is the same number in every pair; no ratio can be given.")
            continue
        ratios = [
            own.independent_variance[e] / smallest,
            found["same residents, luck thrown again"].variance[e] / smallest,
            found["one stream per activity"].variance[e] / smallest,
        ]
        rows.append(
            [name, f"{own.difference[:, e].mean():,.0f}", f"{smallest**0.5:,.1f}", *(f"{r:,.1f}" for r in ratios)]
        )
        if name in DEMANDS:
            met = "met" if ratios[0] >= DEMANDS[name] else "**not met**"
            notes.append(
                f"- {name}: {ratios[0]:,.0f} times against independent luck (demanded ≥ {DEMANDS[name]:g}): {met}."
            )
    head = (
        "Outcome",
        "Mean difference",
        "Its standard deviation",
        "Independent",
        "Luck thrown again",
        "One stream per activity",
    )
    shared = _shared(plan)
    return "\n\n".join(
        [
            f"### Stance `{stance}`\n\n{pairs} pairs; the last three columns: variance of the difference under that luck over the "
            "variance under own luck.",
            table(head, rows),
            "\n".join(notes),
            shared,
        ]
    )


def _shared(plan: Plan) -> str:
    """How much of the lives the two scenarios share, for one pair: the reason for the ratios."""
    future = make_future(plan, 1)
    first, second = (live(future, scenario).trace for scenario in plan.scenarios)
    n = 1 + int(max(first["resident"].max(), second["resident"].max()))
    changed = np.zeros(n, bool)
    by_resident = []
    for trace in (first, second):
        order = np.argsort(trace["resident"], kind="stable")
        rows = trace[order]
        by_resident.append((rows, np.searchsorted(rows["resident"], np.arange(n + 1))))
    (a, starts_a), (b, starts_b) = by_resident
    lengths = np.diff(starts_a) != np.diff(starts_b)
    changed |= lengths
    same = np.nonzero(~lengths & (np.diff(starts_a) > 0))[0]
    for i in same:
        changed[i] = a[starts_a[i] : starts_a[i + 1]].tobytes() != b[starts_b[i] : starts_b[i + 1]].tobytes()
    lived = int((np.diff(starts_a) + np.diff(starts_b) > 0).sum())
    return (
        f"In the first pair {int(changed.sum()):,} of {lived:,} residents to whom anything happened ({changed.sum() / lived:.1%}) "
        "live differently in the two scenarios in any row; all others are the same bytes."
    )


_WHY = """\
## Common random numbers

The 17-v-10 difference over five years on all of Derby. *Independent*: another seed for each scenario, first day included. *Luck
thrown again*: the same residents on the first day, independent luck from then on. *One stream per activity*: the field's
habit, each risk and decision draws the next number of its own stream, seeded alike in both scenarios
(`benchmarks/one_stream.py`). A ratio of 50 means that 50 times fewer futures give the same precision. With 40 pairs the 95%
range of a ratio is about 0.53 to 1.9 times what is printed (F distribution with 39 and 39 degrees of freedom).

Why: a stream per activity is in step only until the first event that one scenario has and the other has not. In a city
that is the first day of the first new post; from then on every number of that stream goes to somebody else, and the two
scenarios are as good as independent after the first day. Own luck has no such moment: a life changes only where
coordination or a queue reaches it, and then only in the risks that are reached."""


def section(*, quick: bool) -> str:
    """The chapter on common random numbers."""
    pairs, residents = (4, 5_000) if quick else (40, None)
    return "\n\n".join([_WHY, *(_stance(stance, pairs, residents) for stance in ("reported", "controlled"))])
