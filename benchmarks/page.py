"""Tables in Markdown, and facts about the machine without its name or its paths."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    lines = [" | ".join(head), " | ".join(["---", *["---:"] * (len(head) - 1)])]
    lines += [" | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def verdict(found: float, demanded: float, *, at_least: bool = True, unit: str = "") -> str:
    """Whether a demand is met, with both numbers."""
    met = found >= demanded if at_least else found <= demanded
    sign = "≥" if at_least else "≤"
    return f"{found:.3g}{unit} (demanded {sign} {demanded:g}{unit}): {'met' if met else '**not met**'}"


def machine() -> str:
    """Processor, memory, and versions of everything that was timed."""
    cpu = platform.processor() or "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        facts = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        named = {key.strip(): value.strip() for key, value in facts.items()}
        cpu = f"{named.get('model name', cpu)}, family {named.get('cpu family')} model {named.get('model')}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "simpy", "pandas"))
    compiler = shutil.which("g++")
    gcc = "no g++"
    if compiler:
        said = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=False)
        gcc = f"g++ {said.stdout.strip()}"
    return (
        f"{cpu}; {len(os.sched_getaffinity(0))} cores shared with other work; {memory:.0f} GiB; "
        f"{platform.system()}; Python {platform.python_version()}; {packages}; {gcc}."
    )
