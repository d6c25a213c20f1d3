"""C04, payback: the cumulative net position month by month, and in which month each future has paid back for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.economics.payback import monthly_savings
from lacsim.report.charts.frame import (
    Chart,
    draw_fan,
    empty_chart,
    footer_of,
    look,
    money_axis,
    place_and_period,
    quantiles,
    records,
    scale_of,
)
from lacsim.report.style import GREY, INK, ORANGE, body, chart_style, framed_figure

if TYPE_CHECKING:
    from lacsim.report.api import Run

NAME = "c04_payback"
FAN_COLUMNS = ["month", "p05", "p25", "p50", "p75", "p95"]
PAYBACK_COLUMNS = ["future", "payback_month"]
COLUMNS = ["part", *FAN_COLUMNS, *PAYBACK_COLUMNS]
_MONTHS: Final = 12


def positions(run: Run, scenario: str, against: str) -> pd.DataFrame:
    """Cumulative net position of the public purse, real pounds, undiscounted: future, month (0 to the last), net_gbp.

    Money falls in the month of what it pays for; see `lacsim.economics.payback`.
    """
    saved = monthly_savings(run.results, scenario, against)
    wide = saved.pivot_table(index="future", columns="month", values="cumulative_public_purse_saving_gbp", sort=False)[
        run.results.month_labels
    ]
    values = np.concatenate([np.zeros((len(wide), 1)), wide.to_numpy(float)], axis=1)
    months = np.arange(values.shape[1])
    return pd.DataFrame(
        {
            "future": np.repeat(wide.index.to_numpy(), len(months)),
            "month": np.tile(months, len(wide)),
            "net_gbp": values.ravel(),
        }
    )


def title_of(scenario: str, n: int, months: list[int], horizon: int) -> str:
    """The message: how many futures pay back, and by when half of them have."""
    if n == 0:
        return f"Not modelled: whether {scenario} pays back"
    if not months:
        return f"{scenario} does not pay back within {horizon} months in any future"
    if len(months) == n:
        return f"{scenario} pays back in every future, in half by month {sorted(months)[(n - 1) // 2]}"
    return f"{scenario} pays back within {horizon} months in {len(months):,} of {n:,} futures"


def draw_frames(run: Run, fan: pd.DataFrame, payback: pd.DataFrame, meaning: str, last: list[float]) -> Chart:
    """Draw C04 from a fan (`FAN_COLUMNS`) and one payback month per future (`PAYBACK_COLUMNS`)."""
    assert run.pair is not None
    scenario, against = run.pair
    horizon = int(fan["month"].max())
    months = [int(m) for m in payback["payback_month"].dropna()]
    never = len(payback) - len(months)
    title = title_of(run.label(scenario), len(payback), months, horizon)
    subtitle = (
        f"Net position of the public purse against {run.label(against)}, {place_and_period(run)}; "
        f"{run.plan.parameters['appraisal.price_year']} prices, not discounted"
    )
    footer = footer_of(
        run,
        meaning,
        sources=("unit_costs.", "programme."),
        outcome=last if len(last) == run.plan.futures else None,
        outcome_words="The position at the end",
    )
    scale, unit = scale_of(float(fan[["p05", "p95"]].abs().to_numpy().max()))
    shown = fan.assign(**{c: fan[c] / scale for c in FAN_COLUMNS[1:]})
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        x0, y0, width, height = body(left=0.75, right=0.3, top=0.05, bottom=0.5)
        strip = 0.13
        axes = figure.add_axes((x0, y0 + strip + 0.055, width, height - strip - 0.055))
        draw_fan(axes, shown["month"], shown, look(run, scenario))
        axes.axhline(0, color=INK, lw=1.2)
        axes.set_xlim(0, horizon)
        axes.tick_params(labelbottom=False)
        axes.set_xticks(range(0, horizon + 1, _MONTHS))
        money_axis(axes.yaxis, bins=5)
        axes.set_ylabel(unit, fontsize=12)
        ticks = figure.add_axes((x0, y0, width, strip))
        ticks.grid(False)
        ticks.set_xlim(0, horizon)
        ticks.set_ylim(0, 1)
        ticks.set_yticks([])
        ticks.set_xticks(range(0, horizon + 1, _MONTHS))
        ticks.set_xlabel("months from the first of April of the first year")
        for row in records(payback.dropna()):
            ticks.plot([row.payback_month] * 2, [0.08, 0.5], color=ORANGE, lw=1.6)
        text = f"Does not pay back within {horizon} months: {never:,} of {len(payback):,} futures"
        ticks.text(0.01, 0.74, text, va="center", fontsize=12, color=GREY, transform=ticks.transAxes)
    data = pd.concat([fan.assign(part="position"), payback.assign(part="payback")], ignore_index=True)[COLUMNS]
    description = (
        f"Line with bands of the cumulative net position of {run.label(scenario)} against {run.label(against)}, "
        f"month by "
        f"month, and below it one tick for each future in the month it has paid back. {title}. "
        f"{never:,} of {len(payback):,} futures do not pay back within {horizon} months."
    )
    return Chart(NAME, figure, data, title, subtitle, description, footer)


def draw(run: Run) -> Chart:
    """Draw C04 for the run's main pair."""
    if run.pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        return empty_chart(run, NAME, title_of(label, 0, [], 0), f"{label} was run alone.", COLUMNS)
    position = positions(run, *run.pair)
    fan = quantiles(position.rename(columns={"net_gbp": "value"}), ["month"], "value")[FAN_COLUMNS]
    last = position[position["month"] == position["month"].max()]["net_gbp"].tolist()
    meaning = (
        "Line: middle figure; dark band: middle half of futures; light band: 9 in 10; ticks: month in which a "
        "future has "
        "paid back for good. Money is counted in the month of what it pays for."
    )
    return draw_frames(run, fan, run.payback(*run.pair), meaning, last)
