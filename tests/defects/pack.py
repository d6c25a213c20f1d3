"""The seeded defects as data: reading the catalogue, and seeding one in a copy of the checkout.

Only the standard library is used, so that a broken package cannot break the pack.
"""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path(__file__).with_name("catalogue.toml")
ALL = range(1, 29)
_KEYS = {"number", "breaks", "peers", "here", "tests", "edit"}
_ABSENT_KEYS = {"number", "breaks", "peers", "reason"}
# What the tests of a copy need, and what they must not find there.
_COPIED = ("lacsim", "tests", "pyproject.toml", "requirements.lock", "README.md")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.pyc", "*.egg-info")


class PackError(Exception):
    """The catalogue and the checkout do not go together."""


@dataclass(frozen=True)
class Edit:
    """One replacement: `old` stands exactly once in `file`."""

    file: str
    old: str
    new: str

    def fault(self, root: Path) -> str:
        """Why it cannot be made in this checkout, or nothing."""
        path = root / self.file
        if not path.is_file():
            return f"{self.file}: there is no such file"
        times = path.read_text("utf-8").count(self.old)
        return "" if times == 1 else f"{self.file}: stands {times} times, must stand once: {self.old!r}"


@dataclass(frozen=True)
class Defect:
    """One mistake, how it is seeded, and the tests that must notice it."""

    number: int
    breaks: str
    tests: tuple[str, ...]
    edits: tuple[Edit, ...]
    peers: str = ""
    here: str = ""

    @property
    def files(self) -> list[str]:
        """Files it is seeded in, in order."""
        return list(dict.fromkeys(edit.file for edit in self.edits))

    def faults(self, root: Path = ROOT) -> list[str]:
        """Edits that cannot be made."""
        found = [f"defect {self.number}: {edit.fault(root)}" for edit in self.edits if edit.fault(root)]
        if found:
            found[-1] += ". Correct tests/defects/catalogue.toml, so that the same mistake is seeded again."
        return found

    def seed(self, root: Path) -> None:
        """Make the edits in a copy of the checkout."""
        if self.faults(root):
            raise PackError("\n".join(self.faults(root)))
        for edit in self.edits:
            path = root / edit.file
            path.write_text(path.read_text("utf-8").replace(edit.old, edit.new), "utf-8")

    def mend(self, root: Path) -> None:
        """Put back the files of the checkout, with their times, so that code compiled from them is found again."""
        for file in self.files:
            shutil.copy2(ROOT / file, root / file)


@dataclass(frozen=True)
class Absent:
    """A mistake that cannot be made here, and why."""

    number: int
    breaks: str
    reason: str
    peers: str = ""


def catalogue(path: Path = CATALOGUE) -> tuple[list[Defect], list[Absent]]:
    """All defects, and those that do not apply, by number.

    Raises
    ------
    PackError
        If a key is not known, or the numbers 1 to 28 do not each stand once.
    """
    read: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text("utf-8"))
    for kind, keys in (("defect", _KEYS), ("absent", _ABSENT_KEYS)):
        for entry in read[kind]:
            if unknown := set(entry) - keys:
                raise PackError(f"{path.name}: {kind} {entry.get('number')} has unknown keys {sorted(unknown)}.")
    defects = [
        Defect(
            **{k: v for k, v in entry.items() if k not in ("edit", "tests")},
            tests=tuple(entry["tests"]),
            edits=tuple(Edit(**edit) for edit in entry["edit"]),
        )
        for entry in read["defect"]
    ]
    absent = [Absent(**entry) for entry in read["absent"]]
    numbers = sorted(entry.number for entry in (*defects, *absent))
    if numbers != list(ALL):
        raise PackError(f"{path.name}: the numbers 1 to {ALL[-1]} must each stand once; found {numbers}.")
    return defects, absent


def copy_checkout(to: Path) -> None:
    """Copy what tests need, with the times of files."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=_LEFT_OUT)
        else:
            shutil.copy2(ROOT / name, to / name)
