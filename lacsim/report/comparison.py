"""Two runs side by side: what was changed, and what moved.

Futures are paired when both runs share seed and number of futures, because future n then has the same luck in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pandas as pd

from lacsim.errors import ResultsError
from lacsim.report.narrative import pounds, spread_of

if TYPE_CHECKING:
    from lacsim.report.api import Run

MEASURES: Final = (
    ("public purse saving", "public_purse_saving_gbp", "£"),
    ("public cash saving", "public_cash_saving_gbp", "£"),
    ("cost of the programme", "programme_saving_gbp", "£"),
    ("time and places freed", "capacity_released_saving_gbp", "£"),
    ("value to people", "value_to_people_gain_gbp", "£"),
)
_PEOPLE: Final = (
    ("assessments", "assessments_people", "people"),
    ("bed days", "bed_days", "days"),
    ("care home entries, 65 and over", "residential_admissions_65plus", "people"),
    ("wait for a first conversation, middle", "wait_weeks_p50", "weeks"),
)


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs; the headline's pair must be in both.

    Parameters
    ----------
    before, after
        Runs; they need the same main pair of scenarios.
    """

    before: Run
    after: Run

    def __post_init__(self) -> None:
        """Refuse runs that answer different questions.

        Raises
        ------
        ResultsError
            If their main pairs of scenarios differ, or there is none.
        """
        if self.before.pair is None or self.before.pair != self.after.pair:
            raise ResultsError(
                f"compare: the runs answer different questions, {_named(self.before)} and {_named(self.after)}. "
                "Run the same two scenarios last in both."
            )

    @cached_property
    def changes(self) -> pd.DataFrame:
        """What was changed: name, before, after."""
        one, other = self.before.plan, self.after.plan
        rows = [(name, getattr(one, name), getattr(other, name)) for name in ("seed", "futures", "residents")]
        rows.append(("stance", one.parameters.stance, other.parameters.stance))
        rows.append(("financial years", one.period.years, other.period.years))
        old, new = one.parameters.values(), other.parameters.values()
        rows += [(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])]
        changed = [row for row in rows if row[1] != row[2]]
        return pd.DataFrame(changed, columns=["name", "before", "after"])

    @property
    def is_same_city(self) -> bool:
        """Whether both runs are of as many residents over the same years, so that amounts mean the same."""
        one, other = self.before.plan, self.after.plan
        return one.n_residents == other.n_residents and one.period == other.period and one.area.name == other.area.name

    @property
    def is_paired(self) -> bool:
        """Whether future n has the same luck in both runs."""
        one, other = self.before.plan, self.after.plan
        return one.seed == other.seed and one.futures == other.futures

    @property
    def has_same_draws(self) -> bool:
        """Whether every figure that is drawn in both runs was drawn alike, future by future."""
        one, other = self.before.plan.draws, self.after.plan.draws
        both = [name for name in one.names if name in other.names]
        if self.before.plan.futures != self.after.plan.futures:
            return False
        return all(
            old[name] == new[name]
            for old, new in ((one.row(k), other.row(k)) for k in range(self.before.plan.futures))
            for name in both
        )

    @property
    def sign_changes(self) -> int | None:
        """Futures whose answer turned from saving to costing or back; None when futures are not paired."""
        if not self.is_paired:
            return None
        old, new = (run.differences["public_purse_saving_gbp"].to_numpy(float) for run in (self.before, self.after))
        return int(((old > 0) != (new > 0)).sum())

    def table(self) -> pd.DataFrame:
        """Middle figures before and after: measure, unit, before, after, change; 9 in 10 futures beside each."""
        assert self.before.pair is not None
        runs = (self.before, self.after)
        scenario = self.before.pair[0]
        rows = []
        for measure, column, unit in MEASURES:
            sign = -1.0 if column == "programme_saving_gbp" else 1.0
            old, new = (sign * run.differences[column] for run in runs)
            rows.append(_row(measure, unit, old, new))
        for measure, column, unit in _PEOPLE:
            old, new = (run.futures.loc[run.futures["scenario"] == scenario, column] for run in runs)
            rows.append(_row(f"{measure}, {self.before.label(scenario)}", unit, old, new))
        return pd.DataFrame(rows)

    @property
    def sentence(self) -> str:
        """What was changed and what moved, in words."""
        n = len(self.changes)
        if n == 0:
            return "Nothing was changed, so nothing moved."
        what = f"You changed {n} figure{'' if n == 1 else 's'}."
        old, new = (
            spread_of(list(run.differences["public_purse_saving_gbp"])).p50 for run in (self.before, self.after)
        )
        move = new - old
        if round(move) == 0:
            moved = "The middle saving did not move"
        else:
            moved = f"The middle saving {'rose' if move > 0 else 'fell'} {pounds(abs(move))}"
        if not self.is_same_city:
            return f"{what} The runs are of other residents or years, so their amounts cannot be set side by side."
        turned = self.sign_changes
        if turned is None:
            return f"{what} {moved}; futures cannot be paired because seed or number of futures differ."
        note = "" if self.has_same_draws else " Other figures were drawn afresh, so some of this is chance."
        count = f"{turned:,}" if turned else "no"
        return f"{what} {moved}; {count} future{'s' if turned > 1 else ''} changed sign.{note}"


def _named(run: Run) -> str:
    """The question of a run, for a message."""
    if run.pair is None:
        return f"'{run.plan.scenarios[-1].name} alone'"
    return f"'{run.pair[0]} against {run.pair[1]}'"


def _row(measure: str, unit: str, before: pd.Series, after: pd.Series) -> dict[str, object]:
    """One line of the table."""
    old, new = spread_of(before.tolist()), spread_of(after.tolist())
    return {
        "measure": measure,
        "unit": unit,
        "before": old.p50,
        "after": new.p50,
        "change": new.p50 - old.p50,
        "before_p05": old.p05,
        "before_p95": old.p95,
        "after_p05": new.p05,
        "after_p95": new.p95,
    }
