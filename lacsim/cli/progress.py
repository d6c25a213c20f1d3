"""How far a run has got, on stderr: one line that moves in a terminal, one line every 10% anywhere else.

It counts futures and nothing else; a run does the same work whether anybody watches or not.
"""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

_WIDTH: Final = 28
_SHORTEST_BETWEEN_SECONDS: Final = 0.1


def in_words(seconds: float) -> str:
    """A length of time as a person would say it: 40 s, 1 min 50 s, 3 h 10 min."""
    if seconds < 1:
        return "less than 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        minutes, rest = divmod(whole if whole < 600 else round(whole / 60) * 60, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(whole / 60), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


class Progress:
    """Called with (futures done, futures in all); says how far that is.

    Parameters
    ----------
    runs_per_future
        Scenarios lived in each future; a run is one scenario in one future.
    stream
        Where to write; stderr if not given.
    already
        Futures that were finished before this process began; they take no time now.
    """

    def __init__(self, runs_per_future: int, stream: TextIO | None = None, *, already: int = 0) -> None:
        self.runs_per_future = runs_per_future
        self.stream = stream or sys.stderr
        self.is_terminal = self.stream.isatty()
        self.begun = time.monotonic()
        self.done, self.total, self.already = 0, 0, already
        self._tenths, self._last = 0, 0.0
        self._first: tuple[float, int] | None = None  # when the first futures were done: set-up takes no time after it

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` futures are finished."""
        self.done, self.total = done, total
        if self._first is None:
            self._first = time.monotonic(), done
        if self.is_terminal:
            self._draw(time.monotonic())
        elif done * 10 // total > self._tenths:
            self._tenths = done * 10 // total
            self.stream.write(f"{self._tenths * 10}%  {self._count()}  {self._time(time.monotonic())}\n")
            self.stream.flush()

    def end(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self.is_terminal and self.done:
            self.stream.write("\n")
            self.stream.flush()

    def _draw(self, now: float) -> None:
        if self.done < self.total and now - self._last < _SHORTEST_BETWEEN_SECONDS:
            return
        self._last = now
        filled = _WIDTH * self.done // self.total
        bar = "#" * filled + "." * (_WIDTH - filled)
        self.stream.write(f"\r[{bar}] {self._count()}  {self._time(now)}\x1b[K")
        self.stream.flush()

    def _count(self) -> str:
        n = self.runs_per_future
        return f"{self.done * n:,} of {self.total * n:,} runs"

    def _time(self, now: float) -> str:
        spent = now - self.begun
        if self.done == self.total:
            return f"in {in_words(spent)}"
        since, first = self._first or (self.begun, self.already)
        if self.done == first:
            return "the rest goes faster than the first, which sets up"
        left = (now - since) / (self.done - first) * (self.total - self.done)
        return f"{'about ' if left >= 1 else ''}{in_words(left)} left"
