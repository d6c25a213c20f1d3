"""D1 and D2, for checking: whether there are enough futures, and whether the run has settled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report.charts.frame import (
    Chart,
    empty_chart,
    footer_of,
    money_axis,
    place_and_period,
    price_basis,
    scale_of,
    spread_apart,
)
from lacsim.report.narrative import pounds
from lacsim.report.style import GREY, INK, NAVY, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

FUTURES_NAME, SETTLED_NAME = "d1_enough_futures", "d2_settled_in"
FUTURES_COLUMNS = ["futures", "mean_gbp", "low_gbp", "high_gbp"]
SETTLED_COLUMNS = ["measure", "month", "people", "moving_mean", "share_of_mean"]
_WINDOW: Final = 12
_TOLERANCE: Final = 0.05
_MEASURES: Final = {
    "hospital": "in hospital",
    "residential": "in care homes",
    "waiting_for_assessor": "waiting for an assessor",
}


def running_mean(values: np.ndarray) -> pd.DataFrame:
    """Mean of the first n futures with a 95% confidence interval of the mean (t), for n from 2.

    Source
    ------
    Hoad, Robinson and Davies (2010), the confidence interval method, doi:10.1057/jors.2009.121.
    """
    from scipy.stats import t

    rows = []
    for n in range(2, len(values) + 1):
        mean, error = float(values[:n].mean()), float(values[:n].std(ddof=1) / np.sqrt(n))
        half = float(t.ppf(0.975, n - 1)) * error
        rows.append((n, mean, mean - half, mean + half))
    return pd.DataFrame(rows, columns=FUTURES_COLUMNS)


def futures_title(n: int, mean: float, half: float) -> str:
    """The message: how precisely the mean saving is known, against its own size."""
    if n < 2:
        return "Not shown: one future has no precision"
    if half <= 0.1 * abs(mean):
        return f"{n:,} futures are enough: the mean is known within {pounds(half)}"
    if half <= abs(mean):
        return f"{n:,} futures settle the sign of the mean, known within {pounds(half)}"
    return f"{n:,} futures are too few: the mean is known within {pounds(half)} only"


def draw_futures(run: Run) -> Chart:
    """Draw D1 for the headline's pair."""
    net = run.differences["public_purse_saving_gbp"].to_numpy(float) if run.pair else np.zeros(0)
    if len(net) < 2:
        return empty_chart(run, FUTURES_NAME, futures_title(1, 0, 0), "It needs two futures or more.", FUTURES_COLUMNS)
    frame = running_mean(net)
    last = frame.iloc[-1]
    title = futures_title(len(net), float(last.mean_gbp), float(last.high_gbp - last.mean_gbp))
    subtitle = f"Mean saving of the first futures, {place_and_period(run)}; {price_basis(run)}"
    footer = footer_of(
        run, "Line: mean so far; band: 95% confidence interval of that mean, which narrows with more futures."
    )
    shown = frame[frame["futures"] >= min(5, len(net))]
    scale, unit = scale_of(float(shown[["low_gbp", "high_gbp"]].abs().to_numpy().max()))
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.8, right=0.4, top=0.1, bottom=0.5))
        axes.fill_between(shown["futures"], shown["low_gbp"] / scale, shown["high_gbp"] / scale, color=NAVY, alpha=0.2)
        axes.plot(shown["futures"], shown["mean_gbp"] / scale, color=NAVY, lw=2.4)
        low, high = axes.get_ylim()
        if low <= 0 <= high:
            axes.axhline(0, color=INK, lw=1.2)
        money_axis(axes.yaxis, bins=5)
        axes.set_ylabel(unit, fontsize=12)
        axes.set_xlabel("futures")
    description = f"Line with a band of the running mean of the saving. {title}."
    return Chart(FUTURES_NAME, figure, frame, title, subtitle, description, footer)


def settled_frame(run: Run) -> pd.DataFrame:
    """People by month in the first scenario, mean over futures, with a moving mean of a year."""
    first = run.plan.scenarios[0].name
    monthly = run.monthly[(run.monthly["scenario"] == first) & run.monthly["measure"].isin(_MEASURES)]
    mean = monthly.groupby(["measure", "month"], sort=False)["value"].mean().reset_index()
    parts = []
    for measure, group in mean.groupby("measure", sort=False):
        people = group["value"].to_numpy(float)
        moving = pd.Series(people).rolling(_WINDOW, min_periods=1).mean().to_numpy(float)
        whole = max(float(people.mean()), 1e-9)
        parts.append(
            pd.DataFrame(
                {
                    "measure": measure, "month": group["month"].to_numpy(), "people": people, "moving_mean": moving,
                    "share_of_mean": people / whole,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)[SETTLED_COLUMNS]


def settled_title(first_year: dict[str, float]) -> str:
    """The message, from the first year's mean as a share of the whole period's, for each measure."""
    far = {name: share for name, share in first_year.items() if abs(share - 1) > _TOLERANCE}
    if not first_year:
        return "Not shown: nobody is counted by month"
    if not far:
        return f"Settled in from the start: the first year is within {100 * _TOLERANCE:.0f}% of the whole"
    worst = max(far, key=lambda name: abs(far[name] - 1))
    way = "lower" if far[worst] < 1 else "higher"
    return f"Not settled at first: people {worst} are {100 * abs(far[worst] - 1):.0f}% {way} in the first year"


def draw_settled(run: Run) -> Chart:
    """Draw D2 for the run's first scenario."""
    frame = settled_frame(run)
    shares = {
        _MEASURES[str(m)]: float(g["share_of_mean"].iloc[:_WINDOW].mean())
        for m, g in frame.groupby("measure", sort=False)
        if g["people"].max() >= 1
    }
    title = settled_title(shares)
    subtitle = (
        f"People by month as a share of their mean, {run.label(run.plan.scenarios[0].name)}, {place_and_period(run)}"
    )
    footer = footer_of(
        run,
        "Thin line: months; thick line: mean of the last twelve. The population ages and grows, so a slow trend "
        "is not a "
        "start that has not settled.",
    )
    lines = [(0, (1, 1)), "-", (0, (5, 2))]
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.7, right=2.3, top=0.1, bottom=0.5))
        ends = []
        for k, (measure, group) in enumerate(frame.groupby("measure", sort=False)):
            whole = max(float(group["people"].mean()), 1e-9)
            x = np.arange(len(group))
            axes.plot(x, group["share_of_mean"], color=GREY, lw=0.8)
            axes.plot(x, group["moving_mean"] / whole, color=NAVY, lw=2.4, linestyle=lines[k % 3])
            ends.append((_MEASURES[str(measure)], float(group["moving_mean"].iloc[-1] / whole)))
        axes.axhline(1, color=INK, lw=1)
        axes.axvline(_WINDOW, color=GREY, lw=1, linestyle=(0, (2, 2)))
        axes.set_ylim(0, max(1.5, float(frame["share_of_mean"].max()) * 1.05))
        low, high = axes.get_ylim()
        for (name, _), y in zip(ends, spread_apart([e[1] for e in ends], 0.09 * high, low, high), strict=True):
            axes.text(1.02, y, name, transform=axes.get_yaxis_transform(), va="center", fontsize=12)
        axes.set_xlim(0, max(len(set(frame["month"])) - 1, 1))
        axes.set_xlabel("months from the start")
    told = "; ".join(f"{name} {100 * share:.0f}%" for name, share in shares.items())
    description = f"Lines of people by month as a share of their mean over the period. First year: {told}."
    return Chart(SETTLED_NAME, figure, frame, title, subtitle, description, footer)
