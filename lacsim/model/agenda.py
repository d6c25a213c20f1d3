"""The agenda: which resident is due next, kept so that asking costs little for any number of residents.

The horizon is known, so dates are thrown into about a thousand bins of equal width. When a bin is reached its dates are
thrown once more, into about as many slots as there are dates, and what is not yet in order is put there; a date that
falls into the bin being read, or before it, goes to a small heap. A date is one whole number, the second shifted left
by the bits of a resident number, so ties are in the order of residents without any comparing.
Dates are never removed: one that no longer equals the resident's next date is skipped when it comes up. While one
resident is handled the record of the one twelve places later is already being fetched from memory.

Design and measurements: `docs/performance.md`. Only the compiled engine uses this file.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lacsim.model.compiling import rule, step
from lacsim.model.memory import kept
from lacsim.model.prefetch import fetch

NOTHING_DUE = np.int64(9223372036854775807)
_CHUNK = 30
_AHEAD = 16
_SLOT_BITS = 12  # at most so many bits of a date choose its slot
_SHORT = 16  # runs of up to so many dates are sorted by insertion


class Agenda(NamedTuple):
    """Dates of all residents, as arrays.

    Attributes
    ----------
    heap
        4-ary heap of dates in or before the bin being read.
    sorted_bin
        Dates of the bin being read, in order.
    head, filled
        Per bin: its newest chunk (-1 = none) and how many dates that chunk holds.
    dates, older
        Chunks of dates, shape (n_chunks, 30), and for each chunk the next older of the same bin (or the next free).
    slots, stack, seen
        Work space of sorting and of `_drop_stale`.
    state
        See the indices below.
    """

    heap: np.ndarray
    sorted_bin: np.ndarray
    head: np.ndarray
    filled: np.ndarray
    dates: np.ndarray
    older: np.ndarray
    slots: np.ndarray
    stack: np.ndarray
    seen: np.ndarray
    state: np.ndarray


_HEAP_SIZE, _BIN, _AT, _N, _FREE, _ID_BITS, _BIN_BITS, _HORIZON = range(8)


def make_agenda(n_residents: int, horizon: int, *, n_dates: int = 0, n_bins: int = 1_024) -> Agenda:
    """An empty agenda, in the memory of the last one of this thread.

    Parameters
    ----------
    n_residents
        Residents are numbered from 0 to one less.
    horizon
        Seconds; dates at or after it are not entered.
    n_dates
        Dates it can hold, stale ones included, before it drops the stale ones; 0 chooses three per resident. There is
        always room for one date of everybody.
    n_bins
        About how many bins the time to the horizon is cut into.
    """
    id_bits = max(1, int(n_residents - 1).bit_length())
    bin_bits = max(0, int(horizon - 1).bit_length() - int(n_bins - 1).bit_length())
    bins = (horizon >> bin_bits) + 2
    room = max(n_dates or 3 * n_residents, n_residents + 64)
    n_chunks = room // _CHUNK + bins + 1
    older = np.arange(1, n_chunks + 1, dtype=np.int32)
    older[-1] = -1
    state = np.zeros(8, np.int64)
    state[_ID_BITS], state[_BIN_BITS], state[_HORIZON] = id_bits, bin_bits, horizon
    return Agenda(
        heap=kept("heap", (room,), np.int64),
        sorted_bin=kept("sorted_bin", (room + n_chunks * _CHUNK,), np.int64),
        head=np.full(bins, -1, np.int32),
        filled=np.full(bins, _CHUNK, np.int32),
        dates=kept("dates", (n_chunks, _CHUNK), np.int64),
        older=older,
        slots=np.empty((1 << _SLOT_BITS) + 1, np.int64),
        stack=np.empty(256, np.int64),
        seen=kept("seen", (n_residents,), np.uint8),
        state=state,
    )


@step
def _push_heap(agenda: Any, key: int) -> None:
    """Put a date into the heap."""
    heap = agenda.heap
    i = agenda.state[_HEAP_SIZE]
    agenda.state[_HEAP_SIZE] = i + 1
    while i > 0:
        parent = (i - 1) >> 2
        if heap[parent] <= key:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = key


@step
def _pop_heap(agenda: Any) -> None:
    """Remove the smallest date of the heap."""
    heap = agenda.heap
    n = agenda.state[_HEAP_SIZE] - 1
    agenda.state[_HEAP_SIZE] = n
    key = heap[n]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= n:
            break
        best = child
        for c in range(child + 1, min(child + 4, n)):
            if heap[c] < heap[best]:
                best = c
        if heap[best] >= key:
            break
        heap[i] = heap[best]
        i = best
    heap[i] = key


@step
def _append(agenda: Any, b: int, key: int) -> None:
    """Put a date into a bin; a free chunk must be there."""
    if agenda.filled[b] == _CHUNK:
        chunk = agenda.state[_FREE]
        agenda.state[_FREE] = agenda.older[chunk]
        agenda.older[chunk] = agenda.head[b]
        agenda.head[b] = chunk
        agenda.filled[b] = 0
    agenda.dates[agenda.head[b], agenda.filled[b]] = key
    agenda.filled[b] += 1


@rule
def _empty_bin(agenda: Any, b: int, to: int) -> int:
    """Move all dates of a bin to `sorted_bin` from position `to`, free its chunks; returns the end position."""
    chunk = agenda.head[b]
    here = agenda.filled[b]
    while chunk >= 0:
        for k in range(here):
            agenda.sorted_bin[to] = agenda.dates[chunk, k]
            to += 1
        older = agenda.older[chunk]
        agenda.older[chunk] = agenda.state[_FREE]
        agenda.state[_FREE] = chunk
        chunk = older
        here = _CHUNK
    agenda.head[b] = -1
    agenda.filled[b] = _CHUNK
    return to


@rule
def _holds(agenda: Any, people: Any, i: int, time: int) -> bool:
    """Whether this is the resident's next date, met for the first time since `seen` was cleared."""
    if people[i].next_time != time or agenda.seen[i]:
        return False
    agenda.seen[i] = 1
    return True


