"""`lacsim run`: the main job, from what was typed to a folder of results and one sentence.

Nothing is made before everything asked for is checked. Progress goes to stderr, the answer to stdout.
"""

from __future__ import annotations

import importlib
import json
import shlex
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lacsim.cli import options
from lacsim.cli.machine import counted, estimate
from lacsim.cli.progress import Progress
from lacsim.cli.request import Request, checked_out, plan_of
from lacsim.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from lacsim.cli.stopping import AskedToStop
    from lacsim.report.api import Run
    from lacsim.report.companions import Companions
    from lacsim.report.unfinished import Unfinished
    from lacsim.results.store import Store
    from lacsim.runs.plan import Plan

HELP: Final = """Live the options, compare them person by person, price the difference and write the report.

Examples:

  lacsim run --quick

  lacsim run wards-10 wards-17 --set coordination.places_per_coordinator=50

  lacsim run --stance sceptical --precise

  lacsim run --json | jq .headline
"""
QUICK: Final = 20
PRECISE: Final = 1024
# Options that decide lives and mean the same to `lacsim trace`.
_OF_LIVES: Final = ("--seed", "--period", "--years", "--residents", "--area", "--stance", "--set", "--params")
CHECK_FAILED: Final = 4
STOPPED: Final = 130


def run(
    scenarios: options.Scenarios = None,
    *,
    futures: options.Futures = 100,
    quick: Annotated[
        bool, typer.Option("--quick", help=f"{QUICK} futures: for a look.", rich_help_panel="How much is run")
    ] = False,
    precise: Annotated[
        bool, typer.Option("--precise", help=f"{PRECISE:,} futures.", rich_help_panel="How much is run")
    ] = False,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    period: options.Period = "forecast",
    years: options.Years = None,
    residents: options.Residents = None,
    area: options.Area = "derby",
    engine: options.Engine = "compiled",
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    cluster: options.Cluster = None,
    resume: Annotated[
        bool,
        typer.Option("--resume/--no-resume", help="Carry on from saved futures.", rich_help_panel="How much is run"),
    ] = True,
    again: Annotated[
        bool,
        typer.Option("--again", help="Run even if this run is kept already.", rich_help_panel="How much is run"),
    ] = False,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    no_color: Annotated[
        bool,
        typer.Option("--no-color", help="No bold text; NO_COLOR does the same.", rich_help_panel="What is shown"),
    ] = False,
) -> int:
    """Check, run, write, and say the answer; the exit code is 4 if a check of the model failed."""
    if quick and precise:
        raise ScenarioError("--quick and --precise: both were given. Give one of them.")
    request = Request(
        scenarios=tuple(scenarios or ()),
        futures=QUICK if quick else PRECISE if precise else futures,
        seed=seed,
        jobs=jobs,
        stance=stance,
        settings=tuple(settings or ()),
        params_file=params_file,
        engine=engine,
        period=period,
        years=years,
        residents=residents,
        area=area,
    )
    checked_out(out)
    plan = plan_of(request)

    if len(plan.scenarios) == 1:
        _say("One scenario is run alone: nothing is compared and no saving is told. Name another before it.")

    from lacsim.report import finding, unfinished

    kept = None if again else finding.finished(out, plan.run_id)
    if kept is not None and not unfinished.is_there(out, plan.run_id):
        _say(f"Already have this run, {plan.run_id}; --again makes it anew.", quiet=quiet)
        return _answer(kept, as_json=as_json, bold=not no_color)
    folder = made(plan, out, How(jobs, cluster, resume=resume, again=again), quiet=quiet)
    return STOPPED if folder is None else _answer(folder, as_json=as_json, bold=not no_color)


@dataclass(frozen=True)
class How:
    """Where a run is made, and what of earlier work is used."""

    jobs: int = 0
    cluster: str | None = None
    resume: bool = True
    again: bool = False


