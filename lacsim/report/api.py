"""The Python interface: run scenarios, read the answer and the tables, compare two runs.

A `Run` holds results and prices and makes everything else from them when asked. It simulates only in `run`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lacsim import economics
from lacsim.economics import sroi
from lacsim.economics.appraisal import financial_years, options
from lacsim.economics.payback import payback
from lacsim.errors import ResultsError
from lacsim.parameters import Parameters, params
from lacsim.parameters.checks import DEFAULT_STANCE, STANCES
from lacsim.report import charts, companions
from lacsim.report.companions import Companions
from lacsim.report.narrative import Answer, answer, not_modelled, part_sentence, short_label
from lacsim.results import study
from lacsim.runs.backends import backend_for
from lacsim.runs.plan import DEFAULT_SEED, Plan, make_plan
from lacsim.runs.scenario import DEFAULT, Scenario, forecast

if TYPE_CHECKING:
    from lacsim.report.comparison import Comparison
    from lacsim.report.lives import Lives
    from lacsim.report.style import ChartFigure
    from lacsim.results.study import Results

_DAYS, _WEEK = 365.25, 7.0
_OLDER = ("65-74", "75-84", "85+")


@dataclass(frozen=True)
class Run:
    """One finished run: its tables, its money, its charts and its answer.

    Attributes
    ----------
    results
        What happened, from `lacsim.results.study`.
    beside
        Smaller runs under the other stances and with other numbers of coordinators, if they were made.
    asked
        Tables that were asked for afterwards, by name: break-even, waterfall; see `lacsim.report.asked`.
    """

    results: Results
    beside: Companions = field(default_factory=Companions)
    asked: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """Everything that decided the result."""
        return self.results.plan

    def with_companions(
        self, *, teams: bool = True, jobs: int = 0, progress: Callable[[int, int], None] | None = None
    ) -> Run:
        """The same run with the smaller runs beside it that the report shows: other stances and, if asked, teams."""
        return Run(self.results, companions.make(self.plan, teams=teams, jobs=jobs, progress=progress))

    @cached_property
    def stances(self) -> dict[str, Run]:
        """The run and those beside it by stance, in the order controlled, reported, sceptical."""
        runs = {self.plan.parameters.stance: self}
        runs |= {found.plan.parameters.stance: Run(found) for found in self.beside.stances}
        return {stance: runs[stance] for stance in (DEFAULT_STANCE, *STANCES) if stance in runs}

    @cached_property
    def team(self) -> Run | None:
        """The last scenario with other numbers of coordinators, if it was run."""
        return Run(self.beside.team) if self.beside.team is not None else None

    @cached_property
    def lives(self) -> Lives | None:
        """Three simulated lives, with and without coordination; None when there is nothing to compare.

        One future is lived again for this, which takes about as long as one future of the run.
        """
        from lacsim.report.lives import find_lives

        return find_lives(self)

    # -- tables --------------------------------------------------------------------------------------------------

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Counts and person-years: scenario, future, year, measure, value."""
        return self.results.yearly

    @cached_property
    def wards(self) -> pd.DataFrame:
        """Sums over the period: scenario, future, ward, measure, value."""
        return self.results.wards

    @cached_property
    def ages(self) -> pd.DataFrame:
        """Sums over the period: scenario, future, age_band, measure, value."""
        return self.results.ages

    @cached_property
    def tenures(self) -> pd.DataFrame:
        """Counts over the period by how the home is held: scenario, future, tenure, measure, value."""
        return self.results.tenures

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Mean people in the month: scenario, future, month, measure, value."""
        return self.results.monthly

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Moves between stages: scenario, future, month, from_stage, to_stage, people."""
        return self.results.flows

    @cached_property
    def waits(self) -> pd.DataFrame:
        """Waits that ended with a place: scenario, future, kind, n, p50_days, p90_days, share_waited."""
        return self.results.waits

    @cached_property
    def paired(self) -> pd.DataFrame:
        """Events prevented, reduced, delayed, brought forward and added, each scenario with all before it."""
        return self.results.paired

    @cached_property
    def quantities(self) -> pd.DataFrame:
        """What is priced, in whole events and person-seconds: scenario, future, year, ward, one column each."""
        return self.results.quantities

    @cached_property
    def quantities_monthly(self) -> pd.DataFrame:
        """The same by month over all wards: scenario, future, month, one column each."""
        return self.results.quantities_monthly

    @cached_property
    def costs(self) -> pd.DataFrame:
        """The ledger: every amount with quantity, unit cost, payer, line and source."""
        return economics.ledger(self.results)

    @cached_property
    def psa(self) -> pd.DataFrame:
        """The parameters drawn, one row for each future, one column for each uncertain one, in its own unit."""
        table = pd.DataFrame(self.plan.draws.values, columns=list(self.plan.draws.names))
        table.insert(0, "future", range(1, self.plan.futures + 1))
        return table

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Totals of each scenario and future, and savings against the first scenario, discounted pounds."""
        return economics.summary(self.costs, self.plan)

    @cached_property
    def futures(self) -> pd.DataFrame:
        """One row per scenario and future; money is discounted and against the first scenario (a saving is positive).

        `net_gbp` is the public purse, `cash_gbp` and `freed_gbp` are services before `cost_gbp`, which is what the
        programme costs more; `social_gbp` is value to people and in none of them. Counts are over the whole period.
        """
        money = self.summary
        table = money[["scenario", "future"]].copy()
        table["draw"] = table["future"]
        table["comparator"] = self.plan.scenarios[0].name
        alone = len(self.plan.scenarios) == 1
        zero = pd.Series(0.0, index=money.index)
        saved = {c: zero if alone else money[c] for c in _SAVINGS}
        table["net_gbp"] = saved["public_purse_saving_gbp"]
        table["cash_gbp"] = saved["council_cash_saving_gbp"] + saved["nhs_cash_saving_gbp"]
        table["freed_gbp"] = saved["capacity_released_saving_gbp"]
        table["social_gbp"] = saved["value_to_people_gain_gbp"]
        table["cost_gbp"] = 0.0 - saved["programme_saving_gbp"]
        table["payback_month"] = self._payback_months()
        return self._with_people(table)

    def _payback_months(self) -> pd.Series[int]:
        """Month of payback of each row of `.futures` for the public purse; empty for the comparator and for never."""
        first, *others = [scenario.name for scenario in self.plan.scenarios]
        months = [payback(self.results, name, first)["payback_month"] for name in others]
        none = pd.Series([pd.NA] * self.plan.futures, dtype="Int64")
        return pd.concat([none, *months], ignore_index=True)

    # -- the appraisal -------------------------------------------------------------------------------------------

    @cached_property
    def appraisal(self) -> pd.DataFrame:
        """Net present value, ratios and certainty of each option; see `lacsim.economics.appraisal.options`."""
        return options(self.costs, self.plan)

    @cached_property
    def financial_years(self) -> pd.DataFrame:
        """What each option saves in each financial year, undiscounted, real and nominal, by part."""
        return financial_years(self.costs, self.plan)

    def payback(self, scenario: str, against: str) -> pd.DataFrame:
        """Payback month of every future, empty where it never pays back; see `lacsim.economics.payback`."""
        self.scenario(scenario), self.scenario(against)
        return payback(self.results, scenario, against)

    def value_map(self, scenario: str, against: str) -> pd.DataFrame:
        """Value map under the model's own and an analyst's counterfactual; see `lacsim.economics.sroi`."""
        self.scenario(scenario), self.scenario(against)
        return sroi.maps(self.results, self.costs, scenario, against)

    def social_return(self, scenario: str, against: str) -> pd.DataFrame:
        """Social return under both counterfactuals, and the deadweight at which it would be four to one."""
        self.scenario(scenario), self.scenario(against)
        return sroi.side_by_side(self.results, self.costs, scenario, against)

    def _with_people(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with counts of people and waits added."""
        keys = ["scenario", "future"]
        total = _wide(self.yearly, keys)
        older = _wide(self.ages[self.ages["age_band"].isin(_OLDER)], keys)
        waits = self.waits[self.waits["kind"] == "short_term_time"].set_index(keys)
        columns = {
            "introductions_people": total["introductions"],
            "long_term_people": total["caseload_starts"],
            "assessments_people": total["assessments"],
            "admissions_65plus": older["admissions"],
            "bed_days": total["hospital"] * _DAYS,
            "residential_admissions_65plus": older["care_home_entries"],
            "wait_weeks_p50": waits["p50_days"] / _WEEK,
            "wait_weeks_p90": waits["p90_days"] / _WEEK,
        }
        return table.merge(pd.DataFrame(columns).reset_index(), on=keys, how="left", sort=False)

    # -- the answer ----------------------------------------------------------------------------------------------

    def label(self, name: str) -> str:
        """How a scenario is named in a sentence."""
        return short_label(self.scenario(name))

    def scenario(self, name: str) -> Scenario:
        """A scenario of this run.

        Raises
        ------
        ResultsError
            If the run has no scenario of that name.
        """
        for scenario in self.plan.scenarios:
            if scenario.name == name:
                return scenario
        have = ", ".join(s.name for s in self.plan.scenarios)
        raise ResultsError(f"scenario '{name}' is not in this run, which has {have}. Run it, or choose one of these.")

    @property
    def pair(self) -> tuple[str, str] | None:
        """The pair the headline is about: the last scenario against the one before it; None when there is one."""
        names = [scenario.name for scenario in self.plan.scenarios]
        return (names[-1], names[-2]) if len(names) > 1 else None

    def savings(self, scenario: str, against: str) -> pd.DataFrame:
        """Comparator minus scenario, one row per future; columns of `lacsim.economics.savings`."""
        self.scenario(scenario), self.scenario(against)
        both = self.costs[self.costs["scenario"].isin([scenario, against])]
        return economics.savings(both, against, **economics.optimism_of(self.plan.parameters))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Savings of the headline's pair, one row per future; empty when there is nothing to compare with."""
        return pd.DataFrame() if self.pair is None else self.savings(*self.pair)

    @cached_property
    def answer(self) -> Answer:
        """The answer for the headline's pair, with range, caution and one sentence for each kind of money."""
        if self.pair is None:
            return not_modelled(self.label(self.plan.scenarios[-1].name))
        return self.answer_for(*self.pair)

    def answer_for(self, scenario: str, against: str) -> Answer:
        """The answer for any two scenarios of the run."""
        frame = self.differences if (scenario, against) == self.pair else self.savings(scenario, against)
        return answer(
            frame,
            self.label(scenario),
            self.label(against),
            years=self.plan.period.years,
            stance=self.plan.parameters.stance,
            part=part_sentence(self.plan.residents, self.plan.area.name),
        )

    @property
    def headline(self) -> str:
        """The one sentence."""
        return self.answer.headline

    # -- pictures and files --------------------------------------------------------------------------------------

    def chart(self, name: str) -> ChartFigure:
        """A chart by number or words, as c01, headline or c01_headline; `lacsim.report.charts.CHARTS` lists them."""
        return charts.draw(name, self).figure

    def save(self, folder: str | Path) -> Path:
        """Write charts, tables and report into a folder and return it."""
        from lacsim.report.page import save_run

        return save_run(self, Path(folder))

    def __repr__(self) -> str:
        """Headline and run, so that a notebook shows the answer."""
        return f"{self.headline}\n(lacsim run {self.plan.run_id}, {self.plan.futures} futures)"


