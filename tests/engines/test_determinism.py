"""The same seed gives the same bytes: twice, in any order, with the cohort made again, in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds import derby, live, world

from lacsim.model import trace

SCENARIOS = ("no-lac", "wards-10", "wards-13", "wards-17")
RESIDENTS = 2_000

PROGRAM = """
from lacsim.model import trace
from worlds import derby, live
city = derby(residents=500, years=2, seed=12)
print(*(trace.digest(live(city, name)) for name in ("no-lac", "wards-17")))
"""


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    """Digests of all scenarios, in their order."""
    city = derby(residents=RESIDENTS, seed=12)
    return {name: trace.digest(live(city, name)) for name in SCENARIOS}


def test_the_same_scenario_twice_gives_the_same_bytes(digests: dict[str, str]) -> None:
    city = derby(residents=RESIDENTS, seed=12)
    assert [trace.digest(live(city, "wards-10")) for _ in range(2)] == [digests["wards-10"]] * 2


def test_the_order_of_scenarios_and_which_others_there_are_do_not_matter(digests: dict[str, str]) -> None:
    city = derby(residents=RESIDENTS, seed=12)
    for name in ("wards-17", "no-lac"):
        assert trace.digest(live(city, name)) == digests[name], name


def test_a_cohort_made_again_is_the_same_and_a_run_does_not_change_it(digests: dict[str, str]) -> None:
    city, again = derby(residents=RESIDENTS, seed=12), derby(residents=RESIDENTS, seed=12)
    live(city, "wards-17")
    for field in city.cohort[0].dtype.names:
        assert np.array_equal(city.cohort[0][field], again.cohort[0][field]), field
    assert np.array_equal(city.cohort[1], again.cohort[1])


def test_a_world_can_be_made_twice_from_one_city() -> None:
    city = derby(residents=RESIDENTS, seed=12)
    a, b = world(city, "wards-13"), world(city, "wards-13")
    for field in a.people.dtype.names:  # whole records have bytes between the fields that mean nothing
        assert np.array_equal(a.people[field], b.people[field]), field
    assert a.calendar.tobytes() == b.calendar.tobytes()
    assert a.wards.tobytes() == b.wards.tobytes()


def test_another_seed_and_another_replication_are_other_lives(digests: dict[str, str]) -> None:
    others = [derby(residents=RESIDENTS, seed=13), derby(residents=RESIDENTS, seed=12, replication=1)]
    found = {trace.digest(live(city, "no-lac")) for city in others}
    assert len(found | {digests["no-lac"]}) == 3


def test_the_engine_does_not_depend_on_how_python_hashes(root: Path) -> None:
    said = set()
    for seed in ("0", "1"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(root), str(Path(__file__).resolve().parent)]),
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, env=environment, timeout=300
        )
        assert done.returncode == 0, done.stderr[-1000:]
        said.add(done.stdout.strip())
    city = derby(residents=500, years=2, seed=12)
    said.add(" ".join(trace.digest(live(city, name)) for name in ("no-lac", "wards-17")))
    assert len(said) == 1
