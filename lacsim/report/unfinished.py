"""The folder of a run that is being made: one process at a time, found again by the same command, gone at the end.

It stands beside the finished runs as `<date>_<label>_<run id>.partial` and holds `parts/`, the futures that are saved.
A finished run takes its place whole; what a killed process left behind is put right here before work begins.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim._environment import take_lock
from lacsim.errors import BusyError, ResultsError
from lacsim.report.finding import folders_of
from lacsim.report.manifest import label_of
from lacsim.runs.parts import glance, write_whole

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

PARTIAL: Final = ".partial"
ABOUT: Final = "partial.json"
_LOCK: Final = "lock"


@dataclass
class Unfinished:
    """A run's folder that this process holds.

    Attributes
    ----------
    path
        The folder.
    notices
        What was put right, for the user.
    """

    path: Path
    notices: list[str] = field(default_factory=list)

    @property
    def parts(self) -> Path:
        """Where finished futures are saved."""
        return self.path / "parts"

    @property
    def beside(self) -> Path:
        """Where finished futures of the smaller runs beside it are saved."""
        return self.path / "beside"

    def tell(self, *, command: str, plan: Plan) -> None:
        """Write what is being made, for `lacsim runs list`."""
        about = {
            "run_id": plan.run_id,
            "command": command,
            "scenarios": [scenario.name for scenario in plan.scenarios],
            "futures": plan.futures,
            "residents": plan.n_residents,
            "stance": plan.parameters.stance,
            "overrides": dict(plan.parameters.overrides),
        }
        write_whole(self.path / ABOUT, (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode())


@contextlib.contextmanager
def held(out: Path, plan: Plan, *, started: dt.datetime) -> Iterator[Unfinished]:
    """Hold the folder of a run; it stays when the work ends if futures are saved in it and it was not removed.

    In this order: find or make the folder; take its lock, or say who has it; put right what was left behind.

    Raises
    ------
    BusyError
        If another process is making the same run.
    ResultsError
        If the folder cannot be made.
    """
    runs = out / "runs"
    with contextlib.ExitStack() as stack:
        try:
            runs.mkdir(parents=True, exist_ok=True)
            work = _taken(runs, plan, started, stack)
            _put_right(out, plan.run_id, work)
        except OSError as why:
            raise ResultsError(
                f"results: {why.filename or runs} cannot be written ({why.strerror or why}). "
                "Earlier results are untouched. Free some space or give another folder with --out."
            ) from why
        try:
            yield work
        finally:
            if not any(work.parts.glob("*.part")):
                remove(work)


def _taken(runs: Path, plan: Plan, started: dt.datetime, stack: contextlib.ExitStack) -> Unfinished:
    """The folder, locked until the stack is closed."""
    while True:
        there = sorted(runs.glob(f"*_{plan.run_id}{PARTIAL}"))
        path = there[0] if there else runs / f"{started:%Y-%m-%d}_{label_of(plan)}_{plan.run_id}{PARTIAL}"
        path.mkdir(exist_ok=True)
        try:
            handle = (path / _LOCK).open("a+", encoding="utf-8")
        except FileNotFoundError:
            continue  # another process finished the run and removed the folder
        try:
            take_lock(handle.fileno(), wait=False)
        except OSError:
            with handle:
                raise BusyError(_who(handle, path)) from None
        if not _is_file_of(handle, path / _LOCK):
            handle.close()
            continue
        stack.callback(handle.close)
        work = Unfinished(path)
        before = _read(handle)
        if before:
            work.notices.append(
                f"Process {before.get('process', '?')} ended in the middle of this run; its lock is set aside."
            )
        handle.seek(0)
        handle.truncate()
        handle.write(
            json.dumps({"process": os.getpid(), "computer": socket.gethostname(), "since": f"{started:%H:%M} UTC"})
        )
        handle.flush()
        stack.callback(_forget, handle)
        return work


def _forget(handle: Any) -> None:
    """Empty the lock of a process that ends in order, so that the next one need not tell of it."""
    with contextlib.suppress(OSError):
        handle.seek(0)
        handle.truncate()


def _read(handle: Any) -> dict[str, Any]:
    """Who has written a lock; empty if nobody, or if it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        handle.seek(0)
        content = json.loads(handle.read())
        return content if isinstance(content, dict) else {}
    return {}


def _who(handle: Any, path: Path) -> str:
    """That somebody else is at work, in words."""
    holder = _read(handle)
    who = (
        f"process {holder['process']} on {holder['computer']} since {holder['since']}" if holder else "another process"
    )
    return f"run {path.name.removesuffix(PARTIAL)[-8:]} is being made by {who}. Wait for it, or give another --out."


def _is_file_of(handle: Any, path: Path) -> bool:
    """Whether the open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except OSError:
        return False


def _put_right(out: Path, run_id: str, work: Unfinished) -> None:
    """Undo or finish what a killed process was doing with this run's folders."""
    runs = out / "runs"
    for old in sorted(runs.glob(f"*_{run_id}.old-*")):
        if folders_of(out, run_id):
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(old.with_name(old.name.partition(".old-")[0]))
            work.notices.append("An older folder of this run was left aside by a process that was killed; it is back.")
    for half in [*runs.glob(f"*_{run_id}.tmp-*"), *out.glob(f"latest.tmp-{run_id}")]:
        shutil.rmtree(half, ignore_errors=True)
    for path in runs.glob(f"*_{run_id}{PARTIAL}"):
        if path != work.path:
            shutil.rmtree(path, ignore_errors=True)


def is_there(out: Path, run_id: str) -> bool:
    """Whether something of a run that was not finished in order is left."""
    return any((out / "runs").glob(f"*_{run_id}.*"))


def clear(work: Unfinished) -> None:
    """Forget the futures that are saved."""
    for folder in (work.parts, work.beside):
        shutil.rmtree(folder, ignore_errors=True)


def remove(work: Unfinished) -> None:
    """Remove the folder of a run that is finished."""
    shutil.rmtree(work.path, ignore_errors=True)


def all_unfinished(out: Path) -> list[dict[str, Any]]:
    """What is known of runs that are not finished: what `tell` wrote, `saved` futures and `folder`."""
    found = []
    for path in sorted((out / "runs").glob(f"*{PARTIAL}")):
        with contextlib.suppress(OSError, ValueError):
            about = json.loads((path / ABOUT).read_text("utf-8"))
            saved: set[int] = set()
            for part in path.glob("parts/*.part"):
                saved.update(glance(part).get("futures", ()))
            found.append({**about, "saved": len(saved), "folder": path.as_posix()})
    return found
