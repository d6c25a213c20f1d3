"""The report: one self-contained page with the answer, the charts, the money and every assumption.

The page makes no outside request, works without scripts and holds no time or machine, so the same run gives the same
bytes. It decides nothing: words come from `narrative` and `words`, pictures from `charts`, tables from `tables`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup

import lacsim
from lacsim.errors import ResultsError
from lacsim.report import (
    backcast,
    charts,
    drawing,
    fairness,
    labels,
    levers,
    money_sections,
    tables,
)
from lacsim.report.charts.tiles import BOUNDARY_NOTE
from lacsim.report.narrative import (
    FEW_FUTURES,
    MINUS,
    PUBLIC_PURSE,
    Answer,
    people,
    pounds,
    years_in_words,
)
from lacsim.report.style import both_svg_texts
from lacsim.report.words import GLOSSARY, LIMITS, NOT_KNOWN, ROLES

if TYPE_CHECKING:
    from lacsim.report.api import Run

TEMPLATES: Final = Path(__file__).parent / "templates"
MOST_ROWS: Final = 24
MOST_DOT_ROWS: Final = 200  # where rows are futures, each has its row, script or no script
CONTENTS: Final = (
    ("answer", "The answer"),
    ("options", "The options side by side"),
    ("money", "Which money it is, cash first"),
    ("people", "What it means for people"),
    ("fund", "Better Care Fund measures"),
    ("team", "The team"),
    ("wards", "Ward by ward"),
    ("sure", "How sure is this"),
    ("claims", "Past claims"),
    ("next", "What to find out next"),
    ("method", "How it works"),
    ("assumptions", "Assumptions"),
    ("assurance", "Assurance"),
    ("value-map", "Value map"),
    ("economists", "For economists"),
    ("details", "What was run"),
    ("glossary", "Words used"),
)


@dataclass(frozen=True)
class Section:
    """A chart as the page shows it."""

    chart: charts.Chart
    svg: Markup
    columns: list[str]
    rows: list[list[str]]
    n_rows: int
    csv_bytes: int


def _cell(value: object, column: str) -> str:
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
    most = MOST_DOT_ROWS if "net_gbp" in chart.data else MOST_ROWS
    records = chart.data.head(most).astype(object).to_numpy().tolist()
    rows = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in records]
    size = len(chart.data.to_csv(index=False, lineterminator="\n").encode())
    return Section(chart, Markup(svg), columns, rows, len(chart.data), size)


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


def past_claims(run: Run) -> tuple[list[list[str]], str]:
    """Rows of the stored claims under the run's stance, and a sentence when they are stale or there are none."""
    try:
        found = backcast.stored()
    except ResultsError:
        return [], f"The model's own figures for these claims are not stored here. Make them with: {backcast.COMMAND}"
    own = found.table[found.table["stance"] == run.plan.parameters.stance].fillna("")
    fitted = own["use"].eq("fitted").map({True: "; used in the fit, so no confirmation", False: ""})
    verdicts = [labels.in_words(run.plan.parameters, text) for text in own["verdict"]]
    own = own.assign(verdict=verdicts + fitted)
    columns = ["text", "claimed_text", "model_text", "verdict", "note"]
    return own[columns].astype(str).to_numpy().tolist(), found.stale


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
    beside = [
        f"{one.plan.parameters.stance}: {one.plan.futures} futures" for one in run.stances.values() if one is not run
    ]
    if run.team is not None:
        teams = ", ".join(f"{s.n_posts:g}" for s in run.team.plan.scenarios)
        beside.append(f"teams of {teams}: {run.team.plan.futures} futures")
    return [
        ("Run", plan.run_id),
        ("To run it again", run_command(run)),
        ("Scenarios", ", ".join(f"{s.name} ({s.label})" for s in plan.scenarios)),
        ("Stance on the evidence", plan.parameters.stance),
        ("Chosen values", ", ".join(f"{k} = {v}" for k, v in plan.parameters.overrides.items()) or "none"),
        ("Futures", people(plan.futures)),
        ("Smaller runs beside it", "; ".join(beside) or "none"),
        ("Adults on the first day", people(plan.n_residents)),
        ("Area and period", f"{plan.area.name}, {plan.period.year_labels[0]} to {plan.period.year_labels[-1]}"),
        ("Prices", f"{plan.parameters['appraisal.price_year']}"),
        ("Seed", str(plan.seed)),
        ("Parameters", plan.parameters.sha256[:16]),
        ("lacsim", lacsim.__version__),
    ]


