"""Charts as the page shows them: picture inline, data as rows of text, and what each dot of the headline says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import pandas as pd
from markupsafe import Markup

from lacsim.report import charts
from lacsim.report.commands import trace_command
from lacsim.report.narrative import MINUS, people, pounds
from lacsim.report.style import both_svg_texts

if TYPE_CHECKING:
    from lacsim.report.api import Run

MOST_ROWS: Final = 24
MOST_DOT_ROWS: Final = 200  # where rows are futures, each has its row, script or no script


@dataclass(frozen=True)
class Section:
    """A chart as the page shows it."""

    chart: charts.Chart
    svg: Markup
    heads: list[str]
    text_columns: list[int]
    rows: list[list[str]]
    n_rows: int
    csv_bytes: int


def cell(value: object, column: str) -> str:
    """A value of a chart's data as text: money and people in whole numbers, true minus signs, empty when missing."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"
        return text.replace("-", MINUS)
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    return str(value).replace("_", " ") if column in ("measure", "from_state", "to_state") else str(value)


def section(chart: charts.Chart, pictures: charts.Pictures | None = None) -> Section:
    """A drawn chart with its data as text; each dot that is a future says so when pointed at."""
    svg = both_svg_texts(chart.figure, chart.prefix, chart.title, "")[1] if pictures is None else pictures.inline
    if "net_gbp" in chart.data:
        net = {int(f): float(v) for f, v in zip(chart.data["future"], chart.data["net_gbp"], strict=True)}
        svg = re.sub(
            r'<g id="future-(\d+)">',
            lambda found: f"{found[0]}<title>{escape(dot_words(int(found[1]), net[int(found[1])]))}</title>",
            svg,
        )
    columns = [str(column) for column in chart.data.columns]
    words = [k for k, kind in enumerate(chart.data.dtypes) if kind.kind not in "iufb"]
    most = MOST_DOT_ROWS if "net_gbp" in chart.data else MOST_ROWS
    records = chart.data.head(most).astype(object).to_numpy().tolist()
    rows = [[cell(value, column) for value, column in zip(row, columns, strict=True)] for row in records]
    size = len(chart.data.to_csv(index=False, lineterminator="\n").encode())
    heads = [column.replace("_", " ") for column in columns]
    return Section(chart, Markup(svg), heads, words, rows, len(chart.data), size)


def dot_words(future: int, net_gbp: float) -> str:
    """What a dot of the headline chart is."""
    if round(net_gbp) == 0:
        return f"Future {future}: no difference"
    return f"Future {future}: {'saves' if net_gbp > 0 else 'costs'} {pounds(abs(net_gbp))}"


def dots_json(run: Run) -> Markup:
    """What the panel of a dot shows: for each future of the headline's pair, words with figures, and its command."""
    if run.pair is None:
        return Markup("")
    money = run.differences.set_index("future")
    counts = run.futures.set_index(["scenario", "future"])
    scenario, against = run.pair
    told = {}
    for future in money.index:
        row, mine, other = money.loc[future], counts.loc[(scenario, future)], counts.loc[(against, future)]
        lines = [
            (words, pounds(float(row[column])))
            for words, column in (
                ("Saving to the public purse", "public_purse_saving_gbp"),
                ("Of it, the programme", "programme_saving_gbp"),
                ("Of it, council cash", "council_cash_saving_gbp"),
                ("Of it, NHS cash", "nhs_cash_saving_gbp"),
                ("Of it, time and places freed", "capacity_released_saving_gbp"),
            )
        ]
        lines += [
            (words, f"{people(round(float(other[column])))} → {people(round(float(mine[column])))}")
            for words, column in (
                ("Emergency admissions, 65 and over", "admissions_65plus"),
                ("New places in care homes, 65 and over", "residential_admissions_65plus"),
                ("Formal assessments", "assessments_people"),
            )
        ]
        told[f"{int(future):03d}"] = {
            "head": dot_words(int(future), float(row["public_purse_saving_gbp"])),
            "lines": lines,
            "command": trace_command(run, int(future)),
        }
    text = json.dumps({"pair": f"{run.label(against)} → {run.label(scenario)}", "futures": told}, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c"))
