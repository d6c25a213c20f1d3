"""The base case has not moved without anybody noticing."""

from __future__ import annotations

import runpy
from pathlib import Path

REFRESH = runpy.run_path(str(Path(__file__).with_name("refresh.py")))


def test_the_base_case_is_the_one_that_was_committed() -> None:
    committed = REFRESH["FILE"].read_text(encoding="utf-8").splitlines()
    moved = [f"{a} (was {b})" for a, b in zip(REFRESH["current"]().splitlines(), committed, strict=True) if a != b]
    assert not moved, "run tests/baseline/refresh.py and say in the commit by how much: " + "; ".join(moved[:5])
