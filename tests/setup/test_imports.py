"""What importing the package costs and offers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lacsim
from lacsim.cli import _spare_help, main

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


@pytest.mark.parametrize("typed", [["--help"], ["run", "--help"], ["report", "-h"]])
def test_a_help_text_is_the_same_without_what_it_does_not_show(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process that prints help stands in for two modules; here they are the real ones."""
    for name, value in {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "lacsim", *typed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert main(typed) == 0
    assert "rich.markdown" in sys.modules
    assert done.stdout == capsys.readouterr().out


@pytest.mark.parametrize("typed", [["run", "--quick"], ["test", "--help"]])
def test_only_a_process_that_prints_help_stands_in_for_modules(
    typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("rich.markdown", "rich.traceback"):
        monkeypatch.setitem(sys.modules, module, None)  # so that what stood there, or nothing, comes back
        monkeypatch.delitem(sys.modules, module)
    _spare_help(typed)
    assert "rich.markdown" not in sys.modules
    _spare_help(["run", "--help"])
    assert "rich.markdown" in sys.modules
