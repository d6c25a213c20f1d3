"""Past claims on their own definitions: the years 2012 to 2019 as the service grew, and three years of forecast.

Question: which of the figures said about the service does the model reach, and what would one have to believe?

Scenarios: no-lac, the pilot, the roll-out as it was, 10 and 17 wards. Futures: 20 for each stance, seed 20160301.
Expected direction, written before running: the number of people should come near the published one; the savings should
not, because effects centred on controlled studies are small. The same table as `lacsim claims`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lacsim.report.charts.evidence import write_claims
from lacsim.report.claims import claims_table

QUICK = {"futures": 2, "residents": 4_000, "jobs": 1}
FULL = {"futures": 20}


def main(folder: Path) -> None:
    """Run the history and the forecast and write each claim beside the like-for-like figure."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    frame = claims_table(**size)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "claims.csv", index=False)
    write_claims(frame, folder)
    own = frame[frame["stance"] == "controlled"]
    print(own[["text", "claimed_text", "model_text"]].to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/08_claims_check"))
