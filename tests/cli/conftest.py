"""Commands typed in an empty folder, and one small finished run that several tests read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lacsim.cli import main, running
from lacsim.runs import plan

SMALL = ("--residents", "300", "--years", "1", "--futures", "3", "--jobs", "1")


@dataclass(frozen=True)
class Said:
    """What came back from one command."""

    code: int
    out: str
    err: str

    @property
    def faults(self) -> list[str]:
        """Lines on stderr."""
        return self.err.splitlines()


Command = Callable[..., Said]


@pytest.fixture(scope="session", autouse=True)
def one_source() -> Iterator[None]:
    """The hash of the package's text, taken once, so that an edit between two tests does not part their runs."""
    fixed = plan.source_sha256()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "source_sha256", lambda: fixed)
        yield


@pytest.fixture
def small() -> tuple[str, ...]:
    """Options of a run that takes no time."""
    return SMALL


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the command is typed in, with nothing in it."""
    folder = tmp_path / "an empty folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def lacsim(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Type `lacsim …` and see what comes back."""

    def type_command(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(arguments)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return type_command


def plain_report(run: object, folder: Path, **_: object) -> None:
    """Stand in for the drawing of charts, which has tests of its own and takes seconds."""
    (folder / "charts").mkdir()
    (folder / "charts" / "c01_headline.csv").write_text("future\n1\n", "utf-8")
    (folder / "report.html").write_text("<!doctype html>", "utf-8")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs without charts."""
    monkeypatch.setattr(running, "draw_into", plain_report)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of one small run; to be read, not changed."""
    out = tmp_path_factory.mktemp("finished") / "results"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "draw_into", plain_report)
        assert main(["run", *SMALL, "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture
def own_copy(finished_run: Path, tmp_path: Path) -> Path:
    """A results folder that may be changed."""
    return Path(shutil.copytree(finished_run, tmp_path / "results"))
