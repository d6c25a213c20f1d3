"""C14 and C15, what matters most: the assumptions that move the answer, and how much must be due to us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report import sensitivity
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
from lacsim.report.labels import label_of
from lacsim.report.narrative import MINUS, pounds
from lacsim.report.style import FOCUS_GREY, GREY, INK, NAVY, ORANGE, body, chart_style, framed_figure, wrap

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME, CREDIT_NAME = "c14_what_matters", "c15_credit_share"
COLUMNS = sensitivity.COLUMNS
CREDIT_COLUMNS = ["credit_share", "p05", "p50", "p95"]
_LABEL: Final = 48


def title_of(n_turning: int, n_clear: int, n: int) -> str:
    """The message: whether any figure stands out, and how many turn the answer within their range."""
    if n == 0:
        return "Not modelled: which assumption matters most"
    if n_clear == 0:
        return "No single assumption stands out from chance in these futures"
    if n_turning == 0:
        return "No single assumption turns the answer within its range"
    if n_turning == 1:
        return "One assumption alone can turn the answer within its range"
    return f"{n_turning} assumptions can each turn the answer within their range"


def _value(value: float) -> str:
    """A figure at the end of a bar."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", MINUS)


def draw_frame(run: Run, frame: pd.DataFrame) -> Chart:
    """Draw C14 from a frame with the columns `COLUMNS`."""
    turning = frame[
        frame["switching_value"].notna()
        & (frame["switching_value"] >= frame["low"])
        & (frame["switching_value"] <= frame["high"])
    ]
    title = title_of(len(turning), int(frame["is_clear"].sum()), len(frame))
    assert run.pair is not None
    subtitle = (
        f"Mean saving of {run.label(run.pair[0])} against {run.label(run.pair[1])} at the 5th and 95th "
        f"percentile of each "
        "figure"
    )
    footer = footer_of(
        run,
        "A straight line through the futures; grey bars cannot be told from chance among so many figures. "
        "Diamond: where the line crosses nothing. Letters: grade of the evidence, A measured here to D assumed.",
    )
    ends = frame[["net_low_gbp", "net_high_gbp"]].to_numpy(float)
    scale, unit = scale_of(float(np.abs(ends).max()))
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=3.55, right=0.75, top=0.05, bottom=0.5))
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        centre = float(ends.mean(axis=1).mean()) / scale
        for k, row in enumerate(records(frame)):
            low, high = row.net_low_gbp / scale, row.net_high_gbp / scale
            left, right = min(low, high), max(low, high)
            colour = NAVY if row.is_clear else FOCUS_GREY
            axes.barh(k, right - left, left=left, height=0.6, fc=colour, ec=GREY, lw=0.8, zorder=2)
            ended = (row.low, row.high) if low <= high else (row.high, row.low)
            for x, align, value, gap in ((left, "right", ended[0], -4), (right, "left", ended[1], 4)):
                axes.annotate(
                    _value(value), (x, k), xytext=(gap, 0), textcoords="offset points", ha=align, va="center",
                    fontsize=10.5,
                )  # fmt: skip
            if pd.notna(row.switching_value) and row.low <= row.switching_value <= row.high:
                axes.plot([0], [k], "D", color=ORANGE, mec=INK, markersize=9, zorder=4)
        axes.axvline(centre, color=GREY, lw=1.0, linestyle=(0, (2, 2)))
        low, high = float(ends.min()) / scale, float(ends.max()) / scale
        if low <= 0 <= high:
            axes.axvline(0, color=INK, lw=1.4)
        pad = 0.17 * max(high - low, 1e-9)
        axes.set_xlim(low - pad, high + pad)
        axes.set_ylim(len(frame) - 0.4, -0.6)
        names = [label_of(run.plan.parameters, r.parameter) for r in records(frame)]
        labels = [wrap(f"{name} ({r.grade})", _LABEL) for name, r in zip(names, records(frame), strict=True)]
        axes.set_yticks(range(len(frame)), labels, fontsize=9.5, linespacing=1.0)
        axes.tick_params(axis="y", length=0)
        money_axis(axes.xaxis, bins=5)
        axes.set_xlabel(f"saving, {unit}; a saving is positive")
    told = "; ".join(
        f"{name}, from {_value(r.low)} to {_value(r.high)} {run.plan.parameters.entry(r.parameter).unit}: "
        f"{pounds(r.net_low_gbp)} to {pounds(r.net_high_gbp)}"
        for name, r in zip(names, records(frame), strict=True)
    )
    description = f"Tornado of the {len(frame)} assumptions that move the saving furthest. {told}."
    return Chart(NAME, figure, frame, title, subtitle, description, footer)


