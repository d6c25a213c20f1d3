"""Reads the parameter register and refuses it unless every entry can be defended.

One TOML file per subject; file name and table name together are a parameter's name. All faults of all files
are collected and raised together, each with file and line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lacsim import evidence
from lacsim.errors import RegisterError
from lacsim.parameters.checks import entry_faults
from lacsim.parameters.entries import FAMILIES, Claim, Entry
from lacsim.units import did_you_mean

FOLDER = Path(__file__).parent / "register"
_TABLE = re.compile(r"^\s*\[([A-Za-z0-9_.\- ]+)\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True)
class Register:
    """Every entry by its full name, with where each is written.

    Parameters
    ----------
    entries
        Entries by name, sorted.
    lines
        File and line of each entry, as 'register/effects.toml:12'.
    """

    entries: Mapping[str, Entry]
    lines: Mapping[str, str] = field(repr=False)

    def entry(self, name: str) -> Entry:
        """The entry of this name.

        Raises
        ------
        RegisterError
            If there is none; the message suggests the nearest.
        """
        if name not in self.entries:
            raise RegisterError(unknown_name(name, self.entries))
        return self.entries[name]


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The message for a parameter name that does not exist."""
    names = list(known)
    same_key = [full for full in names if full.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
    hint = did_you_mean(name, same_key) or did_you_mean(name, names)
    return f"{name} is not a parameter.{hint}  See them all: lacsim params list"


def line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Line of every table and key of a TOML text, counted from 1."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    closing: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if closing is not None:
            closing = None if closing in line else closing
            continue
        heading, key = _TABLE.match(line), _KEY.match(line)
        if heading:
            table = tuple(part.strip() for part in heading.group(1).split("."))
            for depth in range(1, len(table) + 1):
                lines.setdefault(table[:depth], number)
        elif key:
            lines.setdefault((*table, key.group(1)), number)
            for quotes in ('"""', "'''"):
                if line.count(quotes) == 1:
                    closing = quotes
    return lines


def _nearest_line(lines: Mapping[tuple[str, ...], int], path: tuple[str, ...]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _in_words(error: Mapping[str, Any], path: tuple[str, ...]) -> str:
    key = path[-1] if path else "entry"
    kind = str(error["type"])
    if kind == "extra_forbidden":
        fields = {
            *Entry.model_fields,
            *Claim.model_fields,
            "family",
            "mean",
            "se",
            "median",
            "ratio",
            "low",
            "high",
            "mode",
        }
        return f"'{key}' is not a field.{did_you_mean(key, fields)}"
    if kind == "missing":
        return f"'{key}' is missing. Add it."
    if kind.startswith("union_tag"):
        return f"spread needs a family, one of {', '.join(FAMILIES)}; found {error['input']!r}."
    if kind == "literal_error":
        expected = str(error["ctx"]["expected"]).replace(" or ", ", ")
        return f"'{key}' must be one of {expected}; found {error['input']!r}."
    if kind in ("too_short", "string_too_short"):
        return f"'{key}' is empty. Fill it in."
    return f"'{key}' has the wrong type (you gave {error['input']!r}). See another entry of the same file."


def _shape_faults(why: ValidationError, name: str, place: str, lines: Mapping[tuple[str, ...], int]) -> list[str]:
    faults: dict[str, None] = {}
    key = name.split(".", 1)[1]
    for error in why.errors():
        parts = [str(part) for part in error["loc"] if not isinstance(part, int)]
        path = tuple(
            part for part in parts if part not in FAMILIES and "[" not in part and not part.startswith("Strict")
        )
        path = tuple(part for part in path if part not in ("bool", "int", "float", "str"))
        line = _nearest_line(lines, (key, *path))
        claim = f" claim '{path[1]}'" if len(path) > 1 and path[0] == "claims" else ""
        faults[f"{name}{claim} ({place}:{line}): {_in_words(error, path)}"] = None
    return list(faults)


def _read_file(path: Path, entries: dict[str, Entry], where: dict[str, str]) -> list[str]:
    place = f"register/{path.name}"
    text = path.read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)
    except ValueError as why:
        return [f"{place}: is not valid TOML ({why}). Correct the line named."]
    lines = line_numbers(text)
    faults: list[str] = []
    for key, table in tables.items():
        name = f"{path.stem}.{key}"
        try:
            entry = Entry.model_validate(table)
        except ValidationError as why:
            faults += _shape_faults(why, name, place, lines)
            continue
        for claim, fault in entry_faults(entry):
            at = _nearest_line(lines, (key, "claims", claim) if claim else (key,))
            faults.append(f"{name}{f' claim {claim!r}' if claim else ''} ({place}:{at}): {fault}")
        entries[name] = entry
        where[name] = f"{place}:{lines.get((key,), 1)}"
    return faults


def read_register(folder: Path) -> Register:
    """Read and check every TOML file of a folder.

    Raises
    ------
    RegisterError
        With all faults of all files, each with file and line.
    """
    entries: dict[str, Entry] = {}
    where: dict[str, str] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        faults += _read_file(path, entries, where)
    if not entries and not faults:
        faults = [f"{folder.name}/: holds no register files. Restore them from the repository."]
    if faults:
        raise RegisterError(faults)
    names = sorted(entries)
    return Register({n: entries[n] for n in names}, {n: where[n] for n in names})


@cache
def load_register() -> Register:
    """The register that ships with the package, read once."""
    return read_register(FOLDER)


def grade_of(claim: Claim) -> str:
    """Grade A to D of a claim: its own, D if assumed, otherwise its source's."""
    if claim.grade is not None:
        return claim.grade
    return "D" if claim.kind == "assumed" else evidence.sources()[claim.source].grade


def unused(used_names: set[str], register: Register | None = None) -> list[str]:
    """Entries nobody reads; published claims kept for comparison are exempt."""
    entries = (register or load_register()).entries
    return [name for name, entry in entries.items() if name not in used_names and entry.role != "claim"]


def orphan_sources(register: Register | None = None) -> list[str]:
    """Sources cited by no parameter, no table and no area."""
    entries = (register or load_register()).entries
    cited = {claim.source for entry in entries.values() for claim in entry.claims.values()}
    for info in evidence.tables().values():
        cited.update(info.sources)
    for name in evidence.areas():
        cited.update(evidence.area(name).sources)
        cited.update(coverage.source for coverage in evidence.area(name).coverage)
    return [source for source in evidence.sources() if source not in cited]
