"""C02, who pays and who gains: the cost of the programme and what each budget is relieved of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.ticker import MaxNLocator

from lacsim.report.charts.frame import (
    Chart,
    empty_chart,
    footer_of,
    place_and_period,
    price_basis,
    quantiles,
    records,
)
from lacsim.report.narrative import MINUS, pounds, spread_of
from lacsim.report.style import FOCUS_GREY, GREY, INK, NAVY, ORANGE, body, chart_style, framed_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lacsim.report.api import Run

NAME = "c02_who_pays"
COLUMNS = ["agency", "line", "direction", "gbp_p05", "gbp_p50", "gbp_p95", "cashable"]
AGENCIES: Final = {
    "better_care_fund": "Better Care Fund",
    "council": "Council",
    "nhs": "NHS",
    "resident": "Residents",
}
GROUPS: Final = {
    "programme": "coordinators",
    "assessment_and_support": "care at home",
    "care_homes": "care homes",
    "client_contributions": "contributions",
    "hospital": "hospital",
}
_KINDS: Final = {"capacity_released": "freed"}
_NET, _OVERLAP, _PEOPLE = "Public purse", "Middle figures do not add up", "Residents: own money"


def budget_savings(run: Run) -> pd.DataFrame:
    """Discounted saving of each future by agency, line and kind of money, for the headline's pair.

    Columns future, agency, line, cashable, gbp. Residents' own money is one line; value to people is left out.
    """
    assert run.pair is not None
    scenario, against = run.pair
    costs = run.costs[run.costs["line"] != "value_to_people"]
    sign = costs["scenario"].map({against: 1.0, scenario: -1.0})
    kept = costs[sign.notna()].assign(gbp=costs["discounted_gbp"] * sign)
    kept["agency"] = kept["payer"].map(AGENCIES)
    kept["line"] = kept["group"].map(GROUPS).where(kept["payer"] != "resident", "own money")
    kept["cashable"] = costs["line"].map(_KINDS).fillna("cash").where(kept["group"] != "programme", "cost")
    keys = ["agency", "line", "cashable", "future"]
    return kept.groupby(keys, sort=False)["gbp"].sum().reset_index()


def rows_of(run: Run) -> pd.DataFrame:
    """The bars: programme first, then services by agency, the public purse, and residents apart."""
    saved = budget_savings(run)
    rows = quantiles(saved, ["agency", "line", "cashable"], "gbp")
    largest = rows["p50"].abs().max()
    rows = rows[(rows[["p05", "p95"]].abs().max(axis=1) > 0.002 * largest)]
    order = {"cost": 0, "cash": 1, "freed": 2}
    agency = {name: k for k, name in enumerate(AGENCIES.values())}
    rows = rows.assign(
        _residents=(rows["agency"] == "Residents").astype(int),
        _programme=(rows["cashable"] != "cost").astype(int),
        _agency=rows["agency"].map(agency),
        _kind=rows["cashable"].map(order),
    ).sort_values(["_residents", "_programme", "_agency", "_kind"], kind="stable")
    rows = rows.drop(columns=[c for c in rows.columns if c.startswith("_")])
    net = spread_of([float(v) for v in run.differences["public_purse_saving_gbp"]])
    public = rows[rows["agency"] != "Residents"]
    gap = net.p50 - float(public["p50"].sum())
    extra = [("Public purse", "net", "net", net.p05, net.p50, net.p95)]
    if abs(gap) > 0.005 * max(largest, 1.0):
        extra.insert(0, ("All budgets", "overlap", "overlap", gap, gap, gap))
    added = pd.DataFrame(extra, columns=["agency", "line", "cashable", "p05", "p50", "p95"])
    both = pd.concat([public, added, rows[rows["agency"] == "Residents"]], ignore_index=True)
    both["direction"] = ["pays more" if v < 0 else "pays less" for v in both["p50"]]
    both.columns = [f"gbp_{c}" if c in ("p05", "p50", "p95") else c for c in both.columns]
    table: pd.DataFrame = both[COLUMNS]
    return table


def title_of(by_agency: dict[str, float]) -> str:
    """The message, from the middle figure of each public budget (a saving is positive)."""
    changed = {name: value for name, value in by_agency.items() if round(value) != 0}
    if not changed:
        return "No budget changes"
    worst, best = min(changed, key=lambda k: changed[k]), max(changed, key=lambda k: changed[k])
    only = f"The {worst} pays {'less' if changed[worst] > 0 else 'more'}; no other budget changes"
    if len(changed) == 1:
        return only
    if changed[worst] > 0:
        return f"Every public budget pays less; the {best} most"
    if changed[best] < 0:
        return f"Every public budget pays more; the {worst} most"
    pays, gains = pounds(-changed[worst]), pounds(changed[best])
    return f"The {worst} pays most ({pays}); the {best} gains most ({gains})"


def label_of(agency: str, line: str, cashable: str) -> str:
    """Row label of a bar."""
    if line == "net":
        return _NET
    if line == "overlap":
        return _OVERLAP
    if agency == "Residents":
        return _PEOPLE
    return f"{agency}: {line}" + {"cost": "", "cash": ", cash", "freed": ", freed"}[cashable]


def _split(run: Run) -> str:
    """Who pays for the coordinators, in a sentence."""
    share = run.plan.parameters.number("programme.better_care_fund_share")
    return f"Coordinators: Better Care Fund {100 * share:.0f}%, council {100 - 100 * share:.0f}%."


def _draw_bars(axes: Axes, rows: pd.DataFrame, scale: float) -> None:
    """Bars from where the last one ended; the net and residents start at zero again."""
    looks = {
        "cost": {"fc": "white", "ec": ORANGE, "hatch": "///"},
        "cash": {"fc": NAVY, "ec": NAVY},
        "freed": {"fc": "white", "ec": NAVY, "hatch": "..."},
        "overlap": {"fc": "white", "ec": GREY, "linestyle": (0, (2, 2))},
        "net": {"fc": FOCUS_GREY, "ec": GREY},
    }
    at = 0.0
    for y, row in enumerate(records(rows)):
        apart = row.cashable == "net" or row.agency == "Residents"
        start = 0.0 if apart else at
        end = start + row.gbp_p50 / scale
        axes.barh(y, end - start, left=start, height=0.62, lw=1.2, zorder=2, **looks[row.cashable])
        if row.cashable != "overlap":
            low, high = start + row.gbp_p05 / scale, start + row.gbp_p95 / scale
            axes.plot([low, high], [y, y], color="white", lw=3.2, zorder=3, solid_capstyle="butt")
            axes.plot([low, high], [y, y], color=INK, lw=1.4, zorder=4, marker="|", markersize=6)
        if not apart:
            axes.plot([end, end], [y, y + 1], color=GREY, lw=0.8, zorder=1)
            at = end


def in_unit(value: float, scale: float) -> str:
    """A figure of the table beside the bars: two significant figures in the axis's unit."""
    scaled = value / scale
    if abs(scaled) < 0.005:
        return "0"
    digits = 1 - math.floor(math.log10(abs(scaled)))
    rounded = round(scaled, digits)
    return f"{rounded:,.{max(digits, 0)}f}".replace("-", MINUS)


