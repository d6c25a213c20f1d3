"""The field's habit as a rule set: one stream of random numbers for each activity, used in the order of events.

Most simulators give each activity (arrivals, stays, each risk, each decision) a stream of its own, seeded alike in all
scenarios, and call that common random numbers. This is our model with that habit and nothing else changed: the text of
`clocks` and `rules` with every question for a resident's own luck replaced by the next number of the activity's stream. The
first event that happens in only one scenario shifts the stream for everybody after it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import types
from pathlib import Path
from typing import Any

import numpy as np

from lacsim.model import clocks, rules
from lacsim.model.rates import RATES

_BUILD = Path(__file__).resolve().parent / "build"
N_STREAMS = 32 * 16
# The fields of RATES, and how many numbers of each stream have been used.
STREAM_RATES = np.dtype(
    [(name, RATES[name]) for name in RATES.names or ()] + [("used", np.int64, (N_STREAMS,))], align=True
)

_NEXT = '''

@rule
def next_in_stream(rates: Any, stream: int) -> float:
    """The next number of an activity's stream."""
    k = rates.used[stream]
    rates.used[stream] = k + 1
    return uniform(rates.seed, rates.replication, 1 << 40, stream, k)

'''
_OWN = re.compile(
    r"uniform\(rates\.seed, rates\.replication, person\.identity, (.+?), (?:person\.)?occasions?(?:\[clock\])?\)"
)


def _variant(module: types.ModuleType, name: str, digest: str, *, replaced: tuple[tuple[str, str], ...] = ()) -> str:
    """The text of a module with the streams put in, written where it can be imported; returns its module name."""
    text, n = _OWN.subn(r"next_in_stream(rates, \1)", Path(str(module.__file__)).read_text())
    if n != 1:
        msg = f"one_stream: expected one question for luck in {module.__name__}, found {n}; adapt the pattern."
        raise RuntimeError(msg)
    for old, new in replaced:
        text = text.replace(old, new)
    at = text.index("@rule")
    folder = _BUILD / "one_stream"
    folder.mkdir(parents=True, exist_ok=True)
    called = f"one_stream_{name}_{digest}"
    (folder / f"{called}.py").write_text(text[:at].rstrip() + "\n" + _NEXT + text[at:])
    return called


def _imported(called: str) -> types.ModuleType:
    """Import a written variant by its name."""
    import sys

    spec = importlib.util.spec_from_file_location(called, _BUILD / "one_stream" / f"{called}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[called] = module
    spec.loader.exec_module(module)
    return module


def stream_rules() -> Any:
    """The rule set with one stream per activity."""
    text = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(Path(str(rules.__file__)).parent.glob("*.py")):
        text.update(path.read_bytes())
    digest = text.hexdigest()[:12]
    named = _variant(clocks, "clocks", digest)
    _imported(named)
    return _imported(
        _variant(rules, "rules", digest, replaced=(("from lacsim.model.clocks import", f"from {named} import"),))
    )


def with_streams(rates: np.ndarray) -> np.ndarray:
    """Rates of a draw, with every stream at its beginning."""
    extended = np.zeros(1, STREAM_RATES)
    for name in RATES.names or ():
        extended[name] = rates[name]
    return extended
