"""C17 and C18, drawn from frames of other parts: what to find out first, and past claims on our definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report.charts.frame import Chart, empty_chart, footer_of, money_axis, place_and_period, records, scale_of
from lacsim.report.narrative import MINUS, pounds
from lacsim.report.style import GREY, INK, NAVY, ORANGE, bare, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME, CLAIMS_NAME = "c17_find_out_first", "c18_claims_check"
COLUMNS = ["parameter", "evppi_gbp", "se_gbp", "holder", "effort"]
CLAIMS_COLUMNS = [
    "claim_id", "text", "source", "claimed", "model_p05", "model_p50", "model_p95", "same_definition", "note",
]  # fmt: skip
_MOST: Final = 8


def title_of(first: str, worth: float, error: float) -> str:
    """The message: which figure is worth finding out most, or that none is told from nothing."""
    if not first:
        return "Not modelled: what to find out first"
    if worth <= 2 * error:
        return "No single figure is shown to be worth finding out by itself"
    return f"Finding out {first} first is worth most, {pounds(worth)}"


def draw_evppi(run: Run, frame: pd.DataFrame) -> Chart:
    """Draw C17 from a frame with the columns `COLUMNS`: expected value of partial perfect information in pounds."""
    if frame.empty:
        return empty_chart(run, NAME, title_of("", 0, 0), "No figure was appraised.", COLUMNS)
    top = frame.sort_values("evppi_gbp", ascending=False, kind="stable").head(_MOST).reset_index(drop=True)
    name = str(top["parameter"].iloc[0]).split(".")[-1].replace("_", " ")
    title = title_of(name, float(top["evppi_gbp"].iloc[0]), float(top["se_gbp"].iloc[0]))
    subtitle = f"Worth of knowing each figure exactly before deciding, {place_and_period(run)}"
    footer = footer_of(
        run, "Bar: expected value of partial perfect information; line: plus and minus two standard errors."
    )
    scale, unit = scale_of(float((top["evppi_gbp"] + 2 * top["se_gbp"]).max()))
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=2.9, right=2.7, top=0.25, bottom=0.5))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        for k, row in enumerate(records(top)):
            axes.barh(k, row.evppi_gbp / scale, height=0.6, color=NAVY, zorder=2)
            ends = [max(row.evppi_gbp - 2 * row.se_gbp, 0) / scale, (row.evppi_gbp + 2 * row.se_gbp) / scale]
            axes.plot(ends, [k, k], color=ORANGE, lw=2, zorder=3)
            axes.text(
                1.03, k, wrap(f"{row.holder}; {row.effort}", 34), va="center", fontsize=10.5,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.text(1.03, -0.62, "who holds it; effort", fontsize=10.5, fontweight="bold", va="bottom",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        labels = [wrap(str(p).split(".")[-1].replace("_", " "), 34) for p in top["parameter"]]
        axes.set_yticks(range(len(top)), labels, fontsize=10.5)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(top) - 0.5, -0.6)
        axes.set_xlim(left=0)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(unit)
    told = "; ".join(f"{r.parameter} {pounds(r.evppi_gbp)}, held by {r.holder}" for r in records(top))
    return Chart(NAME, figure, top, title, subtitle, f"Bars of what each figure is worth knowing. {told}.", footer)


def claims_title(n: int, reached: int) -> str:
    """The message: how many published claims lie inside the model's range on the same definition."""
    if n == 0:
        return "Not modelled: how past claims compare"
    if reached == n:
        return f"The model can match all {n} past claims on their own definitions"
    if reached == 0:
        return f"The model matches none of {n} past claims on their own definitions"
    return f"The model matches {reached} of {n} past claims on their own definitions"


def _figure(value: float) -> str:
    """A claimed or modelled figure of any size."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:.2g}".replace("-", MINUS)


def draw_claims(run: Run, frame: pd.DataFrame) -> Chart:
    """Draw C18 from a frame with the columns `CLAIMS_COLUMNS`: each claim on its own scale, claim and model in it."""
    if frame.empty:
        return empty_chart(run, CLAIMS_NAME, claims_title(0, 0), "No claim was compared.", CLAIMS_COLUMNS)
    inside = (frame["claimed"] >= frame["model_p05"]) & (frame["claimed"] <= frame["model_p95"])
    title = claims_title(len(frame), int(inside.sum()))
    subtitle = "Published claims (diamond) beside the model's like-for-like figure (line: 9 in 10; dot: middle)"
    footer = footer_of(
        run, "Each row has its own scale. Claims are shown as printed; the model is not bent to meet them."
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=0.0, right=0.0, top=0.1, bottom=0.05)
        each = height / len(frame)
        for k, row in enumerate(records(frame)):
            base = y0 + height - (k + 1) * each
            words = figure.add_axes((x0, base, 0.33 * width, each))
            bare(words)
            words.text(0, 0.5, wrap(row.text, 40), va="center", fontsize=10)
            axes = figure.add_axes((x0 + 0.36 * width, base + 0.2 * each, 0.3 * width, 0.6 * each))
            bare(axes)
            values = [v for v in (row.claimed, row.model_p05, row.model_p95, 0.0) if np.isfinite(v)]
            low, high = min(values), max(values)
            pad = 0.1 * max(high - low, 1e-9)
            axes.set_xlim(low - pad, high + pad)
            axes.set_ylim(-1, 1)
            axes.axvline(0, color=GREY, lw=0.8)
            if np.isfinite(row.model_p50):
                axes.plot([row.model_p05, row.model_p95], [0, 0], color=NAVY, lw=4, solid_capstyle="butt")
                axes.plot([row.model_p50], [0], "o", color="white", mec=NAVY, mew=2, markersize=9)
            axes.plot([row.claimed], [0], "D", color=ORANGE, mec=INK, markersize=9)
            model = f"model {_figure(row.model_p50)}" if np.isfinite(row.model_p50) else "not modelled"
            note = "" if row.same_definition else " (another definition)"
            text = f"claim {_figure(row.claimed)}; {model}{note}. {row.note}"
            figure.text(x0 + 0.68 * width, base + 0.5 * each, wrap(text, 44), va="center", fontsize=9.5)
    told = "; ".join(f"{r.text} claimed {_figure(r.claimed)}, model {_figure(r.model_p50)}" for r in records(frame))
    description = f"One row for each published claim with the claim and the model's range. {told}."
    return Chart(CLAIMS_NAME, figure, frame, title, subtitle, description, footer)
