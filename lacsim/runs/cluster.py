"""Blocks of futures on a Dask cluster, on this computer or on many.

Each worker must run the same text of the package, the same compiler and round alike; this is looked up before work is
sent and again by every block, because workers come and go. Dask is imported here and nowhere else, when a cluster is
asked for.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final

from lacsim.errors import SetupError
from lacsim.runs.backends import Block, KilledError
from lacsim.runs.fingerprint import differences, fingerprint

LOCAL: Final = "local"
_ANSWER_SECONDS: Final = 10.0
_WORKER_SECONDS: Final = 60.0
_LOOK_UP_SECONDS: Final = 2.0
_START_A_WORKER: Final = "Start one with: dask worker {address} --nthreads 1"


class Dask:
    """A backend that sends blocks to the workers of a Dask scheduler.

    Parameters
    ----------
    address
        `tcp://host:port` (or `tls://…`) of a scheduler, or `local` for workers that live as long as the run.
    n_local
        Workers of a local cluster.

    Raises
    ------
    SetupError
        If Dask is not installed, the scheduler does not answer, no worker comes, or one runs other code.
    """

    def __init__(self, address: str, n_local: int) -> None:
        try:
            import distributed
        except ImportError as why:
            raise SetupError(
                f"--cluster: needs the package 'distributed', which is not installed ({why}). "
                "Fix: python -m pip install 'lacsim[cluster]'"
            ) from why
        dask: Any = distributed  # its own types are not complete
        self._stack = contextlib.ExitStack()
        self._seen_workers = self._looked = time.monotonic()
        self.address = address
        try:
            if address == LOCAL:
                cluster = dask.LocalCluster(
                    n_workers=n_local, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
                )
                self._stack.enter_context(cluster)
                self.address = str(cluster.scheduler_address)
            self._client = self._connect(dask)
            self._executor = self._client.get_executor(pure=False)
            self.check_workers()
        except BaseException:
            self._stack.close()
            raise
        self.n_workers: int = max(1, sum(self._client.nthreads().values()))

    @property
    def window(self) -> int:
        """Two blocks for each worker, so that none waits for the next one to arrive."""
        return 2 * self.n_workers

    def _connect(self, dask: Any) -> Any:
        try:
            client = dask.Client(self.address, timeout=_ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as why:  # a refused connection, a time-out, or no address at all
            raise SetupError(
                f"--cluster: no Dask scheduler answers at {self.address} ({_reason(why)}). "
                "Start one with: dask scheduler   and give the address it prints."
            ) from why
        self._stack.enter_context(client)
        return client

    def check_workers(self) -> None:
        """Wait for a worker and hold each to this process's fingerprint.

        Raises
        ------
        SetupError
            If none comes, or with every worker that differs.
        """
        try:
            self._client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError as why:
            raise SetupError(
                f"--cluster: the scheduler at {self.address} has no workers. "
                + _START_A_WORKER.format(address=self.address)
            ) from why
        here, faults = _here(), []
        for worker, there in sorted(self._client.run(_of_a_worker, on_error="return").items()):
            if isinstance(there, Mapping):
                said = differences(here, there)
                fault = f"runs another lacsim or rounds otherwise: {said}" if said else ""
            else:
                fault = f"cannot run lacsim ({_reason(there)})"
            if fault:
                faults.append(f"--cluster: worker {worker} {fault}. Install the same version there and restart it.")
        if faults:
            raise SetupError(faults)

    def share(self, value: Any) -> Any:
        """A value kept on the cluster; being the result of a task it is made again when its worker is lost."""
        return self._client.submit(_same, value, pure=False)

    def submit(self, task: Callable[[Any, Block], Any], shared: Any, block: Block) -> Future[Any]:
        """Send the block to a worker; Dask runs it elsewhere when that worker is lost."""
        sent: Future[Any] = self._executor.submit(_on_worker, _here(), task, shared, list(block))
        told: Future[Any] = Future()
        sent.add_done_callback(lambda done: _hand_on(done, told))
        return told

    def look_up(self) -> None:
        """Give up when the scheduler has gone, or when it has had no worker for a minute.

        Raises
        ------
        SetupError
            With what to do to carry on.
        """
        if self._client.status not in ("running", "connecting"):
            raise SetupError(
                f"--cluster: the scheduler at {self.address} has gone. Start it and run the same command to carry on."
            )
        now = time.monotonic()
        if now - self._looked < _LOOK_UP_SECONDS:
            return
        self._looked = now
        threads = sum(self._client.nthreads().values()) if self._client.status == "running" else 0
        if threads:
            self.n_workers, self._seen_workers = threads, now
        elif now - self._seen_workers > _WORKER_SECONDS:
            raise SetupError(
                f"--cluster: the scheduler at {self.address} has had no worker for {_WORKER_SECONDS:.0f} s. "
                + _START_A_WORKER.format(address=self.address)
                + "   and run the same command to carry on."
            )

    def renew(self) -> None:
        """Dask looks after its workers."""

    def close(self, *, at_once: bool) -> None:
        """Leave the scheduler; blocks nobody waits for are cancelled, a local cluster ends."""
        if at_once:
            self._executor.shutdown(wait=False)
        self._stack.close()


def _here() -> dict[str, str]:
    """What every worker must be like."""
    return dict(fingerprint())


def _of_a_worker() -> dict[str, str]:
    """What a worker is like; called there."""
    return dict(fingerprint())


def _same(value: Any) -> Any:
    """The value, as a task."""
    return value


def _on_worker(expected: Mapping[str, str], task: Callable[[Any, Block], Any], shared: Any, block: Block) -> Any:
    """Run a block on a worker, if it is the same code that asked for it."""
    said = differences(expected, _of_a_worker())
    if said:
        raise SetupError(
            f"--cluster: a worker runs another lacsim or rounds otherwise: {said}. "
            "Install the same version there and restart it, then run the same command to carry on."
        )
    return task(shared, block)


def _hand_on(done: Future[Any], told: Future[Any]) -> None:
    """Pass a result on; a worker that was lost too often is told in this project's words."""
    from distributed import KilledWorker

    if done.cancelled():
        told.set_exception(KilledError("cancelled"))
        return
    why = done.exception()
    if why is None:
        told.set_result(done.result())
    else:
        told.set_exception(KilledError(str(why)) if isinstance(why, KilledWorker) else why)


def _reason(why: object) -> str:
    """An error's first line, or its kind when it says nothing."""
    text = str(why).strip()
    return text.splitlines()[0] if text else type(why).__name__
