"""What the documents tell people to type can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lacsim.cli import app, running

Command = Callable[..., Any]
ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def typed_in(document: Path) -> list[str]:
    """Commands in the fenced blocks of a document, without their comments."""
    blocks = re.findall(r"^```\n(.*?)^```", document.read_text("utf-8"), re.S | re.M)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    found = [line.removeprefix("python3 -m ") for line in lines]
    return [line for line in found if line.startswith("lacsim ")]


COMMANDS = sorted({command for document in DOCUMENTS for command in typed_in(document)})


def test_every_command_named_in_a_sentence_exists() -> None:
    known = {c.name for c in app.registered_commands} | {g.name for g in app.registered_groups}
    for document in [*DOCUMENTS, ROOT / "CHANGELOG.md"]:
        named = re.findall(r"`(?:python3 -m )?lacsim ([a-z][a-z-]*)[^`]*`", document.read_text("utf-8"))
        assert set(named) <= known, document.name


def example_scenario() -> str:
    """The scenario file of docs/wards.md."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / "wards.md").read_text("utf-8"), re.S | re.M)
    return str(text)


def test_the_documents_show_commands() -> None:
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_the_documents_exists_and_every_run_is_accepted(
    command: str, lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)[1:]
    known = {c.name for c in app.registered_commands} | {g.name for g in app.registered_groups} | {"--help"}
    assert words[0] in known
    if words[0] == "run":
        (empty_folder / "my-roll-out.toml").write_text(example_scenario(), "utf-8")
        monkeypatch.setattr(running, "made", lambda *_, **__: None)
        said = lacsim(*words)
        assert said.code == running.STOPPED, said.err


def test_the_scenario_in_the_documents_is_read_as_it_says(lacsim: Command, empty_folder: Path) -> None:
    (empty_folder / "my-roll-out.toml").write_text(example_scenario(), "utf-8")
    said = lacsim("scenarios", "show", "my-roll-out.toml")
    assert said.out.startswith("half-a-post: half a post in Spondon; 0.5 posts in 1 ward\n")
    assert "Spondon" in said.out


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_every_file_a_document_points_to_is_there(document: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_tells_limits_before_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.index("## Limits first") < text.index("## Two commands")
