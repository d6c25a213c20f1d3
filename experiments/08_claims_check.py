"""Past claims on their own definitions: the years 2012 to 2019 as the service grew.

Question: does the model reach what has been said about long-term people and about the first year's savings?

Scenarios: no-lac and history (the roll-out as it was). Futures: 50, seed 20160301, controlled stance.
Expected direction, written before running: the number of people should come near the published one; the savings should
not, because effects centred on controlled studies are small.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd

import lacsim as lac
from lacsim import economics
from lacsim.report.api import Run
from lacsim.report.charts.learn import CLAIMS_COLUMNS, draw_claims
from lacsim.report.style import png_bytes
from lacsim.results import study
from lacsim.runs.plan import make_plan
from lacsim.runs.scenario import history

QUICK = {"futures": 3, "residents": 4_000}
FULL = {"futures": 50}


def main(folder: Path) -> None:
    """Run the history and write each claim beside the like-for-like figure."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    p = lac.params()
    plan = make_plan(["no-lac", "history"], p, period=history(), **size)
    run = Run(study.run(plan, jobs=1 if size is QUICK else 0))
    people = run.futures[run.futures["scenario"] == "history"]["long_term_people"] / plan.scale
    first = economics.savings(run.costs, "no-lac", by=("year",))
    first = first[first["year"] == plan.period.year_labels[0]]
    saved = (first["public_purse_saving_gbp"] - first["programme_saving_gbp"]) / plan.scale
    found = {
        "claims.long_term_people": (people, "cumulative; people may begin more than once in the model"),
        "claims.first_year_saving": (saved, "services only, programme not taken off; no comparison group in the claim"),
    }
    rows = []
    for name, (values, note) in found.items():
        claim, ends = p.claim(name), values.quantile([0.05, 0.5, 0.95]).tolist()
        rows.append((name, p.entry(name).meaning, claim.source, p.number(name), *ends, True, note))
    frame = pd.DataFrame(rows, columns=CLAIMS_COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "claims.csv", index=False)
    (folder / "claims.png").write_bytes(png_bytes(draw_claims(run, frame).figure))
    print(frame[["claim_id", "claimed", "model_p05", "model_p50", "model_p95"]].to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/08_claims_check"))