@rule
def _drop_stale(agenda: Any, people: Any) -> None:
    """Keep one date for each resident, the one that holds; called when there is no room left.

    A date that was next, then not, then next again has been entered more than once; one of them is enough.
    """
    for i in range(agenda.seen.shape[0]):
        agenda.seen[i] = 0
    bits = agenda.state[_ID_BITS]
    mask = (np.int64(1) << bits) - 1
    size = agenda.state[_HEAP_SIZE]
    agenda.state[_HEAP_SIZE] = 0
    for j in range(size):
        key = agenda.heap[j]
        if _holds(agenda, people, key & mask, key >> bits):
            _push_heap(agenda, key)
    # Dates of later bins pass through the free end of `sorted_bin`.
    begin = agenda.state[_N]
    for b in range(agenda.state[_BIN] + 1, agenda.head.shape[0]):
        end = _empty_bin(agenda, b, begin)
        for j in range(begin, end):
            key = agenda.sorted_bin[j]
            if _holds(agenda, people, key & mask, key >> bits):
                _append(agenda, b, key)


@step
def enter(agenda: Any, people: Any, i: int) -> None:
    """Enter the next date of resident `i`, unless it lies at or beyond the horizon."""
    state = agenda.state
    time = people[i].next_time
    if time >= state[_HORIZON]:
        return
    key = (time << state[_ID_BITS]) | i
    b = time >> state[_BIN_BITS]
    if b <= state[_BIN]:
        if state[_HEAP_SIZE] == agenda.heap.shape[0]:
            _drop_stale(agenda, people)
        _push_heap(agenda, key)
    else:
        if agenda.filled[b] == _CHUNK and state[_FREE] < 0:
            _drop_stale(agenda, people)
        _append(agenda, b, key)


@step
def _insert(keys: Any, first: int, end: int) -> None:
    """Sort keys[first:end] in place by insertion: for few keys, or keys that stand near their places already."""
    for i in range(first + 1, end):
        key = keys[i]
        j = i - 1
        while j >= first and keys[j] > key:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = key


