"""What a figure of the register is called where a reader expects words and not a key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lacsim.parameters import Parameters

LONGEST: Final = 88
_KEY: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)*\.[a-z0-9]+(?:_[a-z0-9]+)*\b")


def label_of(parameters: Parameters, name: str, longest: int = LONGEST) -> str:
    """A figure in words: what the register says it means, without its mark (a) to (j) and what is said in passing.

    Words in the middle make way when it is longer than `longest` letters, because figures of one kind often differ in
    their last words only.
    """
    words = parameters.entry(name).meaning.rstrip(".")
    words = words.split(") ", 1)[1] if words.startswith("(") else words
    for stop in (";", ":", ". "):
        words = words.split(stop, 1)[0]
    for stop in (" (", ","):
        if len(words) > longest:
            words = words.split(stop, 1)[0]
    return words if len(words) <= longest else _cut(words, longest)


def _cut(words: str, longest: int) -> str:
    """The beginning and the end of a phrase with a mark where words are left out."""
    parts, room = words.split(" "), longest - 2
    first, last = [parts.pop(0)], [parts.pop()]
    while parts:
        goes_first = len(" ".join(first)) <= 1.2 * len(" ".join(last))
        word = parts.pop(0 if goes_first else -1)
        if len(" ".join([*first, *last, word])) > room:
            break
        first, last = ([*first, word], last) if goes_first else (first, [word, *last])
    return " ".join([*first, "…", *last])


def in_words(parameters: Parameters, text: str) -> str:
    """A sentence with every key of the register in it said in words, in quotation marks; other text stays as it is."""
    known = set(parameters.names())
    section = ""

    def said(found: re.Match[str]) -> str:
        nonlocal section
        name = found[0]
        if name not in known:
            return name
        section = name.split(".", 1)[0]
        return f"“{_small(label_of(parameters, name))}”"

    told = _KEY.sub(said, text)
    short = {n.split(".", 1)[1]: n for n in known if n.startswith(f"{section}.") and "_" in n.split(".", 1)[1]}
    return re.sub(
        r"\b[a-z]+(?:_[a-z0-9]+)+\b",
        lambda m: f"“{_small(label_of(parameters, short[m[0]]))}”" if m[0] in short else m[0],
        told,
    )


def _small(words: str) -> str:
    """Words as they stand inside a sentence."""
    return words[0].lower() + words[1:]
