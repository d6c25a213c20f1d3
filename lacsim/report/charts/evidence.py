"""Pictures of the evidence: model beside target for each group, every claim beside its back-cast, prior and posterior.

They are drawn from tables (`lacsim targets`, `lacsim claims`, `lacsim fit`), not from a run, so they do not stand among
the charts of a run.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.report.charts.frame import Chart, records
from lacsim.report.style import (
    FOCUS_GREY,
    GREY,
    INK,
    NAVY,
    ORANGE,
    body,
    chart_style,
    framed_figure,
    png_bytes,
    svg_text,
    wrap,
)

if TYPE_CHECKING:
    from lacsim.parameters.fitted import Block

_TICKS: Final = (0.67, 0.8, 1.0, 1.25, 1.5)
_WIDE_TICKS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_NAME_IN: Final = 0.074  # inches of a character of a name
_STANCE_MARKS: Final = {"reported": ("^", ORANGE), "controlled": ("o", NAVY), "sceptical": ("v", GREY)}


def write(chart: Chart, folder: Path) -> list[Path]:
    """Write a chart as .svg, .png, .csv (exactly what is drawn) and .txt (long description)."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "svg": svg_text(chart.figure, chart.prefix, chart.title, chart.description).encode(),
        "png": png_bytes(chart.figure),
        "csv": chart.data.to_csv(index=False, lineterminator="\n").encode(),
        "txt": f"{chart.title}\n{chart.subtitle}\n\n{chart.description}\n\n{chart.footer}\n".encode(),
    }
    for ending, content in contents.items():
        (folder / f"{chart.name}.{ending}").write_bytes(content)
    return [folder / f"{chart.name}.{ending}" for ending in contents]


def targets_chart(table: pd.DataFrame, group: str) -> Chart:
    """One group of published figures: the model over the figure, with the range in which it may lie.

    Parameters
    ----------
    table
        What `lacsim.calibration.compare.compare` returns.
    group
        One of its groups.
    """
    rows = table[table["group"] == group].reset_index(drop=True)
    missed = rows.loc[~rows["within"], "target"].tolist()
    title = f"{group.capitalize()}: " + (
        f"{len(missed)} of {len(rows)} outside the range allowed" if missed else "all within the range allowed"
    )
    subtitle = "Model over published figure; bar: 9 in 10 of the error allowed"
    footer = (
        "Filled: fitted, so no confirmation. Hollow: only looked at. Every adult of Derby lives with central values; "
        "upright stroke: the middle of the fit's draws, which move all numbers together. Sources stand in the table "
        "beside this picture."
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        longest = max(len(str(name)) for name in rows["target"])
        axes = figure.add_axes(body(left=max(2.5, 0.2 + _NAME_IN * longest), right=2.2, bottom=0.35))
        for k, row in enumerate(records(rows)):
            y = len(rows) - 1 - k
            axes.plot([row.low / row.published, row.high / row.published], [y, y], color=FOCUS_GREY, lw=9, zorder=1)
            colour = NAVY if row.within else ORANGE
            ratio = float(np.clip(row.ratio, 0.2, 5.0))
            face = colour if row.use == "fitted" else "white"
            axes.plot(ratio, y, "o" if row.within else "D", color=colour, mfc=face, mew=2, ms=9, zorder=3)
            if math.isfinite(row.draws):
                drawn = float(np.clip(row.draws / row.published, 0.2, 5.0))
                axes.plot(drawn, y, "|", color=INK, ms=17, mew=2, zorder=4)
            beside = f"{_short(row.model)} v {_short(row.published)} {_unit(row.unit)}"
            axes.text(1.02, y, beside, transform=axes.get_yaxis_transform(), va="center", fontsize=9.5, color=INK)
            axes.text(-0.02, y, row.target, transform=axes.get_yaxis_transform(), va="center", ha="right", fontsize=9.5)
        _ratio_axis(axes, rows["ratio"].tolist() + (rows["low"] / rows["published"]).tolist(), len(rows))
    description = "Dots on a ratio scale, one row for each figure. " + "; ".join(
        f"{row.target}: model {_short(row.model)} {row.unit}, "
        f"{f'draws {_short(row.draws)}, ' if math.isfinite(row.draws) else ''}published {_short(row.published)}"
        for row in records(rows)
    )
    name = f"t_{re.sub('[^a-z0-9]+', '_', group.casefold()).strip('_')}"
    return Chart(name, figure, rows, title, subtitle, description + ".", footer)


def _ratio_axis(axes: object, ratios: list[float], n: int) -> None:
    ends = [abs(math.log(min(max(r, 0.2), 5.0))) for r in ratios if r > 0 and math.isfinite(r)]
    half = max([0.35, *ends]) * 1.08
    axes.set_xscale("log")  # type: ignore[attr-defined]
    axes.set_xlim(math.exp(-half), math.exp(half))  # type: ignore[attr-defined]
    ticks = [t for t in (_TICKS if half < 0.8 else _WIDE_TICKS) if -half < math.log(t) < half]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])  # type: ignore[attr-defined]
    axes.set_xticks([], minor=True)  # type: ignore[attr-defined]
    axes.axvline(1.0, color=INK, lw=1, zorder=2)  # type: ignore[attr-defined]
    axes.set_ylim(-0.7, n - 0.3)  # type: ignore[attr-defined]
    axes.set_yticks([])  # type: ignore[attr-defined]
    axes.grid(False, axis="y")  # type: ignore[attr-defined]


