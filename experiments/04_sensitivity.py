"""What matters most: how the saving moves with each assumption.

Question: which uncertain figure moves the difference between 17 and 10 wards most, and does any turn its sign?

Scenarios: wards-10 and wards-17. Futures: 256, seed 20160301.
Expected direction, written before running: the effects of coordination on closing cases and on care packages, and the
cost of a coordinator, matter most; no single one turns the answer on the controlled stance.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import lacsim as lac
from lacsim.report import money_sections, sensitivity

QUICK = {"futures": 24, "residents": 2_000, "years": 2, "jobs": 1}
FULL = {"futures": 256}


def main(folder: Path) -> None:
    """Run the pair, fit the line and write table, sentences and chart."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["wards-10", "wards-17"], **size)
    folder.mkdir(parents=True, exist_ok=True)
    sensitivity.tornado_frame(run).to_csv(folder / "tornado.csv", index=False)
    print("\n".join(money_sections.mind_changers(run)))
    lac.save_chart("tornado", run, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/04_sensitivity"))
