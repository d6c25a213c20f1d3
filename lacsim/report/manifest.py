"""What a run was made with, as `run.json`: enough to make the same tables and see if they were altered.

Time and machine are told here and nowhere else, so that no table depends on them. This module writes no file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

    from lacsim.runs.plan import Plan
    from lacsim.runs.scenario import Scenario

SCHEMA_VERSION: Final = 1
QUICK_BELOW: Final = 50  # futures; fewer are for a look, not for quoting
PACKAGES: Final = (
    "afcharts",
    "duckdb",
    "jinja2",
    "joblib",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pydantic",
    "scipy",
    "simpy",
    "tomlkit",
    "typer",
    "xlsxwriter",
)
Status = Literal["complete", "quick", "failed-checks"]
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Facts:
    """What is known of a run beside its plan and its tables.

    Attributes
    ----------
    command
        What was typed, or how it was called.
    created, finished
        Moments in UTC.
    processes
        How many worked at the same time.
    seconds
        Time the simulation took.
    headline
        The answer: `text`, and where known `futures_better`, `p05`, `p50`, `p95`.
    futures_already
        Futures that were lived by an earlier process; the time does not count them.
    """

    command: str
    created: dt.datetime
    finished: dt.datetime
    processes: int
    seconds: float
    headline: Mapping[str, Any] = field(default_factory=lambda: {"text": ""})
    futures_already: int = 0


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC)


def file_sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def status_of(plan: Plan, checks: pd.DataFrame) -> Status:
    """Whether a run may be quoted: failed checks first, then too few futures."""
    if not bool(checks["passed"].all()):
        return "failed-checks"
    return "quick" if plan.futures < QUICK_BELOW else "complete"


def label_of(plan: Plan) -> str:
    """A short name for a run's folder from its scenarios: wards-10-17, the comparator left out."""
    names = [scenario.name for scenario in plan.scenarios]
    shown = names[1:] if len(names) > 1 else names
    stem = "wards-"
    if len(shown) > 1 and all(name.startswith(stem) for name in shown):
        shown = [stem + "-".join(name.removeprefix(stem) for name in shown)]
    text = "-".join(shown)
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text)[:48]


def code_facts() -> dict[str, Any]:
    """Version of the code: its number, its git commit, whether that was changed, and the hash of its text."""
    from lacsim import __version__
    from lacsim.runs.plan import source_sha256

    sha, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return {
        "version": __version__,
        "git_sha": sha or None,
        "dirty": None if changes is None else changes != "",
        "source_sha256": source_sha256(),
    }


def _git(*arguments: str) -> str | None:
    """Answer of git about the checkout, or None where there is no git or no checkout."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(_ROOT), *arguments], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def scenarios_text(plan: Plan) -> str:
    """The scenarios of a plan, post by post, as the text of `scenarios.json`."""
    rows = [
        {
            "name": scenario.name,
            "label": scenario.label,
            "posts": [
                {
                    "ward": post.ward,
                    "starts": str(post.starts),
                    "posts": post.posts,
                    "ends": None if post.ends is None else str(post.ends),
                }
                for post in scenario.posts
            ],
        }
        for scenario in plan.scenarios
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def make_manifest(
    plan: Plan, facts: Facts, *, checks: pd.DataFrame, records: int, files: list[dict[str, Any]]
) -> dict[str, Any]:
    """The content of `run.json`.

    Parameters
    ----------
    checks
        Columns check and passed at least.
    records
        Rows of all traces together.
    files
        Path, sha256 and rows of each file of the run.
    """
    lock = _ROOT / "requirements.lock"
    n_runs = len(plan.scenarios) * plan.futures
    is_timed = facts.seconds > 0 and not facts.futures_already  # otherwise the time is that of a part of the work
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": plan.run_id,
        "label": label_of(plan),
        "status": status_of(plan, checks),
        "headline": dict(facts.headline),
        "created_utc": _iso(facts.created),
        "finished_utc": _iso(facts.finished),
        "command": facts.command,
        "scenarios": [scenario.name for scenario in plan.scenarios],
        "options": [option_of(scenario) for scenario in plan.scenarios],
        "futures": plan.futures,
        "seed": plan.seed,
        "stance": plan.parameters.stance,
        "engine": plan.engine,
        "period": {"name": plan.period.name, "starts": str(plan.period.starts), "years": plan.period.years},
        "area": plan.area.name,
        "residents": plan.n_residents,
        "params_sha256": plan.parameters.sha256,
        "draws_sha256": plan.draws.sha256,
        "overrides": dict(plan.parameters.overrides),
        "code": code_facts(),
        "lock_sha256": file_sha256(lock) if lock.is_file() else None,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _installed(name) for name in PACKAGES},
        "processes": facts.processes,
        "seconds": round(facts.seconds, 3),
        "seconds_per_run": round(facts.seconds / n_runs, 4) if is_timed else None,
        "resident_years": plan.n_residents * plan.period.years * n_runs,
        "futures_already": facts.futures_already,
        "records": records,
        "records_per_second": round(records / facts.seconds)
        if facts.seconds > 0 and not facts.futures_already
        else None,
        "checks": {
            "passed": int(checks["passed"].sum()),
            "failed": int((~checks["passed"].astype(bool)).sum()),
        },
        "files": files,
    }


def option_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario post by post, so that it can be lived again without its file."""
    posts = [
        {"ward": p.ward, "starts": str(p.starts), "posts": p.posts, "ends": None if p.ends is None else str(p.ends)}
        for p in scenario.posts
    ]
    return {"name": scenario.name, "label": scenario.label, "posts": posts}


def scenario_of(option: Mapping[str, Any]) -> Scenario:
    """The scenario that `option_of` wrote down."""
    from lacsim.runs.scenario import Post, Scenario

    posts = tuple(
        Post(
            p["ward"],
            dt.date.fromisoformat(p["starts"]),
            float(p["posts"]),
            None if p["ends"] is None else dt.date.fromisoformat(p["ends"]),
        )
        for p in option["posts"]
    )
    return Scenario(option["name"], option["label"], posts)


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
