"""C07, Better Care Fund measures: what coordination changes in each of them, or that it is not modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim import evidence
from lacsim.model.stages import DAY, YEAR
from lacsim.report.charts.frame import Chart, empty_chart, footer_of, look, place_and_period, records
from lacsim.report.narrative import MINUS, SAVES_ABOVE, at_least_in, spread_of
from lacsim.report.style import FOCUS_GREY, GREY, INK, bare, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c07_better_care_fund"
COLUMNS = ["measure", "unit", "scenario", "change_p05", "change_p50", "change_p95", "modelled"]
_OLDER: Final = ("65-74", "75-84", "85+")
_STAGES: Final = ("community", "short_term", "coordination", "assessment", "hospital", "residential")
_DAYS: Final = YEAR / DAY


def values(run: Run, key: str) -> pd.Series:
    """A measure in each scenario and future, by the key of the table `bcf_measures`.

    Rates are per 100,000 residents aged 65 and over a year; `discharge_delay` is days a stay.
    """
    keys = ["scenario", "future"]
    if key == "discharge_delay":
        total = run.yearly.groupby([*keys, "measure"], sort=False)["value"].sum().unstack("measure")  # noqa: PD010
        stays = total["admissions"].clip(lower=1.0)
        return total["delayed_in_hospital"] * _DAYS / stays
    older = run.ages[run.ages["age_band"].isin(_OLDER)]
    total = older.groupby([*keys, "measure"], sort=False)["value"].sum().unstack("measure")  # noqa: PD010
    measure = {"emergency_admissions_65plus": "admissions", "residential_admissions_65plus": "care_home_entries"}[key]
    return 1e5 * total[measure] / total[list(_STAGES)].sum(axis=1)


def rows_of(run: Run) -> pd.DataFrame:
    """Expected change of each measure against the first scenario, with its range; empty where it is not modelled."""
    rows = []
    first = run.plan.scenarios[0].name
    for entry in records(evidence.table("bcf_measures")):
        for scenario in run.plan.scenarios[1:]:
            if entry.modelled != "yes":
                rows.append((entry.name, entry.unit, scenario.name, np.nan, np.nan, np.nan, False))
                continue
            found = values(run, entry.key)
            change = spread_of((found.loc[scenario.name] - found.loc[first]).tolist())
            rows.append((entry.name, entry.unit, scenario.name, change.p05, change.p50, change.p95, True))
    return pd.DataFrame(rows, columns=COLUMNS)


def title_of(scenario: str, n: int, better: dict[str, int]) -> str:
    """The message: how many of the modelled measures improve in more than 60 of 100 futures."""
    if n == 0:
        return f"Not modelled: what {scenario} does to the Better Care Fund measures"
    improve = [k for k in better.values() if k / n > SAVES_ABOVE]
    if not improve:
        return f"{scenario} improves none of the {len(better)} fund measures it can be held to"
    how_many = "all" if len(improve) == len(better) else f"{len(improve)} of"
    return f"{scenario} improves {how_many} {len(better)} fund measures {at_least_in(improve, n)}"


_SEEN: Final = 0.0005  # a smaller change is printed as none, and is none


def _number(value: float) -> str:
    """A change with its sign, with decimals when it is small."""
    digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 3
    text = f"{value:+,.{digits}f}"
    return "no change" if not text.strip("+-0.,") else text.replace("-", MINUS)


def draw(run: Run) -> Chart:
    """Draw C07 for the last two scenarios against the first."""
    if run.pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        return empty_chart(run, NAME, title_of(label, 0, {}), f"{label} was run alone.", COLUMNS)
    rows = rows_of(run)
    main, first = run.plan.scenarios[-1].name, run.plan.scenarios[0].name
    table = evidence.table("bcf_measures")
    better = {}
    for entry in records(table[table["modelled"] == "yes"]):
        found = values(run, entry.key)
        change = found.loc[main] - found.loc[first]
        better[entry.name] = int((change < -_SEEN).sum())
    title = title_of(run.label(main), run.plan.futures, better)
    subtitle = f"Change against {run.label(first)}, {place_and_period(run)}; to the left is better"
    footer = footer_of(
        run,
        "Mark: middle figure; line: 9 in 10 futures. Definitions are near, not equal, to those of the fund, "
        "which change "
        "from year to year: confirm them against the planning requirements before quoting.",
        sources=("effects.", "hospital."),
        outcome=(
            values(run, "emergency_admissions_65plus").loc[main] - values(run, "emergency_admissions_65plus").loc[first]
        ).tolist(),
        outcome_words="The change in emergency admissions",
        counts_people=True,
    )
    names = [s.name for s in run.plan.scenarios[1:]][-2:]
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=0.0, right=0.0, top=0.1, bottom=0.1)
        each = height / len(table)
        for k, entry in enumerate(records(table)):
            base = y0 + height - (k + 1) * each
            words = figure.add_axes((x0, base, 0.36 * width, each))
            bare(words)
            words.text(0, 0.55, f"{entry.name}\n{wrap(entry.unit, 44)}", va="center", fontsize=11, linespacing=1.15)
            axes = figure.add_axes((x0 + 0.37 * width, base + 0.3 * each, 0.31 * width, 0.55 * each))
            if entry.modelled != "yes":
                bare(axes)
                axes.set_facecolor("white")
                axes.text(0.5, 0.5, "Not modelled", ha="center", va="center", fontsize=12, color=GREY)
                axes.plot([0, 1], [0.02, 0.02], color=FOCUS_GREY, lw=1)
                axes.set_xlim(0, 1)
                axes.set_ylim(0, 1)
                continue
            own = rows[rows["measure"] == entry.name]
            far = 1.15 * max(float(own[["change_p05", "change_p95"]].abs().to_numpy().max()), 1e-9)
            axes.set_xlim(-far, far)
            axes.set_ylim(len(names) - 0.5, -0.5)
            bare(axes)
            axes.axvline(0, color=INK, lw=1.2)
            told = []
            for j, name in enumerate(names):
                (row,) = records(own[own["scenario"] == name])
                shown = look(run, name)
                axes.plot([row.change_p05, row.change_p95], [j, j], color=shown.colour, lw=2)
                fill = shown.colour if j == len(names) - 1 else "white"
                axes.plot([row.change_p50], [j], shown.marker, color=shown.colour, mfc=fill, mew=1.8, markersize=8)
                told.append(f"{run.label(name)}: {_number(row.change_p50)}")
            figure.text(
                x0 + 0.71 * width, base + 0.575 * each, "\n".join(told), va="center", fontsize=11, linespacing=1.3
            )
    described = "; ".join(
        f"{r.measure}, {r.unit}: {_number(r.change_p50)} ({_number(r.change_p05)} to {_number(r.change_p95)})"
        for r in records(rows[(rows["scenario"] == main) & rows["modelled"]])
    )
    missing = ", ".join(table[table["modelled"] != "yes"]["name"])
    description = (
        f"One row for each Better Care Fund measure with the change under {run.label(main)} against "
        f"{run.label(first)}. {described}. Not modelled: {missing}."
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
