"""C16, expected loss: which option is best at each value put on wellbeing, and what being wrong would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.value_of_information import curves, net_benefits
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
    spread_apart,
)
from lacsim.report.narrative import pounds
from lacsim.report.style import GREY, INK, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c16_expected_loss"
COLUMNS = ["threshold_gbp", "scenario", "expected_loss_gbp", "prob_best", "evpi_gbp"]
THRESHOLDS: Final = tuple(float(v) for v in range(0, 30_001, 1_000))


def outcomes(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Discounted WELLBYs and net cost to the public purse, each of shape (n_futures, n_scenarios)."""
    names = [scenario.name for scenario in run.plan.scenarios]
    nothing = net_benefits(run.results, run.costs, 0.0)[names].to_numpy(float)
    one = net_benefits(run.results, run.costs, 1.0)[names].to_numpy(float)
    return one - nothing, -nothing


def loss_frame(run: Run, thresholds: tuple[float, ...] = THRESHOLDS) -> pd.DataFrame:
    """Expected loss of each option at each threshold; the least of them is the expected value of perfect information.

    Computed on single futures, so chance in a future counts as if it could be known: the figure is an upper limit.

    Source
    ------
    Alarid-Escudero et al. (2019), expected loss curves, PMC6530578.
    """
    return curves(run.results, run.costs, thresholds)[COLUMNS]


def best_options(frame: pd.DataFrame) -> list[tuple[float, str]]:
    """The option with the least expected loss, from the threshold at which it takes over."""
    rows = frame.loc[frame.groupby("threshold_gbp", sort=True)["expected_loss_gbp"].idxmin()]
    found: list[tuple[float, str]] = []
    for row in records(rows):
        if not found or found[-1][1] != row.scenario:
            found.append((float(row.threshold_gbp), str(row.scenario)))
    return found


def title_of(best: list[tuple[float, str]], last: float) -> str:
    """The message: which option loses least, and from which value of a WELLBY on."""
    if not best:
        return "Not modelled: expected loss of the options"
    if len(best) == 1:
        return f"{best[0][1]} loses least at every value up to {pounds(last)} a WELLBY"
    at, name = best[-1]
    return f"{best[0][1]} loses least until a WELLBY is worth {pounds(at)}, then {name}"


def draw(run: Run) -> Chart:
    """Draw C16 for every scenario of the run."""
    if run.pair is None:
        return empty_chart(run, NAME, title_of([], 0), "There is only one option.", COLUMNS)
    frame = loss_frame(run)
    best = [(at, run.label(name)) for at, name in best_options(frame)]
    title = title_of(best, THRESHOLDS[-1])
    title = title[0].upper() + title[1:]
    subtitle = f"Expected loss of each option by what a WELLBY is worth, {place_and_period(run)}; {price_basis(run)}"
    footer = footer_of(
        run,
        "The lowest line is what perfect information would be worth, at most: chance within a future is counted "
        "as if it "
        "could be known. Costs are those of the public purse; a WELLBY is one point of life satisfaction for one year.",
        sources=("unit_costs.wellby", "effects.wellbys"),
    )
    scale, unit = scale_of(float(frame["expected_loss_gbp"].max()))
    used = run.plan.parameters.number("unit_costs.wellby")
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.8, right=1.7, top=0.2, bottom=0.5))
        ends = {}
        for scenario in run.plan.scenarios:
            own = frame[frame["scenario"] == scenario.name]
            shown = look(run, scenario.name)
            values = own["expected_loss_gbp"] / scale
            axes.plot(own["threshold_gbp"], values, color=shown.colour, lw=2.4, linestyle=shown.line)
            ends[scenario.name] = float(values.iloc[-1])
        top = 1.05 * max(float(frame["expected_loss_gbp"].max()) / scale, 1e-9)
        axes.set_ylim(0, top)
        axes.set_xlim(0, THRESHOLDS[-1])
        for name, y in zip(ends, spread_apart(list(ends.values()), 0.08 * top, 0.0, top), strict=True):
            axes.text(1.02 * THRESHOLDS[-1], y, run.label(name), va="center", fontsize=12, color=INK)
        if used <= THRESHOLDS[-1]:
            axes.axvline(used, color=GREY, lw=1.2, linestyle=(0, (2, 2)))
            axes.text(used, 1.02, "used here", ha="center", fontsize=12, transform=axes.get_xaxis_transform())
        money_axis(axes.xaxis, bins=6)
        money_axis(axes.yaxis, bins=5)
        axes.set_ylabel(unit, fontsize=12)
        axes.set_xlabel("value of a WELLBY, £")
    row = frame[frame["threshold_gbp"] == round(used / 1000) * 1000]
    told = "; ".join(
        f"{run.label(r.scenario)} {pounds(r.expected_loss_gbp)}, best in {100 * r.prob_best:.0f} in 100 futures"
        for r in records(row)
    )
    description = (
        f"Lines of the expected loss of each option against the value of a WELLBY from £0 to {pounds(THRESHOLDS[-1])}. "
        f"Near the value used here: {told}."
    )
    return Chart(NAME, figure, frame, title, subtitle, description, footer)
