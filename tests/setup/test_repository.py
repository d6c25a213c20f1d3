"""What may stand in the repository, and what every test is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.:/-])(?:[A-Z]:\\Users\\|/(?:home|Users|root|work|opt|mnt|tmp)/)[\w.-]")
REGISTRY = re.compile(r"(?:extra-)?index-url|find-links|https?://\S*/simple\b", re.IGNORECASE)
NOT_OURS = {".git", ".venv", "__pycache__", "build", "dist", "results"}
LARGEST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    """Every file that is or would be in the repository; without git, all files that are ours."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        done = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=True)
        found = [root / name for name in done.stdout.split("\0") if name]
    else:
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
            found += [Path(folder, name) for name in names]
    return [path for path in found if path.is_file()]


def places(files: list[Path], root: Path, pattern: re.Pattern[str]) -> list[str]:
    """File, line number and text of each match; this file, which names what it looks for, left out."""
    found = []
    for path in files:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="ignore").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {line.strip()[:120]}")
    return found


def test_no_file_names_a_path_of_someones_machine(files: list[Path], root: Path) -> None:
    assert places(files, root, MACHINE_PATH) == []
    if len(root.parts) > 2:
        assert places(files, root, re.compile(re.escape(str(root)))) == []


@pytest.mark.parametrize("line", ["see /home/anna/lacsim", "open('/work/x')", r"C:\Users\anna", "'/opt/wheels'"])
def test_a_path_of_someones_machine_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line)


def test_no_file_names_a_package_registry(files: list[Path], root: Path) -> None:
    configuration = [path for path in files if path.suffix in (".lock", ".toml", ".txt", ".cfg", ".yaml", ".yml")]
    assert places(configuration, root, REGISTRY) == []


def test_no_file_is_large(files: list[Path], root: Path) -> None:
    """But the published report, which holds what its levers need to reckon 1,024 futures to the penny."""
    large = {str(path.relative_to(root)): path.stat().st_size for path in files if path.stat().st_size > LARGEST_BYTES}
    assert large.pop("results/published/report.html", 0) < 5_000_000
    assert large == {}


def test_no_module_is_without_a_subject(files: list[Path], root: Path) -> None:
    vague = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [str(path.relative_to(root)) for path in files if path.name in vague] == []


def test_every_test_has_exactly_one_kind(request: pytest.FixtureRequest) -> None:
    kinds = {line.partition(":")[0] for line in request.config.getini("markers")} - {"nightly", "hypothesis"}
    for item in request.session.items:
        found = sorted({marker.name for marker in item.iter_markers()} & kinds)
        assert len(found) == 1, f"{item.nodeid} has the kinds {found}"


def test_a_test_in_a_folder_that_is_no_kind_is_refused(request: pytest.FixtureRequest, root: Path) -> None:
    conftest = request.config.pluginmanager.get_plugin(str(root / "tests" / "conftest.py"))
    stray = SimpleNamespace(path=root / "tests" / "oddments" / "test_x.py", nodeid="tests/oddments/test_x.py::test_x")
    with pytest.raises(pytest.UsageError, match="test_x has no kind: 'oddments' is not one. Move it to"):
        conftest.pytest_collection_modifyitems(request.config, [stray])