def made(plan: Plan, out: Path, how: How, *, quiet: bool) -> Path | None:
    """The folder of a run that has just been made, or None if it was stopped."""
    from lacsim.cli.stopping import listening
    from lacsim.report import finding, unfinished
    from lacsim.report import folder as folders
    from lacsim.report.manifest import now
    from lacsim.results.store import Store

    created = now()
    with listening() as stop, unfinished.held(out, plan, started=created) as work:
        for notice in work.notices:
            _say(notice)
        done_meanwhile = None if how.again else finding.finished(out, plan.run_id)
        if done_meanwhile is not None:
            folders.publish(done_meanwhile, out)
            unfinished.remove(work)
            return done_meanwhile
        if not how.resume:
            unfinished.clear(work)
        work.tell(command=_command(), plan=plan)
        store = Store(work.parts, plan)
        try:
            folder = _lived(plan, out, how, work, store, stop, created, quiet=quiet)
        except KeyboardInterrupt:
            n = len(plan.scenarios)
            _say(
                f"Stopped. {store.n_saved * n:,} of {plan.futures * n:,} runs are saved. "
                "Run the same command to carry on."
            )
            return None
        unfinished.remove(work)
        return folder


def _lived(
    plan: Plan,
    out: Path,
    how: How,
    work: Unfinished,
    store: Store,
    stop: AskedToStop,
    created: datetime,
    *,
    quiet: bool,
) -> Path:
    """Live what is missing, price it and write the folder."""
    from lacsim.report import finding
    from lacsim.report import folder as folders
    from lacsim.report.manifest import Facts, now
    from lacsim.results import study
    from lacsim.runs.backends import backend_for

    reused = how.resume and not how.again
    already = store.load(finding.kept_files(out) if reused else ())
    for notice in store.notices:
        _say(notice)
    n, missing = len(plan.scenarios), plan.futures - len(already)
    if already:
        _say(f"Carrying on: {len(already) * n:,} of {plan.futures * n:,} runs are saved already.", quiet=quiet)
    backend = backend_for(how.jobs, missing, how.cluster)
    _say(f"{estimate(plan, backend.n_workers, finding.manifests(out), futures=missing)}.", quiet=quiet)
    progress = Progress(n, already=len(already))
    if backend.n_workers > 1:
        _read_meanwhile("lacsim.report.api")
    begun = time.perf_counter()
    try:
        results = study.run(
            plan,
            backend=backend,
            progress=None if quiet else progress,
            already=already,
            keeper=store,
            stop=stop,
        )
    finally:
        progress.end()
    seconds = time.perf_counter() - begun
    from lacsim.report.api import Run

    finished = Run(results, _beside(plan, work, how, stop, finding.kept_files(out) if reused else (), quiet=quiet))
    stop.is_patient = False
    _say("Pricing, drawing and writing …", quiet=quiet)
    facts = Facts(
        command=_command(),
        created=created,
        finished=now(),
        processes=backend.n_workers,
        seconds=seconds,
        headline=headline_of(finished),
        futures_already=len(already),
    )

    def draw(folder: Path, meanwhile: Callable[[], None]) -> None:
        draw_into(finished, folder, jobs=how.jobs, meanwhile=meanwhile)

    return folders.write(plan, folders.tables_of(finished), facts, out=out, draw=draw)


def _read_meanwhile(module: str) -> None:
    """Import what only the report needs, a second or more, while other processes live the futures."""
    threading.Thread(target=importlib.import_module, args=(module,), daemon=True).start()


def _beside(
    plan: Plan, work: Unfinished, how: How, stop: AskedToStop, elsewhere: Sequence[Path], *, quiet: bool
) -> Companions:
    """The smaller runs beside it; a run that is too small to be quoted goes without other teams."""
    from lacsim.report import companions
    from lacsim.report.manifest import QUICK_BELOW

    teams = plan.futures >= QUICK_BELOW
    others = "other stances, other teams" if teams else "other stances"
    n = sum(one.futures * len(one.scenarios) for one in companions.plans(plan, teams=teams).values())
    if n:
        _say(f"Smaller runs beside it, {n:,} of them: {others} …", quiet=quiet)
    return companions.make(plan, teams=teams, jobs=how.jobs, folder=work.beside, elsewhere=elsewhere, stop=stop)


