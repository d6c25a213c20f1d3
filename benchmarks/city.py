"""One size of the full model in a process of its own: `python -m benchmarks.city --residents N`, the answer as JSON."""

from __future__ import annotations

import argparse
import json

from benchmarks.timing import cpu, median, peak_bytes


def main() -> None:
    """Make the residents of one future and live one scenario, a few times; median CPU seconds and peak memory.

    The future lives with its own people, as a scenario alone does, so there is one copy of them.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scenario", default="wards-17")
    args = parser.parse_args()

    from lacsim.runs.experiment import live, make_future
    from lacsim.runs.plan import central_plan

    warm = central_plan([args.scenario], residents=1_000)
    live(make_future(warm, 1), warm.scenarios[0])
    idle = peak_bytes()
    plan = central_plan([args.scenario], residents=args.residents)
    makes, lives = [], []
    people = rows = 0
    for _ in range(args.repeats):
        making, future = cpu(lambda: make_future(plan, 1))
        living, lived = cpu(lambda f=future: live(f, plan.scenarios[0], f.people[0]))  # type: ignore[misc]
        makes.append(making)
        lives.append(living)
        people, rows = len(lived.world.people), len(lived.trace)
        del future, lived
    said = {"people": people, "rows": rows, "make": median(makes), "live": median(lives)}
    print(json.dumps({**said, "idle_bytes": idle, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
