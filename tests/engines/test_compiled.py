"""The compiled engine's own machinery: full agendas, short buffers, what it refuses, and rule sets other than ours."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import blocking_rules
import numpy as np
import pytest
import queue_rules
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import derby, same_rows, world

from lacsim.errors import ModelError
from lacsim.model import compiled, compiling, reference, rules, trace
from lacsim.model.compiling import cache_folder, rule
from lacsim.model.stages import HOUR, NEVER
from lacsim.model.trace import GRANTED, HAPPENED, JOINED
from lacsim.model.world import CAPACITY, World

SMALLEST_BUFFER = 4_096  # rows; a buffer must be longer


def _by_resident_too(in_order: np.ndarray, start: World, rule_set: Any, **how: int) -> None:
    """Lives lived ahead of their turn have the same rows."""
    n = len(start.people)
    same_rows(trace.by_resident(in_order, n), compiled.run_by_resident(start, rule_set, **how))


def run_apart(root: Path, text: str, *, seconds: int = 300, **environment: str) -> str:
    """What a piece of Python prints in a process of its own, which may crash without taking the tests along."""
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(root), str(here), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True, timeout=seconds, check=False,
        env={**os.environ, **environment, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr[-1500:]}"
    return done.stdout.strip()


# --- buffers and agendas ------------------------------------------------------------------------------------------


def test_a_trace_written_in_short_pieces_is_thesame_rows() -> None:
    city = derby(residents=2_000)
    whole = compiled.run(world(city, "wards-17"), rules)
    assert len(whole) > SMALLEST_BUFFER / 2
    for rows in (SMALLEST_BUFFER + 1, SMALLEST_BUFFER + 37, SMALLEST_BUFFER + 500):
        same_rows(whole, compiled.run(world(city, "wards-17"), rules, chunk_rows=rows))
        _by_resident_too(whole, world(city, "wards-17"), rules, chunk_rows=rows)


def test_a_buffer_too_short_for_one_event_is_refused_and_not_waited_for_ever(root: Path) -> None:
    said = run_apart(
        root,
        """
        import queue_rules
        from lacsim.errors import ModelError
        from lacsim.model import compiled
        try:
            compiled.run(queue_rules.queue(customers=10, places=1, arrival=100.0), queue_rules, chunk_rows=100)
        except ModelError as error:
            print("refused:", error)
        """,
        seconds=60,
    )
    assert "refused" in said
    assert "chunk_rows" in said


def test_a_start_that_writes_more_than_the_buffer_holds_comes_in_pieces() -> None:
    def start() -> World:
        queue = queue_rules.queue(customers=3 * SMALLEST_BUFFER, places=0, arrival=1.0)
        queue.people["wants"][:, 0] = 1
        return queue

    rows = compiled.run(start(), queue_rules, chunk_rows=2 * SMALLEST_BUFFER)
    assert (rows["what"] == JOINED).sum() == 3 * SMALLEST_BUFFER
    same_rows(compiled.run(start(), queue_rules), rows)


def test_an_event_that_writes_more_than_the_buffer_holds_is_refused() -> None:
    """Thousands wait behind one customer, and each gives the place back at once when it comes to them."""

    @rule
    def place_granted(person: Any, ward: Any, kind: int, now: int, rates: Any) -> None:
        person.outcome = 0
        person.served = now + 100
        if now > 0:
            person.wants[0] = 0

    flood = types.ModuleType("flood_rules")
    rules_of_a_queue = {name: value for name, value in vars(queue_rules).items() if hasattr(value, "py_func")}
    vars(flood).update({**rules_of_a_queue, "place_granted": place_granted})
    start = queue_rules.queue(customers=SMALLEST_BUFFER, places=1, arrival=1e9)
    start.people["wants"][:, 0], start.people["gives_up"] = 1, NEVER
    with pytest.raises(
        ModelError, match=r"flood_rules wrote more than 4096 rows, found \d+ rows .* Raise `chunk_rows`"
    ):
        compiled.run(start, flood, chunk_rows=SMALLEST_BUFFER + 500)


def test_a_horizon_that_does_not_fit_the_date_keys_is_refused() -> None:
    with pytest.raises(ModelError, match=r"horizon: .* seconds with 9 residents does not fit .* Shorten the horizon"):
        compiled.run(queue_rules.queue(customers=9, places=1, arrival=1.0, horizon=1 << 58), queue_rules)


def test_dates_that_no_longer_hold_may_fill_the_agenda_many_times() -> None:
    """50 customers leave some ten thousand stale dates behind: each visit has an end of patience that is not needed."""
    what = {
        "customers": 50,
        "places": 20,
        "arrival": 30 * HOUR,
        "patience": 1e8,
        "away": 30 * HOUR,
        "horizon": 200_000_000,
    }
    by_compiled = compiled.run(queue_rules.queue(**what), queue_rules)
    assert (by_compiled["what"] == JOINED).sum() > 5_000
    same_rows(reference.run(queue_rules.queue(**what), queue_rules), by_compiled)
    same_rows(by_compiled, compiled.run(queue_rules.queue(**what), queue_rules, n_dates=200))
    _by_resident_too(by_compiled, queue_rules.queue(**what), queue_rules, n_dates=200)


def test_a_date_that_is_entered_again_and_again_does_not_overflow_the_agenda(root: Path) -> None:
    """A deadline that is next, then not, then next again: equal dates must be kept once, or memory is overwritten."""
    said = run_apart(
        root,
        """
        import queue_rules
        from lacsim.model import compiled, trace
        what = dict(customers=50, places=1, arrival=5, service=5, patience=2e5, away=5, one_deadline=True)
        rows = compiled.run(queue_rules.queue(**what, horizon=200_000_000), queue_rules)
        print((rows["what"] == trace.JOINED).sum() > 50_000)
        """,
    )
    assert said == "True"


def test_an_agenda_too_small_for_one_date_each_is_refused_or_enlarged(root: Path) -> None:
    said = run_apart(
        root,
        """
        import queue_rules
        from lacsim.errors import ModelError
        from lacsim.model import compiled, trace
        what = dict(customers=500, places=3, arrival=36_000, service=36_000, patience=1e9, away=36_000,
                    one_deadline=True, horizon=200_000_000)
        try:
            rows = compiled.run(queue_rules.queue(**what), queue_rules, n_dates=10)
            print(trace.digest(rows) == trace.digest(compiled.run(queue_rules.queue(**what), queue_rules)))
        except ModelError:
            print(True)
        """,
    )
    assert said == "True"


def test_a_small_agenda_gives_the_same_city() -> None:
    city = derby(residents=2_000)
    n = len(city.cohort[0])
    whole = compiled.run(world(city, "wards-17"), rules)
    same_rows(whole, compiled.run(world(city, "wards-17"), rules, n_dates=n + 64))
    _by_resident_too(whole, world(city, "wards-17"), rules, n_dates=n + 64)


# --- other rule sets -----------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    customers=st.integers(1, 60),
    places=st.integers(0, 6),
    arrival=st.sampled_from([1.0, 20.0, 100.0]),
    service=st.sampled_from([1.0, 60.0, 500.0]),
    patience=st.sampled_from([0.0, 5.0, 300.0]),
    away=st.sampled_from([0.0, 2.0, 300.0]),
    one_deadline=st.booleans(),
    urgencies=st.integers(1, 3),
    changes=st.lists(st.tuples(st.integers(1, 4_000), st.integers(0, 6)), max_size=5),
    seed=st.integers(0, 2**40),
)
def test_both_engines_agree_on_a_queue_of_any_shape(changes: list[tuple[int, int]], **what: Any) -> None:
    """Durations of a few seconds, so that many things happen on the same second; capacity changes meanwhile."""
    calendar = tuple((at, CAPACITY, 0, places) for at, places in sorted(changes))
    make = {**what, "horizon": 5_000, "calendar": calendar}
    by_simpy = reference.run(queue_rules.queue(**make), queue_rules)
    same_rows(by_simpy, compiled.run(queue_rules.queue(**make), queue_rules))
    _by_resident_too(by_simpy, queue_rules.queue(**make), queue_rules)


@pytest.mark.parametrize(("residents", "first", "second"), [(2, 1, 1), (5, 2, 1), (20, 3, 3), (7, 1, 4)])
def test_both_engines_agree_when_places_go_round_in_a_chain(residents: int, first: int, second: int) -> None:
    """Whoever starts a chain of hand-overs may be the one it ends with, within the same event."""
    make = {"residents": residents, "first": first, "second": second}
    by_compiled = compiled.run(blocking_rules.two_rooms(**make), blocking_rules)
    assert len(by_compiled) > 1_000
    same_rows(reference.run(blocking_rules.two_rooms(**make), blocking_rules), by_compiled)
    _by_resident_too(by_compiled, blocking_rules.two_rooms(**make), blocking_rules)


def test_a_changed_rule_is_compiled_again_and_not_taken_from_the_cache(root: Path, tmp_path: Path) -> None:
    text = Path(queue_rules.__file__).read_text(encoding="utf-8")
    changed = text.replace("-mean * math.log(u)", "-2.0 * mean * math.log(u)")
    assert changed != text
    program = """
        import my_rules
        from lacsim.model import compiled, reference, trace
        what = dict(customers=100, places=3, arrival=40 * 3600)
        a, b = (engine.run(my_rules.queue(**what), my_rules) for engine in (compiled, reference))
        print(trace.digest(a), trace.digest(a) == trace.digest(b))
    """
    said = []
    for version in (text, changed):
        (tmp_path / "my_rules.py").write_text(version, encoding="utf-8")
        found = run_apart(root, program, PYTHONPATH=str(tmp_path), LACSIM_CACHE=str(tmp_path / "cache"))
        said.append(found.split())
    assert said[0][1] == "True"
    assert said[1][1] == "True", "the compiled engine ran the rules as they were before"
    assert said[0][0] != said[1][0]


def test_every_module_with_compiled_code_counts_for_the_name_of_the_cache() -> None:
    """Otherwise a changed rule would go on running as it was."""
    package = Path(compiling.__file__).resolve().parent.parent
    own = "from lacsim.model.compiling import"
    with_kernels = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if own in (text := path.read_text(encoding="utf-8")) and ("\n@rule\n" in text or "\n@kernel\n" in text)
    }
    assert len(with_kernels) > 5
    unnamed = {name for name in with_kernels if not name.startswith("model/")} - set(compiling._OTHER_KERNELS)
    assert not unnamed


def test_compiled_code_is_kept_in_a_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LACSIM_CACHE", str(tmp_path))
    folder = cache_folder()
    assert folder.parent == tmp_path
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


# --- queueing theory -------------------------------------------------------------------------------------------------


def erlang_c(places: int, load: float) -> float:
    """Chance that a customer has to wait, offered load in places."""
    terms = [load**k / math.factorial(k) for k in range(places)]
    last = load**places / math.factorial(places) * places / (places - load)
    return last / (sum(terms) + last)


def _mean_waits(places: int, load: float, n: int, first_seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean wait (in mean services) and share who wait, of the customers after the first 2,000, for n seeds."""
    service = 1_000 * HOUR
    waits, shares = np.empty(n), np.empty(n)
    for k in range(n):
        start = queue_rules.queue(
            customers=8_000, places=places, arrival=service / load, service=service, seed=first_seed + k
        )
        comes = start.people["comes"].copy()
        rows = compiled.run(start, queue_rules)
        granted = rows[rows["what"] == GRANTED]
        wait = np.empty(8_000)
        wait[granted["resident"]] = granted["seconds"] - comes[granted["resident"]]
        waits[k], shares[k] = wait[2_000:].mean() / service, (wait[2_000:] > 0).mean()
    return waits, shares


