"""Runs that are kept in a results folder: found by name, by digits or by what decided them, and read.

A run is found again by its name; one whose files do not match its manifest counts as absent. Nothing is written here.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, Final

from lacsim.errors import NoSuchRunError, ResultsError
from lacsim.report.manifest import file_sha256
from lacsim.units import did_you_mean

MANIFEST: Final = "run.json"
LATEST: Final = "latest"
_NAME: Final = re.compile(r"\d{4}-\d\d-\d\d_[A-Za-z0-9_-]+_[0-9a-f]{8}")


def folders_of(out: Path, run_id: str = "") -> list[Path]:
    """Finished folders of runs, by name, which begins with the date."""
    runs = out / "runs"
    if not runs.is_dir():
        return []
    found = [path for path in runs.iterdir() if path.is_dir() and _NAME.fullmatch(path.name)]
    return sorted(path for path in found if path.name.endswith(run_id))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run's folder.

    Raises
    ------
    ResultsError
        If there is none or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as why:
        raise ResultsError(f"results: {path} cannot be read ({why}). Run again to make it.") from why
    if not isinstance(content, dict) or "run_id" not in content:
        raise ResultsError(f"results: {path} is not the manifest of a run. Run again to make it.")
    return content


def manifests(out: Path) -> list[dict[str, Any]]:
    """Manifests of all runs that can be read, newest first."""
    found = []
    for folder in folders_of(out):
        try:
            found.append(read_manifest(folder))
        except ResultsError:
            continue
    return sorted(found, key=lambda manifest: str(manifest["created_utc"]), reverse=True)


def is_latest(out: Path, run_id: str) -> bool:
    """Whether `latest/` shows this run."""
    try:
        return bool(read_manifest(out / LATEST)["run_id"] == run_id)
    except ResultsError:
        return False


def kept_files(out: Path) -> list[Path]:
    """Files that hold the futures of finished runs and of the smaller runs beside them, newest first."""
    return [path for folder in reversed(folders_of(out)) for path in sorted(folder.glob("*.part"), reverse=True)]


def finished(out: Path, run_id: str) -> Path | None:
    """The folder of a run that is complete and unaltered, or None."""
    for folder in reversed(folders_of(out, run_id)):
        try:
            listed = read_manifest(folder)["files"]
        except ResultsError:
            continue
        if all((folder / f["path"]).is_file() and file_sha256(folder / f["path"]) == f["sha256"] for f in listed):
            return folder
    return None


def find_run(out: Path, wanted: str) -> Path:
    """A run's folder by `latest`, `previous`, the first digits of its name, or its path.

    Raises
    ------
    NoSuchRunError
        If there is no such run, or several begin with these digits.
    """
    if (Path(wanted) / MANIFEST).is_file():
        return Path(wanted)
    newest = [manifest["run_id"] for manifest in manifests(out)]
    order = {"latest": 0, "previous": 1}
    if wanted in order:
        if len(newest) <= order[wanted]:
            start = "Start with: lacsim run --quick" if not newest else "There is one run only; make another first."
            raise NoSuchRunError(f"results: there is no {wanted} run in {out}. {start}")
        return folders_of(out, newest[order[wanted]])[-1]
    matches = sorted({run_id for run_id in newest if run_id.startswith(wanted)})
    if len(matches) > 1:
        raise NoSuchRunError(f"results: '{wanted}' fits {', '.join(matches)}. Give more digits.")
    if not matches:
        raise NoSuchRunError(
            f"results: there is no run '{wanted}' in {out}.{did_you_mean(wanted, [*newest, *order])} "
            f"See them all: lacsim runs list --out {shlex.quote(out.as_posix())}"
        )
    return folders_of(out, matches[0])[-1]
