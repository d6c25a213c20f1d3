"""The main comparison: no coordinators, 10 wards and 17 wards, under the three stances.

Question: do 17 wards rather than 10, or none, cost the public purse less over five years?

Scenarios: no-lac, wards-10, wards-17, lived by the same residents. Futures: 100, seed 20160301, controlled stance.
Expected direction, written before running: the programme costs about £50,000 a post and year, and effects centred on
controlled studies are small, so more wards should relieve some council cash and hospital places and still cost more
than they relieve. On the reported stance the answer may turn; on the sceptical one it should not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import lacsim as lac

QUICK = {"futures": 4, "residents": 4_000, "jobs": 1}
FULL = {"futures": 100}


def main(folder: Path) -> None:
    """Run the comparison under the three stances and write each report."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    for stance in ("controlled", "reported", "sceptical"):
        run = lac.run(["no-lac", "wards-10", "wards-17"], stance=stance, **size)
        print(f"{stance}: {run.answer.text}\n")
        run.save(folder / stance)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/01_main_comparison"))
