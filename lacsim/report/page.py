"""The report: one self-contained page with the answer, the charts, the money and every assumption.

The page makes no outside request, works without scripts and holds no time or machine, so the same run gives the same
bytes. It decides nothing: words come from `narrative`, pictures from `charts`, tables from the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup

import lacsim
from lacsim.report import charts
from lacsim.report.narrative import (
    FEW_FUTURES,
    MINUS,
    PUBLIC_PURSE,
    Answer,
    people,
    pounds,
    spread_of,
    years_in_words,
)
from lacsim.report.style import svg_text

if TYPE_CHECKING:
    from lacsim.report.api import Run

TEMPLATES: Final = Path(__file__).parent / "templates"
NOT_KNOWN: Final = (
    "No controlled study of local area coordination was found. The sizes of its effects are borrowed from other "
    "schemes, taken from the two documents at their word, or assumed, as the stance says.",
    "This page shows one stance on the evidence. The other two may answer differently.",
    "Which lives are like Derby's: rates of admission, care and difficulty are national or recalled where no local "
    "figure was found. The grade of each is in the assumptions.",
    "What a difficulty costs outside health and social care (housing, police, work) is not priced here.",
    "Low-level support, reviews and direct payments have no unit cost that was found, so they are not priced.",
    "Freed time and places are valued at average cost. Whether a budget can be cut is for its holder to say.",
)


@dataclass(frozen=True)
class Section:
    """A chart as the page shows it."""

    chart: charts.Chart
    svg: Markup
    columns: list[str]
    rows: list[list[str]]
    csv_bytes: int


def _cell(value: object, column: str) -> str:
    """A value of a chart's data as text: money and people in whole numbers, true minus signs."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.1f}"
        return text.replace("-", MINUS)
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    return str(value).replace("_", " ") if column in ("measure", "from_state", "to_state") else str(value)


def section(run: Run, name: str) -> Section:
    """One chart with its data as text."""
    chart = charts.draw(name, run)
    svg = svg_text(chart.figure, chart.prefix, chart.title, "", with_frame=False, described_by=f"{chart.prefix}-text")
    columns = [str(column) for column in chart.data.columns]
    records = chart.data.astype(object).to_numpy().tolist()
    rows = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in records]
    size = len(chart.data.to_csv(index=False, lineterminator="\n").encode())
    return Section(chart, Markup(svg), columns, rows, size)


def middle_and_range(values: Sequence[float], *, kind: str = "money") -> tuple[str, str]:
    """Middle figure and '9 in 10' range as text; no range when all futures agree."""
    spread, show = spread_of(values), pounds if kind == "money" else people
    span = "" if spread.p05 == spread.p95 else f"{show(spread.p05)} to {show(spread.p95)}"
    return show(spread.p50), span


def three_numbers(run: Run) -> list[tuple[str, str, str]]:
    """What, middle figure and range: public purse, cash alone, people on caseloads."""
    if run.pair is None:
        return []
    saved, (scenario, against) = run.differences, run.pair
    table = run.futures.set_index("scenario")["long_term_people"]
    more = (table.loc[[scenario]].to_numpy(float) - table.loc[[against]].to_numpy(float)).tolist()
    label = run.label(against)
    return [
        (f"saving to the public purse against {label}", *middle_and_range(saved["public_purse_saving_gbp"].tolist())),
        (f"of it cash, against {label}", *middle_and_range(saved["public_cash_saving_gbp"].tolist())),
        (f"more people given long-term support than with {label}", *middle_and_range(more, kind="people")),
    ]


OPTION_HEADS: Final = (
    "Programme cost",
    "Cash relieved, before the programme",
    "Time and places freed",
    "Public purse, net saving",
    "Value to people",
    "Team, posts",
)


