"""Blocks in this process and in several: order does not matter, killed processes cost nothing, a stop is orderly."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from lacsim.runs.backends import (
    MOST_ATTEMPTS,
    InThisProcess,
    KilledError,
    Lost,
    Processes,
    Stop,
    Stopped,
    backend_for,
    blocks_of,
    end_processes,
    map_futures,
    run_blocks,
)


def squares(offset: int, block: Any) -> list[int]:
    return [offset + number * number for number in block]


def killed_once(folder: str, block: Any) -> list[int]:
    """Kill the own process the first time block 5 is tried."""
    mark = Path(folder) / "killed"
    if 5 in block and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return list(block)


def always_killed(folder: str, block: Any) -> list[int]:
    if 5 in block:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(block)


def singles(n: int) -> list[list[int]]:
    return [[number] for number in range(1, n + 1)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_block_comes_back_once_with_its_result(jobs: int) -> None:
    blocks = [[1, 2], [3], [4, 5, 6]]
    found = list(run_blocks(squares, 100, blocks, backend_for(jobs, 6)))
    assert sorted(found) == [([1, 2], [101, 104]), ([3], [109]), ([4, 5, 6], [116, 125, 136])]


def test_a_killed_process_costs_nothing(tmp_path: Path) -> None:
    found = list(run_blocks(killed_once, str(tmp_path), singles(8), Processes(2)))
    assert sorted(found) == [([n], [n]) for n in range(1, 9)]
    assert (tmp_path / "killed").exists()


def test_a_block_that_always_kills_its_process_is_given_up_alone(tmp_path: Path) -> None:
    found = {block[0]: result for block, result in run_blocks(always_killed, "", singles(8), Processes(2))}
    assert found.pop(5) == Lost(MOST_ATTEMPTS)
    assert found == {n: [n] for n in (1, 2, 3, 4, 6, 7, 8)}


def test_a_stop_finishes_what_is_under_way_and_starts_nothing_more() -> None:
    stop = Stop()
    coming = run_blocks(squares, 0, singles(5), InThisProcess(), stop=stop)
    assert [next(coming)[0], next(coming)[0]] == [[1], [2]]
    stop.is_asked = True
    with pytest.raises(Stopped):
        next(coming)


def test_what_a_task_raises_is_raised_here() -> None:
    def broken(_: None, block: Any) -> None:
        raise ZeroDivisionError("by nobody")

    with pytest.raises(ZeroDivisionError, match="by nobody"):
        list(run_blocks(broken, None, singles(2), InThisProcess()))


def test_a_block_whose_worker_was_killed_is_tried_again_without_the_others() -> None:
    class Flaky(InThisProcess):
        tried = 0

        def submit(self, task: Any, shared: Any, block: Any) -> Future[Any]:
            self.tried += 1
            if self.tried != 1:
                return super().submit(task, shared, block)
            future: Future[Any] = Future()
            future.set_exception(KilledError("gone"))
            return future

    backend = Flaky()
    assert len(list(run_blocks(squares, 0, singles(3), backend))) == 3
    assert backend.tried == 4


@pytest.mark.parametrize(
    ("n", "seconds_each", "workers", "sizes"),
    [
        (100, 4.4, 2, {1}),  # every adult of Derby: one future is a block
        (1_000, 0.05, 2, {10}),  # half a second
        (12, 0.01, 2, {1}),  # few futures are shared out
        (100_000, 1e-6, 2, {64, 32}),  # never more than 64 at stake
        (0, 1.0, 2, set()),
    ],
)
def test_blocks_take_half_a_second_and_leave_none_idle(
    n: int, seconds_each: float, workers: int, sizes: set[int]
) -> None:
    numbers = range(1, n + 1)
    blocks = blocks_of(numbers, seconds_each, workers)
    assert [number for block in blocks for number in block] == list(numbers)
    assert {len(block) for block in blocks} == sizes


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_of_a_map_stand_in_the_order_of_futures(jobs: int) -> None:
    told: list[int] = []
    assert map_futures(abs, 9, jobs=jobs, progress=lambda done, _: told.append(done)) == list(range(1, 10))
    assert told[-1] == 9
    assert map_futures(abs, 0, jobs=jobs) == []


def of_which_process(_: None, block: Any) -> int:
    return os.getpid()


def test_processes_that_are_ended_are_gone_and_others_can_be_started() -> None:
    used = {pid for _, pid in run_blocks(of_which_process, None, singles(4), Processes(2))}
    end_processes()
    end_processes()  # once more changes nothing
    for pid in used:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert sorted(run_blocks(squares, 1, singles(2), Processes(2))) == [([1], [2]), ([2], [5])]
    abandoned = Processes(2)
    abandoned.close(at_once=True)
    end_processes()


def test_the_thread_that_feeds_the_processes_is_not_cut_off_while_it_tidies_up() -> None:
    assert sorted(run_blocks(squares, 1, singles(2), Processes(2))) == [([1], [2]), ([2], [5])]
    slow = threading.Thread(target=time.sleep, args=(0.3,), name="QueueFeederThread", daemon=True)
    slow.start()
    end_processes()
    assert not [thread for thread in threading.enumerate() if thread.name == slow.name]
