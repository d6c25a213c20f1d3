"""Where futures are run: in this process or in several. The order of results is always that of futures.

Each future depends on nothing but its number, so where and when it runs cannot change it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]


def n_processes(jobs: int, tasks: int) -> int:
    """Processes to use: all usable cores for 0, never more than there are tasks."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(jobs or usable, tasks))


def map_futures(task: Callable[[int], T], n: int, *, jobs: int = 0, progress: Progress | None = None) -> list[T]:
    """Run task(1) … task(n) and return their results in that order.

    Parameters
    ----------
    task
        Must be picklable when more than one process is used.
    jobs
        Processes; 0 uses every usable core, 1 stays in this process.
    progress
        Called with (done, n) in this process after each future.
    """
    processes = n_processes(jobs, n)
    done: list[T] = []
    if processes == 1:
        for number in range(1, n + 1):
            done.append(task(number))
            if progress:
                progress(number, n)
        return done
    from joblib import Parallel, delayed

    results = Parallel(n_jobs=processes, return_as="generator", batch_size=1, inner_max_num_threads=1)(
        delayed(task)(number) for number in range(1, n + 1)
    )
    for result in results:
        done.append(result)
        if progress:
            progress(len(done), n)
    return done
