"""What this computer has to offer, and how long a run would take on it.

The estimate rests on the last run that was timed here; nothing is measured before it is needed.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from lacsim.cli import options
from lacsim.cli.progress import in_words

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

HELP: Final = "Show versions, cores, memory and disk, and say what is missing."

# Resident-years of a run that is large enough to learn the speed of this machine from.
_FEWEST_TO_LEARN_FROM: Final = 1_000_000


def bytes_free() -> int | None:
    """Memory that can be used now, in bytes, any limit on these processes included; None if unknown."""
    found = []
    for path in (Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max")):
        try:
            text = path.read_text("ascii")
        except OSError:
            continue
        if path.name == "meminfo":
            found += [int(row.split()[1]) * 1024 for row in text.splitlines() if row.startswith("MemAvailable:")]
        elif text.strip().isdigit():
            found.append(int(text))
    if not found and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found) if found else None


def resident_years(plan: Plan) -> int:
    """Residents × years × scenarios × futures: what the work of a plan is proportional to."""
    return plan.n_residents * plan.period.years * len(plan.scenarios) * plan.futures


def seconds_expected(plan: Plan, processes: int, earlier: list[dict[str, Any]]) -> float:
    """Time a plan should take, from the newest run of its engine and some size, or a default.

    Parameters
    ----------
    processes
        How many work at the same time.
    earlier
        Manifests of earlier runs, newest first.
    """
    from lacsim.results.study import SECONDS_PER_RESIDENT_YEAR

    speed = SECONDS_PER_RESIDENT_YEAR[plan.engine]
    for manifest in earlier:
        done = manifest.get("resident_years", 0)
        is_whole = not manifest.get("futures_already")
        if manifest.get("engine") == plan.engine and done >= _FEWEST_TO_LEARN_FROM and is_whole:
            speed = float(manifest["seconds"]) * int(manifest["processes"]) / done
            break
    return resident_years(plan) * speed / processes


def is_compiled() -> bool:
    """Whether the loop of the compiled engine is kept from an earlier run of this code."""
    from lacsim.model.streams import uniform

    return any(Path(uniform.stats.cache_path).glob("compiled.*.nbi"))  # type: ignore[attr-defined]


def estimate(plan: Plan, processes: int, earlier: list[dict[str, Any]], *, futures: int | None = None) -> str:
    """What is about to be run and for how long, in one line; all futures, or so many that are left."""
    n, futures = len(plan.scenarios), plan.futures if futures is None else futures
    seconds = seconds_expected(plan, processes, earlier) * futures / plan.futures
    years = counted(plan.period.years, "year")
    is_ready = plan.engine == "simpy" or is_compiled()
    return (
        f"{counted(n * futures, 'run')} ({counted(n, 'option')} × {counted(futures, 'future')}, "
        f"{plan.n_residents:,} adults, {years}) on {counted(processes, 'core')}, "
        f"{'' if seconds < 1 else 'about '}{in_words(seconds)}"
        f"{'' if is_ready else '; first the model is compiled, once, in a minute or two'}"
    )


def counted(n: int, noun: str, plural: str = "s") -> str:
    """A number with its noun, as in '1 run' and '300 runs'."""
    return f"{n:,} {noun}{'' if n == 1 else plural}"


def doctor(*, out: options.Out = Path("results")) -> None:
    """Print what a report of a problem needs; exit code 3 if a package is missing."""
    import importlib.metadata

    from lacsim import __version__
    from lacsim.report.finding import manifests
    from lacsim.report.manifest import PACKAGES
    from lacsim.runs.backends import n_processes
    from lacsim.runs.plan import make_plan, source_sha256

    missing = []
    typer.echo(f"lacsim     {__version__}, source {source_sha256()[:12]}")
    typer.echo(f"python     {platform.python_version()} ({sys.executable})")
    typer.echo(f"system     {platform.platform()}")
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    typer.echo(f"packages   {', '.join(versions)}")
    cores, free = n_processes(0, 1_000_000), bytes_free()
    typer.echo(f"cores      {cores}")
    typer.echo(f"memory     {'unknown' if free is None else f'{free / 1e9:.1f} GB free'}")
    nearest = next(p for p in (out.resolve(), *out.resolve().parents) if p.exists())
    typer.echo(f"disk       {shutil.disk_usage(nearest).free / 1e9:.1f} GB free for {out}")
    earlier = manifests(out)
    basis = "as timed by the last run here" if earlier else "before any run was timed here"
    typer.echo(f"main job   {estimate(make_plan(), cores, earlier)} ({basis})")
    if missing:
        typer.echo(f"missing    {', '.join(missing)}. Fix: python -m pip install -e .")
        raise typer.Exit(3)
    typer.echo("Everything that is needed is here.")
