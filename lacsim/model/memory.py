"""Large arrays that are used again: fresh memory for each run, cleared page by page, costs a tenth of it.

What is kept belongs to one thread and lives as long as that. Only the array's memory is kept, never a value. No two
futures have the same number of residents, so an array is handed out as the beginning of one that is a little longer.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Final

import numpy as np

_workspace = threading.local()
_SPARE: Final = 16  # an array has room for this fraction of its entries more; what is never used costs no memory


def _make(length: int, rest: tuple[int, ...], dtype: Any) -> np.ndarray:
    return np.empty((length + length // _SPARE, *rest), dtype)


def words_of(records: np.ndarray) -> np.ndarray:
    """The same memory as whole numbers of 64 bits, shape (n_records, words of one)."""
    return records.view(np.int64).reshape(len(records), records.dtype.itemsize // 8)


def kept(name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array whose content does not matter, for one use at a time: the memory of last time if it is long enough."""
    arrays: dict[str, np.ndarray] = _workspace.__dict__.setdefault("arrays", {})
    length, *rest = shape
    found = arrays.get(name)
    if found is None or len(found) < length or found.shape[1:] != tuple(rest) or found.dtype != dtype:
        found = arrays[name] = _make(length, tuple(rest), dtype)
    return found[:length]


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
        if is_free and len(buffers[k]) >= length and buffers[k].dtype == dtype:
            return buffers[k][:length]
    buffers[:] = [buffer for buffer in buffers if len(buffer) >= length][-1:]
    buffers.append(_make(length, (), dtype))
    return buffers[-1][:length]
