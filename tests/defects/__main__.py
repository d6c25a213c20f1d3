"""`python -m tests.defects [NUMBER …] [--jobs N] [--page]`: is every seeded defect noticed?

Prints a table and ends with 1 if a defect was not noticed, with 2 if the pack does not go with the checkout.
"""

from __future__ import annotations

import argparse
import sys
import textwrap

from tests.defects.pack import ROOT, Absent, PackError, catalogue
from tests.defects.run import Verdict, name, run

PAGE = ROOT / "docs" / "verification.md"
BEGIN, END = "<!-- seeded defects: begin -->", "<!-- seeded defects: end -->"


def printed(verdicts: list[Verdict], absent: list[Absent]) -> str:
    """The table for a terminal."""
    lines = []
    for v in verdicts:
        lines += textwrap.wrap(f"{v.defect.number:>2}  {v.defect.breaks}", 110, subsequent_indent="    ")
        lines.append(f"    {'caught' if v.is_caught else 'NOT CAUGHT: ' + v.why_not}, {v.seconds:.0f} s")
        lines += [f"      {name(a.test)}\n        {a.said[:150]}" for a in v.answers]
    lines += [f"{a.number:>2}  {a.breaks}\n    does not apply: {a.reason}" for a in absent]
    return "\n".join(lines)


def page(verdicts: list[Verdict], absent: list[Absent]) -> str:
    """The table for the documentation; no times, so that it changes only when something did."""
    rows = {}
    for v in verdicts:
        d = v.defect
        said = sentences(d.breaks, d.peers and f"seen in {d.peers}", d.here and f"here: {d.here}")
        where = ", ".join(f"`{file.removeprefix('lacsim/')}`" for file in d.files)
        tests = "; ".join(f"`{name(test).partition('::')[2]}`" for test in d.tests)
        rows[d.number] = f"{said} | {where} | {tests if v.is_caught else '**not caught**'}"
    for a in absent:
        said = sentences(a.breaks, a.peers and f"seen in {a.peers}")
        rows[a.number] = f"{said} | – | does not apply: {a.reason}"
    head = ["| # | Defect | Seeded in | Tests that fail with it and pass without |", "|---:|---|---|---|"]
    return "\n".join([*head, *(f"| {number} | {rows[number]} |" for number in sorted(rows))])


def sentences(*texts: str) -> str:
    """Texts that are not empty, each as a sentence."""
    return " ".join(text[0].upper() + text[1:] + "." for text in texts if text)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="lacsim test --defects", description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="only these; all when none is given")
    parser.add_argument("--jobs", type=int, default=2, help="copies of the checkout at work at once")
    parser.add_argument("--page", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)} as well")
    asked = parser.parse_args()
    try:
        defects, absent = catalogue()
        known = {d.number for d in defects}
        if unknown := sorted(set(asked.numbers) - known):
            raise PackError(f"defects: {unknown} are not seeded. Use {', '.join(map(str, sorted(known)))}.")
        if asked.page and asked.numbers:
            raise PackError("--page: the page shows all defects. Leave the numbers out.")
        if asked.jobs < 1:
            raise PackError(f"--jobs: must be at least 1, found {asked.jobs}.")
        chosen = [d for d in defects if not asked.numbers or d.number in asked.numbers]
        if faults := [fault for d in chosen for fault in d.faults()]:
            raise PackError("\n".join(faults))
    except PackError as why:
        print(why, file=sys.stderr)
        return 2
    verdicts = run(
        chosen, jobs=min(asked.jobs, len(chosen) + 1), progress=lambda text: print(text, file=sys.stderr, flush=True)
    )
    print(printed(verdicts, [] if asked.numbers else absent))
    caught = sum(v.is_caught for v in verdicts)
    print(f"\n{caught} of {len(verdicts)} seeded defects are caught.")
    if asked.page:
        text = PAGE.read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{page(verdicts, absent)}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0 if caught == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
