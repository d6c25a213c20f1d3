"""Run the command line many times in children of this process, and kill them: one line of JSON with what was found.

A process of its own, because a process with threads cannot safely be copied. Each child is a copy of this one made before
any thread was started.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  (loaded here, so that the children need not)
import pandas as pd  # noqa: F401

from lacsim.cli import main, running
from lacsim.report import api, folder, unfinished  # noqa: F401
from lacsim.results import store  # noqa: F401
from lacsim.results.study import live_block
from lacsim.runs import parts, plan

COMMAND = ["run", "--residents", "300", "--years", "1", "--futures", "12", "--jobs", "1", "--quiet", "--out"]


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def on_call(n: int, then: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """The original until its n-th call, which is `then`."""
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return (then if calls == n else original)(*arguments, **named)

    return wrapped


def half_written(descriptor: int) -> None:
    """Lose the second half of what was written, and die."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    die()


def renamed(*names: Any) -> None:
    os.rename(*names)
    die()


def in_place(work: Path, final: Path) -> None:
    put_in_place(work, final)
    die()


put_in_place, rename = folder.put_in_place, Path.rename


def at_rename(wanted: Callable[[Path, Path], bool]) -> Callable[..., Any]:
    def renamed_or_dead(self: Path, target: Any) -> Any:
        return die() if wanted(self, Path(target)) else rename(self, target)

    return renamed_or_dead


POINTS: dict[str, Callable[[], None]] = {
    "before a block is written": lambda: setattr(parts, "write_whole", on_call(2, die, parts.write_whole)),
    "in the middle of a block": lambda: setattr(parts.os, "fsync", on_call(5, half_written, os.fsync)),
    "before a block has its name": lambda: setattr(parts.os, "replace", on_call(3, die, os.replace)),
    "after a block has its name": lambda: setattr(parts.os, "replace", on_call(3, renamed, os.replace)),
    "before the manifest": lambda: setattr(folder, "make_manifest", die),
    "before the folder has its name": lambda: setattr(folder, "put_in_place", die),
    "after the folder has its name": lambda: setattr(folder, "put_in_place", in_place),
    "between the older folder and the new one": lambda: setattr(
        Path, "rename", at_rename(lambda path, target: ".tmp-" in path.name and path.parent.name == "runs")
    ),
    "before the copy of the latest": lambda: setattr(
        Path, "rename", at_rename(lambda path, target: target.name == "latest")
    ),
}


def child(out: Path, prepare: Callable[[], None] | None = None, *more: str) -> int:
    """Process number of a copy of this process that runs the command."""
    pid = os.fork()
    if pid:
        return pid
    try:
        with (
            open(out.parent / "said.txt", "w") as said,
            contextlib.redirect_stderr(said),
            contextlib.redirect_stdout(said),
        ):
            running.draw_into = undrawn
            if prepare:
                prepare()
            code = main([*COMMAND, str(out), *more])
    except BaseException as why:
        print(repr(why), file=sys.stderr)
        code = 99
    os._exit(code)


def undrawn(run: object, where: Path, **_: object) -> None:
    (where / "report.html").write_text("<!doctype html>", "utf-8")


def ended(pid: int) -> int:
    """Exit code of a child, or minus its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def contents(out: Path) -> dict[str, str]:
    """Hash of every file that does not tell the time, by its place."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            place = path.relative_to(out).as_posix()
            told = path.name in ("run.json", "run.log")
            found[place] = "" if told else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def main_test(where: Path, n_instants: int) -> None:
    fixed = plan.source_sha256()
    plan.source_sha256 = lambda: fixed
    made = plan.make_plan(futures=1, residents=300)
    live_block(made, [1])  # compiled before the first copy is made

    begun = time.perf_counter()
    assert ended(child(where / "whole")) == 0
    seconds = time.perf_counter() - begun
    wanted = contents(where / "whole")
    found: dict[str, Any] = {"files": len(wanted), "seconds": seconds, "points": {}}

    def carried_on(out: Path, name: str, code: int, *more: str) -> None:
        kept = len(list(out.rglob("parts/*.part")))
        again = ended(child(out, None, *more))
        is_same = contents(out) == wanted
        found["points"][name] = {"killed": code, "saved": kept, "carried_on": again, "same": is_same}
        if not is_same:
            found["points"][name]["files"] = sorted(set(contents(out).items()) ^ set(wanted.items()))[:6]
        shutil.rmtree(out)

    for name, prepare in POINTS.items():
        out = where / "killed"
        again = ["--again"] if "older" in name else []
        if again:
            assert ended(child(out)) == 0
        carried_on(out, name, ended(child(out, prepare, *again)))
    instants = random.Random(20160301)
    for k in range(n_instants):
        out = where / "killed"
        pid = child(out)
        time.sleep(seconds * instants.random())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        carried_on(out, f"instant {k}", ended(pid))
    print(json.dumps(found))


if __name__ == "__main__":
    main_test(Path(sys.argv[1]), int(sys.argv[2]))
