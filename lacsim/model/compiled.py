"""The compiled engine: an agenda of dates, pools with queues, and nothing of the domain.

It runs any rule set that offers the functions of `lacsim.model.rules` (the rules are an argument of
`build`) and keeps the contract of `docs/engines.md`: order is (second, resident); calendar entries come before
residents' events of the same second; one event is handled whole (what happened, places given back, places asked for,
then freed places filled); queue order is (urgency, time joined, order joined); events at the horizon do not happen.
Residents' next dates lie in an agenda (`lacsim.model.agenda`). Queues are linked lists through the residents, so
joining, leaving and serving cost the same at any length. Numbers of residents and codes of rows are made `np.int64`
where they are read: Numba compiles a function anew for each type and each literal it is called with.

Who has, wants and waits for no place meets nobody until their ward changes. Where the rows are wanted resident by
resident (`run_by_resident`), their life up to then is lived in one go while their record is at hand, and lives that are
known from an earlier world (`lacsim.model.unchanged`) are not lived again. The rows are the same in another order.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lacsim.errors import ModelError
from lacsim.model.agenda import _HORIZON, _ID_BITS, NOTHING_DUE, Agenda, enter, first_due, make_agenda, remove_first
from lacsim.model.compiling import kernel, rule, rule_set_name, step
from lacsim.model.memory import kept, unused
from lacsim.model.stages import HOLDING, NOTHING, POLICY, WAITING
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE, RELEASED, TRACE, by_resident
from lacsim.model.unchanged import Unchanged
from lacsim.model.world import CAPACITY, CONDITIONS, World


class _City(NamedTuple):
    """Everything the loop reads and writes, as arrays."""

    people: np.ndarray
    wards: np.ndarray
    rates: np.ndarray
    row_of_ward: np.ndarray  # which record of `wards` holds for each ward now
    changes: np.ndarray  # calendar entries about wards' records, by ward, then time
    next_change: np.ndarray  # per ward: which of them comes next
    end_of_changes: np.ndarray  # per ward: one past its last
    members: np.ndarray  # residents by ward, ascending
    first_member: np.ndarray
    first_pool: np.ndarray  # per kind
    by_ward: np.ndarray  # per kind: 1 = one pool per ward
    capacity: np.ndarray  # per pool
    in_use: np.ndarray
    head: np.ndarray  # (pool, urgency): first in the queue, -1 if none
    tail: np.ndarray
    links: np.ndarray  # (kind, resident, 2): who stands before and who after in the queue, -1 if nobody
    agenda: Agenda
    stopped: np.ndarray  # per resident: 1 + stage before an event that was met ahead and waits for its turn, else 0
    let_go: np.ndarray  # residents who need nobody any more, to be lived ahead
    freed: np.ndarray  # ring of pools to fill, its length a power of two
    state: np.ndarray  # see the indices below
    trace: np.ndarray
    unchanged: np.ndarray  # per resident: 1 = not lived


# Indices of `state`; `_ASKED` counts the residents who have been asked on the first day what they wait for.
_CALENDAR_AT, _N_ROWS, _FREED_FROM, _FREED_TO, _IS_AHEAD, _N_LET_GO, _ASKED = range(7)
_BEFORE, _AFTER = range(2)
_ROOM = 4_096  # rows kept free: no single event writes more before the loop checks again


@step
def _write(city: Any, now: int, i: int, what: int, cause: int, left: int) -> None:
    """Append one row about resident `i`."""
    n = city.state[_N_ROWS]
    city.state[_N_ROWS] = n + 1
    if n >= city.trace.shape[0]:
        return  # `run` refuses a trace that did not fit
    person = city.people[i]
    row = city.trace[n]
    row.seconds = now
    row.resident = i
    row.occasion = person.occasion if what == HAPPENED else person.reason_occasion
    row.what = what
    row.cause = cause
    row.because = person.reason
    row.left = left
    row.entered = person.stage
    row.outcome = person.outcome if what != RELEASED and what != LEFT_QUEUE and what != JOINED else 0
    row.holds = person.holds


@step
def _pool_of(city: Any, i: int, kind: int) -> int:
    """Index of the pool of this kind that serves resident `i`."""
    pool = city.first_pool[kind]
    if city.by_ward[kind]:
        pool += city.people[i].ward
    return pool


@step
def _join(city: Any, pool: int, kind: int, i: int) -> None:
    """Append to the queue of a pool, behind all of the same urgency."""
    urgency = city.people[i].urgency[kind]
    last = city.tail[pool, urgency]
    city.links[kind, i, _BEFORE] = last
    city.links[kind, i, _AFTER] = -1
    if last < 0:
        city.head[pool, urgency] = i
    else:
        city.links[kind, last, _AFTER] = i
    city.tail[pool, urgency] = i


@step
def _unlink(city: Any, pool: int, kind: int, i: int) -> None:
    """Take a resident out of a queue, wherever they stand."""
    urgency = city.people[i].urgency[kind]
    a, b = city.links[kind, i, _BEFORE], city.links[kind, i, _AFTER]
    if a < 0:
        city.head[pool, urgency] = b
    else:
        city.links[kind, a, _AFTER] = b
    if b < 0:
        city.tail[pool, urgency] = a
    else:
        city.links[kind, b, _BEFORE] = a


@step
def _first_in(city: Any, pool: int) -> int:
    """Who is served next, or -1."""
    for urgency in range(city.head.shape[1]):
        if city.head[pool, urgency] >= 0:
            return np.int64(city.head[pool, urgency])
    return np.int64(-1)


@step
def _free(city: Any, pool: int) -> None:
    """Note that a place of this pool may be filled."""
    to = city.state[_FREED_TO]
    city.freed[to & (city.freed.shape[0] - 1)] = pool
    city.state[_FREED_TO] = to + 1


@step
def _grant(city: Any, now: int, i: int, kind: int, pool: int) -> None:
    """Hand over one place and let the rules say what it changes."""
    person = city.people[i]
    left = person.stage
    city.in_use[pool] += 1
    person.has[kind] = HOLDING
    place_granted(person, city.wards[city.row_of_ward[person.ward]], kind, now, city.rates[0])
    _write(city, now, i, np.int64(GRANTED), kind, left)


@step
def _is_settled(person: Any) -> bool:
    """Whether the person has, or waits for, exactly what they want."""
    for kind in range(person.wants.shape[0]):  # noqa: SIM110 - generators are not compiled
        if (person.wants[kind] != 0) != (person.has[kind] != NOTHING):
            return False
    return True


@step
def _needs_nobody(person: Any) -> bool:
    """Whether the person has, wants and waits for no place."""
    for kind in range(person.wants.shape[0]):  # noqa: SIM110 - generators are not compiled
        if person.wants[kind] or person.has[kind] != NOTHING:
            return False
    return True


@step
def _let_go(city: Any, i: int) -> None:
    """Note a resident who needs nobody, to be lived ahead once the present event is handled."""
    n = city.state[_N_LET_GO]
    if n < city.let_go.shape[0]:
        city.let_go[n] = i
        city.state[_N_LET_GO] = n + 1
    else:
        enter(city.agenda, city.people, i)


@step
def _note_next(city: Any, i: int, time_before: int) -> None:
    """Whoever may be lived ahead is let go; anybody else's next date is entered if it is another one than before."""
    if city.state[_IS_AHEAD] and _needs_nobody(city.people[i]):
        _let_go(city, i)
    elif city.people[i].next_time != time_before:
        enter(city.agenda, city.people, i)


