"""C06, what is avoided: assessments, admissions, days and places, each scenario against the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.model.stages import DAY, YEAR
from lacsim.report.charts.frame import Chart, empty_chart, footer_of, look, place_and_period, records
from lacsim.report.narrative import MINUS, SAVES_ABOVE, at_least_in, people, spread_of
from lacsim.report.style import INK, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c06_avoided"
COLUMNS = ["measure", "unit", "scenario", "p05", "p50", "p95", "level_p50", "percent_p05", "percent_p50", "percent_p95"]
# What is counted, its measures in the results, the factor to the unit, the unit. Sorted by what it costs the public.
MEASURES: Final = (
    ("Care-home places in use", ("council_residential", "council_nursing"), 1.0, "places, council-paid"),
    ("Care packages at home", ("package_at_home",), 1.0, "people at a time"),
    ("Emergency admissions", ("admissions",), 1.0, "a year"),
    ("Hospital bed-days", ("hospital",), YEAR / DAY, "a year"),
    ("Care-home entries", ("care_home_entries",), 1.0, "a year"),
    ("Reablement episodes", ("reablement_episodes",), 1.0, "a year"),
    ("Formal assessments", ("assessments",), 1.0, "a year"),
    ("Delayed days in hospital", ("delayed_in_hospital",), YEAR / DAY, "a year"),
)
TITLE_MEASURES: Final = ("Emergency admissions", "Formal assessments", "Care-home entries")


def changes(run: Run) -> pd.DataFrame:
    """Change a year in each future: measure, unit, scenario, future, change, level (that of the first scenario)."""
    wide = run.yearly.groupby(["scenario", "future", "measure"], sort=False)["value"].sum().unstack("measure")  # noqa: PD010
    years, first = run.plan.period.years, run.plan.scenarios[0].name
    rows = []
    for name, measures, factor, unit in MEASURES:
        yearly = wide[list(measures)].sum(axis=1) * factor / years
        level = yearly.loc[first]
        for scenario in run.plan.scenarios[1:]:
            change = yearly.loc[scenario.name] - level
            rows += [(name, unit, scenario.name, f, change.loc[f], level.loc[f]) for f in level.index]
    return pd.DataFrame(rows, columns=["measure", "unit", "scenario", "future", "change", "level"])


def rows_of(found: pd.DataFrame) -> pd.DataFrame:
    """Ranges over futures: change a year in the unit, and in per cent of the first scenario's level."""
    rows = []
    for (measure, unit, scenario), group in found.groupby(["measure", "unit", "scenario"], sort=False):
        change = spread_of(group["change"].tolist())
        level = group["level"].to_numpy(float)
        share = np.divide(100.0 * group["change"].to_numpy(float), level, out=np.zeros(len(level)), where=level > 0)
        part = spread_of(share.tolist())
        middle = float(np.median(level))
        rows.append((measure, unit, scenario, change.p05, change.p50, change.p95, middle, part.p05, part.p50, part.p95))
    return pd.DataFrame(rows, columns=COLUMNS)


def title_of(scenario: str, n: int, fewer: dict[str, int]) -> str:
    """The message: of three events, which become fewer in more than 60 of 100 futures, and which more."""
    if n == 0:
        return f"Not modelled: what {scenario} avoids"
    found = {w.lower(): k for w, k in fewer.items() if k / n > SAVES_ABOVE}
    if not found:
        return f"{scenario} avoids no admissions, assessments or care-home entries"
    often = at_least_in([*found.values()], n)
    if len(found) == len(fewer):
        return f"{scenario}: fewer admissions, assessments, care-home entries {often}"
    rest = "; the rest do not fall" if len(found) == 1 else ""  # two and their frequency fill a title
    return f"{scenario}: fewer {' and '.join(found)} {often}{rest}"


def _signed(value: float) -> str:
    """A change with its sign."""
    whole = round(value)
    return "0" if whole == 0 else ("+" if whole > 0 else MINUS) + f"{abs(whole):,}"


def draw(run: Run) -> Chart:
    """Draw C06 for the last two scenarios against the first."""
    if run.pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        return empty_chart(run, NAME, title_of(label, 0, {}), f"{label} was run alone.", COLUMNS)
    found = changes(run)
    rows = rows_of(found)
    main, first = run.plan.scenarios[-1].name, run.label(run.plan.scenarios[0].name)
    mine = found[found["scenario"] == main]
    fewer = {m: int((mine[mine["measure"] == m]["change"] < 0).sum()) for m in TITLE_MEASURES}
    title = title_of(run.label(main), run.plan.futures, fewer)
    subtitle = f"Change a year against {first}, in per cent of its level, {place_and_period(run)}"
    footer = footer_of(
        run,
        "Mark: middle figure; line: 9 in 10 futures. The figures on the right are the change a year in the unit of the "
        "row. Rows stand in the order of what they cost the public.",
        sources=("effects.", "natural_history."),
        outcome=mine[mine["measure"] == "Emergency admissions"]["change"].tolist(),
        outcome_words="The change in emergency admissions",
        counts_people=True,
    )
    names = [s.name for s in run.plan.scenarios[1:]][-2:]
    order = [m[0] for m in MEASURES]
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=2.65, right=2.35, top=0.28, bottom=0.5))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        for k, measure in enumerate(order):
            for j, name in enumerate(names):
                (row,) = records(rows[(rows["measure"] == measure) & (rows["scenario"] == name)])
                y = k + (j - (len(names) - 1) / 2) * 0.34
                shown = look(run, name)
                axes.plot([row.percent_p05, row.percent_p95], [y, y], color=shown.colour, lw=2)
                fill = shown.colour if j else "white"
                axes.plot([row.percent_p50], [y], shown.marker, color=shown.colour, mfc=fill, markersize=8, mew=1.8)
                axes.text(
                    1.2 + 0.24 * j, k, _signed(row.p50), va="center", ha="right", fontsize=12,
                    transform=axes.get_yaxis_transform(),
                )  # fmt: skip
        axes.axvline(0, color=INK, lw=1.4)
        for j, name in enumerate(names):
            axes.text(
                1.2 + 0.24 * j, -0.62, run.label(name), ha="right", va="bottom", fontsize=12, fontweight="bold",
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.set_ylim(len(order) - 0.5, -0.6)
        units = {m[0]: m[3] for m in MEASURES}
        axes.set_yticks(range(len(order)), [f"{m}\n({units[m]})" for m in order], fontsize=10.5, linespacing=1.0)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}%".replace("-", MINUS))
        marks = " · ".join(
            f"{'□' if j == 0 and len(names) > 1 else '●'} {run.label(name)}" for j, name in enumerate(names)
        )
        axes.set_xlabel(f"{marks}; 0 is {first}, to the left is fewer")
    told = "; ".join(
        f"{r.measure.lower()} {_signed(r.p50)} ({_signed(r.p05)} to {_signed(r.p95)}) on {people(r.level_p50)}"
        for r in records(rows[rows["scenario"] == main])
    )
    description = (
        f"Dots with ranges, one row for each kind of service, of the change a year against {first}. "
        f"{run.label(main)}: {told}."
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
