"""The one tree of errors, so that a caller can catch exactly what went wrong.

Every message says what is wrong, where, what was found against what is allowed (with its unit), and what to
do. This module imports nothing and does not print or log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class LacsimError(Exception):
    """Anything this package refuses to do, with a reason and a remedy.

    Parameters
    ----------
    faults
        One message, or several when a reader collected every fault before stopping.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__(self._text())

    def __reduce__(self) -> tuple[type[LacsimError], tuple[tuple[str, ...]]]:
        """Keep every fault when the error comes back from another process."""
        return type(self), (self.faults,)

    def _text(self) -> str:
        if len(self.faults) == 1:
            return self.faults[0]
        return f"{len(self.faults)} faults:\n" + "\n".join(f"  {fault}" for fault in self.faults)


class SourceError(LacsimError):
    """A source, document, evidence table or area is missing or malformed."""


class RegisterError(LacsimError):
    """A parameter is unknown, malformed, uncited or outside its range."""


class ScenarioError(LacsimError):
    """A scenario asks for something that does not exist or cannot be staffed."""


class ModelError(LacsimError):
    """The model was given, or reached, a state its rules do not allow."""

    exit_code: ClassVar[int] = 4


class ResultsError(LacsimError):
    """Results are missing, damaged or cannot answer the question put to them."""

    exit_code: ClassVar[int] = 4


class NoSuchRunError(ResultsError):
    """A run was asked for that is not in the results folder; that is wrong use, and nothing of the model's."""

    exit_code: ClassVar[int] = 2


class FuturesError(LacsimError):
    """Some futures failed; the others are kept, and the same command tries these again.

    Attributes
    ----------
    details
        Where in the code each of them failed.
    """

    exit_code: ClassVar[int] = 5
    details: str = ""


class BusyError(LacsimError):
    """Another process is making the same run."""


class LedgerError(LacsimError):
    """Amounts of money were mixed that must not be added."""


class SetupError(LacsimError):
    """The environment lacks what is needed to run."""

    exit_code: ClassVar[int] = 3
