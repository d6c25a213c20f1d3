"""The model next to what was published: the city without coordinators, its people over time, and the team's history.

Every adult lives, with central values, several times over; each figure is shown with the range in which the model may
lie and whether it does. Figures used in a fit are marked and never count as confirmation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lacsim.calibration.city import City
from lacsim.calibration.history import programme_from
from lacsim.calibration.programme import COUNTS, Programme, printed
from lacsim.calibration.simulator import city_of
from lacsim.calibration.targets import TARGETS, Z95, published
from lacsim.model.stages import AGE_BANDS
from lacsim.parameters import Parameters, params
from lacsim.parameters.distributions import ppf
from lacsim.parameters.fitted import read_block
from lacsim.runs.backends import map_futures
from lacsim.runs.experiment import Future, Lived, run_future
from lacsim.runs.plan import DEFAULT_SEED, Plan, central_plan
from lacsim.runs.scenario import forecast, history

YEARS: Final = 6  # long enough for admissions five years on
N_STAGES: Final = 6  # stages of the living, first among the tally's times
JUDGEMENT: Final = 0.15  # log error allowed where no range is printed
COLUMNS: Final = (
    "group", "target", "unit", "low", "published", "high", "grade", "model", "draws", "ratio", "within", "use",
    "range_from", "source", "note",
)  # fmt: skip
POPULATION: Final = "population path"
COORDINATION: Final = "coordination 2012 to 2019"


class _Past(NamedTuple):
    adults: np.ndarray  # mean adults by year and age band, shape (n_years, 6), nobody coordinated
    programme: Programme


def _city(plan: Plan, number: int) -> list[float]:
    def reduce(future: Future, lives: Iterator[Lived]) -> list[float]:
        city: City = city_of(next(lives), future.plan.area, future.plan.period, np.full(6, future.plan.scale))
        return [target.measure(city) for target in TARGETS]

    return run_future(plan, number, reduce)


def _past(plan: Plan, number: int) -> _Past:
    def reduce(future: Future, lives: Iterator[Lived]) -> _Past:
        plan, scale = future.plan, np.full(6, future.plan.scale)
        alive = city_of(next(lives), plan.area, plan.period, scale).by_year[:, :, :N_STAGES].sum(axis=2)
        return _Past(alive, programme_from(plan, next(lives), plan.scale))

    return run_future(plan, number, reduce)


def _row(
    group: str, name: str, unit: str, ends: tuple[float, float, float], model: float, words: dict[str, str]
) -> Any:
    low, central, high = ends
    ratio = model / central
    within = bool(low <= model <= high)
    return {
        "group": group, "target": name, "unit": unit, "low": low, "published": central, "high": high,
        "grade": words["grade"], "model": model, "draws": math.nan, "ratio": ratio, "within": within,
        "use": words["use"], "range_from": words["range_from"], "source": words["source"],
        "note": words.get("note", ""),
    }  # fmt: skip


def _target_rows(models: np.ndarray) -> list[Any]:
    """Rows of the city without coordinators; the range is 9 in 10 of the error allowed, with the Derby factor's own."""
    p = params(fitted=False)
    rows = []
    for target, model in zip(TARGETS, models, strict=True):
        figure = published(target)
        spread, origin = target.spread, "allowed by the fit"
        if spread is None:
            printed_range = figure["low"] < figure["high"]
            spread = math.log(figure["high"] / figure["low"]) / (2 * Z95) if printed_range else JUDGEMENT
            origin = "as printed" if printed_range else "our judgement"
        for factor in target.factor:
            claim = p.claim(factor)
            ends = np.log(ppf(claim.spread, float(claim.value), np.array([0.05, 0.95])))
            spread = math.hypot(spread, float(ends[1] - ends[0]) / (2 * Z95))
        central = float(figure["central"])
        ends3 = (central * math.exp(-Z95 * spread), central, central * math.exp(Z95 * spread))
        use = "fitted" if target.spread is not None else "looked at"
        words = {"grade": figure["grade"], "use": use, "range_from": f"{origin}: {target.why}"}
        words |= {"source": figure["source_or_basis"], "note": target.note}
        rows.append(_row(target.group, target.name, target.unit, ends3, float(model), words))
    return rows


