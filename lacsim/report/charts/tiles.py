"""C11, ward tiles: where people come forward, and what the wards not yet covered add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from lacsim.report.by_ward import posts_by_ward
from lacsim.report.charts.frame import Chart, empty_chart, footer_of, place_and_period, records
from lacsim.report.narrative import people
from lacsim.report.style import BLUES, GREY, INK, ORANGE, WHITE_ON, bare, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c11_ward_tiles"
COLUMNS = [
    "ward", "ward_code", "col", "row", "covered_today", "introductions_p50", "capacity_share_p05", "capacity_share_p50",
    "capacity_share_p95",
]  # fmt: skip
_NO_TABLE: Final = "Their boundaries differ, and the sources give no table from old wards to new, so none is offered."


def about_boundaries(run: Run) -> str:
    """Whose wards these are, and that there is no table to later ones where there are any."""
    area = run.plan.area
    return f"{area.boundary_note} {_NO_TABLE}" if area.new_wards else area.boundary_note


def rows_of(run: Run, scenario: str) -> pd.DataFrame:
    """One row per ward: introductions a year, and people on caseloads as a share of the ward's places, over futures."""
    mine = run.wards[run.wards["scenario"] == scenario]
    paid = posts_by_ward(run, run.scenario(scenario))
    places = {f: float(run.results.values(f)["coordination.places_per_coordinator"]) for f in mine["future"].unique()}
    known = set(run.plan.area.covered_2019)
    rows = []
    for tile in records(run.plan.area.tiles):
        own = mine[mine["ward"] == tile.ward_name].pivot_table(index="future", columns="measure", values="value")
        room = paid[tile.ward_name] * run.plan.scale * np.array([places[f] for f in own.index])
        share = np.divide(own["caseload"].to_numpy(float), room, out=np.zeros(len(own)), where=room > 0)
        introduced = float(np.median(own["introductions"])) / run.plan.period.years
        low, middle, high = np.quantile(share, [0.05, 0.5, 0.95])
        rows.append(
            (tile.ward_name, tile.ward_code, tile.col, tile.row, tile.ward_name in known, introduced, low, middle, high)
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def title_of(n_new: int, added: float, total: float) -> str:
    """The message: how many of all introductions the wards that are not covered today would add."""
    if total < 0.5:
        return "Nobody is introduced to a coordinator"
    if n_new == 0:
        return f"About {people(total)} people a year are introduced to a coordinator"
    each = f"{100 * added / total:.0f} in 100"
    wards = "ward" if n_new == 1 else "wards"
    return f"The {n_new} new {wards} would bring {each} of {people(total)} introductions a year"


def steps(values: np.ndarray) -> np.ndarray:
    """Which of five equal steps from nothing to the largest each value falls in, 0 to 4."""
    largest = float(values.max(initial=0.0))
    if largest <= 0:
        return np.zeros(len(values), int)
    return np.asarray(np.minimum((values / largest * len(BLUES)).astype(int), len(BLUES) - 1))


def draw(run: Run) -> Chart:
    """Draw C11 for the last scenario."""
    scenario = run.plan.scenarios[-1].name
    if run.plan.area.tiles.empty:
        reason = f"{run.plan.area.name} has no tile map. Add tiles.csv to the area."
        return empty_chart(run, NAME, "Not drawn: the area has no tile map", reason, COLUMNS)
    rows = rows_of(run, scenario)
    covered = set(run.scenario(scenario).wards)
    is_new = ~rows["covered_today"] & rows["ward"].isin(covered)
    introduced = rows["introductions_p50"].to_numpy(float)
    title = title_of(int(is_new.sum()), float(introduced[is_new].sum()), float(introduced.sum()))
    subtitle = f"People introduced to a coordinator a year under {run.label(scenario)}, {place_and_period(run)}"
    mine = run.wards[(run.wards["scenario"] == scenario) & (run.wards["measure"] == "introductions")]
    footer = footer_of(
        run,
        f"{run.plan.area.boundary_note} Tiles keep the order of the wards from west to east and north to south. "
        "Small figure: people on caseloads as a share of the places of the ward. Middle figures.",
        sources=("coordination.", "population."),
        outcome=mine.groupby("future")["value"].sum().tolist(),
        outcome_words="The number of introductions",
        counts_people=True,
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.4, right=0.4, top=-0.1, bottom=0.02))
        bare(axes)
        n_rows = int(rows["row"].max()) + 1
        axes.set_xlim(-0.05, 5.6)
        axes.set_ylim(n_rows, -0.05)
        for row, step, new in zip(records(rows), steps(introduced), is_new, strict=True):
            fill = BLUES[step]
            ink = "white" if fill in WHITE_ON else INK
            edge = {"ec": ORANGE, "lw": 2.4, "linestyle": (0, (3, 2))} if new else {"ec": "white", "lw": 1.0}
            axes.add_patch(Rectangle((row.col + 0.03, row.row + 0.04), 0.94, 0.92, fc=fill, **edge))
            name = f"{row.ward} (new)" if new else row.ward
            x = row.col + 0.5
            axes.text(x, row.row + 0.25, name, ha="center", va="center", fontsize=10, color=ink)
            axes.text(
                x, row.row + 0.53, people(row.introductions_p50), ha="center", va="center", fontsize=14,
                fontweight="bold", color=ink,
            )  # fmt: skip
            full = "no post" if row.ward not in covered else f"{100 * row.capacity_share_p50:.0f}% full"
            axes.text(x, row.row + 0.8, full, ha="center", va="center", fontsize=9.5, color=ink)
        top = float(introduced.max())
        axes.text(0.05, 0.1, "introductions a year,", va="bottom", fontsize=10, color=GREY)
        for k, colour in enumerate(BLUES):
            axes.add_patch(Rectangle((0.05 + 0.36 * k, 0.42), 0.34, 0.3, fc=colour, ec="none"))
            bound = f"{people(top * k / 5)}" if k else "0"
            axes.text(
                0.05 + 0.36 * k + 0.17, 0.57, bound, ha="center", va="center", fontsize=9.5,
                color="white" if colour in WHITE_ON else INK,
            )  # fmt: skip
        axes.text(0.05, 0.38, "from this number up", va="bottom", fontsize=10, color=GREY)
    most = rows.sort_values("introductions_p50", ascending=False).iloc[0]
    told = "; ".join(f"{r.ward} {people(r.introductions_p50)}" for r in records(rows))
    description = (
        f"Map of {len(rows)} equal squares, one for each ward, with introductions a year under {run.label(scenario)}. "
        f"Most in {most['ward']}. {told}. {run.plan.area.boundary_note}"
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
