"""A run as it is kept in its folder: read again, drawn again, and held against what the code here would give.

Reading simulates nothing. Amounts are made again from what was kept of each future and must equal the tables in the
folder to the byte; where today's code would give others, the run is not drawn and the difference is named.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from lacsim.errors import LacsimError, ResultsError
from lacsim.evidence import area
from lacsim.parameters import params_from_file
from lacsim.parameters.sampling import load_draws
from lacsim.report import asked, companions, finding
from lacsim.report import folder as folders
from lacsim.report.api import Run
from lacsim.report.files import FORMATS, write_table
from lacsim.report.manifest import code_facts, file_sha256, scenario_of
from lacsim.results.store import loaded
from lacsim.results.study import Kept, live_block
from lacsim.runs.plan import Plan
from lacsim.runs.scenario import Period

DRAWN: Final = ("report.html", "committee.html", "charts")
_NOT_REPRODUCIBLE: Final = ("seconds",)


def load(folder: str | Path) -> Run:
    """A finished run from its folder, with the smaller runs beside it; nothing is simulated.

    Parameters
    ----------
    folder
        The folder that holds `run.json`.

    Raises
    ------
    ResultsError
        If a file is missing or was altered, or the register has changed so that it no longer gives these parameters.
    """
    where = Path(folder)
    manifest = finding.read_manifest(where)
    for listed in manifest["files"]:
        path = where / listed["path"]
        if not path.is_file() or file_sha256(path) != listed["sha256"]:
            state = "was altered" if path.is_file() else "is missing"
            raise ResultsError(f"results: {path} {state} since the run was made. Run again to make it.")
    plan = plan_of(where, manifest)
    beside = companions.read(where, manifest, plan)
    return Run(loaded(where / folders.KEPT, plan), beside, asked=asked.read(where))


def plan_of(where: Path, manifest: dict[str, Any]) -> Plan:
    """The plan of a finished run.

    Raises
    ------
    ResultsError
        If it cannot be made again.
    """
    if "options" not in manifest:
        raise ResultsError(f"results: {where} was made by an older lacsim that kept too little. Run again to make it.")
    try:
        parameters = params_from_file(where / "params.toml")
    except LacsimError as why:
        raise ResultsError(
            f"results: {where} rests on a register that is no longer this one ({why.faults[0]}). Run again to make it."
        ) from why
    period = manifest["period"]
    plan = Plan(
        scenarios=tuple(scenario_of(option) for option in manifest["options"]),
        parameters=parameters,
        draws=load_draws(where / "draws.npz"),
        seed=int(manifest["seed"]),
        period=Period(period["name"], dt.date.fromisoformat(period["starts"]), int(period["years"])),
        area=area(str(manifest["area"]).lower()),
        engine=manifest["engine"],
    )
    source = manifest["code"]["source_sha256"]
    for candidate in (plan, replace(plan, residents=int(manifest["residents"]))):  # all adults, or so many
        if candidate.run_id_of(source) == manifest["run_id"]:
            candidate.__dict__["run_id"] = manifest["run_id"]  # of the code that made it, which may not be this one
            return candidate
    raise ResultsError(
        f"results: {where} cannot be made out again: parameters, draws and scenarios do not give run "
        f"{manifest['run_id']}. The register has changed since, or a file was altered. Run again to make it."
    )


def changed_tables(run: Run, folder: Path) -> list[str]:
    """Tables of a folder that today's code would write otherwise."""
    manifest = finding.read_manifest(folder)
    listed = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    tables = folders.tables_of(run)
    changed = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, frame in {**tables.frames, "checks": tables.checks}.items():
            file = f"{name}.{FORMATS[name]}"
            write_table(frame, Path(scratch) / file, name)
            if listed.get(file) != file_sha256(Path(scratch) / file):
                changed.append(file)
    return changed


def redraw(folder: Path, out: Path, draw: Callable[[Path], None]) -> Path:
    """Draw charts and report of a finished run again; its tables stay as they are.

    In this order: copy the folder; draw into the copy; list its files anew; put it in place of the first.

    Raises
    ------
    ResultsError
        If it cannot be written; the folder is then as it was.
    """
    manifest = finding.read_manifest(folder)
    work = folder.with_name(f"{folder.name}.tmp-{os.getpid()}")
    try:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(folder, work, ignore=shutil.ignore_patterns(*DRAWN, finding.MANIFEST))
        draw(work)
        rows = {entry["path"]: entry["rows"] for entry in manifest["files"]}
        manifest["drawn_by"] = code_facts()
        folders.seal(work, manifest, rows)
        folders.put_in_place(work, folder)
        if finding.is_latest(out, manifest["run_id"]):
            folders.publish(folder, out)
    except OSError as why:
        raise ResultsError(
            f"results: {why.filename or folder} cannot be written ({why.strerror or why}). The report is as it was. "
            "Free some space and try again."
        ) from why
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def verify(run: Run, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Live some futures again: by number, what differs from what was kept, as 'scenario: field'; empty if nothing."""
    found: dict[int, list[str]] = {}
    for number in numbers:
        (again,) = live_block(run.plan, [number])
        if not isinstance(again, list):
            found[number] = [again.reason]
            continue
        kept = run.results.kept[number - 1]
        found[number] = [
            f"{scenario.name}: {field}"
            for scenario, old, new in zip(run.plan.scenarios, kept, again, strict=True)
            for field in Kept._fields
            if field not in _NOT_REPRODUCIBLE and not _is_same(getattr(old, field), getattr(new, field))
        ]
    return found


def _is_same(a: Any, b: Any) -> bool:
    """Whether two values are the same to the last bit."""
    left, right = np.asarray(a), np.asarray(b)
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()


def three_of(futures: int) -> list[int]:
    """The first, the middle and the last future."""
    return sorted({1, (futures + 1) // 2, futures})
