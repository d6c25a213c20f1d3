"""The race on M1: the engine against its C++ twin, SimPy twice, Ciw and salabim, after a check that all tell the same.

Rounds are interleaved, so that a busy minute hits everybody, and ratios are taken within a round. SimPy, Ciw and salabim
draw from one stream, which is faster for them than addressed luck; for the check they use addressed luck.
"""

from __future__ import annotations

import gc
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.m1 import pathway as m1
from benchmarks.m1 import rules, simpy_idiomatic, simpy_lean
from benchmarks.m1.tell import PEERS
from benchmarks.m1.twin import Twin, find_twin
from benchmarks.page import table, verdict
from benchmarks.peers import python_of_peers
from benchmarks.timing import cpu, in_process, median, spread
from lacsim.model import compiled

# What each peer cannot express of the contract, or only with code of one's own.
CANNOT = (
    (
        "SimPy, idiomatic",
        "luck by address and (second, resident) order need code of one's own; an abandoned timeout stays on the heap; "
        "`Request.cancel` searches the queue",
    ),
    ("SimPy, lean", "nothing here, but the queue, the reneging and the stale dates are our code, not SimPy's"),
    (
        "Ciw",
        "a resident in two places at once (a caseload place kept in hospital), hazards that change while waiting, "
        "calendar changes of a ward's conditions; every event looks at every individual of every node",
    ),
    (
        "salabim",
        "ties by resident number; cancelling a `fail_delay` is a search in the event list",
    ),
    ("C++ twin", "one model only: another rule is another program"),
)


@dataclass
class Race:
    """What was measured; times are nanoseconds of CPU per transition."""

    engine: list[float] = field(default_factory=list)
    twin: list[float] = field(default_factory=list)
    twin_counts: list[float] = field(default_factory=list)
    over_twin: list[float] = field(default_factory=list)
    idiomatic: list[float] = field(default_factory=list)
    lean: list[float] = field(default_factory=list)
    over_idiomatic: list[float] = field(default_factory=list)
    over_lean: list[float] = field(default_factory=list)
    saturated: list[float] = field(default_factory=list)


def _engine(people: np.ndarray, *, share: float = 1.0) -> tuple[float, np.ndarray]:
    """CPU seconds and trace of one replication by the engine."""
    world = rules.world_of(people, capacity_share=share)
    return cpu(lambda: compiled.run(world, rules.RULES))


def _peer(module: Any, residents: int) -> tuple[float, int]:
    """CPU seconds and transitions of one replication by a SimPy model."""
    people = m1.make_people(residents, 1, addressed=False)
    gc.collect()
    seconds, output = cpu(lambda: module.run(people))
    return seconds, output.transitions


def _hash(counts: np.ndarray) -> str:
    """Hash of counts (ward, month, from, to), as `tell` makes it."""
    return hashlib.sha256(json.dumps(counts.ravel().tolist()).encode()).hexdigest()


def check(residents: int, twin: Twin | None, peers_python: str | None) -> list[tuple[str, str]]:
    """Who tells the same lives as the engine, with the same luck."""
    people = rules.people_of(residents, 1)
    trace = compiled.run(rules.world_of(people), rules.RULES)
    said = [("engine", f"{len(trace):,} rows, {rules.transitions(trace):,} transitions")]
    counts = _hash(counts_of(trace, people))
    if twin is not None:
        twin.load(people)
        equal = trace.tobytes() == twin.trace().tobytes()
        said.append(("C++ twin", "every row equal, byte for byte" if equal else "**rows differ**"))
        twin.load(people)
        said.append(("C++ twin, counts only", _agrees(_hash(twin.counts()[0]) == counts)))
    for name in PEERS:
        if name in ("ciw", "salabim") and peers_python is None:
            continue
        python = {"python": peers_python} if name in ("ciw", "salabim") and peers_python else {}
        answer = in_process(["benchmarks.m1.tell", name, "--residents", str(residents)], **python)
        said.append((name, _agrees(answer.get("counts") == counts) if answer else "did not run"))
    return said