def draw(run: Run) -> Chart:
    """Draw C14 for the headline's pair."""
    frame = sensitivity.tornado_frame(run)
    if frame.empty:
        reason = f"It needs two scenarios and at least {sensitivity.FEWEST_FUTURES} futures."
        return empty_chart(run, NAME, title_of(0, 0, 0), reason, COLUMNS)
    return draw_frame(run, frame)


def credit_title(scenario: str, share: float | None) -> str:
    """The message: the share of the change that must be due to coordination for the middle future to break even."""
    if share is None:
        return f"No share of the change makes {scenario} break even"
    if share > 1:
        return f"Even if all of it is due to coordination, {scenario} does not break even"
    return f"{scenario} breaks even if {100 * share:.0f} in 100 of the change is due to it"


def draw_credit(run: Run) -> Chart:
    """Draw C15 for the headline's pair."""
    if run.pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        title = f"Not modelled: how much must be due to {label}"
        return empty_chart(run, CREDIT_NAME, title, f"{label} was run alone.", CREDIT_COLUMNS)
    frame = sensitivity.credit_frame(run)
    share = sensitivity.break_even_share(run)
    scenario, against = run.pair
    title = credit_title(run.label(scenario), share)
    subtitle = f"Net saving against {run.label(against)}, {place_and_period(run)}; {price_basis(run)}"
    footer = footer_of(
        run,
        "Line: middle figure; band: 9 in 10 futures. At 100 the whole simulated change is credited. The shares "
        "used in the "
        "2016 study of Derby are in the part of its report that could not be read, so none is marked.",
        sources=("effects.",),
        outcome=run.differences["public_purse_saving_gbp"].tolist(),
    )
    scale, unit = scale_of(float(frame[["p05", "p95"]].abs().to_numpy().max()))
    shown = look(run, scenario)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.75, right=2.1, top=0.1, bottom=0.5))
        x = 100 * frame["credit_share"]
        axes.fill_between(x, frame["p05"] / scale, frame["p95"] / scale, color=shown.colour, alpha=0.2, lw=0)
        axes.plot(x, frame["p50"] / scale, color=shown.colour, lw=2.6)
        axes.axhline(0, color=INK, lw=1.4)
        axes.set_xlim(0, 100)
        if share is not None and share <= 1:
            axes.plot([100 * share], [0], "D", color=ORANGE, mec=INK, markersize=10, zorder=4)
        money_axis(axes.yaxis, bins=6)
        axes.set_ylabel(unit, fontsize=12)
        axes.set_xlabel("of 100 parts of the simulated change, how many are due to coordination")
        last = frame.iloc[-1]
        words = [f"all of it: {pounds(last.p50)}"]
        if share is not None and share > 1:
            words.append(f"break-even needs {share:.1f} times the change")
        elif share is not None:
            words.append(f"break-even at {100 * share:.0f} in 100")
        axes.text(
            1.03, 0.5, "\n".join(wrap(w, 20) for w in words), transform=axes.transAxes, va="center", fontsize=12,
            linespacing=1.3,
        )  # fmt: skip
    description = (
        f"Line with a band of the net saving against the share of the simulated change that is credited to "
        f"coordination, "
        f"from none to all. {title}. At none {pounds(frame['p50'].iloc[0])}; at all {pounds(last.p50)} "
        f"({pounds(last.p05)} to {pounds(last.p95)})."
    )
    return Chart(CREDIT_NAME, figure, frame, title, subtitle, description, footer)