@step
def _live_ahead(city: Any, i: int) -> None:
    """Live a resident who needs nobody until they do, until their ward changes, or to the horizon.

    An event after which they want a place is met here too, but it is told, and the place asked for, when its second
    comes: until then the agenda has it.
    """
    person = city.people[i]
    row, k = city.row_of_ward[person.ward], city.next_change[person.ward]
    while person.next_time < city.agenda.state[_HORIZON]:
        now = person.next_time
        while k < city.end_of_changes[person.ward] and city.changes[k].seconds <= now:
            if city.changes[k].what == CONDITIONS:
                return  # they go on after it
            row = city.changes[k].value
            k += 1
        if city.state[_N_ROWS] > city.trace.shape[0] - _ROOM:
            enter(city.agenda, city.people, i)
            return
        ward = city.wards[row]
        if not still_due(person, ward, now, city.rates[0]):
            continue
        left = person.stage
        person.next_time = -1  # so that any next date, even this second again, is a new one
        something_happens(person, ward, now, city.rates[0])
        if _is_settled(person):
            _write(city, now, i, np.int64(HAPPENED), person.cause, left)
            think_again(person, ward, now, city.rates[0])
        else:
            person.next_time = now
            city.stopped[i] = left + 1
            enter(city.agenda, city.people, i)
            return


@step
def _live_all_ahead(city: Any) -> None:
    """Live ahead whoever was let go while the last event was handled."""
    for n in range(city.state[_N_LET_GO]):
        i = np.int64(city.let_go[n])
        if _needs_nobody(city.people[i]):  # their ward may have changed them since
            _live_ahead(city, i)
    city.state[_N_LET_GO] = 0


