"""C05, where people go: moves between the stages of the pathway in the last year, scenario beside scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from lacsim.report.charts.frame import Chart, footer_of, look, place_and_period, records, spread_apart
from lacsim.report.narrative import SAVES_ABOVE, people
from lacsim.report.style import FOCUS_GREY, GREY, INK, NAVY, bare, body, chart_style, framed_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lacsim.report.api import Run

NAME = "c05_where_people_go"
COLUMNS = ["scenario", "from_state", "to_state", "people_p05", "people_p50", "people_p95", "drawn"]
STAGES: Final = {
    "community": "Community",
    "short_term": "Short-term support",
    "coordination": "Long-term coordination",
    "assessment": "Formal assessment",
    "hospital": "Hospital",
    "residential": "Residential care",
}
# Straight into hospital and straight home again: nine moves in ten, and they would hide every other.
_NOT_DRAWN: Final = {("community", "hospital"), ("hospital", "community")}
_GAP, _MIN_HEIGHT = 0.022, 0.004


def last_year(run: Run) -> pd.DataFrame:
    """Moves of each future in the last financial year: scenario, future, from_state, to_state, people; zeros kept."""
    months = run.results.month_labels[-12:]
    flows = run.flows[run.flows["month"].isin(months)]
    flows = flows[flows["from_stage"].isin(STAGES) & flows["to_stage"].isin(STAGES)]
    names = [scenario.name for scenario in run.plan.scenarios]
    pairs = list(flows[["from_stage", "to_stage"]].drop_duplicates().itertuples(index=False, name=None))
    pairs.sort(key=lambda pair: (list(STAGES).index(pair[0]), list(STAGES).index(pair[1])))
    every = pd.MultiIndex.from_tuples(
        [(s, f, a, b) for s in names for a, b in pairs for f in range(1, run.plan.futures + 1)],
        names=["scenario", "future", "from_stage", "to_stage"],
    )
    summed = flows.groupby(list(every.names), sort=False)["people"].sum().reindex(every, fill_value=0)
    return summed.reset_index().rename(columns={"from_stage": "from_state", "to_stage": "to_state"})


def table_of(moves: pd.DataFrame) -> pd.DataFrame:
    """The chart's data: ranges over futures for every move."""
    grouped = moves.groupby(["scenario", "from_state", "to_state"], sort=False)["people"]
    table = pd.DataFrame({f"people_{n}": grouped.quantile(q) for n, q in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))})
    table = table.reset_index()
    table["drawn"] = [pair not in _NOT_DRAWN for pair in zip(table["from_state"], table["to_state"], strict=True)]
    return table[COLUMNS]


def title_of(scenario: str, against: str | None, n: int, n_fewer: int, n_more: int) -> str:
    """The message: whether formal assessments fall or rise, counted over futures."""
    if against is None:
        return f"Where people go with {scenario}"
    if n_fewer == n_more == 0:
        return f"{scenario} means as many assessments as {against} in every future"
    if n_fewer / n > SAVES_ABOVE:
        return f"In {n_fewer:,} of {n:,} futures, {scenario} means fewer assessments than {against}"
    if n_more / n > SAVES_ABOVE:
        return f"In {n_more:,} of {n:,} futures, {scenario} means more assessments than {against}"
    return f"Too close to call: {scenario} means fewer assessments in {n_fewer:,} of {n:,} futures"


def _assessed(moves: pd.DataFrame, scenario: str) -> np.ndarray:
    """People who enter formal assessment in the last year, by future."""
    into = moves[(moves["scenario"] == scenario) & (moves["to_state"] == "assessment")]
    return into.groupby("future")["people"].sum().to_numpy(float)


