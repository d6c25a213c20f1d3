"""The lock, the declared dependencies and the version say the same thing."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lacsim

PYTHONS = ["3.11", "3.12", "3.13"]
PLATFORMS = ["linux", "darwin", "win32"]


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    """The whole of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def lock(root: Path) -> list[tuple[Requirement, list[str]]]:
    """Every row of the lock with its hashes."""
    text = (root / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    rows = [row for row in text.splitlines() if row.strip() and not row.lstrip().startswith("#")]
    return [(Requirement(row.split("--hash=")[0].strip()), re.findall(r"--hash=(\S+)", row)) for row in rows]


def declared(project: dict[str, Any], *extras: str) -> list[Requirement]:
    """Base dependencies and those of the extras named."""
    groups = [project["project"]["dependencies"]]
    groups += [project["project"]["optional-dependencies"][extra] for extra in extras]
    return [Requirement(text) for text in itertools.chain(*groups)]


@pytest.mark.parametrize(("python", "platform"), list(itertools.product(PYTHONS, PLATFORMS)))
def test_every_dependency_and_test_tool_is_locked_once_for_each_python_and_system(
    python: str, platform: str, project: dict[str, Any], lock: list[tuple[Requirement, list[str]]]
) -> None:
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform}
    rows: dict[str, list[str]] = {}
    for row, _ in lock:
        if row.marker is None or row.marker.evaluate({k: str(v) for k, v in where.items()}):
            rows.setdefault(canonicalize_name(row.name), []).append(str(row.specifier).removeprefix("=="))
    assert {name: found for name, found in rows.items() if len(found) != 1} == {}
    for wanted in declared(project, "test"):
        (version,) = rows[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), f"the lock has {wanted.name} {version}, not {wanted.specifier}"


def test_every_locked_package_is_pinned_and_hashed(lock: list[tuple[Requirement, list[str]]]) -> None:
    for row, hashes in lock:
        assert re.fullmatch(r"==[\w.!+]+", str(row.specifier)), row
        assert hashes, f"{row.name} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes), row


def test_the_lock_holds_no_address_and_no_path(root: Path) -> None:
    assert re.findall(r"\S*(?:://|file:|@ |index|find-links)\S*", (root / "requirements.lock").read_text("utf-8")) == []


def test_requirements_are_written_in_the_one_form_the_set_up_reads(project: dict[str, Any]) -> None:
    optional = project["project"]["optional-dependencies"].values()
    for requirement in itertools.chain(project["project"]["dependencies"], *optional):
        assert re.fullmatch(r"[a-z0-9-]+>=\d+(\.\d+)+", requirement), requirement


def test_every_package_that_is_imported_is_declared(root: Path, project: dict[str, Any]) -> None:
    allowed = {wanted.name for wanted in declared(project, *project["project"]["optional-dependencies"])}
    undeclared = {}
    for module in (root / "lacsim").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"lacsim"} - allowed:
                undeclared[name] = str(module.relative_to(root))
    assert undeclared == {}


def test_every_data_file_of_the_package_is_shipped_with_it(root: Path, project: dict[str, Any]) -> None:
    package = root / "lacsim"
    patterns = project["tool"]["setuptools"]["package-data"]["lacsim"]
    shipped = set(itertools.chain(*(package.glob(pattern) for pattern in patterns)))
    data = {file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    left_out = {file for file in data - shipped if file.suffix not in (".py", ".nbi", ".nbc")}
    assert left_out == set()


def test_version_is_the_same_wherever_it_is_written(root: Path, project: dict[str, Any]) -> None:
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "lacsim.__version__"}
    assert f"\nversion: {lacsim.__version__}\n" in (root / "CITATION.cff").read_text("utf-8")