@step
def _settle(city: Any, now: int, i: int) -> None:
    """Bring places in line with what the resident wants, then find what comes next for them."""
    person = city.people[i]
    n_kinds = person.wants.shape[0]
    again = not _is_settled(person)
    while again:
        again = False
        for kind in range(n_kinds):
            if person.has[kind] != NOTHING and not person.wants[kind]:
                pool = _pool_of(city, i, kind)
                if person.has[kind] == HOLDING:
                    city.in_use[pool] -= 1
                    person.has[kind] = NOTHING
                    _write(city, now, i, np.int64(RELEASED), kind, person.stage)
                    _free(city, pool)
                else:
                    _unlink(city, pool, kind, i)
                    person.has[kind] = NOTHING
                    _write(city, now, i, np.int64(LEFT_QUEUE), kind, person.stage)
        for kind in range(n_kinds):
            if person.wants[kind] and person.has[kind] == NOTHING:
                pool = _pool_of(city, i, kind)
                if city.in_use[pool] < city.capacity[pool] and _first_in(city, pool) < 0:
                    _grant(city, now, i, kind, pool)
                    again = True
                else:
                    _join(city, pool, kind, i)
                    person.has[kind] = WAITING
                    _write(city, now, i, np.int64(JOINED), kind, person.stage)
    time_before = person.next_time
    think_again(person, city.wards[city.row_of_ward[person.ward]], now, city.rates[0])
    _note_next(city, i, time_before)


@step
def _fill(city: Any, now: int) -> None:
    """Give freed places to those who wait, in the order in which pools were freed."""
    while city.state[_FREED_FROM] < city.state[_FREED_TO]:
        pool = city.freed[city.state[_FREED_FROM] & (city.freed.shape[0] - 1)]
        city.state[_FREED_FROM] += 1
        kind = 0
        while kind + 1 < city.first_pool.shape[0] and city.first_pool[kind + 1] <= pool:
            kind += 1
        i = _first_in(city, pool)
        while city.in_use[pool] < city.capacity[pool] and i >= 0:
            _unlink(city, pool, kind, i)
            _grant(city, now, i, kind, pool)
            _settle(city, now, i)
            i = _first_in(city, pool)
    city.state[_FREED_FROM] = city.state[_FREED_TO] = 0  # memory that is never used costs nothing


@rule
def _ward_changes(city: Any, now: int, ward: int) -> None:
    """A ward's circumstances have changed: everyone who lives there meets them, in order."""
    for j in range(city.first_member[ward], city.first_member[ward + 1]):
        i = np.int64(city.members[j])
        if city.unchanged[i]:
            continue
        person = city.people[i]
        left, held, next_time = person.stage, person.holds, person.next_time
        ward_changes(person, city.wards[city.row_of_ward[ward]], now, city.rates[0])
        if person.stage != left or person.holds != held:
            _write(city, now, i, np.int64(CHANGED), np.uint8(POLICY), left)
        _note_next(city, i, next_time)
        if not _is_settled(person):
            _settle(city, now, i)
            _fill(city, now)


def _start(city: Any) -> None:
    """Before the first second: places in use, and everyone's first date."""
    n_kinds = city.first_pool.shape[0]
    for i in range(city.people.shape[0]):
        if city.unchanged[i]:
            continue
        person = city.people[i]
        for kind in range(n_kinds):
            if person.has[kind] == HOLDING:
                city.in_use[_pool_of(city, i, kind)] += 1
        begin(person, city.wards[city.row_of_ward[person.ward]], np.int64(0), city.rates[0])
        if city.state[_IS_AHEAD] and _needs_nobody(person):
            _live_ahead(city, i)
        else:
            enter(city.agenda, city.people, i)


@step
def _next_unsettled(city: Any) -> int:
    """The next resident who on the first day wants what they have not, or -1 when all have been asked."""
    for i in range(city.state[_ASKED], city.people.shape[0]):
        if not city.unchanged[i] and not city.stopped[i] and not _is_settled(city.people[i]):
            city.state[_ASKED] = i + 1
            return np.int64(i)
    city.state[_ASKED] = city.people.shape[0]
    return np.int64(-1)


