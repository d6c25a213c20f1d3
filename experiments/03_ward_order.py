"""Which wards next: what each new ward is worth, and whether the order can be told from chance.

Question: if only some of the seven wards can be added, which come first?

Scenarios: wards-10 and wards-17. Futures: 100, seed 20160301.
Expected direction, written before running: older and more deprived wards should come first because more happens there;
the differences are small beside chance, so the order is not expected to be stable.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import lacsim as lac
from lacsim.report.charts.next_wards import rows_of, value_by_ward

QUICK = {"futures": 4, "residents": 4_000, "jobs": 1}
FULL = {"futures": 100}


def main(folder: Path) -> None:
    """Run the pair, order the wards and write the table and the chart."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["wards-10", "wards-17"], **size)
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of(value_by_ward(run))
    rows.to_csv(folder / "ward_order.csv", index=False)
    print(rows.to_string(index=False))
    lac.save_chart("c13", run, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/03_ward_order"))
