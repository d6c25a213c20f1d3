"""Where the time of one future goes, in nanoseconds a record, and what the smallest pieces of work cost by themselves.

Parts are whole passes timed one after the other; pieces are the compiled functions themselves, called many times from a
compiled loop, so that they can be set against a floor: what an event must do at the least.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.page import table
from benchmarks.timing import cpu, median, spread
from lacsim.model import compiled, rules
from lacsim.model import stages as s
from lacsim.model.agenda import enter, first_due, make_agenda, remove_first
from lacsim.model.clocks import find_next, renew, set_hazard
from lacsim.model.compiling import kernel
from lacsim.model.rates import PERSON
from lacsim.model.streams import normal_quantile, uniform
from lacsim.model.trace import TRACE
from lacsim.model.world import CAPACITY
from lacsim.results.compare import EVENTS, classify, find_events
from lacsim.results.tally import tally
from lacsim.runs.experiment import live, make_future, start_of
from lacsim.runs.plan import central_plan

_NOTES = Path(__file__).with_name("profile.md")


@kernel
def _loops(which: int, n: int, person: Any, rates: Any, out: Any) -> float:
    """One small piece of work, `n` times; the sum keeps the compiler from leaving it out."""
    total = 0.0
    x = 0.3
    for k in range(n):
        x = x * 0.999 + 0.0005
        if which == 0:
            total += x
        elif which == 1:
            total += uniform(7, 1, k, 3, 0)
        elif which == 2:
            total += math.log(x)
        elif which == 3:
            total += math.exp(x)
        elif which == 4:
            total += normal_quantile(x)
        elif which == 5:
            set_hazard(person, s.LATE_ADMISSION, 1e-9 * (2.0 - (k & 1)), 1e-9 * (1.0 + (k & 1)), 1_000 + k, rates)
            total += person.due[s.LATE_ADMISSION]
        elif which == 6:
            find_next(person, 1_000)
            total += person.next_cause
        elif which == 7:
            row = out[k & 1023]
            row.seconds, row.resident, row.occasion = k, k, 1
            row.what, row.cause, row.because, row.left, row.entered, row.outcome = 0, 1, 1, 0, 1, 0
            row.holds = 3
    return total


@kernel
def _dates(agenda: Any, people: Any, n: int) -> int:
    """Enter one date after the other and take the first out each time, `n` times, with everybody in the agenda."""
    total = np.int64(0)
    mask = (np.int64(1) << agenda.state[5]) - 1
    for _ in range(n):
        key = first_due(agenda, people)
        i = key & mask
        remove_first(agenda, people)
        people[i].next_time += 30_000_000 + (i * 7_919) % 9_999_991
        enter(agenda, people, i)
        total += i
    return total


PIECES = {
    1: "one number by its address (Philox 4x64-10)",
    2: "a logarithm",
    3: "an exponential",
    4: "a normal quantile",
    5: "a running clock meets another hazard",
    6: "which of 15 clocks comes first",
    7: "a row of the trace",
}


def _pieces(rounds: int) -> list[list[object]]:
    """Nanoseconds of each piece, the empty loop taken off."""
    future = make_future(central_plan(["no-lac"], residents=1_000), 1)
    person, rates, out = future.people[0][10], future.rates[0], np.empty(1_024, TRACE)
    n = 300_000
    renew(person, s.LATE_ADMISSION)
    set_hazard(person, s.LATE_ADMISSION, 0.0, 2e-9, 0, rates)
    _loops(0, 10, person, rates, out)
    rows: list[list[object]] = []
    times: dict[int, list[float]] = {which: [] for which in range(8)}
    for _ in range(rounds):
        for which in times:
            times[which].append(cpu(lambda w=which: _loops(w, n, person, rates, out))[0] * 1e9 / n)  # type: ignore[misc]
    for which, name in PIECES.items():
        rows.append([name, f"{max(0.0, median(times[which]) - median(times[0])):.0f}"])
    people = np.zeros(200_000, PERSON)
    people["next_time"] = np.random.default_rng(1).integers(1, 150_000_000, len(people))
    agenda = make_agenda(len(people), 1 << 40)
    for i in range(len(people)):
        enter(agenda, people, i)
    _dates(agenda, people, 1)
    taken = [cpu(lambda: _dates(agenda, people, 200_000))[0] * 1e9 / 200_000 for _ in range(rounds)]
    rows.append(["a date taken out of the agenda and another entered, 200,000 residents", f"{median(taken):.0f}"])
    return rows


def _parts(rounds: int, residents: int | None) -> list[list[object]]:
    """Each pass over one future of wards-10 and wards-17, in ns a record of wards-17."""
    plan = central_plan(["wards-10", "wards-17"], residents=residents)
    before = live(make_future(plan, 1), plan.scenarios[0], in_order=False)
    events_before = find_events(before.trace, plan.period.horizon)
    found: dict[str, list[float]] = {}

    def note(name: str, seconds: float) -> None:
        found.setdefault(name, []).append(seconds * 1e9 / rows)

    rows = 1
    for n in range(rounds + 1):
        making, future = cpu(lambda: make_future(plan, 1))
        copying, world = cpu(lambda f=future: f.world(plan.scenarios[1]))  # type: ignore[misc]
        start = start_of(world.people)
        first, _ = cpu(lambda w=world: compiled.run(replace(w, horizon=1, calendar=w.calendar[:0]), rules))  # type: ignore[misc]
        still = future.world(plan.scenarios[1])
        kept = still.calendar[still.calendar["what"] == CAPACITY]
        fewer, calm = cpu(lambda w=still, c=kept: compiled.run(replace(w, calendar=c), rules))  # type: ignore[misc]
        world = future.world(plan.scenarios[1])
        living, trace = cpu(lambda w=world: compiled.run(w, rules))  # type: ignore[misc]
        rows = len(trace)
        told = future.world(plan.scenarios[1])
        ahead, trace = cpu(lambda w=told: compiled.run_by_resident(w, rules))  # type: ignore[misc]
        counting, _ = cpu(lambda t=trace, st=start: tally(t, st, year_starts=plan.period.year_starts,  # type: ignore[misc]
                          month_starts=plan.period.month_starts, n_wards=len(plan.area.wards), short_stay_days=1.0))  # fmt: skip
        pairing, events = cpu(lambda t=trace: find_events(t, plan.period.horizon))  # type: ignore[misc]
        classing, _ = cpu(lambda e=events: [classify(events_before[k], e[k]) for k in EVENTS])  # type: ignore[misc]
        if n == 0:
            continue
        note("make the residents of one future (shared by its scenarios)", making)
        note("copy them for a scenario, with its wards and calendar", copying)
        note("engine: everybody's first dates", first)
        note("engine: all, rows in order", living)
        note("engine: all, rows resident by resident", ahead)
        note("engine without changes of the wards' conditions, a record of its own", fewer * rows / len(calm))
        note("count and sum (tally)", counting)
        note("find events for pairing", pairing)
        note("pair with another scenario", classing)
    return [[name, spread(times, "{:,.0f}")] for name, times in found.items()]


def section(*, quick: bool) -> str:
    """The chapter on where the time goes."""
    rounds, residents = (2, 20_000) if quick else (7, None)
    return "\n\n".join(
        [
            "## Where the time goes\n\nOne future of all of Derby, wards-17, five years, central values; CPU nanoseconds over the number "
            "of records of the trace, medians (smallest to largest).",
            table(("Part", "ns a record"), _parts(rounds, residents)),
            "Pieces by themselves, in a loop that does nothing else, so with everything in the nearest cache (the agenda excepted):",
            table(("Piece", "ns"), _pieces(rounds)),
            _NOTES.read_text().rstrip(),
        ]
    )
