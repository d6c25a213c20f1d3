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
from lacsim.report import api, companions, folder, publishing, saved, tables, unfinished  # noqa: F401
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


def on_block_beside(n: int, then: Callable[..., Any]) -> Callable[..., Any]:
    """`parts.write_whole` until the n-th block of the smaller runs, which goes to `then`."""
    write, seen = parts.write_whole, 0

    def wrapped(path: Path, content: bytes) -> None:
        nonlocal seen
        seen += "beside" in path.parts
        return then(path, content) if "beside" in path.parts and seen == n else write(path, content)

    return wrapped


def written_then_dead(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    die()


POINTS: dict[str, Callable[[], None]] = {
    "before a block is written": lambda: setattr(parts, "write_whole", on_call(2, die, parts.write_whole)),
    "in the middle of a block": lambda: setattr(parts.os, "fsync", on_call(5, half_written, os.fsync)),
    "before a block has its name": lambda: setattr(parts.os, "replace", on_call(3, die, os.replace)),
    "after a block has its name": lambda: setattr(parts.os, "replace", on_call(3, renamed, os.replace)),
    "before a block of the smaller runs": lambda: setattr(parts, "write_whole", on_block_beside(2, die)),
    "after a block of the smaller runs": lambda: setattr(parts, "write_whole", on_block_beside(2, written_then_dead)),
    "while the smaller runs are put into the folder": lambda: setattr(
        companions, "file_name", on_call(2, die, companions.file_name)
    ),
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
# The same for `lacsim runs publish`, over a run that was published before.
PUBLISHING: dict[str, Callable[[], None]] = {
    "before the copy": lambda: setattr(publishing, "_copy", die),
    "in the middle of the copy": lambda: setattr(publishing.shutil, "copy", on_call(3, die, shutil.copy)),
    "before the copy is sealed": lambda: setattr(folder, "seal", die),
    "between the older copy and the new one": lambda: setattr(
        Path, "rename", at_rename(lambda path, target: ".tmp-" in path.name)
    ),
    "before the readme": lambda: setattr(parts, "write_whole", die),
    "in the middle of the readme": lambda: setattr(parts.os, "fsync", on_call(2, half_written, os.fsync)),
    "before the readme has its name": lambda: setattr(parts.os, "replace", on_call(1, die, os.replace)),
    "after the readme has its name": lambda: setattr(parts.os, "replace", on_call(1, renamed, os.replace)),
}


def child(out: Path, prepare: Callable[[], None] | None = None, *more: str, command: list[str] | None = None) -> int:
    """Process number of a copy of this process that runs the command, the one of a run if none is given."""
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
            publishing._refuse = lambda *_: None  # a run as small as these may not be quoted
            if prepare:
                prepare()
            code = main(command or [*COMMAND, str(out), *more])
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
            told = path.name in ("run.json", "run.log", "said.txt")
            found[place] = "" if told else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def publish_test(where: Path) -> dict[str, Any]:
    """What is left when publishing is killed at each point, and what the same command makes of it."""
    first = where / "first"
    (first / "results").mkdir(parents=True)
    (first / "README.md").write_text(f"# Title\n\n{publishing.BEGIN}\n{publishing.END}\n\nRest\n", "utf-8")

    def publishes(place: Path, prepare: Callable[[], None] | None = None) -> int:
        command = ["runs", "publish", "--out", f"{place}/results", "--to", f"{place}/published"]
        return ended(child(place / "results", prepare, command=[*command, "--readme", f"{place}/README.md"]))

    assert ended(child(first / "results", None, "--seed", "5")) == 0
    assert publishes(first) == 0
    assert ended(child(first / "results")) == 0
    older = contents(first)
    whole = Path(shutil.copytree(first, where / "published"))
    assert publishes(whole) == 0
    wanted = contents(whole)
    found = {}
    for name, prepare in PUBLISHING.items():
        place = Path(shutil.copytree(first, where / "killed"))
        code = publishes(place, prepare)
        left = contents(place)
        runs_stand = {k: v for k, v in left.items() if k.startswith("results")} == {
            k: v for k, v in older.items() if k.startswith("results")
        }
        readme_stands = left["README.md"] in (older["README.md"], wanted["README.md"])
        again = publishes(place)
        found[name] = {
            "killed": code, "runs_stand": runs_stand, "readme_stands": readme_stands, "again": again,
            "same": contents(place) == wanted,
        }  # fmt: skip
        shutil.rmtree(place)
    assert older != wanted
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
    found["publishing"] = publish_test(where)
    print(json.dumps(found))


if __name__ == "__main__":
    main_test(Path(sys.argv[1]), int(sys.argv[2]))