def _short(value: float) -> str:
    if not math.isfinite(value):
        return "none"
    if abs(value) >= 1_000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _unit(unit: str) -> str:
    return unit.replace("per 100,000 in a year", "per 100,000").replace("per 100,000 adults a year", "per 100,000")


def write_targets(table: pd.DataFrame, folder: Path) -> list[Path]:
    """One picture for each group of published figures; returns the PNG files."""
    made = []
    for group in table["group"].drop_duplicates():
        made += [path for path in write(targets_chart(table, str(group)), folder) if path.suffix == ".png"]
    return made


def claims_chart(table: pd.DataFrame, *, note: str = "") -> Chart:
    """Every claim with a number beside the model's figure on the same definition, under each stance (C18).

    Parameters
    ----------
    table
        What `lacsim.report.claims.claims_table` returns.
    note
        Further words of the footer, as the run the picture stands beside.
    """
    shown = table[table["claimed"] != 0.0].reset_index(drop=True)
    order = list(dict.fromkeys(shown["claim_id"]))
    fitted = set(shown.loc[shown["use"] == "fitted", "claim_id"])
    met = [c for c in order if (shown.loc[shown["claim_id"] == c, "verdict"] == "reproduced").any() and c not in fitted]
    rest = [c for c in order if c not in fitted]
    title = f"{len(met)} of {len(rest)} published figures are met under some reading of the evidence"
    subtitle = "The model's figure on the same definition, as a share of the claim; line: 9 in 10 futures"
    footer = (
        "The size of the effect is not fitted: each stance believes other evidence. Grey names were fitted and "
        "confirm nothing. Figures below 1% of a claim, or negative, are drawn at the left edge."
        + (f" {note}" if note else "")
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=4.3, right=0.2, bottom=0.4))
        floor = 0.01
        for k, claim in enumerate(order):
            rows = shown[shown["claim_id"] == claim]
            y0 = len(order) - 1 - k
            head = records(rows)[0]
            words = f"{head.text}: {head.claimed_text}"
            words = wrap(words, 66)
            colour = GREY if claim in fitted else INK
            axes.text(
                -0.01,
                y0,
                words,
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=8.5,
                linespacing=0.9,
                color=colour,
            )
            for j, row in enumerate(records(rows)):
                mark, colour = _STANCE_MARKS.get(row.stance, ("o", INK))
                y = y0 + 0.24 * (1 - j)
                low, mid, high = (max(v / row.claimed, floor) for v in (row.model_p05, row.model_p50, row.model_p95))
                axes.plot([low, high], [y, y], color=colour, lw=2)
                axes.plot(mid, y, mark, color=colour, ms=5)
        axes.set_xscale("log")
        axes.set_xlim(floor * 0.9, 20)
        axes.set_xticks([0.01, 0.1, 0.5, 1, 2, 10], ["≤ 1%", "10%", "½", "claim", "2×", "10×"], fontsize=11)
        axes.set_xticks([], minor=True)
        axes.axvline(1.0, color=INK, lw=1)
        axes.set_ylim(-0.7, len(order) - 0.3)
        axes.set_yticks([])
        axes.grid(False, axis="y")
        for j, (stance, (mark, colour)) in enumerate(_STANCE_MARKS.items()):
            axes.plot([], [], mark + "-", color=colour, label=stance)
            del j
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.055), ncols=3, frameon=False, fontsize=10)
    told = "; ".join(
        f"{row.text} ({row.claimed_text}), {row.stance}: {row.model_text}, {row.verdict}" for row in records(shown)
    )
    description = f"Dots with lines on a ratio scale, one row for each published claim, three stances. {told}."
    columns = [
        "claim_id",
        "stance",
        "text",
        "source",
        "claimed",
        "unit",
        "model_p05",
        "model_p50",
        "model_p95",
        "verdict",
    ]
    return Chart("c18_claims", figure, shown[columns], title, subtitle, description, footer)


