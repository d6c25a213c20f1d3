"""`lacsim sweep` and `lacsim experiment`: many runs at once, and the questions that are kept as scripts."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lacsim.cli import machine, options, running
from lacsim.cli.request import Request, checked_out, plan_of
from lacsim.cli.text_table import lined_up
from lacsim.errors import LacsimError, RegisterError, ScenarioError, SetupError
from lacsim.units import did_you_mean

SWEEP_HELP: Final = """Run every combination of some settings and show the answers side by side.

Example:

  lacsim sweep --set coordination.places_per_coordinator=30,40,50 --set effects.admission_hr=0.9,1 -n 50
"""
EXPERIMENT_HELP: Final = "Run a script of experiments/ by its name or number; 'list' shows them."
_MOST_RUNS: Final = 200
_EXPERIMENTS: Final = Path(__file__).resolve().parents[2] / "experiments"
_QUICK: Final = "LACSIM_QUICK"
_OPENING, _CLOSING = "[{(", "]})"


def values_of(text: str) -> list[str]:
    """`name=a,b,c` as one setting for each value; commas within quotes or brackets do not part values."""
    name, equals, given = text.partition("=")
    parts, depth, quote = [""], 0, ""
    for c in given:
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c == "," and depth == 0:
            parts.append("")
            continue
        depth += 0 if quote else (c in _OPENING) - (c in _CLOSING)
        parts[-1] += c
    return [f"{name.strip()}{equals}{part.strip()}" for part in parts]


def combinations_of(settings: Sequence[str]) -> list[tuple[str, ...]]:
    """Every combination of the values of all settings, the last one varying fastest.

    Raises
    ------
    RegisterError
        If there is nothing to combine, or too much.
    """
    found = list(itertools.product(*(values_of(text) for text in settings)))
    if len(found) < 2:
        raise RegisterError(
            "sweep: needs at least one --set with several values, as --set coordination.places_per_coordinator=30,40,50"
        )
    if len(found) > _MOST_RUNS:
        raise RegisterError(
            f"sweep: {len(found):,} combinations; at most {_MOST_RUNS} are run at once. Name fewer values."
        )
    return found


def sweep(
    scenarios: options.Scenarios = None,
    *,
    settings: options.Settings = None,
    futures: options.Futures = 50,
    stance: options.Stance = None,
    params_file: options.ParamsFile = None,
    years: options.Years = None,
    residents: options.Residents = None,
    area: options.Area = "derby",
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    cluster: options.Cluster = None,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> int:
    """Check every combination, then run each (or take it from the results folder), and print one table."""
    from lacsim.report import finding

    checked_out(out)
    tried = combinations_of(tuple(settings or ()))
    plans, faults = [], []
    for one in tried:
        request = Request(
            scenarios=tuple(scenarios or ()),
            futures=futures,
            seed=seed,
            jobs=jobs,
            stance=stance,
            settings=one,
            params_file=params_file,
            years=years,
            residents=residents,
            area=area,
        )
        try:
            plans.append(plan_of(request))
        except LacsimError as why:
            faults += [fault for fault in why.faults if fault not in faults]
    if faults:
        raise ScenarioError(faults)
    rows: list[dict[str, Any]] = []
    for k, (one, plan) in enumerate(zip(tried, plans, strict=True), start=1):
        if not quiet:
            typer.echo(f"{k} of {len(tried)}: {'  '.join(one)}", err=True)
        kept = finding.finished(out, plan.run_id)
        made = kept or running.made(plan, out, running.How(jobs, cluster), quiet=quiet)
        if made is None:
            return running.STOPPED
        rows.append(_row(one, finding.read_manifest(made)))
    index = _write_index(out, rows)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        headings = [*(text.partition("=")[0] for text in tried[0]), "less in", "p05 £", "middle £", "p95 £", "run"]
        typer.echo(
            f"What the public purse saves, {_pair(rows, finding.manifests(out))}; 'less in' is how many of "
            f"{machine.counted(futures, 'future')} cost less.\n"
        )
        typer.echo(lined_up(headings, [[_whole(value) for value in row.values()] for row in rows]))
        typer.echo(f"\nTable    {index.as_posix()}")
    return 0


def _whole(value: object) -> object:
    """An amount without its pence."""
    return float(round(value)) if isinstance(value, float) else value


def _row(settings: Sequence[str], manifest: dict[str, Any]) -> dict[str, Any]:
    """One line of the table: what was set, and the answer."""
    headline = manifest["headline"]
    answer = {f"{name}_gbp": headline.get(name) for name in ("p05", "p50", "p95")}
    return {
        **dict(text.split("=", 1) for text in settings),
        "futures_better": headline.get("futures_better"),
        **answer,
        "run_id": manifest["run_id"],
    }


def _pair(rows: list[dict[str, Any]], manifests: list[dict[str, Any]]) -> str:
    """Which two scenarios the table compares."""
    headline = next(m["headline"] for m in manifests if m["run_id"] == rows[-1]["run_id"])
    return f"{headline.get('scenario')} against {headline.get('comparator')}" if "scenario" in headline else "none"


def _write_index(out: Path, rows: list[dict[str, Any]]) -> Path:
    """The table as a file that is named by what is in it."""
    import pandas as pd

    from lacsim.report.files import without_formulas
    from lacsim.runs.parts import write_whole

    text = without_formulas(pd.DataFrame(rows)).to_csv(index=False, lineterminator="\n")
    path = out / f"sweep_{hashlib.sha256(text.encode()).hexdigest()[:8]}.csv"
    write_whole(path, text.encode())
    return path


def experiment(
    name: Annotated[str, typer.Argument(help="'list', or a script's name or number, as 01.")] = "list",
    *,
    quick: Annotated[bool, typer.Option("--quick", help="The small size of the tests.")] = False,
) -> None:
    """List the questions, or run one of them in a process of its own."""
    scripts = {path.stem: path for path in sorted(_EXPERIMENTS.glob("[0-9]*.py"))}
    if not scripts:
        raise SetupError(
            "the experiments are in the repository, not in the installed package. Clone it and run them there."
        )
    if name == "list":
        rows = [
            [stem, (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]]
            for stem, path in scripts.items()
        ]
        typer.echo(lined_up(["experiment", "question"], rows))
        return
    found = [stem for stem in scripts if stem == name or stem.startswith(f"{name}_")]
    if not found:
        raise ScenarioError(
            f"experiment: '{name}' is not known.{did_you_mean(name, scripts)} See them all: lacsim experiment list"
        )
    script = str(scripts[found[0]])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_EXPERIMENTS.parent), *sys.path])}
    done = subprocess.run(
        [sys.executable, script], env={**environment, **({_QUICK: "1"} if quick else {})}, check=False
    )
    raise typer.Exit(done.returncode)
