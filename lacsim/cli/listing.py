"""`lacsim scenarios` and `lacsim runs`: what can be run, and what has been."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lacsim.cli import options
from lacsim.cli.machine import counted
from lacsim.cli.request import period_of
from lacsim.cli.text_table import lined_up

scenarios = typer.Typer(help="The policy options: which wards have coordinators, from when.")
runs = typer.Typer(help="Runs that are kept in the results folder.")


@scenarios.command("list")
def list_scenarios(
    *, period: options.Period = "forecast", area: options.Area = "derby", as_json: options.AsJson = False
) -> None:
    """List the scenarios that are built in."""
    from lacsim import evidence
    from lacsim.runs.scenario import BUILT_IN, HISTORY, built_in

    when = period_of(period, None)
    found = [built_in(name, evidence.area(area), when) for name in (*BUILT_IN, HISTORY)]
    rows = [
        {"name": option.name, "label": option.label, "wards": len(option.wards), "posts": option.n_posts}
        for option in found
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    typer.echo(
        lined_up(
            ["name", "wards", "posts", "label"],
            [[r[k] for k in ("name", "wards", "posts", "label")] for r in rows],
        )
    )
    typer.echo("\nAny other is a TOML file; for its form see docs/wards.md.", err=True)


@scenarios.command("show")
def show_scenario(
    name: Annotated[str, typer.Argument(help="A built-in name or a TOML file.")],
    *,
    period: options.Period = "forecast",
    area: options.Area = "derby",
    as_json: options.AsJson = False,
) -> None:
    """Show one scenario post by post; a file is checked on the way."""
    from lacsim import evidence
    from lacsim.runs.scenario import find

    (option,) = find([name], evidence.area(area), period_of(period, None))
    rows = [
        {
            "ward": p.ward,
            "posts": p.posts,
            "starts": str(p.starts),
            "ends": "" if p.ends is None else str(p.ends),
        }
        for p in option.posts
    ]
    if as_json:
        typer.echo(
            json.dumps({"name": option.name, "label": option.label, "posts": rows}, indent=2, ensure_ascii=False)
        )
        return
    typer.echo(f"{option.name}: {option.label}; {option.n_posts:g} posts in {counted(len(option.wards), 'ward')}")
    if rows:
        typer.echo(lined_up(["ward", "posts", "starts", "ends"], [list(row.values()) for row in rows]))


@runs.command("list")
def list_runs(*, out: options.Out = Path("results"), as_json: options.AsJson = False) -> None:
    """List the runs, newest first, and those that can be carried on."""
    from lacsim.report.finding import manifests
    from lacsim.report.unfinished import all_unfinished

    found, begun = manifests(out), all_unfinished(out)
    if as_json:
        partial = [{**about, "status": "partial"} for about in begun]
        typer.echo(json.dumps([*partial, *found], indent=2, ensure_ascii=False))
        return
    if not found and not begun:
        typer.echo(f"No runs in {out} yet. Start with: lacsim run --quick")
        return
    rows = [
        [
            about["run_id"],
            Path(about["folder"]).name[:10],
            "partial",
            about["futures"],
            about.get("residents", ""),
            about["stance"],
            " ".join(about["scenarios"]),
            _settings(about.get("overrides", {})),
            _saved(about),
        ]
        for about in begun
    ]
    rows += [
        [
            m["run_id"],
            m["created_utc"][:16],
            m["status"],
            m["futures"],
            m["residents"],
            m["stance"],
            " ".join(m["scenarios"]),
            _settings(m["overrides"]),
            m["headline"]["text"],
        ]
        for m in found
    ]
    typer.echo(
        lined_up(["run", "made (UTC)", "status", "futures", "adults", "stance", "scenarios", "set", "answer"], rows)
    )


def _settings(overrides: dict[str, Any]) -> str:
    """What was set, as it is typed."""
    from lacsim.report.commands import typed_value

    return " ".join(f"{name}={typed_value(value)}" for name, value in overrides.items())


def _saved(about: dict[str, Any]) -> str:
    """How much of an unfinished run is saved, and how to carry on."""
    n = len(about["scenarios"])
    return f"{about['saved'] * n:,} of {about['futures'] * n:,} runs are saved; carry on with: {about['command']}"


@runs.command("show")
def show_run(
    run: Annotated[
        str, typer.Argument(help="latest, previous, the first digits of a run's name, or its folder.")
    ] = "latest",
    *,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
) -> None:
    """Show one run: its answer, what it was made with, its checks and its files."""
    from lacsim.report.finding import find_run, read_manifest

    folder = find_run(out, run)
    manifest = read_manifest(folder)
    typer.echo(
        json.dumps(manifest, indent=2, ensure_ascii=False) if as_json else "\n".join(_in_words(folder, manifest))
    )


def _in_words(folder: Path, manifest: dict[str, Any]) -> list[str]:
    code, checks = manifest["code"], manifest["checks"]
    lines = [
        manifest["headline"]["text"],
        "",
        f"run        {manifest['run_id']}, {manifest['status']}, made {manifest['created_utc']}",
        f"folder     {folder}",
        f"command    {manifest['command']}",
        f"scenarios  {' '.join(manifest['scenarios'])}",
        f"futures    {manifest['futures']:,}, seed {manifest['seed']}, stance {manifest['stance']}",
        f"engine     {manifest['engine']}",
        f"code       {code['version']}, source {code['source_sha256'][:12]}, "
        f"git {code['git_sha'] or 'unknown'}"
        f"{' with changes' if code['dirty'] else ''}",
        f"work       {manifest['records']:,} records in {manifest['seconds']:.0f} s "
        f"on {counted(manifest['processes'], 'core')}",
        f"checks     {checks['passed']} passed, {checks['failed']} failed",
    ]
    lines += [f"set        {name} = {value}" for name, value in manifest["overrides"].items()]
    lines += [
        "",
        lined_up(["file", "rows", "sha256"], [[f["path"], f["rows"], f["sha256"][:12]] for f in manifest["files"]]),
    ]
    return lines
