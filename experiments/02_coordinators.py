"""How many coordinators: waits and costs of smaller and larger teams.

Question: how long do people wait for a first conversation with half, three quarters, and up to one and a half times as
many coordinators, and which promise can be kept?

Scenarios: the 17 wards with 8, 13, 17, 21 and 26 posts. Futures: 100 of the option itself and 10 of each team, seed
20160301.
Expected direction, written before running: waits fall as posts rise, faster than in proportion; with 17 posts nine in
ten are met within two weeks.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import lacsim as lac
from lacsim.report.charts.load import load_frame, promise_frame

QUICK = {"futures": 4, "residents": 4_000, "jobs": 1}
FULL = {"futures": 100}


def main(folder: Path) -> None:
    """Run the teams and write waits, promises and both charts."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    run = lac.run(["wards-17"], **size).with_companions(jobs=size.get("jobs", 0))
    folder.mkdir(parents=True, exist_ok=True)
    load_frame(run).to_csv(folder / "waits.csv", index=False)
    promise_frame(run).to_csv(folder / "promises.csv", index=False)
    for name in ("waits", "promise"):
        for path in lac.save_chart(name, run, folder):
            print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/02_coordinators"))
