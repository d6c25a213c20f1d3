"""Three simulated lives, each with and without coordination: picked from one future by a rule, not by hand.

The future is the one nearest to the middle of the run. Of everyone who gets a coordinator's place in it within the
first three years and whose life then takes another course, three are picked: nearest to the middle of what their
services cost less, to the 95th and to the 5th percentile. The same rule finds the same people again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim import economics
from lacsim.economics.accounts import counts_of
from lacsim.economics.pricing import Money, amount_in_pence
from lacsim.economics.programme import years_of
from lacsim.economics.summary import PROGRAMME, PUBLIC_PURSE
from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED
from lacsim.results.compare import lives as without_programme
from lacsim.results.quantities import quantities
from lacsim.runs.experiment import Lived, live, make_future

if TYPE_CHECKING:
    from lacsim.report.api import Run
    from lacsim.runs.plan import Plan

COLUMNS: Final = ["person", "arm", "state", "start_month", "end_month", "cost_gbp"]
PICKS: Final = {"near the middle": 0.5, "a good one": 0.95, "no benefit or harm": 0.05}
_MONTH: Final = s.YEAR / 12.0
_FIRST: Final = 3 * s.YEAR


@dataclass(frozen=True)
class Life:
    """One person of one future, lived twice.

    Attributes
    ----------
    person
        Number of the resident.
    pick
        Which of `PICKS` this is.
    who
        Age on the first day, need group and ward in words.
    without_gbp, with_gbp
        What services cost the public purse over the period, undiscounted; the coordinator's time is not in it.
    """

    person: int
    pick: str
    who: str
    without_gbp: float
    with_gbp: float

    @property
    def saving_gbp(self) -> float:
        """Services cost so much less with coordination."""
        return self.without_gbp - self.with_gbp


@dataclass(frozen=True)
class Lives:
    """Three lives of one future, and how many they stand for.

    Attributes
    ----------
    future
        Number of the future.
    lives
        In the order of `PICKS`.
    stays
        Columns person, arm (`with`, `without`), state, start_month, end_month, cost_gbp (of the whole arm, on its first
        row).
    supported, changed
        People who got a place in the first three years, and those of them whose life took another course.
    """

    future: int
    lives: tuple[Life, ...]
    stays: pd.DataFrame
    supported: int
    changed: int


def middle_future(run: Run) -> int:
    """Number of the future whose saving is nearest to the middle figure."""
    net = run.differences["public_purse_saving_gbp"].to_numpy(float)
    nearest = int(np.argmin(np.abs(net - np.median(net))))
    return int(run.differences["future"].iloc[nearest])


def person_costs(plan: Plan, lived: Lived, people: np.ndarray, future: int) -> np.ndarray:
    """Cost of services to the public purse of each of some people over the period, undiscounted pounds.

    The counts come from the same pass over the trace as the ledger's, with people in the place of wards.
    """
    rows = lived.trace[np.isin(lived.trace["resident"], people)].copy()
    rows["resident"] = np.searchsorted(people, rows["resident"])
    values, period = plan.values(future), plan.period
    counted = quantities(
        rows,
        lived.start[people],
        period_starts=period.year_starts,
        group=np.arange(len(people)),
        n_groups=len(people),
        short_stay_days=float(values["appraisal.short_stay_days"]),
        spell_days=float(values["appraisal.days_inside_spell_price"]),
    )
    items = tuple(item for item in economics.ITEMS if item.group not in (PROGRAMME, "value_to_people"))
    pence = np.zeros(len(people), np.int64)
    for priced in Money(plan, [values], years_of(period), items).priced:
        if priced.part.line in PUBLIC_PURSE:
            amounts = amount_in_pence(
                counts_of(priced.item, counted), priced.unit_cost[0][:, np.newaxis], priced.item.per_unit
            )
            pence += amounts.sum(axis=0)
    return np.asarray(pence / 100.0)


def stays_of(lived: Lived, person: int, horizon: int) -> list[tuple[str, float, float]]:
    """Stages of one resident in months from the start: state, start, end; short ones are kept."""
    rows = lived.trace[(lived.trace["resident"] == person) & (lived.trace["left"] != lived.trace["entered"])]
    state, since, found = int(lived.start["stage"][person]), 0, []
    for row in rows:
        at = int(row["seconds"])
        if int(row["entered"]) != state:
            if at > since:
                found.append((s.STAGES[state], since / _MONTH, at / _MONTH))
            state, since = int(row["entered"]), at
    if horizon > since:
        found.append((s.STAGES[state], since / _MONTH, horizon / _MONTH))
    return found


def _changed(with_it: Lived, without: Lived, people: np.ndarray) -> np.ndarray:
    """Those of some people whose lives differ once the programme's own rows are left out."""
    one, other = (without_programme(lived.trace) for lived in (with_it, without))
    keep = []
    for trace in (one, other):
        rows = trace[(trace["what"] == HAPPENED) & np.isin(trace["resident"], people)]
        keep.append(rows[np.argsort(rows["resident"], kind="stable")])
    first, second = keep
    differs = []
    for person in people:
        a = first[slice(*np.searchsorted(first["resident"], [person, person + 1]))]
        b = second[slice(*np.searchsorted(second["resident"], [person, person + 1]))]
        same = len(a) == len(b) and np.array_equal(a[["seconds", "cause"]], b[["seconds", "cause"]])
        differs.append(not same)
    return np.asarray(people[np.array(differs, bool)])


