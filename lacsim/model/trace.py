"""The trace: the only record of what happened, one row of 24 bytes for each thing.

Rows stand in the order (time, resident), and within one event in the order it was handled: what happened, places given
back, queues joined or places taken, then places granted to others. Where only lives are counted they may stand resident
by resident instead (`by_resident`). The engines write rows and count nothing; waits, occupancy, money and charts are
computed from them (`lacsim.results`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lacsim.model.compiling import kernel
from lacsim.model.memory import unused, words_of
from lacsim.model.stages import CAUSES, HOLDS, KINDS, OUTCOMES, STAGES

if TYPE_CHECKING:
    import pandas as pd

# What a row says.
HAPPENED: Final = 0
RELEASED: Final = 1
LEFT_QUEUE: Final = 2
JOINED: Final = 3
GRANTED: Final = 4
CHANGED: Final = 5
WHAT: Final = ("happened", "released", "left_queue", "joined", "granted", "changed")

TRACE = np.dtype(
    [
        ("seconds", "<i8"),  # since the start of the run
        ("resident", "<i4"),
        ("occasion", "<i4"),  # which occasion of `cause` (happened) or of `because` (all other rows)
        ("what", "u1"),
        ("cause", "u1"),  # clock or timer (happened), kind of pool (released, left_queue, joined, granted)
        ("because", "u1"),  # clock that led to the present stay or wait
        ("left", "u1"),  # stage before
        ("entered", "u1"),  # stage after
        ("outcome", "u1"),
        ("holds", "<u2"),  # what the resident holds afterwards (bits)
    ]
)


@kernel
def _count(resident: Any, who: Any, mark: int, n_rows: Any) -> None:
    """Count the rows of each resident with this mark, two entries later than their number."""
    for j in range(resident.shape[0]):
        if who[resident[j]] == mark:
            n_rows[resident[j] + 2] += 1


@kernel
def _place(rows: Any, resident: Any, who: Any, mark: int, next_place: Any, to: Any) -> None:
    """Copy each row of a resident with this mark, as words, to the next place, one entry later than their number."""
    for j in range(rows.shape[0]):
        i = resident[j]
        if who[i] != mark:
            continue
        at = next_place[i + 1]
        next_place[i + 1] = at + 1
        for word in range(rows.shape[1]):
            to[at, word] = rows[j, word]


def by_resident(
    rows: np.ndarray, n_residents: int, who: np.ndarray | None = None, earlier: np.ndarray | None = None
) -> np.ndarray:
    """Rows resident by resident, those of each in the order they had; shape (n_rows,).

    Parameters
    ----------
    rows
        `TRACE`, in any order in which each resident's own rows are in the order of time.
    who, earlier
        Residents marked with 1, shape (n_residents,), who have no row in `rows`, and where theirs are taken from.
    """
    if who is None or earlier is None:
        who, earlier = np.zeros(n_residents, np.uint8), rows[:0]
    sources = ((rows, 0), (earlier, 1))
    counts = np.zeros(n_residents + 2, np.int64)
    for source, mark in sources:
        _count(source["resident"], who, mark, counts)
    next_place = counts.cumsum()
    found = unused("by resident", int(next_place[-1]), TRACE)
    for source, mark in sources:
        _place(words_of(source), source["resident"], who, mark, next_place, words_of(found))
    return found


def digest(trace: np.ndarray) -> str:
    """SHA-256 of the rows as little-endian bytes; equal digests mean equal lives."""
    return hashlib.sha256(np.ascontiguousarray(trace).tobytes()).hexdigest()


def first_difference(a: np.ndarray, b: np.ndarray) -> str:
    """Sentence that names the first row in which two traces differ, or an empty text if they are equal."""
    n = min(len(a), len(b))
    where = np.nonzero(a[:n] != b[:n])[0]
    if len(where):
        i = int(where[0])
        return f"row {i}: {describe(a[i])} / {describe(b[i])}"
    if len(a) != len(b):
        longer, name = (a, "first") if len(a) > len(b) else (b, "second")
        return f"the {name} has {abs(len(a) - len(b))} more rows, beginning with {describe(longer[n])}"
    return ""


def describe(row: np.void) -> str:
    """One row in words, for messages and for `lacsim trace`."""
    what = WHAT[row["what"]]
    cause = CAUSES[row["cause"]] if what in ("happened", "changed") else KINDS[row["cause"]]
    held = [name for name, bit in HOLDS.items() if int(row["holds"]) & bit]
    outcome = OUTCOMES[row["outcome"]]
    return (
        f"{int(row['seconds'])} s resident {int(row['resident'])} {what} {cause} (occasion {int(row['occasion'])}) "
        f"{STAGES[row['left']]} -> {STAGES[row['entered']]}"
        + (f", {outcome}" if outcome else "")
        + (f", holds {' '.join(held)}" if held else "")
    )


def to_frame(trace: np.ndarray) -> pd.DataFrame:
    """The trace as a table with words instead of numbers; one row each, `day` counted from the start of the run."""
    import pandas as pd

    whats = np.array(WHAT, dtype=object)[trace["what"]]
    is_event = (trace["what"] == HAPPENED) | (trace["what"] == CHANGED)
    causes = np.array(CAUSES, dtype=object)
    kinds = np.array([*KINDS, *[""] * (len(CAUSES) - len(KINDS))], dtype=object)
    stages = np.array(STAGES, dtype=object)
    return pd.DataFrame(
        {
            "seconds": trace["seconds"],
            "day": trace["seconds"] / 86_400.0,
            "resident": trace["resident"],
            "what": whats,
            "cause": np.where(is_event, causes[trace["cause"]], kinds[np.where(is_event, 0, trace["cause"])]),
            "because": causes[trace["because"]],
            "occasion": trace["occasion"],
            "left": stages[trace["left"]],
            "entered": stages[trace["entered"]],
            "outcome": np.array(OUTCOMES, dtype=object)[trace["outcome"]],
            "holds": trace["holds"],
        }
    )
