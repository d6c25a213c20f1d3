"""A Dask cluster gives the same tables as this process, loses nothing, and says what is wrong with it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from lacsim.errors import SetupError
from lacsim.results import study
from lacsim.results.study import Results, run
from lacsim.runs import cluster as clusters
from lacsim.runs.backends import KilledError, Progress, backend_for
from lacsim.runs.cluster import Dask
from lacsim.runs.fingerprint import differences, fingerprint
from lacsim.runs.plan import Plan, make_plan
from lacsim.runs.scenario import forecast

pytest.importorskip("distributed")

TABLES = ("yearly", "wards", "ages", "monthly", "flows", "waits", "paired", "checks")
_LONGEST_START_SECONDS = 60.0


def run_on(plan: Plan, address: str, progress: Progress | None = None) -> Results:
    """Run a plan on a cluster."""
    return run(plan, backend=backend_for(1, plan.futures, address), progress=progress)


def hash_of(results: Results) -> str:
    """Hash of all tables as text."""
    return hashlib.sha256(b"".join(getattr(results, name).to_csv().encode() for name in TABLES)).hexdigest()


class Cluster:
    """A scheduler and workers started as the documentation says, on this computer, with free ports."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.address = self.said(scheduler, r"Scheduler at:\s+(tcp://\S+)")

    def start(self, *arguments: str) -> Path:
        """Run `dask …` in the background and return the file of what it says."""
        log = self.folder / f"{len(self.processes)}.log"
        environment = {**os.environ, "PYTHONPATH": str(self.root)}
        with log.open("wb") as stream:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *arguments],
                    stdout=stream,
                    stderr=stream,
                    cwd=self.folder,
                    env=environment,
                    start_new_session=True,
                )
            )
        return log

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a worker in one process, which is not started again when it is killed."""
        log = self.start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", *arguments
        )
        self.said(log, r"(Registered to:)")
        self.workers.append(self.processes[-1])
        return self.processes[-1]

    def said(self, log: Path, pattern: str) -> str:
        """What is in a log, once it is there."""
        until = time.monotonic() + _LONGEST_START_SECONDS
        while time.monotonic() < until:
            found = re.search(pattern, log.read_text("utf-8", errors="replace"))
            if found:
                return found.group(1)
            time.sleep(0.05)
        raise AssertionError(f"{pattern} was not said: {log.read_text('utf-8', errors='replace')}")

    def close(self) -> None:
        """End every process that was started here."""
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def cluster(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers."""
    started = Cluster(root, tmp_path_factory.mktemp("cluster"))
    try:
        started.worker()
        started.worker()
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(["no-lac", "wards-17"], futures=24, residents=1_000, period=forecast(1), seed=5)


@pytest.fixture(scope="module")
def here(plan: Plan) -> str:
    """Hash of the tables made in this process."""
    return hash_of(run(plan, jobs=1))


def test_a_cluster_gives_the_same_tables_as_this_process(cluster: Cluster, plan: Plan, here: str) -> None:
    assert hash_of(run_on(plan, cluster.address)) == here


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(cluster: Cluster, plan: Plan, here: str) -> None:
    victim = cluster.worker()
    seen: list[int] = []

    def kill_one(done: int, of: int) -> None:
        if not seen:
            os.killpg(victim.pid, signal.SIGKILL)
        seen.append(done)

    results = run_on(plan, cluster.address, kill_one)
    assert victim.wait(timeout=10) == -signal.SIGKILL
    assert seen[-1] == plan.futures
    assert hash_of(results) == here


def test_a_cluster_of_its_own_gives_the_same_tables_too(plan: Plan, here: str) -> None:
    assert hash_of(run_on(plan, "local")) == here


def test_a_worker_with_another_source_text_is_named_before_work_is_sent(
    cluster: Cluster, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Dask(cluster.address, 1)
    try:
        monkeypatch.setattr(clusters, "_here", lambda: {**fingerprint(), "source": "0123456789abcdef"})
        with pytest.raises(
            SetupError, match=r"worker tcp://127.0.0.1:\d+ runs another lacsim .*: source \w+ \(here 0123"
        ):
            asked.check_workers()
        monkeypatch.setattr(clusters, "_of_a_worker", lambda: fingerprint()["no such name"])
        with pytest.raises(SetupError, match=r"worker tcp://127.0.0.1:\d+ cannot run lacsim \('no such name'\)"):
            asked.check_workers()
    finally:
        asked.close(at_once=False)


def test_a_block_refuses_to_run_where_the_code_is_another() -> None:
    other = {**fingerprint(), "numba": "0.1"}
    with pytest.raises(SetupError, match=r"a worker runs another lacsim or rounds otherwise: numba .* \(here 0.1\)"):
        clusters._on_worker(other, study.live_block, None, [1])


def test_a_scheduler_that_does_not_answer_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_ANSWER_SECONDS", 0.5)
    with pytest.raises(SetupError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9 .* dask scheduler"):
        run_on(plan, "tcp://127.0.0.1:9")


def test_an_address_that_is_none_is_told(plan: Plan) -> None:
    with pytest.raises(SetupError, match="no Dask scheduler answers at nonsense://x"):
        run_on(plan, "nonsense://x")


def test_a_scheduler_without_workers_is_told(
    root: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_ANSWER_SECONDS", 3.0)
    empty = Cluster(root, tmp_path)
    try:
        with pytest.raises(SetupError, match=r"has no workers. Start one with: dask worker tcp://127.0.0.1:\d+"):
            run_on(plan, empty.address)
    finally:
        empty.close()


def test_a_missing_extra_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SetupError, match=r"needs the package 'distributed'.*pip install 'lacsim\[cluster\]'"):
        run_on(plan, "local")


class Away:
    """A worker that has gone."""

    def __init__(self, address: str) -> None:
        self.address = address


def test_a_lost_worker_is_told_apart_from_a_fault_of_a_task() -> None:
    from distributed import KilledWorker

    for why, kind in (
        (KilledWorker("task", Away("tcp://127.0.0.1:1"), 3), KilledError),
        (ValueError("ours"), ValueError),
    ):
        sent: Future[Any] = Future()
        told: Future[Any] = Future()
        sent.set_exception(why)
        clusters._hand_on(sent, told)
        assert isinstance(told.exception(), kind)


def test_dask_is_imported_only_when_a_cluster_is_asked_for(root: Path) -> None:
    importing = [
        path.name for path in (root / "lacsim").rglob("*.py") if "import distributed" in path.read_text("utf-8")
    ]
    assert importing == ["cluster.py"]
    code = "import sys, lacsim.report.api, lacsim.cli.running, lacsim.runs.cluster; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & {"dask", "distributed"} == set()


def test_differences_of_two_fingerprints_are_told_in_words() -> None:
    assert differences({"a": "1", "b": "2"}, {"a": "1"}) == "b unknown (here 2)"
    assert differences({"a": "1"}, {"a": "1", "c": "3"}) == ""