def find_lives(run: Run) -> Lives | None:
    """Three lives of the run's last scenario against its first; None with one scenario or nobody supported."""
    return None if run.pair is None else lives_in(run.plan, middle_future(run))


def lives_in(plan: Plan, number: int) -> Lives | None:
    """Three lives of one future, which is lived again; None with one scenario or nobody supported."""
    if len(plan.scenarios) < 2 or not plan.scenarios[-1].posts:
        return None
    horizon = plan.period.horizon
    future = make_future(plan, number)
    without, with_it = (live(future, scenario) for scenario in (plan.scenarios[0], plan.scenarios[-1]))
    granted = with_it.trace[
        (with_it.trace["what"] == GRANTED)
        & (with_it.trace["cause"] == s.CASELOAD)
        & (with_it.trace["seconds"] < _FIRST)
    ]
    supported = np.unique(granted["resident"])
    supported = supported[with_it.start["stage"][supported] < s.DIED]
    people = _changed(with_it, without, supported)
    if len(people) < len(PICKS):
        return None
    costs = [person_costs(plan, lived, people, number) for lived in (without, with_it)]
    saved = costs[0] - costs[1]
    taken: list[int] = []
    lives, rows = [], []
    for pick, share in PICKS.items():
        order = np.argsort(np.abs(saved - np.quantile(saved, share)), kind="stable")
        k = next(int(i) for i in order if int(i) not in taken)
        taken.append(k)
        person = int(people[k])
        life = Life(person, pick, _who(plan, with_it, person), float(costs[0][k]), float(costs[1][k]))
        lives.append(life)
        for arm, lived, cost in (("with", with_it, life.with_gbp), ("without", without, life.without_gbp)):
            for n, (state, begins, ends) in enumerate(stays_of(lived, person, horizon)):
                rows.append((person, arm, state, begins, ends, cost if n == 0 else np.nan))
    return Lives(number, tuple(lives), pd.DataFrame(rows, columns=COLUMNS), len(supported), len(people))


def _who(plan: Plan, lived: Lived, person: int) -> str:
    """Who a person is on the first day."""
    start = lived.start[person]
    need = s.NEEDS[int(start["need"])].replace("_", " ")
    return f"aged {-int(start['born']) / s.YEAR:.0f}, {need}, {plan.area.ward_names[int(start['ward'])]}"
