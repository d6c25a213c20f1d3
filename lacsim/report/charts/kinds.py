"""C03, cash, freed time and value to people: how much can be taken out of a budget, in bars that are never added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lacsim.report.charts.frame import (
    Chart,
    empty_chart,
    footer_of,
    look,
    money_axis,
    place_and_period,
    price_basis,
    records,
    scale_of,
)
from lacsim.report.narrative import pounds, spread_of
from lacsim.report.style import INK, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c03_kinds_of_money"
COLUMNS = ["scenario", "kind", "gbp_p05", "gbp_p50", "gbp_p95", "year"]
KINDS: Final = {
    "cash": ("cash_gbp", "Cash you can take\nout of a budget"),
    "freed": ("freed_gbp", "Time and\nplaces freed"),
    "people": ("social_gbp", "Value to people"),
}


def title_of(scenario: str, against: str, cash: float, freed: float) -> str:
    """The message from the middle figures: whether there is cash to bank, and whether time is freed."""
    bank = f"{scenario} releases {pounds(cash)} of cash"
    if round(cash) <= 0:
        bank = f"{scenario} releases no cash to bank"
        if round(cash) < 0:
            bank = f"{scenario} costs services {pounds(-cash)} more cash"
    if round(freed) > 0:
        return f"{bank}, and frees {pounds(freed)} of time and places"
    if round(freed) < 0:
        return f"{bank}, and takes up {pounds(-freed)} of time and places"
    return f"{bank} against {against}"


def rows_of(run: Run) -> pd.DataFrame:
    """Ranges over futures of each kind of money for each scenario after the first, against the first."""
    labels = run.plan.period.year_labels
    years = labels[0] + (f" to {labels[-1]}" if len(labels) > 1 else "")
    rows = []
    for scenario in run.plan.scenarios[1:]:
        mine = run.futures[run.futures["scenario"] == scenario.name]
        for kind, (column, _) in KINDS.items():
            found = spread_of(mine[column].tolist())
            rows.append((scenario.name, kind, found.p05, found.p50, found.p95, years))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(run: Run) -> Chart:
    """Draw C03 for the last two scenarios after the first."""
    if run.pair is None:
        reason = f"{run.label(run.plan.scenarios[-1].name)} was run alone, so no money can be compared."
        return empty_chart(run, NAME, "Not modelled: how much can be banked", reason, COLUMNS)
    rows = rows_of(run)
    main, first = run.plan.scenarios[-1].name, run.label(run.plan.scenarios[0].name)
    middle = rows[rows["scenario"] == main].set_index("kind")["gbp_p50"]
    title = title_of(run.label(main), first, float(middle["cash"]), float(middle["freed"]))
    subtitle = (
        f"Services avoided against {first}, before the programme's cost, {place_and_period(run)}; " + price_basis(run)
    )
    mine = run.futures[run.futures["scenario"] == main]
    footer = footer_of(
        run,
        "Bar: middle figure; line: 9 in 10 futures. The three bars are different things and are never added: "
        "freed time "
        "is not cash, and value to people is in nobody's budget.",
        sources=("unit_costs.", "appraisal."),
        outcome=(mine["cash_gbp"]).tolist(),
        outcome_words="The cash relieved",
    )
    scale, unit = scale_of(float(rows[["gbp_p05", "gbp_p50", "gbp_p95"]].abs().to_numpy().max()))
    names = [scenario.name for scenario in run.plan.scenarios[1:]][-2:]
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=1.75, right=1.55, top=0.3, bottom=0.55))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        thick = 0.8 / len(names)
        for k, kind in enumerate(KINDS):
            for j, name in enumerate(names):
                (row,) = records(rows[(rows["scenario"] == name) & (rows["kind"] == kind)])
                y, shown = k + (j - (len(names) - 1) / 2) * thick, look(run, name)
                axes.barh(
                    y, row.gbp_p50 / scale, height=thick * 0.86, fc=shown.colour if not shown.hatch else "white",
                    ec=shown.colour, hatch=shown.hatch, lw=1.2, zorder=2,
                )  # fmt: skip
                low, high = row.gbp_p05 / scale, row.gbp_p95 / scale
                axes.plot([low, high], [y, y], color="white", lw=3.4, zorder=3, solid_capstyle="butt")
                axes.plot([low, high], [y, y], color=INK, lw=1.4, zorder=4, marker="|", markersize=7)
                axes.text(
                    1.02, y, f"{run.label(name)}\n{pounds(row.gbp_p50)}", va="center", fontsize=10.5,
                    transform=axes.get_yaxis_transform(),
                )  # fmt: skip
        axes.axvline(0, color=INK, lw=1.2)
        axes.set_ylim(len(KINDS) - 0.5, -0.5)
        axes.set_yticks(range(len(KINDS)), [label for _, label in KINDS.values()], fontsize=12)
        axes.tick_params(axis="y", length=0)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(f"{unit}; to the right is less cost, or more value")
        axes.text(0, 1.03, "Only the top pair can be banked", transform=axes.transAxes, va="bottom", fontsize=12)
    told = "; ".join(
        f"{run.label(r.scenario)}, {KINDS[r.kind][1].replace(chr(10), ' ').lower()}: {pounds(r.gbp_p50)} "
        f"({pounds(r.gbp_p05)} to {pounds(r.gbp_p95)})"
        for r in records(rows)
    )
    description = f"Bar chart of three kinds of money, side by side and never stacked, against {first}. {told}."
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