def _choices(run: Run) -> str:
    """Options that make a command mean this run and no other."""
    plan = run.plan
    parts = [f"--stance {plan.parameters.stance}", f"--seed {plan.seed}"]
    if plan.period.years != 5:
        parts.append(f"--years {plan.period.years}")
    if plan.period.name != "forecast":
        parts.append(f"--period {plan.period.name}")
    if plan.residents is not None:
        parts.append(f"--residents {plan.residents}")
    for name, value in plan.parameters.overrides.items():
        text = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else f"{value:.12g}"
        parts.append(f"--set {name}={text}")
    return " ".join(parts)


def run_command(run: Run) -> str:
    """The command that makes this run."""
    names = " ".join(scenario.name for scenario in run.plan.scenarios)
    return f"lacsim run {names} --futures {run.plan.futures} {_choices(run)}"


def trace_command(run: Run, future: int, person: int | None = None) -> str:
    """The command that lives one future of the last scenario again, for everybody or one person."""
    who = "" if person is None else f" --person {person}"
    return f"lacsim trace --future {future}{who} --scenario {run.plan.scenarios[-1].name} {_choices(run)}"


def other_answers(run: Run) -> list[Answer]:
    """Answers for each scenario against the first, other than the headline's own pair."""
    first = run.plan.scenarios[0].name
    names = [scenario.name for scenario in run.plan.scenarios[1:]]
    return [run.answer_for(name, first) for name in names if (name, first) != run.pair]


def who_agrees(run: Run) -> str:
    """Whose money it is, from the split of the programme's cost."""
    share = 100 * run.plan.parameters.number("programme.better_care_fund_share")
    return (
        f"The programme is paid {share:.0f}% from the Better Care Fund, which the council and the NHS plan "
        f"together, and "
        f"{100 - share:.0f}% by the council. Both must agree; whoever gains without paying should be asked."
    )


def _pounds_and_pence(pence: int) -> str:
    """Whole pence as the levers show them."""
    whole = abs(pence)
    return f"{MINUS if pence < 0 else ''}£{whole // 100:,}.{whole % 100:02d}"


def lever_context(run: Run) -> dict[str, Any]:
    """What the part of the page with the levers needs; no levers when there is no pair, or a rate between two steps."""
    try:
        table = levers.lever_table(run)
    except ResultsError:
        return {"levers": [], "levers_json": "", "lever_values": {}}
    found = levers.recalculate(table, table.settings)
    values: dict[str, Any] = {"n_less": found.n_less, "n": len(found.net)}
    for key in ("p05", "p50", "p95", "cash_p50"):
        pence = int(getattr(found, key))
        values |= {key: _pounds_and_pence(pence), f"{key}_pence": pence}
    now = asdict(table.settings)
    shown = [{**asdict(lever), "value": now[lever.name]} for lever in levers.levers_of(run)]
    return {"levers": shown, "levers_json": Markup(levers.to_json(table)), "lever_values": values}


