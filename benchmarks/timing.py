"""CPU time, medians, and processes of their own: the machine is shared, so wall time means little and ratios much."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process for one piece of work, and what it gave."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """Median (smallest to largest), as text."""
    low, middle, high = (form.format(v) for v in (min(values), median(values), max(values)))
    return f"{middle} ({low} to {high})"


_NOT_HANDED_ON = ("PYTHONDONTWRITEBYTECODE", "LACSIM_NO_BOOTSTRAP")


def environment() -> dict[str, str]:
    """The environment of a process of its own: one thread in every library, the checkout importable, byte code kept.

    Commands start as a user's do, so a developer's switch that leaves out the set-up is not handed on.
    """
    named = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    return {**kept, **named}


def in_process(arguments: Sequence[str], *, python: str = sys.executable, timeout: float = 900.0) -> dict[str, Any]:
    """Run `python -m …` by itself and read the JSON it prints last; an empty answer if it failed."""
    done = subprocess.run(
        [python, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment(),
        timeout=timeout,
    )
    if done.returncode != 0:
        print(f"   {' '.join(arguments)} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def whole_process(arguments: Sequence[str], *, repeats: int) -> tuple[float, float]:
    """Median wall and CPU seconds of a whole process."""
    walls, cpus = [], []
    for _ in range(repeats):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=ROOT, env=environment())
        walls.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(walls), median(cpus)


def peak_bytes() -> int:
    """Largest resident memory of this process so far.

    From /proc where there is one: `ru_maxrss` of a child begins with that of the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
