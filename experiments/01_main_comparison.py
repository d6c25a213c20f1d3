"""The main comparison: no coordinators, 10 wards and 17 wards, under the three stances.

Question: do 17 wards rather than 10, or none, cost the public purse less over five years?

Scenarios: no-lac, wards-10, wards-17, lived by the same residents. Futures: 100, seed 20160301, controlled stance; the
other stances beside it with fewer futures.
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
    """Run the comparison with the other stances beside it and write the report."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["no-lac", "wards-10", "wards-17"], **size).with_companions(jobs=size.get("jobs", 0))
    for stance, one in run.stances.items():
        print(f"{stance}: {one.answer_for('wards-17', 'wards-10').text}\n")
    run.save(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/01_main_comparison"))
