"""Seed each defect in a copy of the checkout, run its tests there, and say which noticed it.

Every worker has a copy of its own and a cache of its own for compiled code, so code of one text is never run for
another (`lacsim.model.compiling` names its cache by the text of all kernels).
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.defects.pack import Defect, copy_checkout

LONGEST = 1_800  # seconds for the tests of one defect
# A test that stops because the code cannot be read or compiled has not noticed anything.
_BROKEN = ("SyntaxError", "ImportError", "NameError", "TypingError", "LoweringError", "AttributeError", "UnboundLocal")


@dataclass(frozen=True)
class Answer:
    """What one test said: passed, failed, broken (the code cannot run), or missing."""

    test: str
    outcome: str
    said: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of one defect."""

    defect: Defect
    answers: tuple[Answer, ...]
    sound: tuple[Answer, ...]
    seconds: float

    @property
    def is_caught(self) -> bool:
        """Whether every named test fails with the defect and passes without it."""
        return all(a.outcome == "failed" for a in self.answers) and all(a.outcome == "passed" for a in self.sound)

    @property
    def why_not(self) -> str:
        """Which test did not do what it should."""
        wrong = [f"{name(a.test)} {a.outcome} with it" for a in self.answers if a.outcome != "failed"]
        wrong += [f"{name(a.test)} {a.outcome} without it" for a in self.sound if a.outcome != "passed"]
        return "; ".join(wrong)


def name(test: str) -> str:
    """A test without its folder."""
    return test.rpartition("/")[2]


def _answers(tests: Sequence[str], report: Path) -> list[Answer]:
    """The answer of each test, from pytest's report; a test with several cases fails if one of them does."""
    found: dict[str, list[tuple[str, str]]] = {}
    if report.is_file():
        for case in ET.parse(report).getroot().iter("testcase"):
            wrong = next((part for part in case if part.tag in ("failure", "error", "skipped")), None)
            said = "" if wrong is None else " ".join((wrong.get("message") or "").split())
            outcome = "passed" if wrong is None else "failed" if wrong.tag == "failure" else "broken"
            if outcome == "failed" and said.split(":")[0].rpartition(".")[2].startswith(_BROKEN):
                outcome = "broken"
            node = f"{(case.get('classname') or '').replace('.', '/')}.py::{case.get('name')}"
            found.setdefault(node, []).append((outcome, said))
            found.setdefault(node.partition("[")[0], []).append((outcome, said))
    answers = []
    for test in tests:
        cases = found.get(test, [("missing", "")])
        for outcome in ("broken", "missing", "failed", "passed"):
            first = next((said for found_outcome, said in cases if found_outcome == outcome), None)
            if first is not None:
                answers.append(Answer(test, outcome, first))
                break
    return answers


class Worker:
    """One copy of the checkout."""

    def __init__(self, folder: Path) -> None:
        self.root, self.cache, self.folder = folder / "checkout", folder / "compiled", folder
        self.root.mkdir(parents=True)
        copy_checkout(self.root)
        self.env = {**os.environ, "LACSIM_CACHE": str(self.cache), "PYTHONPATH": str(self.root),
                    "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
        where = self.python("-c", "import lacsim; print(lacsim.__file__)").stdout.strip()
        if not Path(where).is_relative_to(self.root):
            raise RuntimeError(f"tests of the copy would import {where}, not the copy in {self.root}.")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run this Python in the copy."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.root, env=self.env, capture_output=True, text=True, check=False,
            timeout=LONGEST,
        )  # fmt: skip

    def test(self, tests: Iterable[str]) -> list[Answer]:
        """Run tests in the copy."""
        chosen = list(dict.fromkeys(tests))
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        options = ("-q", "-p", "no:cacheprovider", "--tb=line", "-o", "junit_family=xunit1", f"--junitxml={report}")
        try:
            self.python("-m", "pytest", *options, *chosen)
        except subprocess.TimeoutExpired:
            return [Answer(test, "missing", f"no answer within {LONGEST} s") for test in chosen]
        return _answers(chosen, report)

    def try_defect(self, defect: Defect) -> tuple[list[Answer], float]:
        """Seed one defect, run its tests, and put everything back."""
        begun = time.monotonic()
        defect.seed(self.root)
        try:
            return self.test(defect.tests), time.monotonic() - begun
        finally:
            defect.mend(self.root)


def run(defects: Sequence[Defect], *, jobs: int, progress: Callable[[str], None]) -> list[Verdict]:
    """Try every defect, and its tests on the checkout as it is; in the order of the catalogue."""
    tasks: queue.SimpleQueue[Defect | None] = queue.SimpleQueue()
    for task in (None, *defects):  # None: all named tests without any defect
        tasks.put(task)
    sound: dict[str, Answer] = {}
    tried: dict[int, tuple[list[Answer], float]] = {}
    faults: list[BaseException] = []

    def work(folder: Path) -> None:
        try:
            worker = Worker(folder)
            while not faults:
                try:
                    task = tasks.get_nowait()
                except queue.Empty:
                    return
                if task is None:
                    sound.update({a.test: a for a in worker.test(test for d in defects for test in d.tests)})
                    progress(f"without a defect: {sum(a.outcome == 'passed' for a in sound.values())} tests passed")
                else:
                    tried[task.number] = worker.try_defect(task)
                    noticed = all(a.outcome == "failed" for a in tried[task.number][0])
                    progress(
                        f"{task.number:>2}  {'noticed' if noticed else 'NOT NOTICED'}, {tried[task.number][1]:.0f} s"
                    )
        except BaseException as why:  # told by the caller's thread
            faults.append(why)

    with tempfile.TemporaryDirectory(prefix="defects-") as folder:
        workers = [threading.Thread(target=work, args=(Path(folder) / str(k),)) for k in range(jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if faults:
        raise faults[0]
    return [
        Verdict(d, tuple(tried[d.number][0]), tuple(sound[test] for test in d.tests), tried[d.number][1])
        for d in defects
    ]
