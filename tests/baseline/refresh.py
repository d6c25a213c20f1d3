"""Write the baseline again, or with --dry-run say what would change.

A commit that moves these numbers refreshes this file in the same commit, so that the diff is the review.
"""

from __future__ import annotations

import argparse
from pathlib import Path

FILE = Path(__file__).with_name("base_case.csv")


def current() -> str:
    """Totals of one replication of the whole city with central values, as text."""
    from lacsim.economics import ledger
    from lacsim.results.study import run
    from lacsim.runs.plan import central_plan

    results = run(central_plan(["no-lac", "wards-10", "wards-17"]), jobs=1)
    yearly = results.yearly.groupby(["measure", "scenario"], sort=True)["value"].sum().unstack()
    costs = ledger(results).groupby(["line", "scenario"], sort=True)["amount_gbp"].sum().unstack()
    costs.index = "gbp " + costs.index
    lines = ["measure,no-lac,wards-10,wards-17"]
    for table, places in ((yearly, 1), (costs, 0)):
        for name, row in table.iterrows():
            lines.append(",".join([str(name), *(f"{row[s]:.{places}f}" for s in ("no-lac", "wards-10", "wards-17"))]))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Refresh the file; with --dry-run only print the lines that would change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="only print the lines that would change")
    is_dry = parser.parse_args().dry_run
    new = current()
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    for before, after in zip(old.splitlines(), new.splitlines(), strict=False):
        if before != after:
            print(f"- {before}\n+ {after}")
    if not is_dry:
        FILE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