def _population_rows(adults: np.ndarray, plan: Plan) -> list[Any]:
    """Adults by age in 2017/18, and all in 2018/19, beside the estimates for mid-2017 and mid-2018."""
    wards = plan.area.wards
    columns = ("a18_29_2017", "a30_44_2017", "a45_64_2017", "a65_74_2017", "a75_84_2017", "a85p_2017")
    words = {"grade": "A", "use": "looked at", "range_from": "our judgement: migration by age is recalled"}
    words |= {"source": "ONS mid-year estimates by ward", "note": "the history starts from the census of 2011"}
    rows = []
    for k, (band, column) in enumerate(zip(AGE_BANDS, columns, strict=True)):
        count = float(wards[column].sum())
        ends = (count * math.exp(-0.1), count, count * math.exp(0.1))
        rows.append(_row(POPULATION, f"aged {band}, 2017/18", "adults", ends, float(adults[5, k]), words))
    middle = 0.5 * float(wards["adults18p_2017"].sum() + wards["adults18p_2019"].sum())
    ends = (middle * math.exp(-0.03), middle, middle * math.exp(0.03))
    rows.append(_row(POPULATION, "all adults, 2018/19", "adults", ends, float(adults[6].sum()), words))
    return rows


def _count_rows(programmes: list[Programme]) -> list[Any]:
    """Rows of the team's history."""
    rows = []
    for count in COUNTS:
        figure, spread = printed(count), count.spread or JUDGEMENT
        ends = (figure * math.exp(-Z95 * spread), figure, figure * math.exp(Z95 * spread))
        words = {"grade": "C", "use": "fitted" if count.spread else "looked at", "range_from": count.why}
        words |= {"source": f"council paper of 5 February 2019: {count.claim}", "note": count.note}
        model = float(np.mean([count.measure(p) for p in programmes]))
        rows.append(_row(COORDINATION, count.name, count.unit, ends, model, words))
    return rows


def compare(
    parameters: Parameters | None = None,
    *,
    replications: int = 2,
    seed: int = DEFAULT_SEED,
    jobs: int = 0,
    residents: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Model next to every published figure, one row each.

    Parameters
    ----------
    parameters
        Central values are read; the default set if not given.
    replications
        Repeats over which the model's measures are averaged, of the city and of the history.
    residents
        Adults on the first day; all of them if not given.

    Returns
    -------
        Columns `COLUMNS`: low and high are the range in which the model may lie (9 in 10 of the error allowed),
        draws is the geometric mean over the stored fit's draws (missing if the figure was not fitted), ratio is model
        over published, use says whether the figure was fitted or only looked at.
    """
    chosen = parameters or params()
    city_plan = central_plan(
        ["no-lac"], chosen, replications=replications, seed=seed, period=forecast(YEARS), residents=residents
    )
    past_plan = central_plan(
        ["no-lac", "history"], chosen, replications=replications, seed=seed, period=history(), residents=residents
    )
    models = map_futures(partial(_city, city_plan), replications, jobs=jobs, progress=progress)
    pasts = map_futures(partial(_past, past_plan), replications, jobs=jobs)
    adults = np.mean([past.adults for past in pasts], axis=0)
    rows = _target_rows(np.mean(models, axis=0)) + _population_rows(adults, past_plan)
    rows += _count_rows([past.programme for past in pasts])
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["draws"] = (table["group"] + ": " + table["target"]).map(_in_the_draws())
    return table


def _in_the_draws() -> dict[str, float]:
    """What the draws of the stored fits have in the middle, by group and target: all numbers moved together."""
    found = {}
    for block, before in (("natural_history", ""), ("coordination", f"{COORDINATION}: ")):
        about = read_block(block).about
        found.update({before + str(figure["name"]): float(figure["fitted"]) for figure in about["figures"]})
    return found


def outside(table: pd.DataFrame) -> list[str]:
    """A sentence for every figure the model misses, with what the record says about it."""
    said = []
    for row in table.loc[~table["within"]].itertuples(index=False):
        way = "above" if float(str(row.ratio)) > 1.0 else "below"
        reason = str(row.note or row.range_from)
        where = f"{way} {row.low:,.4g} to {row.high:,.4g}"
        drawn = float(str(row.draws))
        if not math.isnan(drawn):
            where += f" (the fit's draws, which move all numbers together: {drawn:,.4g})"
        said.append(f"{row.group}, {row.target}: {row.model:,.4g} {row.unit}, {where}; {reason}.")
    return said
