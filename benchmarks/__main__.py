"""`python -m benchmarks`: measure everything and write `docs/performance.md`; `--quick` for a look that writes nothing."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.page import machine

PARTS = {
    "m1": "benchmarks.m1.race",
    "full": "benchmarks.full_model",
    "where": "benchmarks.where_time_goes",
    "luck": "benchmarks.common_random_numbers",
}
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_BUILD = Path(__file__).resolve().parent / "build"
_ELSEWHERE = Path(__file__).resolve().with_name("machines.md")  # figures kept from another machine
_HEAD = """\
# Speed, scale and common random numbers

Written by `python -m benchmarks`; do not edit, run it again. Every number was measured on one machine, but for the last chapter
and the table of one quick run, which repeat those of another. **Trust the ratios more than the rates**: they were taken side by side.

Machine: {machine}
"""


def main() -> None:
    """Run the parts asked for, print them, and write the page when all of them have a chapter."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="m1, full, where, luck; all if none is named")
    parser.add_argument("--quick", action="store_true", help="few rounds and residents; prints, writes nothing")
    args = parser.parse_args()
    _BUILD.mkdir(exist_ok=True)
    chapters: list[str] = []
    for name, module in PARTS.items():
        kept = _BUILD / f"chapter_{name}.md"
        if not args.parts or name in args.parts:
            print(f"-- {name}", file=sys.stderr, flush=True)
            chapter = importlib.import_module(module).section(quick=args.quick)
            print(chapter + "\n", flush=True)
            if not args.quick:
                kept.write_text(chapter)
        if kept.exists():
            chapters.append(kept.read_text())
    if not args.quick and len(chapters) == len(PARTS):
        parts = [_HEAD.format(machine=machine()).rstrip(), *chapters, _ELSEWHERE.read_text().rstrip()]
        PAGE.write_text("\n\n".join(parts) + "\n")
        print(f"written: docs/{PAGE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
