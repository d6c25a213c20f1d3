"""Ctrl-C and SIGTERM: the first finishes and saves what is under way, the second stops at once."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from lacsim.runs.backends import Stop

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class AskedToStop(Stop):
    """A stop that was asked for by a signal; while `is_patient` the first one is only noted."""

    is_patient = True


@contextlib.contextmanager
def listening() -> Iterator[AskedToStop]:
    """Note signals while the body runs; elsewhere than in the main thread nothing is changed.

    Raises
    ------
    KeyboardInterrupt
        At the second signal, or at the first when the stop is not patient.
    """
    stop = AskedToStop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, frame: object) -> None:
        if stop.is_asked or not stop.is_patient:
            raise KeyboardInterrupt
        stop.is_asked = True
        print("Stopping: what is under way is finished and saved. Ctrl-C again stops at once.", file=sys.stderr)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
