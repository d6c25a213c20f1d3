"""C13, which wards next: the wards that are added, best first, with what each is worth and how stable the order is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report.by_ward import ward_savings
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
from lacsim.report.narrative import pounds
from lacsim.report.style import INK, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c13_which_wards_next"
COLUMNS = ["order", "ward", "cum_net_p05", "cum_net_p50", "cum_net_p95", "top3_futures"]
TOP: Final = 3


def added_wards(run: Run) -> list[str]:
    """Wards the headline's scenario has and its comparator has not."""
    if run.pair is None:
        return []
    scenario, against = run.pair
    before = set(run.scenario(against).wards)
    return [ward for ward in run.scenario(scenario).wards if ward not in before]


def value_by_ward(run: Run) -> pd.DataFrame:
    """Discounted net saving of each added ward in each future: future by ward."""
    saved = ward_savings(run)
    wide = saved.pivot_table(index="future", columns="ward", values="public_purse_saving_gbp")
    return wide[added_wards(run)]


def rows_of(values: pd.DataFrame) -> pd.DataFrame:
    """Wards in the order of their middle value, with the running total and how often each is among the first three."""
    order = list(values.median().sort_values(ascending=False, kind="stable").index)
    place = values.rank(axis=1, ascending=False, method="first")
    rows = []
    for k, ward in enumerate(order, start=1):
        total = values[order[:k]].sum(axis=1).to_numpy(float)
        low, middle, high = np.quantile(total, [0.05, 0.5, 0.95])
        rows.append((k, ward, low, middle, high, int((place[ward] <= TOP).sum())))
    return pd.DataFrame(rows, columns=COLUMNS)


def title_of(order: list[str], values: list[float], top3: list[int], n: int) -> str:
    """The message: which wards come first, whether they pay, and whether the order can be told from chance."""
    if len(order) < 2:
        return "Not modelled: the scenarios add fewer than two wards"
    first = f"{', '.join(order[: TOP - 1])} and {order[TOP - 1]}" if len(order) >= TOP else " and ".join(order)
    if len(order) > TOP and min(top3[:TOP]) / n < 0.6:
        return "Which wards come first is too close to call"
    pays = "pay for themselves" if values[min(TOP, len(values)) - 1] > 0 else "cost least"
    return f"{first} {pays}" if pays == "pay for themselves" else f"The next three that {pays}: {first}"


def draw(run: Run) -> Chart:
    """Draw C13 for the wards that the main pair adds."""
    added = added_wards(run)
    if len(added) < 2:
        reason = "The main pair of scenarios adds fewer than two wards, so there is no order to find."
        return empty_chart(run, NAME, title_of(added, [], [], 1), reason, COLUMNS)
    values = value_by_ward(run)
    rows = rows_of(values)
    n = len(values)
    title = title_of(rows["ward"].tolist(), rows["cum_net_p50"].tolist(), rows["top3_futures"].tolist(), n)
    subtitle = (
        f"Net saving to the public purse as wards are added, best first, {place_and_period(run)}; {price_basis(run)}"
    )
    footer = footer_of(
        run,
        "Step: middle figure of all wards so far; line: 9 in 10 futures. What changes in other wards because assessors "
        f"have more time is not credited to the new ward. {run.plan.area.boundary_note}",
        sources=("unit_costs.", "coordination."),
    )
    ends = float(rows[["cum_net_p05", "cum_net_p50", "cum_net_p95"]].abs().to_numpy().max())
    scale, unit = scale_of(ends)
    assert run.pair is not None
    shown = look(run, run.pair[0])
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=1.5, right=1.9, top=0.3, bottom=0.52))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        middles = [0.0, *(rows["cum_net_p50"] / scale)]
        for k, row in enumerate(records(rows)):
            axes.plot([row.cum_net_p05 / scale, row.cum_net_p95 / scale], [k, k], color=shown.colour, lw=5, alpha=0.3)
            axes.plot([middles[k], middles[k + 1]], [k, k], color=shown.colour, lw=2.6)
            axes.plot([middles[k + 1]], [k], shown.marker, color=shown.colour, markersize=8)
            if k + 1 < len(rows):
                axes.plot([middles[k + 1]] * 2, [k, k + 1], color=shown.colour, lw=1.2)
            axes.text(
                1.03, k, f"in the top {TOP} in {row.top3_futures:,} of {n:,}", va="center", fontsize=11,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.axvline(0, color=INK, lw=1.4)
        axes.set_ylim(len(rows) - 0.5, -0.6)
        axes.set_yticks(range(len(rows)), [f"{r.order}. {r.ward}" for r in records(rows)], fontsize=12)
        axes.tick_params(axis="y", length=0)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(f"{unit}; a saving is positive")
    told = "; ".join(
        f"after {r.ward} {pounds(r.cum_net_p50)}, top {TOP} in {r.top3_futures} of {n:,}" for r in records(rows)
    )
    description = (
        f"Steps of the running total of net saving as {len(rows)} wards are added, best first. {told}. "
        f"{run.plan.area.boundary_note}"
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