def _sides(rows: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """People leaving and people entering each stage, in the order of the pathway."""
    out = rows.groupby("from_state")["people_p50"].sum()
    into = rows.groupby("to_state")["people_p50"].sum()
    return {s: float(out.get(s, 0)) for s in STAGES}, {s: float(into.get(s, 0)) for s in STAGES}


def _node_tops(sizes: dict[str, float], total: float) -> dict[str, float]:
    """Top of each stage's bar when they are stacked from the top with gaps."""
    top, tops = 1.0, {}
    for stage, size in sizes.items():
        tops[stage] = top
        if size > 0:
            top -= size / total * (1 - 5 * _GAP) + _GAP
    return tops


def _ribbon(axes: Axes, left: float, right: float, height: float, colour: str) -> None:
    """One curved band from x 0 to 1 with its top edge at `left` and `right`."""
    points = [(0, left), (0.5, left), (0.5, right), (1, right), (1, right - height), (0.5, right - height)]
    points += [(0.5, left - height), (0, left - height), (0, left)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axes.add_patch(PathPatch(Curve(points, codes), fc=colour, ec="white", lw=0.6, alpha=0.85))


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, total: float, colour: str, *, names_left: bool, names_right: bool
) -> None:
    """One scenario: bars for stages, ribbons for moves, numbers at both ends."""
    bare(axes)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.01, 1.01)
    span = 1 - 5 * _GAP
    for sizes, x, align, named in (
        (_sides(rows)[0], -0.03, "right", names_left),
        (_sides(rows)[1], 1.03, "left", names_right),
    ):
        tops = _node_tops(sizes, total)
        shown = [s for s in STAGES if sizes[s] >= 0.5]
        middles = [tops[s] - sizes[s] / total * span / 2 for s in shown]
        for stage, y in zip(shown, spread_apart(middles, 0.085 if named else 0.055, 0.02, 0.98), strict=True):
            text = f"{STAGES[stage]}\n{people(sizes[stage])}" if named else people(sizes[stage])
            axes.text(x, y, text, ha=align, va="center", fontsize=9.5, linespacing=1.05, color=INK)
        for stage in shown:
            height = max(sizes[stage] / total * span, _MIN_HEIGHT)
            axes.add_patch(_bar(0.0 if align == "right" else 0.975, tops[stage], height))
    used_left = _node_tops(_sides(rows)[0], total)
    used_right = _node_tops(_sides(rows)[1], total)
    order = {stage: k for k, stage in enumerate(STAGES)}
    for row in sorted(records(rows), key=lambda r: (order[r.from_state], order[r.to_state])):
        height = row.people_p50 / total * span
        programme = {row.from_state, row.to_state} & {"short_term", "coordination"}
        _ribbon(
            axes,
            used_left[row.from_state],
            used_right[row.to_state],
            height,
            colour if programme else FOCUS_GREY,
        )
        used_left[row.from_state] -= height
        used_right[row.to_state] -= height


def _bar(x: float, top: float, height: float) -> PathPatch:
    """A stage's bar."""
    corners = [(x, top), (x + 0.025, top), (x + 0.025, top - height), (x, top - height), (x, top)]
    return PathPatch(Curve(corners), fc=GREY, ec="none", zorder=3)


def draw(run: Run) -> Chart:
    """Draw C05 for the headline's pair, or for the only scenario."""
    shown = list(reversed(run.pair)) if run.pair else [run.plan.scenarios[-1].name]
    moves = last_year(run)
    table = table_of(moves)
    if run.pair:
        difference = _assessed(moves, run.pair[0]) - _assessed(moves, run.pair[1])
        counts = (len(difference), int((difference < 0).sum()), int((difference > 0).sum()))
        title = title_of(run.label(run.pair[0]), run.label(run.pair[1]), *counts)
    else:
        title = title_of(run.label(shown[0]), None, run.plan.futures, 0, 0)
    year = run.plan.period.year_labels[-1]
    subtitle = f"Moves between stages by all adults, {place_and_period(run).split(',')[0]}, {year}; middle figures"
    direct = table[~table["drawn"]].groupby("scenario", sort=False)["people_p50"].first()
    aside = "; ".join(f"{run.label(s)} {people(float(direct.get(s, 0)))}" for s in shown)
    footer = footer_of(
        run,
        f"Not drawn: admissions straight from the community ({aside}) and straight home again; deaths and moves in or "
        "out of the city.",
    )
    drawn = table[table["drawn"] & table["scenario"].isin(shown)]
    total = max(float(drawn.groupby("scenario")["people_p50"].sum().max() or 0), 1.0)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=1.65, right=1.65, top=0.3, bottom=0.14)
        gap = 0.14 if len(shown) == 2 else 0.0
        each = (width - gap) / len(shown)
        for k, name in enumerate(shown):
            axes = figure.add_axes((x0 + k * (each + gap), y0, each, height))
            colour = look(run, name).colour if name != "no-lac" else NAVY
            _draw_panel(
                axes,
                drawn[drawn["scenario"] == name],
                total,
                colour,
                names_left=k == 0,
                names_right=k == len(shown) - 1,
            )
            axes.set_title(run.label(name), fontsize=13, fontweight="bold", loc="center", pad=8)
    description = (
        f"Flow chart of moves between six stages in {year}, one panel each for {' and '.join(map(run.label, shown))}. "
        + " ".join(_into_words(run, drawn, name) for name in shown)
        + " Colour marks moves to and from coordinators."
    )
    return Chart(NAME, figure, table, title, subtitle, description, footer)


def _into_words(run: Run, drawn: pd.DataFrame, name: str) -> str:
    """What one panel shows, in a sentence."""
    into = _sides(drawn[drawn["scenario"] == name])[1]
    return (
        f"With {run.label(name)}: {people(into['short_term'])} moves into short-term support, "
        f"{people(into['coordination'])} into long-term coordination, {people(into['assessment'])} into formal "
        f"assessment, {people(into['residential'])} into residential care."
    )
