"""Stress: a hard winter, vacancies, and a fifth more demand.

Question: does the answer, or the wait, change when admissions rise, posts stand empty or more people ask?

Scenarios: wards-10 and wards-17 under each strain, with the same luck. Futures: 50, seed 20160301.
Expected direction, written before running: more demand and more vacancies lengthen waits; more admissions raise what
coordination can relieve, but effects are small, so the sign of the answer should not change.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd

import lacsim as lac

QUICK = {"futures": 3, "residents": 3_000, "years": 2, "jobs": 1}
FULL = {"futures": 50}


def main(folder: Path) -> None:
    """Run each strain and write what moved against no strain."""
    size = QUICK if os.environ.get("LACSIM_QUICK", "0") not in ("", "0") else FULL
    p = lac.params()
    winter = ("natural_history.sudden_admission", "natural_history.late_admission_at_65")
    strains = {
        "winter: 15% more admissions": {name: 1.15 * p.number(name) for name in winter},
        "vacancies: a quarter of posts": {"coordination.vacancy_share": 0.25},
        "demand: a fifth more requests": {
            "adult_care.asks_for_help_at_65": 1.2 * p.number("adult_care.asks_for_help_at_65")
        },
    }
    calm = lac.run(["wards-10", "wards-17"], p, **size)
    tables = []
    for strain, changes in strains.items():
        moved = lac.compare(calm, lac.run(["wards-10", "wards-17"], p.replace(changes), **size))
        print(f"{strain}: {moved.sentence}")
        tables.append(moved.table().assign(strain=strain))
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(tables).to_csv(folder / "stress.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/experiments/07_stress_test"))