def options(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """One row per scenario: cost in full, then what changes against the first scenario."""
    rows = []
    for scenario in run.plan.scenarios:
        money = run.summary[run.summary["scenario"] == scenario.name]
        mine = run.futures[run.futures["scenario"] == scenario.name]
        cells = [middle_and_range(money["programme_gbp"].tolist())]
        for column in ("cash_gbp", "freed_gbp", "net_gbp", "social_gbp"):
            first = scenario is run.plan.scenarios[0]
            cells.append(("comparator", "") if first else middle_and_range(mine[column].tolist()))
        cells.append((f"{scenario.n_posts:g}", f"{len(scenario.wards)} wards"))
        rows.append((run.label(scenario.name), cells))
    return rows


def assumptions(run: Run) -> list[dict[str, str]]:
    """Every number the run used, with range, source and quoted words."""
    table = run.plan.parameters.table()
    table = table[table["role"] != "claim"]
    rows = []
    for row in table.to_dict("records"):
        spread = "" if pd.isna(row["low"]) or row["low"] == row["high"] else f"{row['low']:.4g} to {row['high']:.4g}"
        value = row["value"]
        shown = str(value) if isinstance(value, (bool, str)) else f"{value:,.6g}"
        rows.append(
            {
                "name": row["name"],
                "meaning": row["meaning"],
                "value": shown.replace("-", MINUS) if not isinstance(value, (bool, str)) else shown,
                "range": spread.replace("-", MINUS),
                "unit": row["unit"],
                "grade": "chosen" if row["overridden"] else row["grade"],
                "source": row["source"],
                "where": row["where"],
                "quote": row["quote"],
            }
        )
    return rows


def status(run: Run) -> tuple[str, str]:
    """Word and sentence of the banner at the top."""
    failed = run.results.checks.loc[~run.results.checks["passed"], "check"].tolist()
    if failed:
        return "Do not use", f"This run failed a check of the model: {'; '.join(failed)}."
    if run.plan.residents is not None:
        adults = people(run.plan.residents)
        return "For a look", f"Only {adults} adults were simulated, so amounts are not those of {run.plan.area.name}."
    if run.plan.futures < FEW_FUTURES:
        return "Quick look, do not quote", f"{run.plan.futures} futures are fine for a look and too few to quote."
    return "Draft", "All automatic checks passed. Nobody has assured this run yet."


def details(run: Run) -> list[tuple[str, str]]:
    """What decided the numbers, and nothing that did not."""
    plan = run.plan
    return [
        ("Run", plan.run_id),
        ("Scenarios", ", ".join(f"{s.name} ({s.label})" for s in plan.scenarios)),
        ("Stance on the evidence", plan.parameters.stance),
        ("Chosen values", ", ".join(f"{k} = {v}" for k, v in plan.parameters.overrides.items()) or "none"),
        ("Futures", people(plan.futures)),
        ("Adults on the first day", people(plan.n_residents)),
        ("Area and period", f"{plan.area.name}, {plan.period.year_labels[0]} to {plan.period.year_labels[-1]}"),
        ("Prices", f"{plan.parameters['appraisal.price_year']}"),
        ("Seed", str(plan.seed)),
        ("Parameters", plan.parameters.sha256[:16]),
        ("lacsim", lacsim.__version__),
    ]


def other_answers(run: Run) -> list[Answer]:
    """Answers for each scenario against the first, other than the headline's own pair."""
    first = run.plan.scenarios[0].name
    names = [scenario.name for scenario in run.plan.scenarios[1:]]
    return [run.answer_for(name, first) for name in names if (name, first) != run.pair]


def render(run: Run) -> str:
    """The whole page as text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    word, sentence = status(run)
    context: dict[str, Any] = {
        "answer": run.answer,
        "others": other_answers(run),
        "status_word": word,
        "status_sentence": sentence,
        "place": run.plan.area.name,
        "run_id": run.plan.run_id,
        "price_year": run.plan.parameters["appraisal.price_year"],
        "numbers": three_numbers(run),
        "sections": [section(run, name) for name in charts.CHARTS],
        "option_heads": OPTION_HEADS,
        "options": options(run),
        "first": run.label(run.plan.scenarios[0].name),
        "period": years_in_words(run.plan.period.years),
        "public_purse": PUBLIC_PURSE,
        "not_known": NOT_KNOWN,
        "details": details(run),
        "checks": run.results.checks.to_dict("records"),
        "assumptions": assumptions(run),
    }
    text = environment.get_template("report.html").render(context)
    return text.replace("−£", "−\u2060£")  # a minus sign stays on the line of its pounds


def draw_run(run: Run, folder: Path) -> None:
    """Write `charts/` and `report.html` of a run into a folder."""
    for name in charts.CHARTS:
        charts.save_chart(name, run, folder / "charts")
    (folder / "report.html").write_text(render(run), encoding="utf-8", newline="\n")


def save_run(run: Run, folder: Path) -> Path:
    """Write report, charts and every table of a run into a folder, made if need be."""
    from lacsim.report.files import FORMATS, write_table
    from lacsim.report.folder import tables_of

    folder.mkdir(parents=True, exist_ok=True)
    tables = tables_of(run)
    for name, frame in {**tables.frames, "checks": tables.checks}.items():
        write_table(frame, folder / f"{name}.{FORMATS[name]}", name)
    (folder / "params.toml").write_text(run.plan.parameters.to_toml(), encoding="utf-8", newline="\n")
    draw_run(run, folder)
    return folder
