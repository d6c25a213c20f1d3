"""C17 and C18: what to find out first, from the run's futures, and past claims beside the model, from a stored table.

Knowing a figure is worth something only if it could change the choice, so the bars are in pounds of net benefit: what
the public purse saves plus wellbeing at the value the register gives a WELLBY. With few futures luck looks like worth;
how much is told by shuffling the futures many times and looking at the largest worth of any figure each time.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.value_of_information import evppi, net_benefits, worth_by_luck
from lacsim.errors import ResultsError
from lacsim.report import backcast
from lacsim.report.charts import evidence
from lacsim.report.charts.frame import Chart, empty_chart, footer_of, money_axis, place_and_period, records, scale_of
from lacsim.report.holders import holder_of
from lacsim.report.labels import in_words, label_of
from lacsim.report.narrative import pounds
from lacsim.report.style import FOCUS_GREY, INK, NAVY, ORANGE, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME, CLAIMS_NAME = "c17_find_out_first", "c18_claims_check"
COLUMNS = ["parameter", "evppi_gbp", "se_gbp", "holder", "effort"]
CLAIMS_COLUMNS = [
    "claim_id", "stance", "text", "source", "claimed", "unit", "model_p05", "model_p50", "model_p95", "verdict",
]  # fmt: skip
FEWEST: Final = 70
_MOST, _GROUPS = 8, 10


def evppi_frame(run: Run) -> pd.DataFrame:
    """C17's data with the columns `COLUMNS`, most valuable first; empty with fewer than 70 futures or one option.

    The standard error is a jackknife over tenths of the futures. `attrs["by_luck"]` is what the largest
    worth stays under in 95 of 100 shuffles of the futures: below it, a worth is not told from luck.
    """
    able = [k for k, name in enumerate(run.plan.draws.names) if not name.startswith("sroi.")]  # an analyst's own
    names = [run.plan.draws.names[k] for k in able]
    if run.pair is None or run.plan.futures < FEWEST or not names:
        return pd.DataFrame(columns=COLUMNS)
    wellby = run.plan.parameters.number("unit_costs.wellby")
    benefit = net_benefits(run.results, run.costs, wellby).to_numpy(np.float64)
    drawn = np.asarray(run.plan.draws.values, np.float64)[:, able]
    worth = np.array([evppi(benefit, [column]) for column in drawn.T])
    by_luck = np.quantile(worth_by_luck(benefit, list(drawn.T)), 0.95)
    group = np.arange(len(benefit)) % _GROUPS
    rows = []
    for k in np.argsort(-worth, kind="stable")[:_MOST]:
        without = np.array([evppi(benefit[group != g], [drawn[group != g, k]]) for g in range(_GROUPS)])
        error = float(np.sqrt((_GROUPS - 1) / _GROUPS * ((without - without.mean()) ** 2).sum()))
        rows.append((names[k], float(worth[k]), error, *holder_of(names[k])))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.attrs["by_luck"] = float(by_luck)
    return frame


def draw_find_out(run: Run) -> Chart:
    """Draw C17 for a run."""
    return draw_evppi(run, evppi_frame(run))


def draw_past_claims(run: Run) -> Chart:
    """Draw C18 from the stored table of claims; without one, the chart says which command makes it."""
    try:
        found = backcast.stored()
    except ResultsError:
        reason = f"No table of claims is stored. Make it with: {backcast.COMMAND}"
        return empty_chart(run, CLAIMS_NAME, "Not modelled: how past claims compare", reason, CLAIMS_COLUMNS)
    note = f"{found.futures} futures for each stance, apart from run {run.plan.run_id}. {found.stale}".strip()
    chart = evidence.claims_chart(found.table, note=note)
    words = chart.data.assign(verdict=[in_words(run.plan.parameters, str(v)) for v in chart.data["verdict"]])
    met = chart.data.loc[chart.data["verdict"] == "reproduced", "text"].drop_duplicates().tolist()
    description = (
        f"Dots with lines on a ratio scale, one row for each of {chart.data['claim_id'].nunique()} published claims, "
        f"three stances in each. Met under some stance: {'; '.join(met) or 'none'}. The figures are in the table."
    )
    return dataclasses.replace(chart, name=CLAIMS_NAME, description=description, data=words)


def title_of(worth: float, error: float, by_luck: float) -> str:
    """The message: what the figure worth most is worth, or that none is told from luck; nothing modelled is NaN."""
    if np.isnan(worth):
        return "Not modelled: what to find out first"
    if worth <= max(2 * error, by_luck):
        return "No single figure is shown to be worth finding out by itself"
    return f"Finding out one figure first is worth up to {pounds(worth)}"


def draw_evppi(run: Run, frame: pd.DataFrame) -> Chart:
    """Draw C17 from a frame with the columns `COLUMNS`: expected value of partial perfect information in pounds."""
    if frame.empty:
        reason = (
            "Two options are needed to choose between."
            if run.pair is None
            else f"{FEWEST} futures are needed to tell what a figure is worth from luck; this run has "
            f"{run.plan.futures}. Run more futures."
        )
        return empty_chart(run, NAME, title_of(np.nan, 0, 0), reason, COLUMNS)
    by_luck = float(frame.attrs.get("by_luck", 0.0))
    top = frame.sort_values("evppi_gbp", ascending=False, kind="stable").head(_MOST).reset_index(drop=True)
    title = title_of(float(top["evppi_gbp"].iloc[0]), float(top["se_gbp"].iloc[0]), by_luck)
    subtitle = f"Worth of knowing each figure exactly before deciding, {place_and_period(run)}"
    footer = footer_of(
        run,
        "Bar: expected value of partial perfect information, public purse and wellbeing together; line: plus and "
        "minus two standard errors. Dotted: what luck alone seldom passes; grey bars do not. Holder and effort are our "
        "judgement.",
    )
    reach = max(float((top["evppi_gbp"] + 2 * top["se_gbp"]).max()), 1.05 * by_luck)
    scale, unit = scale_of(reach)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=3.4, right=2.9, top=0.25, bottom=0.5))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        for k, row in enumerate(records(top)):
            colour = NAVY if row.evppi_gbp > by_luck else FOCUS_GREY
            axes.barh(k, row.evppi_gbp / scale, height=0.6, color=colour, edgecolor=INK, lw=0.6, zorder=2)
            ends = [max(row.evppi_gbp - 2 * row.se_gbp, 0) / scale, (row.evppi_gbp + 2 * row.se_gbp) / scale]
            axes.plot(ends, [k, k], color=ORANGE, lw=2, zorder=3)
            axes.text(
                1.03, k, wrap(f"{row.holder}; {row.effort}", 34), va="center", fontsize=10.5,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.text(1.03, -0.62, "who holds it; effort", fontsize=10.5, fontweight="bold", va="bottom",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        labels = [wrap(label_of(run.plan.parameters, str(p), 72), 40) for p in top["parameter"]]
        axes.set_yticks(range(len(top)), labels, fontsize=10.5)
        axes.tick_params(axis="y", length=0)
        axes.axvline(by_luck / scale, color=INK, lw=1.2, linestyle=(0, (1, 2)), zorder=3)
        axes.set_ylim(len(top) - 0.5, -0.6)
        axes.set_xlim(0, max(reach, 1.0) / scale)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(unit)
    told = "; ".join(
        f"{label_of(run.plan.parameters, r.parameter)} {pounds(r.evppi_gbp)}, {r.holder}" for r in records(top)
    )
    return Chart(
        NAME,
        figure,
        top,
        title,
        subtitle,
        f"Bars of what each figure is worth knowing. {told}. Luck alone seldom gives more than {pounds(by_luck)}.",
        footer,
    )
