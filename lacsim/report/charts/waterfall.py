"""C20, where the money comes from: the saving split exactly over the effects of coordination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.attribution import errors_wide
from lacsim.report import asked
from lacsim.report.charts.frame import Chart, empty_chart, footer_of, money_axis, price_basis, records, scale_of
from lacsim.report.narrative import people, pounds
from lacsim.report.style import BLUES, GREY, INK, ORANGE, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c20_where_it_comes_from"
COLUMNS = asked.COLUMNS[asked.WATERFALL]
_LABEL: Final = 42


def title_of(bars: pd.DataFrame) -> str:
    """The message, from the rows of effects: how many can be told from luck, and which is the largest of them."""
    if bars.empty:
        return "Not computed: which effect the money comes from"
    clear = bars[bars["beyond_error"].astype(bool)]
    if clear.empty:
        return "No effect can be told from luck in so small a run"
    first = max(records(clear), key=lambda one: abs(float(one.mean_gbp)))
    does = "saves" if first.mean_gbp > 0 else "costs"
    if len(clear) == 1:
        return f"Only one of {len(bars)} effects can be told from luck: {first.bar}, which {does} money"
    return f"{len(clear)} of {len(bars)} effects can be told from luck; {first.bar} {does} most"


def draw(run: Run) -> Chart:
    """Draw C20 from the table that `lacsim waterfall` keeps beside the run."""
    table = run.asked.get(asked.WATERFALL)
    if table is None:
        reason = "Every subset of effects is lived for this, so a run does not do it by itself. "
        told = "It needs two scenarios." if run.pair is None else f"To have it: {asked.command('waterfall', run.plan)}"
        return empty_chart(run, NAME, title_of(pd.DataFrame()), reason + told, COLUMNS)
    return draw_frame(run, table)


def draw_frame(run: Run, table: pd.DataFrame) -> Chart:
    """Draw C20 from a frame with the columns `COLUMNS`; the last row is the sum of those above it."""
    row = table.iloc[0]
    label, against = (run.label(str(row[key])) for key in ("scenario", "comparator"))
    title = title_of(table[table["letter"] != ""])
    adults, futures = people(float(row["residents"])), int(row["futures"])
    subtitle = (
        f"What {label} saves against {against} ({str(row['money']).replace('_', ' ')}) in {adults} adults; "
        f"{price_basis(run)}"
    )
    footer = footer_of(
        run,
        "Each bar is what an effect adds, averaged over all orders of adding them; bars add up exactly. Line: 95% "
        f"interval of each mean, from luck and draws in {futures} futures. Pale: not told from 0. Amounts are those of "
        f"{adults} adults.",
        n=futures,
    )
    ends = table[["from_gbp", "to_gbp"]].to_numpy(float)
    error = np.nan_to_num(errors_wide(futures) * table["se_gbp"].to_numpy(float))
    reach = float(max(np.abs(ends[:, 1] - error).max(), np.abs(ends[:, 1] + error).max(), np.abs(ends).max()))
    scale, unit = scale_of(reach)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=3.3, right=1.7, top=0.1, bottom=0.5))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        for k, (one, err) in enumerate(zip(records(table), error, strict=True)):
            left, right = sorted((one.from_gbp / scale, one.to_gbp / scale))
            colour = GREY if one.letter == "" else BLUES[3] if one.mean_gbp >= 0 else ORANGE
            axes.barh(
                k, right - left, left=left, height=0.6, fc=colour, ec=INK, lw=0.6,
                alpha=1.0 if one.beyond_error else 0.35, zorder=2,
            )  # fmt: skip
            at = one.to_gbp / scale
            axes.plot([at - err / scale, at + err / scale], [k, k], color=INK, lw=1.4, zorder=3)
            if k + 1 < len(table):
                axes.plot([at, at], [k, k + 1], color=GREY, lw=0.8, zorder=1)
            said = f"{pounds(one.mean_gbp)} (± {pounds(err).removeprefix('£')})" if err else pounds(one.mean_gbp)
            axes.text(1.02, k, said, va="center", fontsize=10.5, transform=axes.get_yaxis_transform())
        axes.axvline(0, color=INK, lw=1.4)
        axes.set_ylim(len(table) - 0.4, -0.6)
        names = [wrap(f"{one.bar} ({one.letter})" if one.letter else one.bar, _LABEL) for one in records(table)]
        axes.set_yticks(range(len(table)), names, fontsize=10)
        axes.tick_params(axis="y", length=0)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(f"{unit}; a saving is positive")
    told = "; ".join(f"{one.bar} {pounds(one.mean_gbp)}" for one in records(table))
    description = f"Waterfall of the saving over {int((table['letter'] != '').sum())} effects, in order: {told}."
    return Chart(NAME, figure, table, title, subtitle, description, footer)
