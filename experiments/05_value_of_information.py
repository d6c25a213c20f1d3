"""What being wrong would cost: expected loss of each option and the value of perfect information.

Question: at each value put on wellbeing, which option loses least, and what would certainty be worth?

Scenarios: no-lac, wards-10, wards-17. Futures: 256, seed 20160301.
Expected direction, written before running: with nothing for wellbeing no coordinators lose least; as a WELLBY is worth
more, 10 and then 17 wards take over. Chance within a future is counted as if it could be known, so the value is a
ceiling.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import lacsim as lac
from lacsim.report.charts.loss import best_options, loss_frame

QUICK = {"futures": 4, "residents": 4_000, "jobs": 1}
FULL = {"futures": 256}


def main(folder: Path) -> None:
    """Run the options and write expected losses, the order of the options and the chart."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["no-lac", "wards-10", "wards-17"], **size)
    folder.mkdir(parents=True, exist_ok=True)
    frame = loss_frame(run)
    frame.to_csv(folder / "expected_loss.csv", index=False)
    for threshold, name in best_options(frame):
        print(f"from £{threshold:,.0f} a WELLBY: {run.label(name)}")
    lac.save_chart("c16", run, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/05_value_of_information"))
