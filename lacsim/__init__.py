"""Simulate Local Area Coordination in Derby: what more wards would cost, avoid and demand.

The names below are all a notebook needs. Each is fetched when first used, so that importing the package costs
nothing. It deliberately imports nothing else and parses on Python 3.6, so that an old Python meets a message
from ``lacsim.__main__`` and not a syntax error.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "LacsimError": "lacsim.errors",
    "Run": "lacsim.report.api",
    "Scenario": "lacsim.runs.scenario",
    "compare": "lacsim.report.api",
    "params": "lacsim.parameters",
    "run": "lacsim.report.api",
    "save_chart": "lacsim.report.charts",
    "scenarios": "lacsim.runs.scenario",
    "sliders": "lacsim.report.sliders",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    """Fetch a public name from the module it lives in, the first time it is used."""
    if name not in _HOMES:
        raise AttributeError(f"lacsim has no '{name}'; the public names are {', '.join(__all__)}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list:  # type: ignore[type-arg]
    """Names offered for completion: the public ones and what is loaded already."""
    return sorted({*globals(), *__all__})
