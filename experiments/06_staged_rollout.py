"""A staged start: three wards half a year apart, beside all at once.

Question: what is given up, and what is saved, by adding three wards in stages rather than seven at once?

Scenarios: no-lac, wards-10, wards-13 (staged), wards-17. Futures: 100, seed 20160301.
Expected direction, written before running: wards-13 costs between 10 and 17 wards; each post relieves about as much, so
the net cost should lie between too, less the months before a staged post is at work.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd

import lacsim as lac
from lacsim.report.tables import OPTION_HEADS, options

QUICK = {"futures": 4, "residents": 4_000, "jobs": 1}
FULL = {"futures": 100}


def main(folder: Path) -> None:
    """Run the options and write them side by side."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["no-lac", "wards-10", "wards-13", "wards-17"], **size)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        [label, *(f"{middle} ({span})" if span else middle for middle, span in cells)] for label, cells in options(run)
    ]
    pd.DataFrame(rows, columns=["option", *OPTION_HEADS]).to_csv(folder / "options.csv", index=False)
    print(run.answer_for("wards-13", "wards-10").text)
    lac.save_chart("c08", run, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/06_staged_rollout"))
