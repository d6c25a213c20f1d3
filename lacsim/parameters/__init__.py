"""The numbers of the model: each with a meaning, a unit, an uncertainty and a source.

`params()` reads the register under a stance on the evidence; everything else follows from the set it returns.
Sampling lives in `lacsim.parameters.sampling`, which imports scipy and is therefore not imported here.
"""

from __future__ import annotations

from lacsim.parameters.checks import DEFAULT_STANCE, STANCES
from lacsim.parameters.entries import Claim, Entry
from lacsim.parameters.files import params_from_file
from lacsim.parameters.register import (
    Register,
    grade_of,
    load_register,
    orphan_sources,
    read_register,
    unused,
)
from lacsim.parameters.values import Parameters, params

__all__ = [
    "DEFAULT_STANCE",
    "STANCES",
    "Claim",
    "Entry",
    "Parameters",
    "Register",
    "grade_of",
    "load_register",
    "orphan_sources",
    "params",
    "params_from_file",
    "read_register",
    "unused",
]