@pytest.mark.parametrize(("places", "load"), [(1, 0.6), (3, 2.1), (10, 8.0)])
def test_waits_agree_with_erlang_c(places: int, load: float) -> None:
    """Two stages: |z| of the mean wait and of the share who wait above 3.291, then on fresh seeds above 2.807.

    False-alarm rate 5 in a million for each, seeds fixed; the first 2,000 customers are left out.
    """
    chance = erlang_c(places, load)
    expected = (chance / (places - load), chance)
    for n, first_seed, limit in ((20, 1, 3.291), (80, 1_001, 2.807)):
        found = _mean_waits(places, load, n, first_seed)
        z = [(x.mean() - mu) / (x.std(ddof=1) / math.sqrt(n)) for x, mu in zip(found, expected, strict=True)]
        if max(map(abs, z)) < limit:
            return
    pytest.fail(f"z = {z} of (wait, share who wait), expected {expected}, found {[x.mean() for x in found]}")


def test_the_share_who_give_up_agrees_with_erlang_a() -> None:
    """M/M/2+M from its birth and death chain; two stages as above, false-alarm rate 5 in a million."""
    places, load, patience = 2, 2.0, 1.5  # patience in mean services
    weight, weights = 1.0, [1.0]
    for k in range(1, 200):
        weight *= load / (min(k, places) + max(0, k - places) / patience)
        weights.append(weight)
    total = sum(weights)
    expected = sum(w * max(0, k - places) for k, w in enumerate(weights)) / total / patience / load
    service = 1_000 * HOUR
    for n, first_seed, limit in ((20, 1, 3.291), (80, 1_001, 2.807)):
        shares = np.empty(n)
        for k in range(n):
            start = queue_rules.queue(
                customers=6_000, places=places, arrival=service / load, service=service, patience=patience * service,
                seed=first_seed + k,
            )  # fmt: skip
            rows = compiled.run(start, queue_rules)
            gave_up = rows["resident"][(rows["what"] == HAPPENED) & (rows["cause"] == queue_rules.STOPS_WAITING)]
            shares[k] = (gave_up >= 500).sum() / 5_500
        z = (shares.mean() - expected) / (shares.std(ddof=1) / math.sqrt(n))
        if abs(z) < limit:
            return
    pytest.fail(f"z = {z:.2f}, expected {expected:.4f}, found {shares.mean():.4f}")
