"""C01, one hundred futures: whether the scenario costs the public purse less, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lacsim.report.charts.frame import Chart, empty_chart, footer_of, place_and_period, price_basis, records
from lacsim.report.narrative import MINUS, Branch, branch_of, pounds, range_in_words, spread_of
from lacsim.report.style import (
    FOCUS_GREY,
    GREY,
    HEIGHT_IN,
    INK,
    NAVY,
    ORANGE,
    WIDTH_IN,
    body,
    chart_style,
    framed_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lacsim.report.api import Run

NAME = "c01_headline"
PURSE = "Public purse: council and NHS cash and freed time and places, less the cost of the programme."
COLUMNS = ["future", "net_gbp", "side", "x_bin", "stack"]
MOST_DOTS, _BINS, _LARGEST_DOT_PT = 200, 40, 17.0
_STRIP_PT, _BAND_PT = 30.0, 46.0


def title_of(branch: Branch, scenario: str, against: str, n: int, n_less: int, n_more: int) -> str:
    """The message of the chart for each way the futures may turn out."""
    if branch == "not modelled":
        return f"Not modelled: {scenario} has nothing to be compared with"
    if branch == "no difference":
        return f"{scenario} and {against} cost the same in every future"
    if branch == "costs more":
        return f"In {n_more:,} of {n:,} futures, {scenario} costs more than {against}"
    if branch == "saves":
        return f"In {n_less:,} of {n:,} futures, {scenario} costs less than {against}"
    return f"Too close to call: {scenario} costs less in {n_less:,} of {n:,} futures"


def bin_width(values: np.ndarray) -> float:
    """A round width (1, 2 or 5 times a power of ten) that spreads the futures over a few dozen bins."""
    span = float(values.max() - values.min())
    rough = span / _BINS if span > 0 else max(abs(float(values[0])) / _BINS, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * (1 - 1e-9))


def dots(future: list[int], values: list[float]) -> pd.DataFrame:
    """Where each dot goes: bins break at zero, and dots in a bin are stacked in the order of their value.

    With more than `MOST_DOTS` futures, one hundred stand for all: those nearest to the 0.5th, 1.5th … percentile.
    """
    frame = pd.DataFrame({"future": future, "net_gbp": values}).sort_values(["net_gbp", "future"], ignore_index=True)
    if len(frame) > MOST_DOTS:
        frame = frame.iloc[((np.arange(100) + 0.5) / 100 * len(frame)).astype(int)].reset_index(drop=True)
    net = frame["net_gbp"].to_numpy(float)
    width = bin_width(net)
    # A saving of exactly a whole number of bins belongs to the bin nearer zero, so that no bin holds both signs.
    upper = np.where(net > 0, np.ceil(np.round(net / width, 9)), np.floor(np.round(net / width, 9)))
    frame["side"] = np.select([net > 0, net < 0], ["costs less", "costs more"], "the same")
    frame["x_bin"] = np.where(net == 0, 0.0, (upper - 0.5 * np.sign(net)) * width)
    frame["stack"] = frame.groupby("x_bin").cumcount() + 1
    return frame[COLUMNS]


def middle_in_words(middle: float) -> str:
    """The middle figure without a sign to be puzzled over."""
    if round(middle) == 0:
        return "middle figure: no difference"
    return f"middle figure: {pounds(abs(middle))} {'less' if middle > 0 else 'more'}"


def unit_of(largest: float) -> tuple[float, str]:
    """Divisor and name for an axis of money."""
    if largest >= 1e6:
        return 1e6, "£ million"
    return (1e3, "£ thousand") if largest >= 1e4 else (1.0, "£")


def _draw_dots(axes: Axes, frame: pd.DataFrame, width: float, height_pt: float, scale: float) -> None:
    """One marker per future; y is in points above the axis."""
    low, high = axes.get_xlim()
    per_unit = (body()[2] * WIDTH_IN * 72) / (high - low)
    size = min(width / scale * per_unit, height_pt / frame["stack"].max(), _LARGEST_DOT_PT)
    looks = {
        "costs less": {"marker": "o", "mfc": NAVY, "mec": NAVY},
        "costs more": {"marker": "s", "mfc": "white", "mec": ORANGE},
        "the same": {"marker": "D", "mfc": FOCUS_GREY, "mec": GREY},
    }
    for row in records(frame):
        look = looks[row.side]
        drawn = size * (0.9 if look["marker"] == "o" else 0.72)
        (dot,) = axes.plot(
            [row.x_bin / scale],
            [(row.stack - 0.5) * size],
            linestyle="",
            markersize=max(drawn - 1.2, 1.5),
            mew=min(1.6, size / 6),
            clip_on=False,
            **look,
        )
        dot.set_gid(f"future-{row.future:03d}")


def _draw_range(axes: Axes, values: list[float], scale: float, band_y: float) -> None:
    """The middle half and 9 in 10 futures below the dots, and the middle figure above them."""
    spread = spread_of(values)
    y = -_STRIP_PT / 2
    axes.plot([spread.p05 / scale, spread.p95 / scale], [y, y], color=GREY, lw=1.6, solid_capstyle="butt")
    axes.plot([spread.p25 / scale, spread.p75 / scale], [y, y], color=GREY, lw=7, solid_capstyle="butt")
    middle = spread.p50 / scale
    axes.plot([middle, middle], [y - 6, band_y - 4], color=INK, lw=1.2, linestyle=(0, (1, 2)))
    axes.plot([middle], [y], marker="|", color="white", markersize=8, mew=2)
    low, high = axes.get_xlim()
    share = (middle - low) / (high - low)
    align = "left" if share < 0.2 else "right" if share > 0.8 else "center"
    axes.text(middle, band_y, middle_in_words(spread.p50), ha=align, va="bottom", fontsize=12)


def draw(run: Run) -> Chart:
    """Draw C01 for the run's main pair."""
    pair = run.pair
    if pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        reason = f"{label} was run alone. Run it together with another scenario to see a difference."
        return empty_chart(run, NAME, title_of("not modelled", label, "", 0, 0, 0), reason, COLUMNS)
    scenario, against = (run.label(name) for name in pair)
    values = [float(v) for v in run.differences["public_purse_saving_gbp"]]
    frame = dots([int(f) for f in run.differences["future"]], values)
    n, n_less, n_more = len(values), sum(v > 0 for v in values), sum(v < 0 for v in values)
    branch = branch_of(values)
    title = title_of(branch, scenario, against, n, n_less, n_more)
    subtitle = f"Cost to the public purse, {place_and_period(run)}; {price_basis(run)}"
    one = "Each mark is one simulated future" if n <= MOST_DOTS else "Each mark stands for 1 in 100 futures"
    footer = footer_of(run, f"{one}. Thick bar: middle half of futures; thin bar: 9 in 10. {PURSE}")
    width = bin_width(frame["net_gbp"].to_numpy(float))
    scale, unit = unit_of(float(np.abs(frame["x_bin"]).max()))
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        box = body(bottom=0.55)
        axes = figure.add_axes(box)
        height_pt = box[3] * HEIGHT_IN * 72 - _STRIP_PT - _BAND_PT
        pad = 0.04 * (max(frame["x_bin"].max(), 0) - min(frame["x_bin"].min(), 0)) + width
        axes.set_xlim((min(frame["x_bin"].min(), 0) - pad) / scale, (max(frame["x_bin"].max(), 0) + pad) / scale)
        axes.set_ylim(-_STRIP_PT, height_pt + _BAND_PT)
        axes.grid(False)
        axes.set_yticks([])
        axes.axvline(0, ymax=(height_pt + _STRIP_PT) / (height_pt + _STRIP_PT + _BAND_PT), color=INK, lw=1.5)
        _draw_dots(axes, frame, width, height_pt, scale)
        _draw_range(axes, values, scale, height_pt + 6)
        top = height_pt + _BAND_PT
        low, high = axes.get_xlim()
        for x, align, text in (
            (low, "left", f"□ costs more: {n_more:,} of {n:,}"),
            (high, "right", f"● costs less: {n_less:,} of {n:,}"),
        ):
            axes.text(x, top, text, ha=align, va="top", fontsize=13, fontweight="bold")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.12g}".replace("-", MINUS))
        axes.set_xlabel(f"Difference from {against}, {unit} (a saving is positive)")
    description = (
        f"Dot plot of {n:,} simulated futures, one mark for {'each' if n <= MOST_DOTS else '1 in 100'}, placed by how "
        f"much less {scenario} costs the public purse than {against}. {n_less:,} cost less, {n_more:,} cost more. "
        f"{range_in_words(values)}"
    )
    return Chart(NAME, figure, frame, title, subtitle, description, footer)
