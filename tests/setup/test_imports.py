"""What importing the package costs and offers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lacsim

HEAVY = {"numpy", "pandas", "scipy", "matplotlib", "numba", "duckdb", "simpy"}


def modules_after(statement: str, root: Path, *flags: str) -> set[str]:
    """Top-level modules a fresh Python holds after a statement."""
    script = f"import sys; sys.path.insert(0, {str(root)!r}); {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, *flags, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("module", ["lacsim", "lacsim.__main__", "lacsim._bootstrap", "lacsim.errors", "lacsim.cli"])
def test_importing_what_every_command_needs_imports_nothing_heavy(module: str, root: Path) -> None:
    assert modules_after(f"import {module}", root) & HEAVY == set()


def test_the_set_up_needs_the_standard_library_only(root: Path) -> None:
    loaded = modules_after("import lacsim.__main__, lacsim._bootstrap", root, "-I", "-S")
    assert loaded - set(sys.stdlib_module_names) <= {"lacsim", "__main__"}


@pytest.mark.parametrize("module", ["__init__.py", "__main__.py"])
def test_an_old_python_can_read_what_it_meets_first(module: str, root: Path) -> None:
    ast.parse((root / "lacsim" / module).read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("name", lacsim.__all__)
def test_every_public_name_can_be_fetched(name: str) -> None:
    assert getattr(lacsim, name) is not None
    assert name in dir(lacsim)


def test_a_name_the_package_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(
        AttributeError, match="lacsim has no 'runn'; the public names are __version__, LacsimError, Run"
    ):
        _ = lacsim.runn
