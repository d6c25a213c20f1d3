"""Where blocks of futures are run: in this process, in several, or on a cluster (`lacsim.runs.cluster`).

A backend has the shape of `concurrent.futures.Executor`. Each future depends on nothing but its number, so where and
when a block runs cannot change it; blocks are handed back as they are finished and put in order by the caller. A block
whose process was killed is run again. This module decides nothing about what is run.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol, TypeVar

from lacsim.errors import FuturesError

T = TypeVar("T")
S = TypeVar("S")
Progress = Callable[[int, int], None]
Block = Sequence[int]

MOST_ATTEMPTS: Final = 3
_LOOK_UP_SECONDS: Final = 0.25
_BLOCK_SECONDS: Final = 0.5
_BLOCKS_PER_WORKER: Final = 4
_LONGEST_BLOCK: Final = 64
_IDLE_SECONDS: Final = 300
_FEEDER: Final = "QueueFeederThread"
_FEEDER_SECONDS: Final = 1.0


class Stopped(KeyboardInterrupt):
    """The work was asked to stop and did so between two blocks; what was handed back is complete."""


@dataclass
class Stop:
    """Whether somebody has asked for the work to stop."""

    is_asked: bool = False


class KilledError(Exception):
    """The process that ran one block was killed; the other blocks are as they were."""


@dataclass(frozen=True)
class Lost:
    """Stands for the result of a block whose process was killed every time it was tried."""

    attempts: int


class Backend(Protocol):
    """What runs blocks."""

    @property
    def n_workers(self) -> int:
        """Blocks that can be worked on at the same time."""

    @property
    def window(self) -> int:
        """Blocks that may be under way at the same time, those that wait for a worker included."""

    def share(self, value: Any) -> Any:
        """A stand-in for a value that every task reads, to be passed to `submit`."""

    def submit(self, task: Callable[[Any, Block], Any], shared: Any, block: Block) -> Future[Any]:
        """Start `task(shared value, block)`."""

    def look_up(self) -> None:
        """Called about four times a second while waiting; raises if no block can ever finish."""

    def renew(self) -> None:
        """Called after a worker was killed, before blocks are submitted again."""

    def close(self, *, at_once: bool) -> None:
        """Let go of the workers; `at_once` abandons what they are doing."""


class InThisProcess:
    """Runs a block when it is submitted."""

    n_workers = 1
    window = 1

    def share(self, value: Any) -> Any:
        """The value itself."""
        return value

    def submit(self, task: Callable[[Any, Block], Any], shared: Any, block: Block) -> Future[Any]:
        """Run the block now."""
        future: Future[Any] = Future()
        try:
            future.set_result(task(shared, block))
        except Exception as why:
            future.set_exception(why)
        return future

    def look_up(self) -> None:
        """Nothing can have changed."""

    def renew(self) -> None:
        """Nothing to make anew."""

    def close(self, *, at_once: bool) -> None:
        """Nothing to let go of."""


class Processes:
    """Runs blocks in processes of this computer.

    They start from scratch, so a script needs no `if __name__ == "__main__"`, and leave Ctrl-C to this process.
    """

    _latest: ClassVar[Any] = None  # the set of processes that stays for the next run

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self.window = n_workers + 1  # one in the queue, so that no process waits for this one
        self._executor: Any = None
        self.renew()

    def share(self, value: Any) -> Any:
        """The value itself; it is sent with each block."""
        return value

    def submit(self, task: Callable[[Any, Block], Any], shared: Any, block: Block) -> Future[Any]:
        """Queue the block for the next process that is free."""
        future: Future[Any] = self._executor.submit(task, shared, block)
        return future

    def look_up(self) -> None:
        """Processes that were killed are told by the futures themselves."""

    def renew(self) -> None:
        """Start a set of processes."""
        from joblib.externals.loky import get_reusable_executor

        self._executor = get_reusable_executor(self.n_workers, timeout=_IDLE_SECONDS, initializer=_leave_ctrl_c)
        Processes._latest = self._executor

    def close(self, *, at_once: bool) -> None:
        """Processes that have finished stay for the next run for a while; others are ended if `at_once`."""
        if at_once:
            self._executor.shutdown(wait=True, kill_workers=True)


def end_processes() -> None:
    """End the processes that stay for a next run, when there will be none: by themselves they take most of a second.

    NOTE: loky leaves behind the thread that feeds its queue. One that is still tidying up when Python ends is cut off,
    and a warning of a leaked semaphore follows the answer.
    """
    if Processes._latest is not None:
        Processes._latest.shutdown(wait=True, kill_workers=True)
        Processes._latest = None
        for thread in threading.enumerate():
            if thread.name == _FEEDER:
                thread.join(_FEEDER_SECONDS)


def _leave_ctrl_c() -> None:
    """Ctrl-C reaches every process of a terminal; only the first of them decides what becomes of the work."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def n_processes(jobs: int, tasks: int) -> int:
    """Processes to use: all usable cores for 0, never more than there are tasks."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(jobs or usable, tasks))


def backend_for(jobs: int, tasks: int, cluster: str | None = None) -> Backend:
    """The backend that was asked for.

    Parameters
    ----------
    jobs
        Processes; 0 uses every usable core. With a cluster it counts for `local` only.
    tasks
        Futures to be run; there are never more processes.
    cluster
        Address of a Dask scheduler, or `local` for a cluster that lives as long as the run.

    Raises
    ------
    SetupError
        If the cluster cannot be used; see `lacsim.runs.cluster`.
    """
    processes = n_processes(jobs, tasks)
    if cluster is not None:
        from lacsim.runs.cluster import Dask

        return Dask(cluster, processes)
    return InThisProcess() if processes == 1 else Processes(processes)


def blocks_of(numbers: Sequence[int], seconds_each: float, n_workers: int) -> list[Block]:
    """Numbers cut into blocks of about half a second, but at least four for each worker while there are enough.

    Parameters
    ----------
    seconds_each
        Expected time of one future with all its scenarios.
    """
    by_time = _BLOCK_SECONDS / max(seconds_each, 1e-9)
    by_worker = len(numbers) / (_BLOCKS_PER_WORKER * n_workers)
    size = max(1, int(min(by_time, by_worker, _LONGEST_BLOCK)))
    return [numbers[k : k + size] for k in range(0, len(numbers), size)]


def run_blocks(
    task: Callable[[S, Block], T],
    shared: S,
    blocks: Sequence[Block],
    backend: Backend,
    *,
    stop: Stop | None = None,
) -> Iterator[tuple[Block, T | Lost]]:
    """Run every block and hand each back when it is finished, in no fixed order.

    A block whose process was killed is run again, three times at most, then alone, so that one that kills its process
    does not take others with it.

    Parameters
    ----------
    task
        Called with (shared, block); must be picklable, and so must what it returns.
    stop
        When asked to stop, blocks under way are finished and handed back, then `Stopped` is raised.

    Raises
    ------
    Exception
        What a task raised; the others are abandoned.
    """
    waiting, running = deque(blocks), dict[Future[T], Block]()
    attempts = Counter[int]()
    stand_in = backend.share(shared)
    at_once = True
    try:
        while waiting or running:
            is_careful = any(attempts[block[0]] for block in [*waiting, *running.values()])
            window = 1 if is_careful else backend.window
            while waiting and len(running) < window and not (stop and stop.is_asked):
                block = waiting.popleft()
                running[backend.submit(task, stand_in, block)] = block
            if not running:
                at_once = False
                raise Stopped
            finished, _ = wait(running, timeout=_LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
            backend.look_up()
            is_broken = False
            for future in finished:
                block = running.pop(future)
                try:
                    result: T | Lost = future.result()
                except (BrokenExecutor, CancelledError, KilledError) as why:
                    is_broken = is_broken or not isinstance(why, KilledError)
                    attempts[block[0]] += 1
                    if attempts[block[0]] < MOST_ATTEMPTS:
                        waiting.append(block)
                        continue
                    result = Lost(MOST_ATTEMPTS)
                yield block, result
            if is_broken:
                for future, block in running.items():
                    future.cancel()
                    waiting.append(block)
                running.clear()
                backend.renew()
        at_once = False
    finally:
        backend.close(at_once=at_once)


def map_futures(task: Callable[[int], T], n: int, *, jobs: int = 0, progress: Progress | None = None) -> list[T]:
    """Run task(1) … task(n) on this computer and return their results in that order.

    Parameters
    ----------
    task
        Must be picklable when more than one process is used.
    jobs
        Processes; 0 uses every usable core, 1 stays in this process.
    progress
        Called with (done, n) in this process after each block.

    Raises
    ------
    FuturesError
        If the process of a task was killed every time it was tried.
    """
    backend = backend_for(jobs, n)
    numbers = range(1, n + 1)
    size = max(1, min(_LONGEST_BLOCK, n // (_BLOCKS_PER_WORKER * backend.n_workers)))
    blocks = [numbers[k : k + size] for k in range(0, n, size)]
    done: dict[int, T] = {}
    for block, results in run_blocks(_each, task, blocks, backend):
        if isinstance(results, Lost):
            raise FuturesError(
                f"futures {block[0]} to {block[-1]}: their process was killed {results.attempts} times, perhaps for "
                "want of memory. Use fewer processes (--jobs 1) or fewer residents."
            )
        done.update(zip(block, results, strict=True))
        if progress:
            progress(len(done), n)
    return [done[number] for number in numbers]


def _each(task: Callable[[int], T], block: Block) -> list[T]:
    """The results of one block."""
    return [task(number) for number in block]
