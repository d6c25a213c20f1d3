"""The charts: each a function of a run that returns a figure, the data it draws and the words around it.

`draw` makes one by name, `save_chart` writes it as SVG, PNG, CSV and text; the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lacsim.errors import ResultsError
from lacsim.report.charts import budgets, futures, moves, team
from lacsim.report.charts.frame import Chart
from lacsim.report.style import png_bytes, svg_text
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.report.api import Run

__all__ = ["CHARTS", "Chart", "chart_name", "draw", "save_chart"]

CHARTS: Final[dict[str, Callable[[Run], Chart]]] = {
    futures.NAME: futures.draw,
    budgets.NAME: budgets.draw,
    moves.NAME: moves.draw,
    team.NAME: team.draw,
}
_ALSO: Final = {"budgets": budgets.NAME, "moves": moves.NAME, "team": team.NAME}


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


def save_chart(name: str, run: Run, folder: Path) -> list[Path]:
    """Write a chart as .svg, .png (1600 × 900), .csv (exactly what is drawn) and .txt (long description)."""
    chart = draw(name, run)
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "svg": svg_text(chart.figure, chart.prefix, chart.title, chart.description).encode(),
        "png": png_bytes(chart.figure),
        "csv": chart.data.to_csv(index=False, lineterminator="\n").encode(),
        "txt": f"{chart.title}\n{chart.subtitle}\n\n{chart.description}\n\n{chart.footer}\n".encode(),
    }
    written = []
    for ending, content in contents.items():
        path = folder / f"{chart.name}.{ending}"
        path.write_bytes(content)
        written.append(path)
    return written
