"""C12, every ward on the same scale: people on caseloads month by month, one small chart for each ward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lacsim.report.charts.frame import (
    Chart,
    draw_fan,
    empty_chart,
    footer_of,
    look,
    place_and_period,
    quantiles,
    records,
)
from lacsim.report.narrative import people
from lacsim.report.style import GREY, ORANGE, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c12_every_ward"
COLUMNS = ["ward", "month", "p05", "p25", "p50", "p75", "p95"]


def title_of(last: pd.Series) -> str:
    """The message, from the middle caseload of each ward in the last year."""
    staffed = last[last >= 0.5]
    if staffed.empty:
        return "No ward has anybody on a caseload"
    if staffed.max() < 1.25 * staffed.min():
        return f"Caseloads end alike in all {len(staffed)} wards, near {people(float(staffed.median()))} people"
    most, least = str(staffed.idxmax()), str(staffed.idxmin())
    return (
        f"Caseloads end highest in {most} ({people(float(staffed.max()))}) and lowest in {least} "
        f"({people(float(staffed.min()))})"
    )


def rows_of(run: Run, scenario: str) -> pd.DataFrame:
    """Ranges over futures of people on caseloads, by ward and month."""
    mine = run.results.ward_months
    return quantiles(mine[mine["scenario"] == scenario], ["ward", "month"], "people")[COLUMNS]


def draw(run: Run) -> Chart:
    """Draw C12 for the last scenario."""
    scenario = run.plan.scenarios[-1].name
    tiles = run.plan.area.tiles
    if tiles.empty or not run.scenario(scenario).posts:
        reason = "There is no tile map of the area, or no coordinator in any ward."
        return empty_chart(run, NAME, "Not drawn: caseloads ward by ward", reason, COLUMNS)
    rows = rows_of(run, scenario)
    last = rows.groupby("ward", sort=False)["p50"].apply(lambda s: float(s.iloc[-12:].mean()))
    title = title_of(last)
    subtitle = f"People on a coordinator's caseload under {run.label(scenario)}, {place_and_period(run)}"
    footer = footer_of(
        run,
        f"Line: middle figure; dark band: middle half of futures; light band: 9 in 10. The same scale everywhere; the "
        f"figure is the last year's. Orange frame: a new ward. {run.plan.area.boundary_note}",
        sources=("coordination.", "population."),
    )
    known, shown = set(run.plan.area.covered_2019), look(run, scenario)
    highest = 1.05 * max(float(rows["p95"].max()), 1.0)
    n_cols, n_rows = int(tiles["col"].max()) + 1, int(tiles["row"].max()) + 1
    months = list(dict.fromkeys(rows["month"]))
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=0.3, top=-0.05, bottom=0.2)
        each_w, each_h = width / n_cols, height / n_rows
        for tile in records(tiles):
            box = (x0 + tile.col * each_w, y0 + (n_rows - 1 - tile.row) * each_h, 0.84 * each_w, 0.62 * each_h)
            axes = figure.add_axes(box)
            fan = rows[rows["ward"] == tile.ward_name]
            draw_fan(axes, np.arange(len(fan)), fan, shown, width=1.6)
            axes.set_ylim(0, highest)
            axes.set_xlim(0, max(len(fan) - 1, 1))
            axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
            axes.tick_params(labelsize=9)
            axes.set_xticks([])
            axes.set_title(tile.ward_name, fontsize=10, loc="left", pad=3)
            axes.set_title(people(float(last[tile.ward_name])), fontsize=10, loc="right", pad=3, fontweight="bold")
            if tile.ward_name not in known:
                for spine in axes.spines.values():
                    spine.set_visible(True)
                    spine.set_color(ORANGE)
                    spine.set_linestyle((0, (3, 2)))
                    spine.set_linewidth(1.4)
        figure.text(
            x0, y0 + 0.1 * each_h, f"Across: {months[0]}\nto {months[-1]}", fontsize=10, color=GREY, va="bottom"
        )
    told = "; ".join(f"{ward} {people(float(value))}" for ward, value in last.items())
    description = (
        f"{len(tiles)} small line charts with bands on one scale, one for each ward, of people on caseloads. Middle "
        f"figure of the last year: {told}."
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
