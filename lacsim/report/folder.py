"""The folder of a run: written beside its final place and renamed when complete.

Nothing half-written is ever found. Tables that people open are CSV, large ones are Parquet; their bytes
depend on the plan alone. `lacsim.report.finding` finds what was written here.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.errors import ResultsError
from lacsim.report import datapackage
from lacsim.report.files import FORMATS, README, write_table
from lacsim.report.finding import LATEST, MANIFEST, folders_of
from lacsim.report.manifest import Facts, file_sha256, label_of, make_manifest, scenarios_text
from lacsim.report.workbook import NAME as WORKBOOK
from lacsim.report.workbook import write_workbook

if TYPE_CHECKING:
    import pandas as pd

    from lacsim.report.api import Run
    from lacsim.report.companions import Companions
    from lacsim.runs.plan import Plan

KEPT: Final = "kept.part"
_COPIED_TO_LATEST: Final = ("report.html", "committee.html", "tracker.csv", "tables.xlsx", "charts", MANIFEST)
_FROM_RUN: Final = (
    "futures",
    "yearly",
    "monthly",
    "wards",
    "ages",
    "tenures",
    "flows",
    "waits",
    "paired",
    "costs",
    "psa",
    "quantities",
    "quantities_monthly",
)

# What of the answer the workbook's first sheet repeats.
_SAID: Final = {"Answer": "text", "Range": "money", "Caution": "caution"}
_LEFTOVER_SECONDS: Final = 86_400

# Called with the folder being written, and with what is to be written meanwhile.
Draw = Callable[[Path, Callable[[], None]], None]


@dataclass(frozen=True)
class Tables:
    """The tables of a run and what they rest on.

    Attributes
    ----------
    frames
        By name; the names and formats are those of `lacsim.report.files.FORMATS`.
    checks
        What the run was held to: check, passed, observed, expected, tolerance, level.
    records
        Rows of all traces together.
    kept
        The file from which the tables can be made again.
    beside
        The smaller runs beside this one, if there are any.
    """

    frames: Mapping[str, pd.DataFrame]
    checks: pd.DataFrame
    records: int
    kept: bytes = b""
    beside: Companions | None = None


def tables_of(run: Run) -> Tables:
    """Tables of a finished run, with its ledger and one row per future."""
    from lacsim.results.store import packed_results

    frames = {name: getattr(run, name) for name in _FROM_RUN}
    rows = int(run.results.records["rows"].sum())
    return Tables(frames, run.results.checks, rows, packed_results(run.results), run.beside)


def write(plan: Plan, tables: Tables, facts: Facts, *, out: Path, draw: Draw | None = None) -> Path:
    """Write everything about a run and return its folder; an older folder of the same run is replaced.

    Parameters
    ----------
    out
        The results folder; made if need be.
    draw
        Adds `charts/` and `report.html`, and calls what writes the tables while other processes draw.

    Raises
    ------
    ResultsError
        If it cannot be written; what was there before is untouched.
    """
    runs = out / "runs"
    final = runs / f"{facts.created:%Y-%m-%d}_{label_of(plan)}_{plan.run_id}"
    work = runs / f"{final.name}.tmp-{os.getpid()}"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(runs)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        _fill(work, plan, tables, facts, draw)
        put_in_place(work, final)
        for older in folders_of(out, plan.run_id):
            if older != final:
                shutil.rmtree(older)
        publish(final, out)
    except OSError as why:
        raise ResultsError(
            f"results: {why.filename or final} cannot be written ({why.strerror or why}; {_free(out)}). "
            "Earlier results are untouched. Free some space or give another folder with --out; "
            "the same command carries on."
        ) from why
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def _free(out: Path) -> str:
    """How much room there is, in words."""
    try:
        return f"{shutil.disk_usage(out).free:,} bytes are free there"
    except OSError:
        return "there may be no room left"


def _fill(work: Path, plan: Plan, tables: Tables, facts: Facts, draw: Draw | None) -> None:
    """Write all files of a run into an empty folder, the manifest last."""
    from lacsim.report import companions

    rows: dict[str, int | None] = {}

    def write_tables() -> None:
        frames = {**tables.frames, "checks": tables.checks}
        for name, frame in frames.items():
            file = f"{name}.{FORMATS[name]}"
            rows[file] = write_table(frame, work / file, name)
        write_workbook(frames, work / WORKBOOK, about=_about(plan, facts), units=units_of(plan))

    if draw is not None:
        draw(work, write_tables)
    if not rows:  # nobody did meanwhile
        write_tables()
    (work / "params.toml").write_text(plan.parameters.to_toml(), encoding="utf-8", newline="\n")
    (work / "overrides.toml").write_text(_overrides(plan), encoding="utf-8", newline="\n")
    plan.draws.save(work / "draws.npz")
    (work / KEPT).write_bytes(tables.kept)
    beside = [] if tables.beside is None else companions.write(tables.beside, work)
    (work / "scenarios.json").write_text(scenarios_text(plan), encoding="utf-8", newline="\n")
    (work / "run.log").write_text(_log(plan, tables, facts), encoding="utf-8", newline="\n")
    manifest = make_manifest(plan, facts, checks=tables.checks, records=tables.records, files=[])
    manifest["beside"] = beside
    seal(work, manifest, rows)


def seal(work: Path, manifest: dict[str, Any], rows: Mapping[str, int | None]) -> None:
    """Describe the tables of a folder that is complete, then write its manifest with the hash of every file."""
    datapackage.write(work, rows)
    manifest["files"] = [
        {
            "path": path.relative_to(work).as_posix(),
            "sha256": file_sha256(path),
            "rows": rows.get(path.relative_to(work).as_posix()),
        }
        for path in sorted(work.rglob("*"))
        if path.is_file()
    ]
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with (work / MANIFEST).open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _about(plan: Plan, facts: Facts) -> list[tuple[str, str]]:
    """What a reader of the workbook must know of the run; nothing of time or machine."""
    headline = facts.headline
    return [
        ("Run", plan.run_id),
        *((what, str(headline[key])) for what, key in _SAID.items() if headline.get(key)),
        ("Scenarios", "; ".join(f"{s.name}: {s.label}" for s in plan.scenarios)),
        ("Stance on the evidence", plan.parameters.stance),
        ("Futures", f"{plan.futures:,}"),
        ("Residents", f"{plan.n_residents:,} adults of {plan.area.name} on the first day"),
        ("Period", f"{plan.period.year_labels[0]} to {plan.period.year_labels[-1]}, financial years"),
        ("Prices", f"{plan.parameters['appraisal.price_year']}"),
        ("Seed", str(plan.seed)),
        ("Set", "; ".join(f"{name} = {value}" for name, value in plan.parameters.overrides.items()) or "nothing"),
    ]


def units_of(plan: Plan) -> dict[str, str]:
    """Unit of each parameter that is drawn."""
    return {name: plan.parameters.entry(name).unit for name in plan.draws.names}


def _overrides(plan: Plan) -> str:
    """Only what was changed, as a parameter file that `--params` reads."""
    lines = [
        "# What was changed in this run; all values are in params.toml.",
        f'stance = "{plan.parameters.stance}"',
    ]
    for name, value in plan.parameters.overrides.items():
        section, key = name.split(".", 1)
        if f"[{section}]" not in lines:
            lines += ["", f"[{section}]"]
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool)) else repr(float(value))
        lines.append(f"{key} = {{value = {shown}, fixed = true}}  # {plan.parameters.entry(name).unit}")
    return "\n".join(lines) + "\n"


def _log(plan: Plan, tables: Tables, facts: Facts) -> str:
    """What happened, in the order it happened."""
    failed = tables.checks[~tables.checks["passed"].astype(bool)]
    lines = [
        f"{facts.created:%Y-%m-%dT%H:%M:%SZ}  {facts.command}",
        f"run {plan.run_id}: {len(plan.scenarios)} scenarios, {plan.futures} futures, "
        f"{plan.n_residents} residents, "
        f"engine {plan.engine}, {facts.processes} processes",
        f"{tables.records} records in {facts.seconds:.1f} s",
        f"{len(tables.checks) - len(failed)} checks passed, {len(failed)} failed",
        *(
            f"FAILED: {row.check}: observed {row.observed}, expected {row.expected} ± {row.tolerance}"
            for row in failed.itertuples(index=False)
        ),
        f"{facts.finished:%Y-%m-%dT%H:%M:%SZ}  {facts.headline.get('text', '')}",
    ]
    return "\n".join(lines) + "\n"


def _clear_leftovers(runs: Path) -> None:
    """Remove what runs that were killed while writing left behind, once it is a day old."""
    for path in runs.glob("*.tmp-*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def put_in_place(work: Path, final: Path) -> None:
    """Rename a finished folder to its name; one that stands there makes way only then."""
    old = final.with_name(f"{final.name}.old-{os.getpid()}")
    if final.exists():
        final.rename(old)
    try:
        work.rename(final)
    except OSError:
        if old.exists():
            old.rename(final)
        raise
    shutil.rmtree(old, ignore_errors=True)


def publish(final: Path, out: Path) -> None:
    """Copy report, charts and manifest to `latest/`, and say in the results folder what each file is.

    A copy and not a link, because Windows.
    """
    new = out / f"{LATEST}.tmp-{final.name[-8:]}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for name in _COPIED_TO_LATEST:
        source = final / name
        if source.is_dir():
            shutil.copytree(source, new / name)
        elif source.exists():
            shutil.copy(source, new / name)
    shutil.rmtree(out / LATEST, ignore_errors=True)
    new.rename(out / LATEST)
    _write_readme(out)


def _write_readme(out: Path) -> None:
    path = out / "README.md"
    if not path.exists() or path.read_text("utf-8") != README:
        path.write_text(README, encoding="utf-8", newline="\n")