@step
def _next_event(city: Any, now: int, i: int) -> int:
    """Let happen and write down what is due first, for resident `i`; returns them, or -1 if it was no longer due."""
    person = city.people[i]
    remove_first(city.agenda, city.people)
    if person.next_time != now:
        return np.int64(-1)
    ward = city.wards[city.row_of_ward[person.ward]]
    if city.stopped[i]:  # it happened ahead, and is told now
        left = np.uint8(city.stopped[i] - 1)
        city.stopped[i] = 0
        person.next_time = -1
    elif still_due(person, ward, now, city.rates[0]):
        left = person.stage
        person.next_time = -1  # so that any next date, even this second again, is a new one
        something_happens(person, ward, now, city.rates[0])
    else:
        enter(city.agenda, city.people, i)
        return np.int64(-1)
    _write(city, now, i, np.int64(HAPPENED), person.cause, left)
    return i


def _advance(city: Any, calendar: Any, at: int) -> int:
    """Run until the horizon or until the trace is nearly full; returns 1 for more to come, 2 for more room.

    Settling and filling are compiled into one place of the loop; each further one would add seconds to the first run.
    """
    bits = city.agenda.state[_ID_BITS]
    mask = (np.int64(1) << bits) - 1
    while True:
        _live_all_ahead(city)
        if city.state[_N_ROWS] > city.trace.shape[0] - _ROOM:
            return 1
        now, i = np.int64(0), np.int64(-1)
        if city.state[_ASKED] < city.people.shape[0]:  # those who wait on the first day join their queues before it
            i = _next_unsettled(city)
        else:
            key = first_due(city.agenda, city.people)
            if at < calendar.shape[0] and calendar[at].seconds <= key >> bits:
                entry = calendar[at]
                if city.state[_N_ROWS] + 8 * city.people.shape[0] + _ROOM > city.trace.shape[0]:
                    return 2  # a change may touch everyone
                now = entry.seconds
                if entry.what == CAPACITY:
                    city.capacity[entry.target] = entry.value
                    _free(city, entry.target)
                else:
                    city.row_of_ward[entry.target] = entry.value
                    city.next_change[entry.target] += 1
                    if entry.what == CONDITIONS:
                        _ward_changes(city, now, entry.target)
                at += 1
                city.state[_CALENDAR_AT] = at
            elif key == NOTHING_DUE:
                return 0
            else:
                now = key >> bits
                i = _next_event(city, now, key & mask)
        if i >= 0:
            _settle(city, now, i)
        _fill(city, now)


def _no_rules(*_: Any) -> Any:
    """Stand in for the rules until `build` binds a rule set's own."""
    raise ModelError("engine: the loop was called without a rule set. Call `run(world, rules)`.")


@rule
def always_due(person: Any, ward: Any, now: int, rates: Any) -> bool:
    """Stand in for `still_due` of a rule set whose dates are never too early."""
    return True


begin = something_happens = place_granted = ward_changes = think_again = still_due = _no_rules
_FROM_RULES = ("begin", "something_happens", "place_granted", "ward_changes", "think_again")

# Functions that call the rules, in an order in which each may use those before it.
_SPECIALISED: tuple[Callable[..., Any], ...] = (
    _grant,
    _live_ahead,
    _live_all_ahead,
    _settle,
    _fill,
    _ward_changes,
    _start,
    _next_event,
    _advance,
)
_built: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}


