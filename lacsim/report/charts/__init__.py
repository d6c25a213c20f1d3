"""The charts: each a function of a run that returns a figure, the data it draws and the words around it.

`draw` makes one by name, `save_chart` writes it as SVG, PNG, CSV and text; the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lacsim.errors import ResultsError
from lacsim.report.charts import (
    avoided,
    budgets,
    checks,
    fund,
    futures,
    kinds,
    learn,
    lives,
    load,
    loss,
    matters,
    moves,
    next_wards,
    payback,
    team,
    tiles,
    wards,
    waterfall,
)
from lacsim.report.charts.frame import Chart
from lacsim.report.style import both_svg_texts, png_bytes
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.report.api import Run

__all__ = [
    "CHARTS",
    "COLUMNS",
    "LIVES",
    "Chart",
    "Pictures",
    "chart_files",
    "chart_name",
    "draw",
    "pictures_of",
    "save_chart",
    "write_chart",
]

HEADLINE: Final = futures.NAME
LIVES: Final = lives.NAME  # the chart for which a future is lived again

CHARTS: Final[dict[str, Callable[[Run], Chart]]] = {
    futures.NAME: futures.draw,
    budgets.NAME: budgets.draw,
    kinds.NAME: kinds.draw,
    payback.NAME: payback.draw,
    moves.NAME: moves.draw,
    avoided.NAME: avoided.draw,
    fund.NAME: fund.draw,
    team.NAME: team.draw,
    load.LOAD_NAME: load.draw_load,
    load.PROMISE_NAME: load.draw_promise,
    tiles.NAME: tiles.draw,
    wards.NAME: wards.draw,
    next_wards.NAME: next_wards.draw,
    matters.NAME: matters.draw,
    matters.CREDIT_NAME: matters.draw_credit,
    loss.NAME: loss.draw,
    learn.NAME: learn.draw_find_out,
    learn.CLAIMS_NAME: learn.draw_past_claims,
    lives.NAME: lives.draw,
    waterfall.NAME: waterfall.draw,
    checks.FUTURES_NAME: checks.draw_futures,
    checks.SETTLED_NAME: checks.draw_settled,
}
# The columns each chart's data has, in order.
COLUMNS: Final[dict[str, list[str]]] = {
    futures.NAME: futures.COLUMNS,
    budgets.NAME: budgets.COLUMNS,
    kinds.NAME: kinds.COLUMNS,
    payback.NAME: payback.COLUMNS,
    moves.NAME: moves.COLUMNS,
    avoided.NAME: avoided.COLUMNS,
    fund.NAME: fund.COLUMNS,
    team.NAME: team.COLUMNS,
    load.LOAD_NAME: load.LOAD_COLUMNS,
    load.PROMISE_NAME: load.PROMISE_COLUMNS,
    tiles.NAME: tiles.COLUMNS,
    wards.NAME: wards.COLUMNS,
    next_wards.NAME: next_wards.COLUMNS,
    matters.NAME: matters.COLUMNS,
    matters.CREDIT_NAME: matters.CREDIT_COLUMNS,
    loss.NAME: loss.COLUMNS,
    learn.NAME: learn.COLUMNS,
    learn.CLAIMS_NAME: learn.CLAIMS_COLUMNS,
    lives.NAME: lives.COLUMNS,
    waterfall.NAME: waterfall.COLUMNS,
    checks.FUTURES_NAME: checks.FUTURES_COLUMNS,
    checks.SETTLED_NAME: checks.SETTLED_COLUMNS,
}
_ALSO: Final = {
    "budgets": budgets.NAME,
    "moves": moves.NAME,
    "team": team.NAME,
    "waits": load.LOAD_NAME,
    "promise": load.PROMISE_NAME,
    "tornado": matters.NAME,
    "lives": lives.NAME,
    "waterfall": waterfall.NAME,
}


def chart_name(name: str) -> str:
    """Full name of a chart from its number, its words or both: c01, headline, c01_headline.

    Raises
    ------
    ResultsError
        If there is no such chart.
    """
    short = {**_ALSO}
    for full in CHARTS:
        number, words = full.split("_", 1)
        short |= {full: full, number: full, words: full}
    if name.casefold() in short:
        return short[name.casefold()]
    hint = did_you_mean(name, short) or f" Charts are {', '.join(CHARTS)}."
    raise ResultsError(f"chart '{name}' is not known.{hint}")


def draw(name: str, run: Run) -> Chart:
    """Draw one chart of a run."""
    return CHARTS[chart_name(name)](run)


class Pictures(NamedTuple):
    """A chart as pictures: SVG and PNG (1600 × 900) as files, and SVG for a page that prints its frame as text."""

    svg: bytes
    png: bytes
    inline: str


def pictures_of(chart: Chart) -> Pictures:
    """The pictures of a chart."""
    svg, inline = both_svg_texts(chart.figure, chart.prefix, chart.title, chart.description)
    return Pictures(svg.encode(), png_bytes(chart.figure), inline)


def chart_files(chart: Chart, pictures: Pictures | None = None) -> dict[str, bytes]:
    """Contents by ending: svg, png (1600 × 900), csv (exactly what is drawn), txt (long description)."""
    made = pictures or pictures_of(chart)
    return {
        "svg": made.svg,
        "png": made.png,
        "csv": chart.data.to_csv(index=False, lineterminator="\n").encode(),
        "txt": f"{chart.title}\n{chart.subtitle}\n\n{chart.description}\n\n{chart.footer}\n".encode(),
    }


def write_chart(chart: Chart, folder: Path, pictures: Pictures | None = None) -> list[Path]:
    """Write a chart that is drawn as .svg, .png, .csv and .txt into a folder, made if need be.

    Parameters
    ----------
    pictures
        What `pictures_of` gave for it, if it was asked already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for ending, content in chart_files(chart, pictures).items():
        path = folder / f"{chart.name}.{ending}"
        path.write_bytes(content)
        written.append(path)
    return written


def save_chart(name: str, run: Run, folder: Path) -> list[Path]:
    """Draw a chart and write it; see `write_chart`."""
    return write_chart(draw(name, run), folder)
