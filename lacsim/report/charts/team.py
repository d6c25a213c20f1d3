"""C08, caseload and waiting over time: whether the team copes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lacsim.report.charts.frame import (
    Chart,
    empty_chart,
    footer_of,
    look,
    place_and_period,
    quantiles,
)
from lacsim.report.narrative import people
from lacsim.report.style import INK, Look, body, chart_style, framed_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lacsim.report.api import Run

NAME = "c08_caseload"
COLUMNS = ["month", "measure", "scenario", "p05", "p25", "p50", "p75", "p95"]
PANELS: Final = {"caseload": "People on caseloads", "waiting_list": "People waiting for a place"}
_STEADY = 0.10
_MOST_PANELS, _ROW_GAP, _LABEL_SPACE = 3, 0.085, 0.11


def title_of(scenario: str, first_year: float, last_year: float, caseload: float) -> str:
    """The message: where the caseload ends and what the waiting list does from the first to the last year."""
    if caseload < 0.5:
        return f"{scenario}: nobody is on a caseload"
    change = last_year - first_year
    if abs(change) <= max(_STEADY * first_year, 1.0):
        story = "the waiting list holds steady" if last_year >= 1 else "nobody waits for a place"
    else:
        story = f"the waiting list {'grows' if change > 0 else 'shrinks'}"
    return f"{scenario}: {people(caseload)} people on caseloads; {story}"


def table_of(run: Run) -> pd.DataFrame:
    """Ranges over futures of people on caseloads and waiting lists, by month and scenario with coordinators."""
    staffed = [s.name for s in run.plan.scenarios if s.posts]
    monthly = run.monthly
    kept = monthly[monthly["scenario"].isin(staffed) & monthly["measure"].isin(PANELS)]
    if kept.empty:
        return pd.DataFrame(columns=COLUMNS)
    return quantiles(kept, ["scenario", "measure", "month"], "value")[COLUMNS]


def _year_means(table: pd.DataFrame, scenario: str, measure: str) -> tuple[float, float]:
    """Middle figure in the first and in the last twelve months."""
    series = table[(table["scenario"] == scenario) & (table["measure"] == measure)]["p50"].to_numpy(float)
    return float(series[:12].mean()), float(series[-12:].mean())


def climbing_level(table: pd.DataFrame, scenario: str) -> float | None:
    """Caseload at which the waiting list climbs: the middle one of the months in which it grew, or None."""
    own = table[table["scenario"] == scenario]
    waiting = own[own["measure"] == "waiting_list"]["p50"].to_numpy(float)
    caseload = own[own["measure"] == "caseload"]["p50"].to_numpy(float)
    grew = np.flatnonzero(np.diff(waiting) > 0.01 * np.maximum(waiting[:-1], 1.0)) + 1
    return float(np.median(caseload[grew])) if len(grew) else None


def _draw_panel(axes: Axes, fan: pd.DataFrame, look: Look, highest: float, level: float | None) -> None:
    """One scenario's fan with the last year's middle figure at its end."""
    x = np.arange(len(fan))
    if level is not None:
        axes.axhline(level, color=INK, lw=1.2, linestyle=(0, (1, 1.5)))
    axes.fill_between(x, fan["p05"], fan["p95"], color=look.colour, alpha=0.18, lw=0)
    axes.fill_between(x, fan["p25"], fan["p75"], color=look.colour, alpha=0.38, lw=0)
    axes.plot(x, fan["p50"], color=look.colour, lw=2.4, linestyle=look.line)
    axes.set_ylim(0, 1.08 * highest)
    axes.set_xlim(0, max(len(fan) - 1, 1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    months = list(fan["month"])
    aprils = [k for k, month in enumerate(months) if month.endswith("-04")]
    every = max(1, -(-len(aprils) // 6))
    axes.set_xticks(aprils[::every], [f"Apr\n{months[k][:4]}" for k in aprils[::every]], fontsize=10)
    axes.tick_params(axis="y", labelsize=11)
    last = fan[["p05", "p50", "p95"]].iloc[-12:].mean()
    text = f"{people(last['p50'])}\n({people(last['p05'])} to\n{people(last['p95'])})"
    axes.text(
        1.02,
        last["p50"] / (1.08 * highest),
        text,
        transform=axes.transAxes,
        va="center",
        fontsize=10,
        color=INK,
    )


def draw(run: Run) -> Chart:
    """Draw C08 for every scenario that has coordinators."""
    table = table_of(run)
    if table.empty:
        reason = "No scenario of this run has a coordinator, so there is no caseload to show."
        return empty_chart(run, NAME, "Not modelled: no scenario has coordinators", reason, COLUMNS)
    main = str(table["scenario"].iloc[-1])
    first, last = _year_means(table, main, "waiting_list")
    title = title_of(run.label(main), first, last, _year_means(table, main, "caseload")[1])
    subtitle = f"People in the month, all covered wards, {place_and_period(run)}"
    footer = footer_of(
        run,
        "Line: middle figure; dark band: middle half of futures; light band: 9 in 10. Figures: the last twelve "
        "months. Dotted: "
        "the caseload at which the list of people waiting grew in these futures.",
        sources=("coordination.",),
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=0.4, top=0.5, bottom=0.42)
        shown = list(dict.fromkeys(table["scenario"]))[-_MOST_PANELS:]
        each, tall = width / len(shown), (height - _ROW_GAP) / len(PANELS)
        for row, (measure, heading) in enumerate(PANELS.items()):
            fans = table[table["measure"] == measure]
            highest = max(float(fans["p95"].max()), 1.0)
            for k, name in enumerate(shown):
                box = (x0 + k * each, y0 + (1 - row) * (tall + _ROW_GAP), each - _LABEL_SPACE, tall)
                axes = figure.add_axes(box)
                level = climbing_level(table, name) if measure == "caseload" else None
                _draw_panel(axes, fans[fans["scenario"] == name], look(run, name), highest, level)
                if row == 0:
                    axes.tick_params(labelbottom=False)
                    axes.set_title(run.label(name), fontsize=13, fontweight="bold", loc="left", pad=24)
                axes.text(0, 1.04, heading if k == 0 else "", transform=axes.transAxes, va="bottom", fontsize=11)
    names = list(dict.fromkeys(table["scenario"]))
    told = [
        f"{run.label(n)} end with {people(_year_means(table, n, 'caseload')[1])} people on caseloads and "
        f"{people(_year_means(table, n, 'waiting_list')[1])} waiting"
        for n in names
    ]
    description = (
        "Line charts with bands, by month, one for each scenario: people on coordinators' caseloads and people "
        "waiting for a place. "
        f"In the last year {'; '.join(told)}."
    )
    return Chart(NAME, figure, table, title, subtitle, description, footer)