_SAVINGS = (
    "public_purse_saving_gbp",
    "council_cash_saving_gbp",
    "nhs_cash_saving_gbp",
    "capacity_released_saving_gbp",
    "value_to_people_gain_gbp",
    "programme_saving_gbp",
)


def _wide(long: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sums over everything but the keys, one column per measure."""
    return long.groupby([*keys, "measure"], sort=False)["value"].sum().unstack("measure")  # noqa: PD010


def run(
    scenarios: Sequence[str] = DEFAULT,
    parameters: Parameters | None = None,
    *,
    futures: int = 20,
    seed: int = DEFAULT_SEED,
    engine: str = "compiled",
    stance: str | None = None,
    jobs: int = 0,
    cluster: str | None = None,
    years: int = 5,
    residents: int | None = None,
    area: str = "derby",
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Live every future under every scenario and price it.

    Parameters
    ----------
    scenarios
        Built-in names or TOML files; the first is what savings in `.futures` are against.
    parameters
        From `lacsim.params()`; the default stance if not given.
    futures
        Number of futures; fewer than 50 are for a look, not for quoting.
    seed
        Master seed; the same seed, scenarios and parameters give the same tables.
    engine
        `compiled`, or `simpy` for the readable reference (slow, same tables).
    stance
        Lays the parameters' overrides over another stance on the evidence.
    jobs
        Processes; 0 uses every usable core.
    cluster
        Address of a Dask scheduler, or `local`; see docs/cluster.md.
    years
        Financial years from April 2019.
    residents
        Adults on the first day; all of them if not given.
    area
        Whose wards: a folder of `lacsim/evidence/areas`.
    progress
        Called with (futures done, futures in all).
    """
    chosen = parameters if parameters is not None else params()
    if stance is not None:
        chosen = chosen.with_stance(stance)
    plan = make_plan(
        [scenarios] if isinstance(scenarios, str) else scenarios,
        chosen,
        futures=futures,
        seed=seed,
        period=forecast(years),
        engine=engine,
        residents=residents,
        area_name=area,
    )
    return Run(study.run(plan, backend=backend_for(jobs, futures, cluster), progress=progress))


def compare(before: Run, after: Run) -> Comparison:
    """What was changed between two runs, and what moved; see `Comparison.table` and `.sentence`."""
    from lacsim.report.comparison import Comparison

    return Comparison(before, after)