def headline_of(run: Run) -> dict[str, Any]:
    """The answer for the manifest: sentences, count, and range of the public purse's saving in pounds."""
    from lacsim.report.narrative import spread_of

    answer = run.answer
    headline: dict[str, Any] = {"text": answer.headline, "money": answer.money, "caution": answer.caution}
    headline |= {"stance": answer.stance, "branch": answer.branch}
    if run.pair is not None:
        savings = run.differences["public_purse_saving_gbp"].tolist()
        spread = spread_of(savings)
        headline |= {"scenario": run.pair[0], "comparator": run.pair[1], "futures_better": answer.n_less}
        headline |= {"p05": round(spread.p05, 2), "p50": round(spread.p50, 2), "p95": round(spread.p95, 2)}
    return headline


def draw_into(run: Run, folder: Path, *, jobs: int = 0, meanwhile: Callable[[], None] | None = None) -> None:
    """Add charts and the report to a folder that is being written; `meanwhile` writes the rest while they are drawn."""
    from lacsim.report.page import draw_run

    draw_run(run, folder, jobs=jobs, meanwhile=meanwhile)


def _answer(folder: Path, *, as_json: bool, bold: bool) -> int:
    """Say the answer of a kept run on stdout and hand back its exit code."""
    from lacsim.report.finding import read_manifest

    manifest = read_manifest(folder)
    if as_json:
        typer.echo(json.dumps({**manifest, "folder": folder.as_posix()}, indent=2, ensure_ascii=False))
    else:
        is_bold = bold and sys.stdout.isatty()
        typer.echo("\n".join(answer_lines(folder, manifest, bold=is_bold)), color=is_bold)
    if manifest["status"] != "failed-checks":
        return 0
    _say(
        f"{counted(manifest['checks']['failed'], 'check')} of the model failed; "
        "the results are kept and marked do-not-use. "
        f"See {(folder / 'checks.csv').as_posix()} and send run.log."
    )
    return CHECK_FAILED


def answer_lines(folder: Path, manifest: dict[str, Any], *, bold: bool = False) -> list[str]:
    """Headline, range, caution, where the report is, how fast it was, and what to try next."""
    headline = manifest["headline"]
    first = typer.style(headline["text"], bold=True) if bold else headline["text"]
    lines = [first] + [headline[key] for key in ("money", "caution", "stance") if headline.get(key)]
    report = folder / "report.html"
    speed = manifest["records_per_second"]
    lines += ["", f"Report   {(report if report.exists() else folder).as_posix()}"]
    if speed and not manifest.get("futures_already"):
        lines.append(
            f"Work     {manifest['records']:,} records in {manifest['seconds']:,.1f} s on "
            f"{counted(manifest['processes'], 'core')}: {speed:,} a second"
        )
    same = manifest["command"] if manifest["command"].startswith("lacsim run") else "lacsim run"
    other = [] if "--stance" in same else [f"{same} --stance sceptical"]
    return [*lines, f"Next     {'   ·   '.join([*other, 'lacsim params list --grade D', _trace_of(manifest)])}"]


def _trace_of(manifest: dict[str, Any]) -> str:
    """The command that follows the first future of a run, with what was typed that decides lives."""
    typed = shlex.split(manifest["command"])
    parts = ["lacsim", "trace"]
    last = manifest["scenarios"][-1]
    if last != "wards-17":
        parts += ["--scenario", next((part for part in typed if Path(part).suffix == ".toml"), last)]
    for part, following in zip(typed, [*typed[1:], ""], strict=True):
        if part in _OF_LIVES:
            parts += [part, following]
        elif part.partition("=")[0] in _OF_LIVES:
            parts.append(part)
    return shlex.join(parts)


def _command() -> str:
    """What was typed, so that it can be typed again."""
    return shlex.join(["lacsim", *sys.argv[1:]])


def _say(text: str, *, quiet: bool = False) -> None:
    if not quiet:
        typer.echo(text, err=True)
