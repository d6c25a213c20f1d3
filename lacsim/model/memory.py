"""Large arrays that are used again: fresh memory for each run, cleared page by page, costs a tenth of it.

What is kept belongs to one thread and lives as long as that. Only the array's memory is kept, never a value.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

_workspace = threading.local()


def kept(name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array whose content does not matter, for one use at a time: the same one as last time if it fits."""
    arrays: dict[str, np.ndarray] = _workspace.__dict__.setdefault("arrays", {})
    if name not in arrays or arrays[name].shape != shape or arrays[name].dtype != dtype:
        arrays[name] = np.empty(shape, dtype)
    return arrays[name]


def unused(name: str, length: int, dtype: np.dtype) -> np.ndarray:
    """An array whose content does not matter and that nobody looks at: one handed out earlier and let go, or a new one.

    NOTE: whether one is still in use is what its reference count says; views count, because they hold their base.

    Parameters
    ----------
    name
        What it is for; arrays of different names are different arrays.
    """
    named: dict[str, list[np.ndarray]] = _workspace.__dict__.setdefault("buffers", {})
    buffers = named.setdefault(name, [])
    for k in range(len(buffers)):
        is_free = sys.getrefcount(buffers[k]) <= 2  # the list, and the question itself
        if is_free and len(buffers[k]) == length and buffers[k].dtype == dtype:
            return buffers[k]
    buffers[:] = [buffer for buffer in buffers if len(buffer) == length][-1:]
    buffers.append(np.empty(length, dtype))
    return buffers[-1]