def build(rules: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Compile the loop for one rule set; returns (start, advance).

    The functions above are copied with the rules' names bound to this rule set, so the compiler sees through
    the calls. Copies are cached by rule set within the process and on disk (`lacsim.model.compiling`).
    """
    name = rule_set_name(rules)
    if name not in _built:
        names: dict[str, Any] = dict(globals())
        names.update({called: getattr(rules, called) for called in _FROM_RULES})
        names["still_due"] = getattr(rules, "still_due", always_due)
        for function in _SPECIALISED:
            plain: Any = getattr(function, "py_func", function)
            copy = types.FunctionType(plain.__code__, names, plain.__name__)
            copy.__qualname__ = f"{plain.__name__}_for_{name}"
            copy.__module__ = __name__
            compile_it = kernel if plain in (_start, _advance) else rule if plain in (_ward_changes,) else step
            names[plain.__name__] = compile_it(copy)
        _built[name] = (names["_start"], names["_advance"])
    return _built[name]


def run(world: World, rules: Any, *, chunk_rows: int = 0, n_dates: int = 0) -> np.ndarray:
    """Live all lives of a world to its horizon; returns the trace, dtype `TRACE`, in order.

    Parameters
    ----------
    world
        Residents, wards, pools and calendar. `world.people` is changed: afterwards it holds the last state.
    rules
        A rule set: a module with the functions that `lacsim.model` names.
    chunk_rows
        Rows of the buffer the loop writes into before it hands them over; 0 chooses one.
    n_dates
        Dates the agenda holds before it drops stale ones; 0 chooses. Neither of the two changes the trace.

    Returns
    -------
        Rows of everything that happened, shape (n_rows,).
    """
    return _rows(world, rules, None, is_ahead=False, chunk_rows=chunk_rows, n_dates=n_dates)


def run_by_resident(
    world: World, rules: Any, *, unchanged: Unchanged | None = None, chunk_rows: int = 0, n_dates: int = 0
) -> np.ndarray:
    """As `run`, and sooner: the same rows resident by resident, those of each in the order in which they happened.

    Parameters
    ----------
    unchanged
        Residents who live as in an earlier world and are in their last state already. The rows are the same with it.
    """
    rows = _rows(world, rules, unchanged, is_ahead=True, chunk_rows=chunk_rows, n_dates=n_dates)
    return by_resident(rows, len(world.people), *(() if unchanged is None else unchanged))


def _rows(
    world: World, rules: Any, unchanged: Unchanged | None, *, is_ahead: bool, chunk_rows: int, n_dates: int
) -> np.ndarray:
    """Rows in the order in which the loop wrote them."""
    start, advance = build(rules)
    n, n_pools = len(world.people), len(world.capacity)
    id_bits = max(1, int(n - 1).bit_length())
    if world.horizon >= 1 << (62 - id_bits):
        msg = (
            f"horizon: {world.horizon} seconds with {n} residents does not fit the date keys; "
            f"at most {(1 << (62 - id_bits)) - 1} seconds are allowed. Shorten the horizon."
        )
        raise ModelError(msg)
    n_kinds = len(world.first_pool)
    if 0 < chunk_rows < _ROOM:
        msg = f"chunk_rows: must be at least {_ROOM} rows, found {chunk_rows}. Leave it out, or raise it."
        raise ModelError(msg)
    rows = chunk_rows or 16 * (n + _ROOM)  # room for a change that touches everyone; what is not written is not used
    wards = np.arange(len(world.row_of_ward))
    changes = world.calendar[world.calendar["what"] != CAPACITY]
    changes = changes[np.argsort(changes["target"], kind="stable")]
    city = _City(
        people=world.people.view(np.ndarray),
        wards=world.wards.view(np.ndarray),
        rates=world.rates.view(np.ndarray),
        row_of_ward=world.row_of_ward.copy(),
        changes=changes,
        next_change=np.searchsorted(changes["target"], wards),
        end_of_changes=np.searchsorted(changes["target"], wards, side="right"),
        members=world.members,
        first_member=world.first_member,
        first_pool=world.first_pool,
        by_ward=world.by_ward,
        capacity=world.capacity.copy(),
        in_use=np.zeros(n_pools, np.int64),
        head=np.full((n_pools, world.n_urgencies), -1, np.int32),
        tail=np.full((n_pools, world.n_urgencies), -1, np.int32),
        links=kept("links", (n_kinds * n, 2), np.int32).reshape(n_kinds, n, 2),  # a kind without queues costs none
        agenda=make_agenda(n, world.horizon, n_dates=n_dates),
        stopped=np.zeros(n, np.uint8),
        let_go=kept("let go", (n + _ROOM,), np.int32),
        freed=kept("freed", (1 << (n + n_pools + 1_024).bit_length(),), np.int64),
        state=np.zeros(7, np.int64),
        trace=unused("trace", rows, TRACE),
        unchanged=np.zeros(n, np.uint8) if unchanged is None else unchanged.who,
    )
    city.state[_IS_AHEAD] = is_ahead
    calendar = world.calendar
    start(city)
    chunks: list[np.ndarray] = []
    while True:
        more = advance(city, calendar, int(city.state[_CALENDAR_AT]))
        if city.state[_N_ROWS] > len(city.trace):
            msg = (
                f"trace: one event of {rules.__name__} wrote more than {_ROOM} rows, found "
                f"{city.state[_N_ROWS]} rows in a buffer of {len(city.trace)}. Raise `chunk_rows`."
            )
            raise ModelError(msg)
        rows_written = city.trace[: city.state[_N_ROWS]]
        if not more and not chunks:
            return rows_written
        chunks.append(rows_written.copy())
        city.state[_N_ROWS] = 0
        if not more:
            return np.concatenate(chunks)
        if more == 2 and len(chunks[-1]) == 0:
            city = city._replace(trace=np.empty(2 * len(city.trace), TRACE))