@rule
def _sort(keys: Any, first: int, end: int, stack: Any) -> None:
    """Sort keys[first:end] in place: quicksort with the middle of three, insertion for short runs."""
    depth = 0
    low, high = first, end - 1
    while True:
        while high - low > _SHORT:
            middle = (low + high) >> 1
            a, b, c = keys[low], keys[middle], keys[high]
            pivot = max(min(a, b), min(max(a, b), c))
            i, j = low, high
            while i <= j:
                while keys[i] < pivot:
                    i += 1
                while keys[j] > pivot:
                    j -= 1
                if i <= j:
                    keys[i], keys[j] = keys[j], keys[i]
                    i += 1
                    j -= 1
            if j - low < high - i:
                stack[depth], stack[depth + 1] = i, high
                high = j
            else:
                stack[depth], stack[depth + 1] = low, j
                low = i
            depth += 2
        _insert(keys, low, high + 1)
        if depth == 0:
            return
        depth -= 2
        low, high = stack[depth], stack[depth + 1]


@rule
def _read_bin(agenda: Any, b: int) -> int:
    """Move all dates of a bin to `sorted_bin` in order, free its chunks; returns how many there are.

    Dates of one bin lie evenly, so as many slots as dates leave hardly one for each; only where they crowd (many on the
    same second) does a slot need sorting of its own.
    """
    state, slots, keys = agenda.state, agenda.slots, agenda.sorted_bin
    n = np.int64(0)
    chunk, here = agenda.head[b], agenda.filled[b]
    while chunk >= 0:
        n += here
        here = _CHUNK
        chunk = agenda.older[chunk]
    bits = 1
    while bits < _SLOT_BITS and np.int64(1) << bits < n:
        bits += 1
    n_slots = np.int64(1) << bits
    lowest = np.int64(b) << (state[_BIN_BITS] + state[_ID_BITS])
    shift = max(0, state[_BIN_BITS] + state[_ID_BITS] - bits)
    for slot in range(n_slots + 1):
        slots[slot] = 0
    chunk, here = agenda.head[b], agenda.filled[b]
    while chunk >= 0:
        for k in range(here):
            slots[((agenda.dates[chunk, k] - lowest) >> shift) + 1] += 1
        here = _CHUNK
        chunk = agenda.older[chunk]
    most = np.int64(0)
    for slot in range(n_slots):
        most = max(most, slots[slot + 1])
        slots[slot + 1] += slots[slot]
    chunk, here = agenda.head[b], agenda.filled[b]
    while chunk >= 0:
        for k in range(here):
            key = agenda.dates[chunk, k]
            slot = (key - lowest) >> shift
            keys[slots[slot]] = key
            slots[slot] += 1
        here = _CHUNK
        older = agenda.older[chunk]
        agenda.older[chunk] = state[_FREE]
        state[_FREE] = chunk
        chunk = older
    agenda.head[b] = -1
    agenda.filled[b] = _CHUNK
    if most <= _SHORT:
        _insert(keys, 0, n)
    else:
        first = np.int64(0)
        for slot in range(n_slots):  # each slot now ends where it has been filled to
            if slots[slot] - first > 1:
                _sort(keys, first, slots[slot], agenda.stack)
            first = slots[slot]
    return n


@step
def first_due(agenda: Any, people: Any) -> int:
    """The smallest date still entered (it may be stale), or `NOTHING_DUE`; it stays entered."""
    state = agenda.state
    while state[_AT] == state[_N] and state[_HEAP_SIZE] == 0:
        if state[_BIN] + 1 >= agenda.head.shape[0]:
            return NOTHING_DUE
        state[_BIN] += 1
        state[_AT] = 0
        state[_N] = _read_bin(agenda, state[_BIN])
    key = agenda.sorted_bin[state[_AT]] if state[_AT] < state[_N] else NOTHING_DUE
    if state[_HEAP_SIZE] > 0 and agenda.heap[0] < key:
        key = agenda.heap[0]
    return key


@step
def remove_first(agenda: Any, people: Any) -> None:
    """Remove the smallest date, and have the record of a resident a few places later fetched."""
    state = agenda.state
    at = state[_AT]
    if at < state[_N] and (state[_HEAP_SIZE] == 0 or agenda.sorted_bin[at] <= agenda.heap[0]):
        state[_AT] = at + 1
        if at + _AHEAD < state[_N]:
            mask = (np.int64(1) << state[_ID_BITS]) - 1
            fetch(people, agenda.sorted_bin[at + _AHEAD] & mask)
    else:
        _pop_heap(agenda)
