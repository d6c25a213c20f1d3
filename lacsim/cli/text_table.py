"""Plain tables for a terminal: columns lined up, numbers to the right, long text cut to the width."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from typing import Final

_GAP: Final = "  "
_NARROWEST: Final = 12


def text_of(value: object) -> str:
    """A value as people read it: whole numbers without a point, others with six digits, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        if value == int(value) and abs(value) < 1e15:
            return f"{int(value):,}"
        return f"{value:,.2f}" if abs(value) >= 1_000 else f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())


def lined_up(headings: Sequence[str], rows: Sequence[Sequence[object]], *, width: int | None = None) -> str:
    """A table as text; the last column gives way when the terminal is narrow.

    Parameters
    ----------
    headings
        One for each column.
    rows
        Values; a column whose values are all numbers is set to the right.
    width
        Characters available; that of the terminal if not given, unlimited when there is none.
    """
    room = width if width is not None else shutil.get_terminal_size((10_000, 24)).columns
    cells = [[text_of(value) for value in row] for row in rows]
    widths = [max([len(h), *(len(row[k]) for row in cells)]) for k, h in enumerate(headings)]
    before = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    widths[-1] = min(widths[-1], max(room - before - 1, _NARROWEST))
    right = [
        bool(rows) and all(isinstance(row[k], (int, float)) and not isinstance(row[k], bool) for row in rows)
        for k in range(len(headings))
    ]
    lines = [list(headings), ["-" * w for w in widths], *cells]
    return "\n".join(
        _GAP.join(
            _cut(cell, w).rjust(w) if to_right else _cut(cell, w).ljust(w)
            for cell, w, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