def write_claims(table: pd.DataFrame, folder: Path) -> list[Path]:
    """The picture of all claims; returns the PNG file."""
    return [path for path in write(claims_chart(table), folder) if path.suffix == ".png"]


def prior_posterior_chart(block: Block, *, most: int = 24) -> Chart:
    """Prior and posterior ranges of the parameters of a fit, the most contracted first.

    Parameters
    ----------
    most
        Parameters drawn; the others are counted in the subtitle.
    """
    entries = sorted(block.about["parameters"], key=lambda e: -e["contraction"])
    informed = [e for e in entries if e["contraction"] >= 0.1]
    shown = (informed or entries)[:most]
    title = f"Derby's data informed {len(informed)} of {len(entries)} {block.name.replace('_', ' ')} parameters"
    subtitle = f"9 in 10 before (grey) and after (navy), over the prior's middle; {len(shown)} most informed"
    footer = (
        "The others are not informed by Derby data and keep their prior. Right: 1 − posterior over prior standard "
        f"deviation. {block.about['simulations']:,} simulations worth {block.about['effective_points']:,} points."
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=3.3, right=0.6, bottom=0.35))
        ratios = []
        for k, e in enumerate(shown):
            y, middle = len(shown) - 1 - k, math.sqrt(max(e["prior_low"], 1e-12) * max(e["prior_high"], 1e-12))
            prior = (e["prior_low"] / middle, e["prior_high"] / middle)
            after = (e["low"] / middle, e["high"] / middle)
            ratios += [*prior, *after]
            axes.plot(prior, (y, y), color=FOCUS_GREY, lw=8, zorder=1)
            axes.plot(after, (y, y), color=NAVY, lw=3, zorder=3)
            axes.text(-0.02, y, e["name"], transform=axes.get_yaxis_transform(), va="center", ha="right", fontsize=8.5)
            axes.text(1.02, y, f"{e['contraction']:.2f}", transform=axes.get_yaxis_transform(), va="center", fontsize=9)
        _ratio_axis(axes, ratios, len(shown))
    data = pd.DataFrame(entries).drop(columns="spread")
    told = "; ".join(f"{e['name']} {_short(e['low'])} to {_short(e['high'])}" for e in shown)
    return Chart(f"f_{block.name}", figure, data, title, subtitle, f"Bars, one row for each parameter: {told}.", footer)
