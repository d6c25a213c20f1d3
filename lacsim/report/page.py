"""The report: one self-contained page with the answer, the charts, the money and every assumption.

The page makes no outside request, works without scripts and holds no time or machine, so the same run gives the same
bytes. It decides nothing: words come from `narrative` and `words`, pictures from `charts`, tables from `tables`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

import lacsim
from lacsim.report import charts, drawing, fairness, levers, money_sections, tables
from lacsim.report.charts.tiles import about_boundaries
from lacsim.report.commands import run_command, trace_command
from lacsim.report.narrative import FEW_FUTURES, MINUS, PUBLIC_PURSE, Answer, people, years_in_words
from lacsim.report.sections import cell, dots_json, section
from lacsim.report.words import GLOSSARY, LIMITS, NOT_KNOWN, ROLES

if TYPE_CHECKING:
    from lacsim.report.api import Run

TEMPLATES: Final = Path(__file__).parent / "templates"
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


def context_of(run: Run) -> dict[str, Any]:
    """Everything the page prints, but for its charts."""
    word, sentence = status(run)
    script = (TEMPLATES / "levers.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    past, claims_note = tables.past_claims(run)
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
        "who_agrees": who_agrees(run),
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
        "boundary_note": about_boundaries(run),
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
            [cell(v, "") for v in row] for row in tables.tracker(run).head(3).astype(object).to_numpy().tolist()
        ],
        "n_wards": len(run.plan.area.ward_names),
        "assumptions": tables.assumptions(run),
        "limits": LIMITS,
        "roles": [[role, what, "", ""] for role, what in ROLES],
        "checks_sentence": "All passed." if not failed else f"{failed} failed: do not use this run.",
        "checks": [
            [c["check"], "yes" if c["passed"] else "NO", cell(c["observed"], ""), cell(c["expected"], "")]
            for c in checks.to_dict("records")
        ],
        "ceac_heads": heads,
        "ceac": ceac,
        "plane": tables.cost_and_effect(run),
        "details": details(run),
        "glossary": GLOSSARY,
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
        **money_sections.context(run),
        **levers.context(run),
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
    context: Mapping[str, Any] | None = None,
) -> str:
    """The whole page as text; charts, pictures and context that are made already are not made again."""
    found = context_of(run) if context is None else context
    made = (draw_all(run) if drawn is None else drawn).values()
    sections = {chart.prefix: section(chart, (pictures or {}).get(chart.name)) for chart in made}
    return _tidied(environment().get_template("report.html").render({**found, "drawn": sections}))


def render_committee(run: Run, headline: charts.Chart | None = None, png: bytes = b"") -> str:
    """The committee paper under the council's own headings as text.

    Parameters
    ----------
    headline, png
        The headline chart and its picture, to stand in the paper; without a picture there is none.
    """
    from lacsim.report.committee import paper

    word, sentence = status(run)
    picture = None
    if headline is not None and png and run.pair is not None:
        src = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        picture = {"src": src, "title": headline.title, "alt": headline.description, "note": headline.footer}
    context = {
        "picture": picture,
        "place": run.plan.area.name,
        "run_id": run.plan.run_id,
        "status_word": word,
        "status_sentence": sentence,
        "paper": paper(run),
    }
    return _tidied(environment().get_template("committee.html").render(context))


def draw_run(run: Run, folder: Path, *, jobs: int = 1, meanwhile: Callable[[], None] | None = None) -> None:
    """Write `charts/`, `report.html`, `committee.html` and `tracker.csv` of a run into a folder.

    Parameters
    ----------
    jobs
        Processes that draw; 0 uses every usable core. The bytes do not depend on it.
    meanwhile
        What else there is to write into the folder; called while other processes draw.
    """
    context: dict[str, Any] = {}

    def write_and_think() -> None:
        if meanwhile is not None:
            meanwhile()
        context.update(context_of(run))

    made = drawing.draw(run, jobs=jobs, meanwhile=write_and_think)
    for chart, pictures in made.values():
        charts.write_chart(chart, folder / "charts", pictures)
    page = render(
        run,
        {name: chart for name, (chart, _) in made.items()},
        {name: seen for name, (_, seen) in made.items()},
        context or None,
    )
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    headline, pictures = made[charts.HEADLINE]
    paper = render_committee(run, headline, pictures.png)
    (folder / "committee.html").write_text(paper, encoding="utf-8", newline="\n")
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
