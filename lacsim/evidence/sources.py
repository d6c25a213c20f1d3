"""Every source the project relies on, and the words of those that are stored.

A source is listed once in `sources.toml`; parameters and tables name it by its identifier. This module reads
that list and checks quotations; it judges no source beyond the grade printed in the list.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lacsim.errors import SourceError
from lacsim.units import did_you_mean

FOLDER = Path(__file__).parent
KINDS = (
    "council_paper",
    "press",
    "official_statistics",
    "study",
    "web_page",
    "data_set",
    "assumption",
    "recalled",
)
GRADES = ("A", "B", "C", "D")
_WORDS = {"kind": KINDS, "grade": GRADES}
_REQUIRED = ("citation", "title", "date", "where", "kind", "grade")
_OPTIONAL = ("note", "document")
_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Source:
    """One document, data set or page, with where to find it.

    Parameters
    ----------
    id
        Short identifier used by parameters and tables.
    citation, title, date, where
        How to cite it, its title, when it was published, and the link or place.
    kind
        One of `KINDS`.
    grade
        Default grade of figures taken from it: A measured in Derby, B published for Derby, C published
        elsewhere, D recalled or assumed.
    note
        What a reader must know before using it.
    document
        File name of the stored words in `documents/`, or an empty string.
    """

    id: str
    citation: str
    title: str
    date: str
    where: str
    kind: str
    grade: str
    note: str = ""
    document: str = ""


def _faults_in(name: str, row: object, folder: Path) -> list[str]:
    if not isinstance(row, dict):
        return [f"source '{name}' (sources.toml): needs a table of {', '.join(_REQUIRED)}, found {row!r}."]
    where = f"source '{name}' (sources.toml)"
    allowed = (*_REQUIRED, *_OPTIONAL)
    found = [f"{where}: '{key}' is not a field.{did_you_mean(key, allowed)}" for key in row if key not in allowed]
    for key in _REQUIRED:
        given, words = row.get(key, ""), _WORDS.get(key, ())
        if not str(given).strip():
            found.append(f"{where}: '{key}' is missing. Add it{', one of ' + ', '.join(words) if words else ''}.")
        elif words and given not in words:
            found.append(f"{where}: {key} must be one of {', '.join(words)}; found {given!r}.")
    document = row.get("document")
    if document and not (folder / "documents" / str(document)).is_file():
        found.append(f"{where}: the stored document '{document}' is not in documents/. Add the file or drop the line.")
    return found


def read_sources(folder: Path) -> dict[str, Source]:
    """Read and check a `sources.toml`, reporting every fault at once.

    Raises
    ------
    SourceError
        If the file is missing, is not TOML, or any entry is incomplete.
    """
    path = folder / "sources.toml"
    try:
        rows: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise SourceError(f"{path.name}: cannot be read ({why.strerror}). Restore it from the repository.") from why
    except ValueError as why:
        raise SourceError(f"{path.name}: is not valid TOML ({why}). Correct the line named.") from why
    faults = [fault for name, row in rows.items() for fault in _faults_in(name, row, folder)]
    if faults:
        raise SourceError(faults)
    return {name: Source(id=name, **row) for name, row in rows.items()}


@cache
def _sources() -> dict[str, Source]:
    return read_sources(FOLDER)


def sources() -> dict[str, Source]:
    """All sources by identifier, in the order they are listed."""
    return dict(_sources())


@cache
def document_text(source_id: str) -> str:
    """The stored words of a source, exactly as stored.

    Raises
    ------
    SourceError
        If the source is unknown or its words are not stored.
    """
    known = _sources()
    if source_id not in known:
        raise SourceError(f"source '{source_id}' is not in sources.toml.{did_you_mean(source_id, known)}")
    if not known[source_id].document:
        stored = ", ".join(source.id for source in known.values() if source.document)
        raise SourceError(f"source '{source_id}' has no stored document. Stored are: {stored}.")
    return (FOLDER / "documents" / known[source_id].document).read_text(encoding="utf-8")


@cache
def _flat_text(source_id: str) -> str:
    return _WHITE_SPACE.sub(" ", document_text(source_id))


def quote_stands(source_id: str, quote: str) -> bool:
    """Whether the quoted words stand in the stored document, line breaks apart.

    Raises
    ------
    SourceError
        If the source is unknown or its words are not stored.
    """
    return _WHITE_SPACE.sub(" ", quote).strip() in _flat_text(source_id)
