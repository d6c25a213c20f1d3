"""The full model: records a second, against our own SimPy reference, over size, processes, start-up and the whole job."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.page import table, verdict
from benchmarks.timing import cpu, in_process, median, spread, whole_process
from lacsim.model import compiled, rules
from lacsim.model import stages as s
from lacsim.model.rates import PERSON
from lacsim.model.world import CAPACITY
from lacsim.results import study
from lacsim.runs.experiment import Future, Lived, live, live_all, make_future
from lacsim.runs.plan import central_plan, make_plan

ENGLAND_ADULTS, ENGLAND_COUNCILS = 44_000_000, 151  # round figures, for scale only; the model reads neither
SCENARIOS = ("no-lac", "wards-10", "wards-17")
# What a process grew by for each person of Derby over four futures with their tables, compiled code included:
# `resource.getrusage(0).ru_maxrss` before and after `lacsim.results.study.live_block(make_plan(futures=8), [1, 2, 3, 4])`.
_BYTES_A_PERSON = 1_730


def _rate(rounds: int) -> str:
    """Records a second of a whole replication of the city, residents included."""
    plan = central_plan(SCENARIOS)
    live(make_future(plan, 1), plan.scenarios[0])
    making: list[float] = []
    living: dict[str, list[float]] = {name: [] for name in SCENARIOS}
    at_once: list[float] = []
    rows: dict[str, int] = {}
    for _ in range(rounds):
        seconds, future = cpu(lambda: make_future(plan, 1))
        making.append(seconds)
        for scenario in plan.scenarios:
            seconds, lived = cpu(lambda f=future, sc=scenario: live(f, sc))  # type: ignore[misc]
            living[scenario.name].append(seconds)
            rows[scenario.name] = len(lived.trace)
        seconds, _ = cpu(lambda f=future: [len(life.trace) for life in live_all(f)])  # type: ignore[misc]
        at_once.append(seconds)
    people = len(future.people[0])
    body = [["residents of one future", f"{people:,} people", spread(making, "{:.3f}"), "", ""]]
    for name in SCENARIOS:
        t = median(living[name])
        body.append(
            [name, f"{rows[name]:,} records", spread(living[name], "{:.3f}"), f"{rows[name] / t / 1e6:.2f} M",
             f"{t * 1e9 / rows[name]:,.0f}"]
        )  # fmt: skip
    whole = median(making) + sum(median(living[name]) for name in SCENARIOS)
    total = sum(rows.values())
    as_a_run = median(making) + median(at_once)
    alone = [rows[name] / (median(making) + median(living[name])) for name in SCENARIOS]
    body.append(["one future, three scenarios", f"{total:,} records", f"{whole:.3f}", f"{total / whole / 1e6:.2f} M",
                 f"{whole * 1e9 / total:,.0f}"])  # fmt: skip
    body.append(["the same as a run lives them", f"{total:,} records", f"{as_a_run:.3f}",
                 f"{total / as_a_run / 1e6:.2f} M", f"{as_a_run * 1e9 / total:,.0f}"])  # fmt: skip
    return "\n\n".join(
        [
            "### Records a second\n\nAll of Derby, five years, central values, one core, CPU time.",
            table(("What", "How many", "CPU s", "Records / s", "ns a record"), body),
            "A run needs tables and not rows in order: there they stand resident by resident, and lives that are the same in two "
            "scenarios are copied (last line; docs/engines.md).",
            f"- Million records a second per core, whole replication, in order: {verdict(total / whole / 1e6, 2.5)}; as a run lives "
            f"them: {verdict(total / as_a_run / 1e6, 2.5)}; aimed at 5. "
            f"A scenario alone, residents made for it only: {min(alone) / 1e6:.2f} to {max(alone) / 1e6:.2f} million.",
        ]
    )


def _against_reference(sizes: tuple[int, ...], rounds: int) -> str:
    """The readable engine on the same work."""
    body = []
    ratio = math.nan
    for residents in sizes:
        plan = central_plan(["wards-17"], residents=residents)
        slow = replace(plan, engine="simpy")
        ratios, slows, fasts = [], [], []
        equal = True
        for _ in range(rounds):
            future = make_future(plan, 1)
            told_by_simpy = replace(future, plan=slow)
            a, told = cpu(lambda f=told_by_simpy: live(f, plan.scenarios[0]))  # type: ignore[misc]  # noqa: B023
            times = [cpu(lambda f=future: live(f, plan.scenarios[0])) for _ in range(5)]  # type: ignore[misc]  # noqa: B023
            b = median([seconds for seconds, _ in times])
            equal = equal and told.trace.tobytes() == times[0][1].trace.tobytes()
            ratios.append(a / b)
            slows.append(len(told.trace) / a)
            fasts.append(len(told.trace) / b)
        ratio = median(ratios)
        body.append(
            [f"{residents:,}", f"{median(slows):,.0f}", f"{median(fasts):,.0f}", spread(ratios, "{:.0f}"),
             "equal" if equal else "**differ**"]
        )  # fmt: skip
    return "\n\n".join(
        [
            "### Against our own SimPy reference\n\nThe same world, `live` alone, five years, wards-17.",
            table(("Residents", "Reference, records / s", "Compiled, records / s", "Ratio", "Traces"), body),
            f"- Times our own SimPy reference: {verdict(ratio, 100.0)}.",
        ]
    )


def _sizes(sizes: tuple[int, ...]) -> str:
    """Cost and memory over the number of residents, each size in a process of its own."""
    body, points = [], []
    last = 0.0
    for residents in sizes:
        repeats = 5 if residents < 100_000 else 3 if residents < 2_000_000 else 1
        told = in_process(["benchmarks.city", "--residents", str(residents), "--repeats", str(repeats)])
        if not told:
            continue
        work = told["make"] + told["live"]
        points.append((math.log(residents), math.log(work)))
        grown = told["peak_bytes"] - told["idle_bytes"]
        last = grown / told["people"]
        body.append(
            [f"{residents:,}", f"{told['people']:,}", f"{told['rows']:,}", f"{work:.3f}",
             f"{work * 1e9 / told['rows']:,.0f}", f"{told['peak_bytes'] / 2**20:,.0f}", f"{last:,.0f}",
             f"{grown / told['rows']:,.0f}"]
        )  # fmt: skip
    x, y = np.array(points).T
    slope = float(np.polyfit(x, y, 1)[0])
    head = (
        "Adults on day one",
        "With arrivals",
        "Records",
        "CPU s",
        "ns a record",
        "Peak MiB",
        "Bytes a person",
        "a record",
    )
    return "\n\n".join(
        [
            "### Size\n\nwards-17, five years, residents made and lived once per round; pools grow with the city. Peak is of the "
            "whole process; bytes are what it grew by over a run of 1,000 residents, residents, agenda, queues and trace "
            "included. The future lives with its own people, as a scenario alone does; a run of several "
            f"scenarios holds one more copy of {PERSON.itemsize} bytes a person.",
            table(head, body),
            f"- Log-log slope of CPU time: {verdict(slope, 1.15, at_least=False)}.\n"
            f"- Bytes a resident at the largest size: {verdict(last, 400.0, at_least=False)}.",
        ]
    )


def _saturated(rounds: int) -> str:
    """Caseloads and short-term time as they are, and with a tenth of the places."""
    plan = central_plan(["wards-17"])
    future = make_future(plan, 1)
    plain, busy = [], []
    waiting = 0
    for _ in range(rounds):
        for times, share in ((plain, 1.0), (busy, 0.1)):
            world = future.world(plan.scenarios[0])
            n_wards = len(plan.area.wards)
            caseload = slice(n_wards, 2 * n_wards)
            if share < 1.0:
                world.capacity[caseload] = np.maximum(1, (world.capacity[caseload] * share).astype(np.int64))
                target = world.calendar["target"]
                held = (world.calendar["what"] == CAPACITY) & (target >= n_wards) & (target < 2 * n_wards)
                world.calendar["value"][held] = np.maximum(1, world.calendar["value"][held] // 10)
            seconds, trace = cpu(lambda w=world: compiled.run(w, rules))  # type: ignore[misc]
            times.append(seconds * 1e9 / len(trace))
            waiting = int((world.people["has"][:, s.CASELOAD] == s.WAITING).sum())
    ratio = median(busy) / median(plain)
    return "\n\n".join(
        [
            "### Saturated caseloads\n\nwards-17 with a tenth of the caseload places: "
            f"{waiting:,} people wait on the last day. {median(plain):,.0f} ns a record become {median(busy):,.0f}.",
            f"- Saturated over plain: {verdict(ratio, 1.5, at_least=False, unit=' times')}.",
        ]
    )


def _processes(futures: int) -> str:
    """Wall time of the same futures in one process and in two, interleaved."""
    plan = make_plan(SCENARIOS, futures=futures)
    study.run(replace_futures(plan, 2), jobs=2)
    ratios = []
    for _ in range(2):
        began = time.perf_counter()
        study.run(plan, jobs=1)
        one = time.perf_counter() - began
        began = time.perf_counter()
        study.run(plan, jobs=2)
        ratios.append(one / (time.perf_counter() - began))
    return "\n\n".join(
        [
            f"### Two processes\n\n{futures} futures of three scenarios with their tables, wall time, workers already started; the cores "
            "are shared with other work, which this ratio suffers from more than any other here.",
            f"- Two processes over one: {verdict(max(ratios), 1.8, unit=' times')}; {spread(ratios)}.",
        ]
    )


def replace_futures(plan: Any, futures: int) -> Any:
    """The same plan with fewer futures."""
    return replace(plan, draws=replace(plan.draws, values=plan.draws.values[:futures]))


def _start_up(repeats: int) -> str:
    """What a user waits for before anything is simulated."""
    with tempfile.TemporaryDirectory() as folder:
        first = [
            "-m",
            "lacsim",
            "run",
            "no-lac",
            "wards-17",
            "--futures",
            "1",
            "--residents",
            "2000",
            "--again",
            "--quiet",
        ]
        whole_process([*first, "--out", folder], repeats=1)
        rows = {
            "`lacsim --help`": whole_process(["-m", "lacsim", "--help"], repeats=repeats),
            "first trace (2,000 residents, from Python)": whole_process(
                ["-c", "import lacsim; from lacsim.runs import plan, experiment as e; p = plan.central_plan(['wards-17'], "
                 "residents=2000); e.trace_of(p, 1, 'wards-17')"], repeats=repeats),
            "`lacsim run` of one future of 2,000, charts and report": whole_process(
                [*first, "--out", folder], repeats=max(1, repeats // 2)),
        }  # fmt: skip
    body = [[name, f"{wall:.2f}", f"{spent:.2f}"] for name, (wall, spent) in rows.items()]
    times = list(rows.values())
    return "\n\n".join(
        [
            "### Start-up\n\nWhole processes, warm cache, medians.",
            table(("What", "Wall s", "CPU s"), body),
            f"- `--help`: {verdict(times[0][0], 0.3, at_least=False, unit=' s')}.\n"
            f"- First result from a warm cache: {verdict(times[1][0], 3.0, at_least=False, unit=' s')}.",
        ]
    )


def _whole_job(futures: int) -> str:
    """Where the default run spends its time, in one process; and the default run as typed."""
    from lacsim.economics import ledger, summary
    from lacsim.report.api import Run
    from lacsim.report.page import draw_run

    plan = make_plan(SCENARIOS, futures=futures)
    lives = _Lives()
    reducing, results = cpu(
        lambda: study.Results(plan, [lives.keep(make_future(plan, n)) for n in range(1, futures + 1)])
    )
    money, _ = cpu(lambda: summary(ledger(results), plan))
    with tempfile.TemporaryDirectory() as folder:
        drawing, _ = cpu(lambda: draw_run(Run(results), Path(folder)))
        spent_wall, spent_cpu = whole_process(["-m", "lacsim", "run", "--again", "--quiet", "--out", folder], repeats=1)
        newest = max(Path(folder).glob("runs/*/run.json"), key=lambda path: path.stat().st_mtime)
        living = float(json.loads(newest.read_text("utf-8"))["seconds"])
        quick_wall, _ = whole_process(
            ["-m", "lacsim", "run", "--quick", "--again", "--quiet", "--out", folder], repeats=1
        )
    tables = reducing - lives.seconds
    people = len(make_future(plan, 1).people[0])
    rows = [
        ["simulate", f"{lives.seconds:.2f}", f"{lives.seconds / futures:.3f}"],
        ["residents and tables", f"{tables:.2f}", f"{tables / futures:.3f}"],
        ["money", f"{money:.2f}", f"{money / futures:.3f}"],
        ["report and charts", f"{drawing:.2f}", "once"],
    ]
    return "\n\n".join(
        [
            f"### The whole job\n\n{futures} futures × three scenarios in one process, CPU time.",
            table(("Part", "CPU s", "a future"), rows),
            f"- Tables and money over simulation: {verdict((tables + money) / lives.seconds, 1.0, at_least=False)}.\n"
            f"- `lacsim run` as typed, 100 futures, wall: {verdict(spent_wall, 60.0, at_least=False, unit=' s')}; "
            f"{spent_cpu:.0f} s of CPU on all processes.\n"
            f"- `lacsim run --quick`, wall: {verdict(quick_wall, 10.0, at_least=False, unit=' s')}.\n"
            f"- 1,024 futures at the same pace (extrapolated from 100), lives with their tables: "
            f"{verdict(living * 10.24 / 60.0, 8.0, at_least=False, unit=' minutes')}; with the smaller runs beside them, report and "
            f"charts at most {spent_wall * 10.24 / 60.0:.1f}.",
            _england(reducing / futures, plan.n_residents, people),
        ]
    )


def _england(seconds: float, adults: int, people: int) -> str:
    """What the country would need at the pace of one future of Derby; cost is linear in residents (see Size)."""
    cities = ENGLAND_ADULTS / adults
    one = cities * seconds
    council = ENGLAND_ADULTS / ENGLAND_COUNCILS
    memory = council * people / adults * _BYTES_A_PERSON / 2**20
    return (
        "### Futures an hour, and England\n\n"
        f"One future of Derby ({adults:,} adults, three scenarios, five years, tables included) takes {seconds:.2f} s of one "
        f"core: **{3_600 / seconds:,.0f} futures an hour and core**. *Extrapolated*, not run: England has about "
        f"{ENGLAND_ADULTS / 1e6:.0f} million adults in {ENGLAND_COUNCILS} councils with adult social care, {cities:.0f} times "
        f"Derby. One national future takes {one / 60:.1f} minutes of one core, 100 futures {one * 100 / 3_600:.1f} core-hours, "
        f"1,024 futures {one * 1_024 / 3_600:,.0f} core-hours: on 64 cores {one * 100 / 3_600 / 64 * 60:.0f} and "
        f"{one * 1_024 / 3_600 / 64 * 60:.0f} minutes. Councils share nothing, so each is a run of its own and a block of its "
        f"futures the unit of work ([cluster.md](cluster.md)); an average council ({council:,.0f} adults) needs about "
        f"{memory:,.0f} MiB in each process, residents, their copy, traces, work space and compiled code together. What is missing is not speed but evidence: "
        "every council needs its own ward table."
    )


class _Lives:
    """Live all scenarios of a future and note the CPU time of living alone."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def keep(self, future: Future) -> list[study.Kept]:
        """What the study keeps of one future."""
        return study.keep(future, self._timed(live_all(future)))

    def _timed(self, lives: Iterator[Lived]) -> Iterator[Lived]:
        while True:
            seconds, lived = cpu(lambda: next(lives, None))
            self.seconds += seconds
            if lived is None:
                return
            yield lived


def section(*, quick: bool) -> str:
    """The chapter on the full model."""
    sizes = (2_000, 10_000, 50_000) if quick else (10_000, 50_000, 200_000, 1_000_000, 5_000_000)
    parts = [
        "## The full model",
        _rate(2 if quick else 7),
        _against_reference((1_000,) if quick else (2_000, 5_000), 1 if quick else 3),
        _sizes(sizes),
        _saturated(1 if quick else 5),
        _processes(4 if quick else 16),
        _start_up(2 if quick else 7),
        _whole_job(2 if quick else 20),
    ]
    return "\n\n".join(parts)
