"""What every chart has in common: the chart itself, its footer, and the range of a figure over futures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from lacsim import evidence
from lacsim.report import influence
from lacsim.report.narrative import FEW_FUTURES, MINUS
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
    from matplotlib.axes import Axes

    from lacsim.parameters import Parameters
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


def footer_of(
    run: Run,
    meaning: str,
    *,
    sources: Sequence[str] = (),
    outcome: Sequence[float] | None = None,
    outcome_words: str = "The saving",
    counts_people: bool = False,
    n: int | None = None,
) -> str:
    """What a reader needs who finds the chart without its report.

    Parameters
    ----------
    meaning
        What marks, bars and bands mean.
    sources
        Beginnings of the register names this chart rests on, as `unit_costs.`; their sources are named.
    outcome
        The figure the chart is about, one per future: the assumptions it goes together with most are named.
    outcome_words
        What that figure is.
    counts_people
        Whether that figure counts people or time and not money.
    n
        Number of futures drawn, when it is not the run's.
    """
    drawn = run.plan.futures if n is None else n
    few = ", too few to quote," if drawn < FEW_FUTURES else ""
    who = f"{drawn:,} simulated future{'' if drawn == 1 else 's'}{few} on the {run.plan.parameters.stance} stance"
    parts = [meaning, f"{who} on the evidence; the size of the effect is not fitted to data."]
    if outcome is not None:
        told = influence.in_words(
            run.plan.parameters, run.plan.draws, outcome, outcome_words, people_only=counts_people
        )
        parts.append(told)
    if sources:
        parts.append(f"Sources: {sources_in_words(run.plan.parameters, tuple(sources))}.")
    return " ".join([*parts, f"Run {run.plan.run_id}."])


def sources_in_words(parameters: Parameters, prefixes: tuple[str, ...], most: int = 3) -> str:
    """The sources most figures of some register names come from, and how many of them are assumed."""
    known = evidence.sources()
    names = [n for n in parameters.names() if n.startswith(prefixes) and parameters.entry(n).role != "claim"]
    cited = Counter(parameters.claim(name).source for name in names)
    assumed = sum(cited.pop(source, 0) for source in ("modelling-assumption", "recalled-unverified"))
    first = [_short(known[source].citation) for source, _ in cited.most_common(most)]
    rest = len(cited) - len(first)
    words = "; ".join(first + ([f"{rest} more"] if rest > 0 else []))
    told = f"{assumed} of {len(names)} figures are assumed or recalled"
    return f"{words}; {told}" if words else told


def _short(citation: str) -> str:
    """A citation as a footer has room for it: owner and year."""
    found = re.match(r"(.{3,60}?\(\D{0,5}\d{4}[^)]*\)|[^,]{3,44})", citation)
    return found[1].strip() if found else citation[:44]


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


def branch_counts(values: Sequence[float]) -> tuple[int, int, int]:
    """Number of futures, of those above nothing, and of those below."""
    return len(values), sum(v > 0 for v in values), sum(v < 0 for v in values)


def scale_of(largest: float) -> tuple[float, str]:
    """Divisor and name for an axis of money."""
    if largest >= 1e6:
        return 1e6, "£ million"
    return (1e3, "£ thousand") if largest >= 1e4 else (1.0, "£")


def money_axis(axis: Any, *, bins: int = 6) -> None:
    """Few round ticks with commas and true minus signs on an axis whose values are already in its unit."""
    axis.set_major_locator(MaxNLocator(nbins=bins))
    axis.set_major_formatter(lambda v, _: f"{v:,.12g}".replace("-", MINUS))


def draw_fan(axes: Axes, x: Any, fan: pd.DataFrame, look: Look, *, width: float = 2.4) -> None:
    """A middle line with the middle half and 9 in 10 futures as bands."""
    axes.fill_between(x, fan["p05"], fan["p95"], color=look.colour, alpha=0.18, lw=0)
    axes.fill_between(x, fan["p25"], fan["p75"], color=look.colour, alpha=0.38, lw=0)
    axes.plot(x, fan["p50"], color=look.colour, lw=width, linestyle=look.line)


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