def environment() -> jinja2.Environment:
    """Templates with everything escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def draw_all(run: Run) -> dict[str, charts.Chart]:
    """Every chart of a run by full name."""
    return {name: charts.draw(name, run) for name in charts.CHARTS}


def context_of(
    run: Run, drawn: Mapping[str, charts.Chart], pictures: Mapping[str, charts.Pictures] | None = None
) -> dict[str, Any]:
    """Everything the page prints."""
    word, sentence = status(run)
    script = (TEMPLATES / "levers.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sections = {chart.prefix: section(chart, (pictures or {}).get(chart.name)) for chart in drawn.values()}
    past, claims_note = past_claims(run)
    stances = tables.stances(run)
    poor, n_used = tables.grades(run)
    heads, ceac = tables.acceptability(run)
    checks = run.results.checks
    failed = int((~checks["passed"].astype(bool)).sum())
    pair = run.pair
    lives = run.lives
    middle = 1 if lives is None else lives.future
    return {
        "contents": CONTENTS,
        "answer": run.answer,
        "others": other_answers(run),
        "status_word": word,
        "status_sentence": sentence,
        "place": run.plan.area.name,
        "run_id": run.plan.run_id,
        "price_year": run.plan.parameters["appraisal.price_year"],
        "numbers": tables.three_numbers(run),
        "stances": stances,
        "stance_note": _stance_note(run),
        "missing_stances": [s for s in ("controlled", "reported", "sceptical") if pair and s not in run.stances],
        "mind_changers": money_sections.mind_changers(run),
        "who_agrees": who_agrees(run),
        "drawn": sections,
        "trace_command": trace_command(run, middle),
        "life_commands": []
        if lives is None
        else [(one.pick, trace_command(run, lives.future, one.person)) for one in lives.lives],
        "option_heads": tables.OPTION_HEADS,
        "options": tables.options(run),
        "first": run.label(run.plan.scenarios[0].name),
        "period": years_in_words(run.plan.period.years),
        "public_purse": PUBLIC_PURSE,
        "not_known": NOT_KNOWN,
        "pair_label": f"{run.label(pair[0])} against {run.label(pair[1])}"
        if pair
        else run.label(run.plan.scenarios[0].name),
        "boundary_note": BOUNDARY_NOTE,
        "claims": tables.claims(run),
        "past_claims": past,
        "claims_note": claims_note,
        "stance": run.plan.parameters.stance,
        "dots_json": dots_json(run),
        "fairness_heads": fairness.HEADS,
        "fairness": fairness.rows(run),
        "grade_d": poor,
        "n_assumptions": n_used,
        "research": tables.research(run),
        "tracker_heads": tables.TRACKER_HEADS,
        "tracker": [
            [_cell(v, "") for v in row] for row in tables.tracker(run).head(3).astype(object).to_numpy().tolist()
        ],
        "n_wards": len(run.plan.area.ward_names),
        "assumptions": tables.assumptions(run),
        "limits": LIMITS,
        "roles": [[role, what, "", ""] for role, what in ROLES],
        "checks_sentence": "All passed." if not failed else f"{failed} failed: do not use this run.",
        "checks": [
            [c["check"], "yes" if c["passed"] else "NO", _cell(c["observed"], ""), _cell(c["expected"], "")]
            for c in checks.to_dict("records")
        ],
        "value_map_heads": tables.VALUE_MAP_HEADS,
        "value_map": tables.value_map(run),
        "ceac_heads": heads,
        "ceac": ceac,
        "plane": tables.cost_and_effect(run),
        "details": details(run),
        "glossary": GLOSSARY,
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
        **money_sections.context(run),
        **lever_context(run),
    }


def _stance_note(run: Run) -> str:
    """How many futures the stances beside the run's own have."""
    beside = {one.plan.futures for one in run.stances.values() if one is not run}
    if not beside:
        return "only one was run"
    return f"the run's own has {run.plan.futures:,} futures, the others {max(beside):,}, which share its luck"


def _tidied(text: str) -> str:
    """A minus sign stays on the line of its pounds."""
    return text.replace(f"{MINUS}£", f"{MINUS}\u2060£")


def render(
    run: Run,
    drawn: Mapping[str, charts.Chart] | None = None,
    pictures: Mapping[str, charts.Pictures] | None = None,
) -> str:
    """The whole page as text; charts and pictures that are made already are not made again."""
    context = context_of(run, draw_all(run) if drawn is None else drawn, pictures)
    return _tidied(environment().get_template("report.html").render(context))


def render_committee(run: Run) -> str:
    """The committee paper under the council's own headings as text."""
    from lacsim.report.committee import paper

    word, sentence = status(run)
    context = {
        "place": run.plan.area.name,
        "run_id": run.plan.run_id,
        "status_word": word,
        "status_sentence": sentence,
        "paper": paper(run),
    }
    return _tidied(environment().get_template("committee.html").render(context))


def draw_run(run: Run, folder: Path, *, jobs: int = 1) -> None:
    """Write `charts/`, `report.html`, `committee.html` and `tracker.csv` of a run into a folder.

    Parameters
    ----------
    jobs
        Processes that draw; 0 uses every usable core. The bytes do not depend on it.
    """
    made = drawing.draw(run, jobs=jobs)
    for chart, pictures in made.values():
        charts.write_chart(chart, folder / "charts", pictures)
    page = render(
        run, {name: chart for name, (chart, _) in made.items()}, {name: seen for name, (_, seen) in made.items()}
    )
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    (folder / "committee.html").write_text(render_committee(run), encoding="utf-8", newline="\n")
    tables.tracker(run).to_csv(folder / "tracker.csv", index=False, lineterminator="\n", encoding="utf-8")


def save_run(run: Run, folder: Path) -> Path:
    """Write report, charts and every table of a run into a folder, made if need be."""
    from lacsim.report.files import FORMATS, write_table
    from lacsim.report.folder import tables_of

    folder.mkdir(parents=True, exist_ok=True)
    found = tables_of(run)
    for name, frame in {**found.frames, "checks": found.checks}.items():
        write_table(frame, folder / f"{name}.{FORMATS[name]}", name)
    (folder / "params.toml").write_text(run.plan.parameters.to_toml(), encoding="utf-8", newline="\n")
    draw_run(run, folder)
    return folder
