"""Answers that a run does not make by itself, kept beside it: break-even and the split over effects.

They live lives again, so each has its own command, which writes its table into the run's folder and draws the report
again. A run without them says which command makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lacsim.errors import ResultsError
from lacsim.report.files import without_formulas

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan

BREAK_EVEN: Final = "break_even"
WATERFALL: Final = "waterfall"
COLUMNS: Final = {
    BREAK_EVEN: [
        "scenario", "comparator", "parameter", "unit", "purse", "now", "low", "high", "break_even", "within_evidence",
        "balance_now_gbp", "residual_gbp", "error_gbp", "in_words",
    ],
    WATERFALL: [
        "scenario", "comparator", "money", "residents", "futures", "bar", "letter", "mean_gbp", "se_gbp", "from_gbp",
        "to_gbp", "beyond_error",
    ],
}  # fmt: skip


def command(name: str, plan: Plan) -> str:
    """The command that makes a table for a kept run."""
    return f"lacsim {name.replace('_', '-')} {plan.run_id}"


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """Every such table of a run's folder, by name; empty if none was asked for.

    Raises
    ------
    ResultsError
        If a table is there and cannot be read.
    """
    found = {}
    for name, columns in COLUMNS.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        try:
            found[name] = pd.read_csv(path, keep_default_na=False, na_values=[""])[columns]
        except (OSError, ValueError, KeyError) as why:
            told = str(why).splitlines()[0]
            raise ResultsError(
                f"results: {path} cannot be read ({told}). Remove it, or make it again with: lacsim "
                f"{name.replace('_', '-')}"
            ) from why
        texts = ["letter"] if name == WATERFALL else []
        found[name][texts] = found[name][texts].fillna("")
    return found


def write(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write such tables into a folder."""
    for name, table in tables.items():
        shown = without_formulas(table[COLUMNS[name]])
        shown.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
