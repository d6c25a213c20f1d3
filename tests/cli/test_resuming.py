"""A run that was stopped, killed, or met a full disk is carried on by the same command, and gives the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lacsim._environment import take_lock
from lacsim.cli import running
from lacsim.cli.stopping import listening
from lacsim.report import companions, finding, unfinished
from lacsim.report.companions import Companions
from lacsim.report.manifest import file_sha256
from lacsim.results import study
from lacsim.runs import experiment, parts
from lacsim.runs.plan import Plan

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("undrawn")
TABLES = ("futures.csv", "yearly.csv", "costs.parquet", "paired.csv", "kept.part")


@pytest.fixture
def stopped_after_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the second future is being lived."""
    lived = study.run_future

    def one_future(plan: Any, number: int, reduce: Any) -> Any:
        if number == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return lived(plan, number, reduce)

    monkeypatch.setattr(study, "run_future", one_future)


def only(out: Path) -> Path:
    (folder,) = (out / "runs").iterdir()
    return folder


def same_tables(a: Path, b: Path) -> bool:
    return all(file_sha256(only(a) / name) == file_sha256(only(b) / name) for name in TABLES)


@pytest.mark.usefixtures("stopped_after_two")
def test_ctrl_c_saves_what_is_under_way_and_the_same_command_carries_on(
    small: tuple[str, ...],
    lacsim: Command,
    empty_folder: Path,
    finished_run: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = lacsim("run", *small)
    assert said.code == 130
    assert said.out == ""
    assert said.faults[-1] == "Stopped. 6 of 9 runs are saved. Run the same command to carry on."
    assert "Ctrl-C again stops at once." in said.err
    listed = lacsim("runs", "list")
    assert "6 of 9 runs" in listed.out
    monkeypatch.undo()
    monkeypatch.chdir(empty_folder)
    monkeypatch.setattr(running, "draw_into", lambda run, folder, **_: (folder / "report.html").touch())
    said = lacsim("run", *small)
    assert said.code == 0
    assert "Carrying on: 6 of 9 runs are saved already." in said.faults
    assert said.faults[1].startswith("3 runs (3 options × 1 future, 300 adults, 1 year) on 1 core")
    assert "Work " not in said.out  # its time is not that of the whole run
    assert same_tables(empty_folder / "results", finished_run)
    assert finding.read_manifest(only(empty_folder / "results"))["futures_already"] == 2


@pytest.mark.usefixtures("stopped_after_two")
def test_no_resume_starts_from_the_beginning(small: tuple[str, ...], lacsim: Command) -> None:
    assert lacsim("run", *small).code == 130
    said = lacsim("run", *small, "--no-resume")
    assert said.faults[-1] == "Stopped. 6 of 9 runs are saved. Run the same command to carry on."
    assert "Carrying on" not in said.err


def test_a_second_ctrl_c_stops_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with listening() as stop:
        stop.is_patient = False
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    seen: list[bool] = []

    def elsewhere() -> None:
        with listening() as stop:
            seen.append(stop.is_asked)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [False]


def test_sigterm_of_a_real_process_with_workers_leaves_a_run_that_can_be_carried_on(
    root: Path, empty_folder: Path, lacsim: Command
) -> None:
    typed = ["run", "--residents", "3000", "--years", "1", "--futures", "200", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(root), "LACSIM_NO_BOOTSTRAP": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; from lacsim.cli import main; sys.exit(main({[*typed, '--jobs', '2']!r}))"],
        cwd=empty_folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None and not list(empty_folder.rglob("*.part")):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    about = unfinished.all_unfinished(empty_folder / "results")[0]
    assert 0 < about["saved"] < 200
    assert f"Stopped. {about['saved'] * 3:,} of 600 runs are saved." in said


def test_a_full_disk_at_the_end_keeps_every_future_and_older_results(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lacsim("run", *small, "--seed", "5").code == 0
    older = {path: file_sha256(path) for path in empty_folder.rglob("*") if path.is_file()}

    def disk_full(run: object, folder: Path, **_: object) -> None:
        raise OSError(28, "No space left on device", str(folder / "report.html"))

    with monkeypatch.context() as patch:
        patch.setattr(running, "draw_into", disk_full)
        said = lacsim("run", *small, "--quiet")
    assert said.code == 4
    assert "report.html cannot be written (No space left on device; " in said.err
    assert " bytes are free there). Earlier results are untouched." in said.err
    assert {path: file_sha256(path) for path in older} == older
    assert not list(empty_folder.rglob("*.tmp-*"))

    def never(*_: object) -> None:
        raise AssertionError("a saved future was lived again")

    def none_beside(plan: Plan, **_: object) -> Companions:
        return Companions()

    monkeypatch.setattr(companions, "make", none_beside)  # smaller runs beside this one are not saved
    monkeypatch.setattr(study, "run_future", never)
    assert lacsim("run", *small).code == 0
    assert not list(empty_folder.rglob("*.partial"))


def test_a_full_disk_in_the_middle_names_the_file_and_its_bytes(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = parts.os.fsync
    calls: list[int] = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 5:  # two for each file: what is being made, the first future, then this one
            raise OSError(28, "No space left on device")
        written(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(parts.os, "fsync", full)
        said = lacsim("run", *small, "--quiet")
    assert said.code == 4
    assert "000002-000002.part (" in said.err
    assert "bytes) cannot be written (No space left on device)." in said.err
    assert [path.name for path in empty_folder.rglob("*.part")] == ["000001-000001.part"]
    assert "Carrying on: 3 of 9 runs are saved already." in lacsim("run", *small).err


def test_of_two_processes_one_is_told(small: tuple[str, ...], lacsim: Command, empty_folder: Path) -> None:
    held = empty_folder / "results" / "runs" / f"2026-01-01_x_{run_id_of(small, lacsim)}.partial"
    held.mkdir(parents=True)
    with (held / "lock").open("w") as lock:
        take_lock(lock.fileno(), wait=False)
        lock.write('{"process": 4711, "computer": "derby", "since": "09:00 UTC"}')
        lock.flush()
        said = lacsim("run", *small)
        assert said.code == 2
        assert "is being made by process 4711 on derby since 09:00 UTC. Wait for it, or give another --out." in said.err
    said = lacsim("run", *small)
    assert said.code == 0
    assert "Process 4711 ended in the middle of this run; its lock is set aside." in said.faults


def run_id_of(small: tuple[str, ...], lacsim: Command) -> str:
    """The run's digits, from a results folder that is not used again."""
    assert lacsim("run", *small, "--quiet", "--out", "elsewhere").code == 0
    return only(Path("elsewhere")).name[-8:]


def test_a_longer_run_lives_only_what_is_new_and_is_the_same_as_one_in_one_go(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path
) -> None:
    longer = [*small[:5], "5", *small[6:]]
    assert lacsim("run", *small).code == 0
    said = lacsim("run", *longer)
    assert "Carrying on: 9 of 15 runs are saved already." in said.faults
    assert lacsim("run", *longer, "--no-resume", "--out", "one-go").code == 0
    one_go = only(empty_folder / "one-go")
    made = empty_folder / "results" / "runs" / one_go.name
    assert all(file_sha256(made / name) == file_sha256(one_go / name) for name in TABLES)


def test_futures_that_fail_are_named_and_the_others_are_kept(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived = experiment.run_future

    def second_fails(plan: Any, number: int, reduce: Any) -> Any:
        if number == 2:
            raise ZeroDivisionError("by nobody")
        return lived(plan, number, reduce)

    with monkeypatch.context() as patch:
        patch.setattr(study, "run_future", second_fails)
        said = lacsim("run", *small, "--quiet")
    assert said.code == 5
    assert said.faults == [
        "lacsim: future 2 of 3 failed (ZeroDivisionError: by nobody). 6 of 9 runs are done; the same command tries "
        "the others again."
    ]
    assert "future 2: Traceback" in (empty_folder / "results" / "run.log").read_text("utf-8")
    assert lacsim("run", *small).code == 0


def test_a_damaged_part_is_named_on_the_screen_and_made_again(
    small: tuple[str, ...], lacsim: Command, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(run: object, folder: Path, **_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running, "draw_into", stopped)
        assert lacsim("run", *small).code == 130
    part = next(path for path in empty_folder.rglob("parts/*.part"))
    part.write_bytes(part.read_bytes()[:100])
    said = lacsim("run", *small)
    assert said.code == 0
    assert any(f"{part.name}: is damaged or cut short (100 bytes)" in line for line in said.faults)
    assert "Carrying on: 6 of 9 runs are saved already." in said.faults


def test_a_run_that_cannot_fit_is_refused_before_anything_is_made(lacsim: Command, empty_folder: Path) -> None:
    begun = time.perf_counter()
    said = lacsim("run", "--residents", "100000000")
    assert said.code == 2
    assert len(said.faults) == 1
    assert "--residents: 100,000,000 residents in" in said.err
    assert list(empty_folder.iterdir()) == []
    assert time.perf_counter() - begun < 30.0  # under a second on an idle machine; see docs/performance.md
