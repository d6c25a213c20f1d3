"""What decides the bits of a result beside its plan: the code, the compiler and how this computer rounds.

Two processes with the same fingerprint give the same tables from the same plan. It is compared before work is sent
to another computer and before saved work is used again; nothing is run here.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
import struct
from collections.abc import Mapping
from functools import cache
from typing import Final

_PACKAGES: Final = ("numba", "numpy", "scipy")
_PROBES: Final = 6_000


@cache
def fingerprint() -> Mapping[str, str]:
    """By name: version and source text of lacsim, compiler and array packages, and rounding.

    Taken once in a process, so that a process that has been running since before an update says what it runs, not what
    lies on its disk now.
    """
    from lacsim import __version__
    from lacsim.runs import plan

    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"lacsim": __version__, "source": plan.source_sha256()[:16], **versions, "rounding": rounding()}


def rounding() -> str:
    """Short hash of logarithms, exponentials and powers, whose last bit depends on the C library and the processor.

    Builds of the same library that use fused multiply-add differ from those that do not in about 7 of 10,000
    exponentials and powers, so 6,000 of each tell them apart.
    """
    points = [math.ldexp(k + 0.5, -12) for k in range(_PROBES)]
    values = [f(x) for x in points for f in (math.log, math.exp, math.log1p)]
    values += [math.pow(x, 0.1) for x in points]
    return hashlib.sha256(struct.pack(f"<{len(values)}d", *values)).hexdigest()[:16]


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What differs between two fingerprints in words, as 'source 1a2b (here 3c4d)'; empty if nothing does."""
    other = {name: value for name, value in here.items() if there.get(name) != value}
    return ", ".join(f"{name} {there.get(name, 'unknown')} (here {value})" for name, value in other.items())