def _agrees(is_equal: bool) -> str:
    text = "counts by ward, month and transition "
    return text + ("all equal" if is_equal else "**differ**")


def counts_of(trace: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Counts (ward, month, from, to) of the transitions of a trace."""
    rows = trace[(trace["what"] == rules.HAPPENED) | (trace["what"] == rules.GRANTED)]
    month = np.minimum(rows["seconds"] // m1.MONTH, m1.N_MONTHS - 1)
    ward = people["ward"][rows["resident"]].astype(np.int64)
    index = ((ward * m1.N_MONTHS + month) * m1.N_STAGES + rows["left"]) * m1.N_STAGES + rows["entered"]
    shape = (m1.N_WARDS, m1.N_MONTHS, m1.N_STAGES, m1.N_STAGES)
    return np.bincount(index, minlength=int(np.prod(shape))).reshape(shape).astype(np.int32)


def race(*, rounds: int, simpy_rounds: int, simpy_residents: int, twin: Twin | None) -> Race:
    """Engine and twin at 200,000 residents; engine and both SimPy models at `simpy_residents`."""
    found = Race()
    city = rules.people_of(m1.CITY, 1)
    _engine(rules.people_of(1_000, 1))
    for n in range(rounds + 1):
        seconds, trace = _engine(city)
        each = 1e9 / rules.transitions(trace)
        slow, busy = _engine(city, share=0.1)
        if twin is not None:
            twin.load(city)
            other, _ = cpu(twin.trace)
            twin.load(city)
            counting, _ = cpu(twin.counts)
        if n == 0:
            continue  # fresh memory is slower, for both
        found.engine.append(seconds * each)
        found.saturated.append(slow * 1e9 / rules.transitions(busy))
        if twin is not None:
            found.twin.append(other * each)
            found.twin_counts.append(counting * each)
            found.over_twin.append(seconds / other)
    few = rules.people_of(simpy_residents, 1)
    _engine(few)
    for _ in range(simpy_rounds):
        fast = median([s / rules.transitions(t) for s, t in (_engine(few) for _ in range(5))]) * 1e9
        for module, times, ratios in (
            (simpy_idiomatic, found.idiomatic, found.over_idiomatic),
            (simpy_lean, found.lean, found.over_lean),
        ):
            seconds, transitions = _peer(module, simpy_residents)
            times.append(seconds * 1e9 / transitions)
            ratios.append(times[-1] / fast)
    return found


def _slow_peers(peers_python: str | None, sizes: dict[str, tuple[int, ...]]) -> list[list[object]]:
    """Ciw and salabim at the sizes they can bear."""
    rows: list[list[object]] = []
    for name, residents in sizes.items():
        for n in residents if peers_python else ():
            told = in_process(["benchmarks.m1.tell", name, "--residents", str(n), "--stream"], python=str(peers_python))
            if told:
                rate = told["transitions"] / told["seconds"]
                rows.append(
                    [name, f"{n:,}", f"{rate:,.0f}", f"{1e9 / rate:,.0f}", f"{told['peak_bytes'] / 2**20:,.0f}"]
                )
    return rows


def _memory(name: str, residents: int) -> int:
    """Peak MiB of a whole process of one telling."""
    told = in_process(["benchmarks.m1.tell", name, "--residents", str(residents), "--stream"])
    return round(told["peak_bytes"] / 2**20) if told else 0


def section(*, quick: bool) -> str:
    """The chapter on M1."""
    twin, peers_python = find_twin(), python_of_peers()
    rounds, simpy_rounds, simpy_residents = (3, 1, 5_000) if quick else (9, 3, 50_000)
    found = race(rounds=rounds, simpy_rounds=simpy_rounds, simpy_residents=simpy_residents, twin=twin)
    rows: list[list[object]] = [_row("lacsim engine", m1.CITY, found.engine, _memory("engine", m1.CITY))]
    if found.twin:
        rows.append(_row("C++ twin, same rows", m1.CITY, found.twin, _memory("twin", m1.CITY)))
        rows.append(_row("C++ twin, counts only", m1.CITY, found.twin_counts, None))
    rows.append(_row("SimPy, lean", simpy_residents, found.lean, _memory("lean", simpy_residents)))
    rows.append(_row("SimPy, idiomatic", simpy_residents, found.idiomatic, _memory("idiomatic", simpy_residents)))
    sizes = {"salabim": (500,), "ciw": (250,)} if quick else {"salabim": (2_000, 10_000), "ciw": (500, 2_000)}
    rows += _slow_peers(peers_python, sizes)
    rate = 1e3 / median(found.engine)
    demands = [
        f"- Million transitions a second per core: {verdict(rate, 4.0)}; aimed at 8.",
        f"- Times idiomatic SimPy: {verdict(median(found.over_idiomatic), 100.0)}; {spread(found.over_idiomatic, '{:.0f}')}.",
        f"- Times lean SimPy: {verdict(median(found.over_lean), 30.0)}; {spread(found.over_lean, '{:.0f}')}.",
    ]
    if found.over_twin:
        demands.append(
            f"- Time over the C++ twin's: {verdict(median(found.over_twin), 1.3, at_least=False)}; {spread(found.over_twin)}."
        )
    slower = median(found.saturated) / median(found.engine)
    demands.append(f"- Pools at a tenth, time per transition: {verdict(slower, 1.5, at_least=False, unit=' times')}.")
    checked = check(500 if quick else 2_000, twin, peers_python)
    return "\n\n".join(
        [
            _WHAT,
            table(("Who", "Residents", "Transitions / s", "ns each", "Peak MiB of the process"), rows),
            "\n".join(demands),
            "The same luck, the same lives (fewer residents, every teller with addressed luck):",
            table(("Who", "Compared with the engine"), checked),
            "What each cannot express of the contract:",
            table(("Who", "Cannot, or only by code of one's own"), CANNOT),
            _SETTINGS,
        ]
    )


def _row(name: str, residents: int, times: list[float], memory: int | None) -> list[object]:
    """One row of the table of rates."""
    each = median(times)
    return [
        name,
        f"{residents:,}",
        f"{1e9 / each:,.0f}",
        spread(times, "{:,.0f}"),
        "" if memory is None else f"{memory:,}",
    ]


_WHAT = """\
## M1, a simplified pathway

Eleven stages, 17 wards, three kinds of pool with queues people give up, ten years, 5.7 transitions a resident
(`benchmarks/m1/pathway.py`). Run by our engine through its public entry, `lacsim.model.compiled.run(world, rules)`. One
transition is one event; CPU time of a replication, with first draws and output, without the residents' attributes.

Differences from the prototype this grew from, all from the contract of `docs/engines.md`: dates are whole seconds instead
of days with a fraction, and the horizon itself is not reached; what is freed is filled after the resident who freed it
has asked for their own next place (the prototype called first; no draw depends on it); the engine's output is its trace,
three rows for a place that was waited for, not counts. The C++ twin that is compared writes the same trace."""

_SETTINGS = """\
Settings. SimPy, idiomatic: a process for each resident, `Resource`, `with` and `|`, one `random.Random`, collector on. SimPy,
lean: one event with a callback for each live date, deques, nothing entered beyond the horizon, the same stream. Ciw: four
nodes with endless servers and 35 with c, own distributions and routers. salabim: the mode with `yield`, `request` with
`fail_delay`, monitors off. C++: `-O3 -march=native -ffp-contract=off`, same bins, same record of 64 bytes, no logarithm where
none is needed. All times are CPU times; rounds interleaved; medians (smallest to largest)."""
