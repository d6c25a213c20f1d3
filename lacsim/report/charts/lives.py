"""C19, three simulated lives: where the same person is, month by month, with and without coordination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lacsim.report.charts.frame import Chart, empty_chart, footer_of, look, place_and_period, records
from lacsim.report.lives import COLUMNS as _COLUMNS
from lacsim.report.lives import Life
from lacsim.report.narrative import pounds
from lacsim.report.style import GREY, NAVY, ORANGE, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lacsim.report.api import Run

NAME = "c19_three_lives"
COLUMNS = list(_COLUMNS)
LANES: Final = {
    "community": "Community",
    "short_term": "Short-term support",
    "coordination": "Coordination",
    "assessment": "Assessment",
    "hospital": "Hospital",
    "residential": "Care home",
    "died": "Died",
    "outside": "Moved away",
}


def title_of(savings: list[float]) -> str:
    """The message, from what services cost less for each of the three."""
    if not savings:
        return "Not modelled: simulated lives"
    less, more = sum(v > 0.5 for v in savings), sum(v < -0.5 for v in savings)
    if less and more:
        return "Three simulated lives: services cost less for some and more for others"
    if less:
        return "Three simulated lives: services cost less or the same with coordination"
    if more:
        return "Three simulated lives: services cost more or the same with coordination"
    return "Three simulated lives: services cost the same with coordination"


def told(life: Life) -> str:
    """What services cost one person without and with coordination."""
    return f"{pounds(life.without_gbp)} without, {pounds(life.with_gbp)} with"


def _draw_arm(axes: Axes, stays: pd.DataFrame, lanes: list[str], shift: float, colour: str, line: Any) -> None:
    """Steps through the lanes for one arm."""
    x, y = [], []
    for row in records(stays):
        at = lanes.index(row.state) + shift
        x += [row.start_month, row.end_month]
        y += [at, at]
    axes.plot(x, y, color=colour, lw=1.8, linestyle=line, solid_capstyle="butt")


def draw(run: Run) -> Chart:
    """Draw C19 for the run's last scenario against its first."""
    found = run.lives
    if found is None:
        reason = "It needs two scenarios, and people who get a coordinator's place and then live differently."
        return empty_chart(run, NAME, title_of([]), reason, COLUMNS)
    title = title_of([life.saving_gbp for life in found.lives])
    first, last = run.plan.scenarios[0].name, run.plan.scenarios[-1].name
    subtitle = f"The same person with {run.label(last)} and with {run.label(first)}, {place_and_period(run)}"
    footer = footer_of(
        run,
        f"Simulated, not real people. Solid: with coordination; dashed: without. Future {found.future}, nearest to the "
        f"middle: of {found.supported:,} people who got a place in the first three years, {found.changed:,} then lived "
        "otherwise; these are three of them. Cost: services, coordinator's time left out, not discounted.",
    )
    lanes = [lane for lane in LANES if lane in set(found.stays["state"])]
    months = float(found.stays["end_month"].max())
    colours = (look(run, last).colour, ORANGE if last != "wards-10" else GREY)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=1.65, right=0.1, top=0.62, bottom=0.42)
        each = width / len(found.lives)
        for k, life in enumerate(found.lives):
            axes = figure.add_axes((x0 + k * each, y0, 0.9 * each, height))
            own = found.stays[found.stays["person"] == life.person]
            axes.grid(True, axis="y")
            _draw_arm(axes, own[own["arm"] == "without"], lanes, 0.14, colours[1], (0, (4, 1.5)))
            _draw_arm(axes, own[own["arm"] == "with"], lanes, -0.14, colours[0] or NAVY, "-")
            axes.set_ylim(len(lanes) - 0.5, -0.5)
            axes.set_xlim(0, months)
            axes.set_xticks(range(0, int(months) + 1, 24))
            axes.set_yticks(range(len(lanes)), [LANES[lane] for lane in lanes] if k == 0 else [], fontsize=11)
            axes.tick_params(axis="y", length=0)
            axes.set_xlabel("months", fontsize=11)
            text = f"{life.pick[0].upper()}{life.pick[1:]}\n{wrap(life.who, 30)}\n{wrap(told(life), 30)}"
            axes.text(0, 1.03, text, transform=axes.transAxes, va="bottom", fontsize=10, linespacing=1.2)
    described = "; ".join(
        f"person {life.person} ({life.pick}: {life.who}): services cost {told(life)}" for life in found.lives
    )
    description = (
        f"Step lines through the stages of the pathway for three simulated people of future {found.future}, "
        f"each with and "
        f"without coordination. {described}."
    )
    return Chart(NAME, figure, found.stays, title, subtitle, description, footer)
