"""Compiled code on disk: kept for one text of the kernels, and built again when a file is broken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ASK = "from lacsim.model.streams import uniform; print(uniform(1, 2, 3, 4, 5).hex())"


def ask(root: Path, cache: Path) -> str:
    """One number from compiled code, with a cache folder of its own."""
    env = {**os.environ, "LACSIM_CACHE": str(cache), "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("kept_share", [0.0, 0.5])
def test_a_broken_cache_file_is_built_again(root: Path, tmp_path: Path, suffix: str, kept_share: float) -> None:
    fresh = ask(root, tmp_path)
    files = sorted(tmp_path.rglob(f"*{suffix}"))
    assert files
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * kept_share)])
    assert ask(root, tmp_path) == fresh
    assert ask(root, tmp_path) == fresh


def test_the_cache_folder_is_private(root: Path, tmp_path: Path) -> None:
    ask(root, tmp_path)
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    assert folder.stat().st_mode & 0o077 == 0


def test_folders_nobody_has_used_for_two_weeks_are_removed(root: Path, tmp_path: Path) -> None:
    old, recent = tmp_path / "aaaa-numba0.1", tmp_path / "bbbb-numba0.1"
    for folder, days in ((old, 15), (recent, 13)):
        folder.mkdir()
        then = time.time() - days * 86_400
        os.utime(folder, (then, then))
    ask(root, tmp_path)
    assert not old.exists()
    assert recent.exists()