def _print_figures(axes: Axes, rows: pd.DataFrame, scale: float) -> None:
    """Middle figure and range at the end of every row, in two columns."""
    place = axes.get_yaxis_transform()
    columns = ((1.14, "right"), (1.455, "right"))
    for (x, align), head in zip(columns, ("middle", "9 in 10"), strict=True):
        axes.text(x, -0.85, head, transform=place, ha=align, va="bottom", fontsize=10, fontweight="bold")
    for y, r in enumerate(records(rows)):
        weight = "bold" if r.cashable == "net" else "normal"
        is_exact = r.cashable == "overlap" or r.gbp_p05 == r.gbp_p95
        span = "" if is_exact else f"{in_unit(r.gbp_p05, scale)} to {in_unit(r.gbp_p95, scale)}"
        for (x, align), text in zip(columns, (in_unit(r.gbp_p50, scale), span), strict=True):
            axes.text(x, y, text, transform=place, ha=align, va="center", fontsize=10, fontweight=weight)


def draw(run: Run) -> Chart:
    """Draw C02 for the run's main pair."""
    if run.pair is None:
        label = run.label(run.plan.scenarios[-1].name)
        reason = f"{label} was run alone, so no budget can be compared."
        return empty_chart(run, NAME, "Not modelled: who pays and who gains", reason, COLUMNS)
    scenario, against = (run.label(name) for name in run.pair)
    rows = rows_of(run)
    saved = budget_savings(run)
    middle = saved.groupby(["agency", "future"], sort=False)["gbp"].sum().groupby("agency", sort=False).median()
    title = title_of({str(k): float(v) for k, v in middle.items() if k != "Residents"})
    subtitle = f"{scenario} against {against}, {place_and_period(run)}; {price_basis(run)}"
    footer = footer_of(
        run,
        "Bar: middle figure; line: 9 in 10 futures. Hatched: programme; solid: cash; dotted: time and places freed, "
        f"not cash. {_split(run)} Care at home includes assessment, reablement.",
    )
    ends = float(rows[["gbp_p05", "gbp_p50", "gbp_p95"]].abs().to_numpy().max())
    scale, unit = (1e6, "£ million") if ends >= 1e7 else (1e3, "£ thousand")
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=2.6, right=2.15, top=0.22, bottom=0.55))
        _draw_bars(axes, rows, scale)
        axes.axvline(0, color=INK, lw=1.2)
        axes.grid(True, axis="x")
        axes.grid(False, axis="y")
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [label_of(r.agency, r.line, r.cashable) for r in records(rows)], fontsize=11)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.12g}".replace("-", MINUS))
        axes.set_xlabel(f"{unit}, {run.plan.parameters['appraisal.price_year']} prices; a saving is positive")
        _print_figures(axes, rows, scale)
    description = (
        f"Waterfall of what each budget pays less ({scenario} against {against}): "
        + "; ".join(
            f"{label_of(r.agency, r.line, r.cashable)} {pounds(r.gbp_p50)}"
            for r in records(rows)
            if r.line != "overlap"
        )
        + ". A minus sign means that the budget pays more."
    )
    return Chart(NAME, figure, rows, title, subtitle, description, footer)
