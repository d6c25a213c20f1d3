"""What every chart has in common: the chart itself, its footer, and the range of a figure over futures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lacsim.report.narrative import FEW_FUTURES
from lacsim.report.style import (
    GREY,
    ChartFigure,
    Look,
    bare,
    body,
    chart_style,
    framed_figure,
    look_of,
    wrap,
)

if TYPE_CHECKING:
    from lacsim.report.api import Run

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True)
class Chart:
    """A chart ready to be shown or saved.

    Attributes
    ----------
    name
        File name without ending, as c01_headline.
    figure
        The drawing, with title and footer.
    data
        Exactly what is drawn, tidy, units in the column names.
    title, subtitle
        The message, and measure, place and period.
    description
        Chart type, of what data, what it shows, the exception.
    footer
        Sources, futures, meaning of ranges, run.
    """

    name: str
    figure: ChartFigure
    data: pd.DataFrame
    title: str
    subtitle: str
    description: str
    footer: str

    @property
    def prefix(self) -> str:
        """Prefix of ids inside the SVG, as c01."""
        return self.name.split("_", 1)[0]


def footer_of(run: Run, meaning: str) -> str:
    """What a reader needs who finds the chart without its report."""
    n = run.plan.futures
    few = ", too few to quote," if n < FEW_FUTURES else ""
    who = f"{n:,} simulated future{'' if n == 1 else 's'}{few} on the {run.plan.parameters.stance} stance"
    return (
        f"{meaning} {who} on the evidence; the size of the effect is not fitted to data. "
        f"Sources: those of each input stand in the assumptions of the run. Run {run.plan.run_id}."
    )


def look(run: Run, scenario: str) -> Look:
    """How a scenario of this run is drawn, the same in every chart."""
    return look_of(scenario, [s.name for s in run.plan.scenarios].index(scenario))


def place_and_period(run: Run) -> str:
    """Place and financial years, as 'Derby, 2019/20 to 2023/24'."""
    labels = run.plan.period.year_labels
    return f"{run.plan.area.name}, {labels[0]}" + (f" to {labels[-1]}" if len(labels) > 1 else "")


def price_basis(run: Run) -> str:
    """Price year and discounting, as every chart of money says."""
    rate = run.plan.parameters.number("appraisal.discount_rate")
    year = run.plan.parameters["appraisal.price_year"]
    return f"{year} prices, " + (f"discounted at {100 * rate:g}% a year" if rate else "not discounted")


def records(frame: pd.DataFrame) -> list[Any]:
    """Rows of a frame, each with its columns as attributes."""
    return list(frame.itertuples(index=False))


def quantiles(frame: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Columns p05 to p95 of a figure over futures, in the order of first appearance."""
    grouped = frame.groupby(by, sort=False)[value]
    return pd.DataFrame({name: grouped.quantile(q) for name, q in QUANTILES.items()}).reset_index()


def spread_apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, at least `gap` apart and in the same order, inside [low, high]."""
    order = np.argsort(np.asarray(wanted, float), kind="stable")
    placed = [max(low, wanted[k]) for k in order]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    if placed and placed[-1] > high:
        placed[-1] = high
        for k in range(len(placed) - 2, -1, -1):
            placed[k] = min(placed[k], placed[k + 1] - gap)
    result = [0.0] * len(wanted)
    for k, at in zip(order, placed, strict=True):
        result[int(k)] = at
    return result


def empty_chart(run: Run, name: str, title: str, reason: str, columns: list[str]) -> Chart:
    """A panel that says what was not modelled, and why."""
    footer = footer_of(run, "Nothing is drawn.")
    subtitle = place_and_period(run)
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body())
        bare(axes)
        axes.text(
            0.5,
            0.55,
            wrap(reason, 60),
            ha="center",
            va="center",
            fontsize=14,
            color=GREY,
            transform=axes.transAxes,
        )
    return Chart(name, figure, pd.DataFrame(columns=columns), title, subtitle, reason, footer)
