"""Build the C++ twin of M1 (only here, never for users) and run it on the same residents.

Needs `g++`; without one `find_twin` gives None and the table says so.
"""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.m1 import pathway as m1
from lacsim.model.trace import TRACE

FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")
_SOURCE = Path(__file__).with_name("twin.cpp")
_BUILD = Path(__file__).resolve().parent.parent / "build"


class Twin:
    """The built twin; `load` is not part of the time that is compared, `trace` and `counts` are."""

    def __init__(self, library: Path) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.run_trace.restype = ctypes.c_int64
        self._c.run_counts.restype = ctypes.c_int64
        self._rows = np.empty(0, TRACE)

    def load(self, people: np.ndarray, *, capacity_share: float = 1.0) -> None:
        """Put residents and empty pools in place."""
        columns = [np.ascontiguousarray(people[name]) for name in ("key", "age", "group", "ward")]
        places = np.array(m1.capacities(len(people), capacity_share), np.int64)
        self._c.load(ctypes.c_int64(len(people)), *(ctypes.c_void_p(c.ctypes.data) for c in (*columns, places)))
        if len(self._rows) < 12 * len(people):
            self._rows = np.zeros(12 * len(people) + 1_000, TRACE)

    def trace(self) -> np.ndarray:
        """Live all lives; the rows are valid until the next run."""
        transitions = ctypes.c_int64()
        n = self._c.run_trace(ctypes.c_void_p(self._rows.ctypes.data), ctypes.byref(transitions))
        return self._rows[:n]

    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Live all lives and keep counts (ward, month, from, to) and seconds (ward, stage) only."""
        counts = np.empty((m1.N_WARDS, m1.N_MONTHS, m1.N_STAGES, m1.N_STAGES), np.int32)
        in_stage = np.empty((m1.N_WARDS, m1.N_STAGES), np.int64)
        self._c.run_counts(ctypes.c_void_p(counts.ctypes.data), ctypes.c_void_p(in_stage.ctypes.data))
        return counts, in_stage


def find_twin() -> Twin | None:
    """The twin, built if its source has changed; None where there is no compiler."""
    compiler = shutil.which("g++")
    if compiler is None:
        return None
    digest = hashlib.sha256(_SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:12]
    library = _BUILD / f"twin-{digest}.so"
    if not library.exists():
        _BUILD.mkdir(exist_ok=True)
        subprocess.run([compiler, *FLAGS, str(_SOURCE), "-o", str(library)], check=True)
    return Twin(library)
