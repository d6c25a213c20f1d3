"""Memory that is used again: never while somebody looks at it, and also where the next future is of another size."""

from __future__ import annotations

import numpy as np

from lacsim.model.memory import kept, unused


def test_an_array_that_somebody_looks_at_is_not_handed_out() -> None:
    first = unused("test of use", 100, np.dtype(np.int64))
    view = first[10:20]
    first[:] = 7
    del first
    second = unused("test of use", 100, np.dtype(np.int64))
    second[:] = 8
    assert (view == 7).all()


def test_an_array_let_go_is_used_again_for_a_few_entries_more_or_less() -> None:
    first = unused("test of size", 1_000, np.dtype(np.int64))
    where = first.ctypes.data
    for length in (1_000, 970, 1_030):
        first = None
        first = unused("test of size", length, np.dtype(np.int64))
        assert (len(first), first.ctypes.data) == (length, where)
    assert len(unused("test of size", 5_000, np.dtype(np.int64))) == 5_000


def test_kept_arrays_have_the_shape_and_kind_that_was_asked_for() -> None:
    where = kept("test of shape", (1_000, 3), np.int64).ctypes.data
    for length in (1_000, 900, 1_050):
        found = kept("test of shape", (length, 3), np.int64)
        assert (found.shape, found.ctypes.data, found.flags.c_contiguous) == ((length, 3), where, True)
    assert kept("test of shape", (1_000, 2), np.int64).shape == (1_000, 2)
    assert kept("test of shape", (1_000, 2), np.int32).dtype == np.int32
