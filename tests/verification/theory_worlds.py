"""Queues as the theory tests describe them: rates in model units, started in their stationary law or empty.

One model unit is `UNIT` seconds (a million) unless a queue says otherwise, so that rounding to whole seconds and two events on the same
second move a mean by about one part in a million, far below what any test here could see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import theory_rules
from duration_rules import EXPONENTIAL
from theory_rules import LOST, MAY_WAIT, NEEDS_ROOM, customers, queues

from lacsim.model import compiled, reference, trace
from lacsim.model.world import World

UNIT = 10**6

__all__ = ["LOST", "MAY_WAIT", "NEEDS_ROOM", "UNIT", "Queue", "exponential", "live", "same_by_both"]

Present = Callable[[np.random.Generator, int], Sequence[np.ndarray]]


def exponential(rate: float) -> tuple[int, float, float]:
    """Law of an exponential service of a rate per model unit."""
    return EXPONENTIAL, 1.0 / rate, 0.0


@dataclass(frozen=True)
class Queue:
    """One kind of system.

    Attributes
    ----------
    arrivals
        Rate of arrivals by (class, first station).
    service
        Law by station or by (station, class); p in model units (log of model units for a lognormal: pass `log_unit`).
    present
        Gives (system, class, first station, service left or 0) of who is there at the beginning, or None for nobody.
    until, tail
        Arrivals stop after `until` units; the run goes on for `tail` units, so that everybody has been served.
    """

    arrivals: Mapping[tuple[int, int], float]
    places: Sequence[int]
    service: Any
    until: float
    present: Present | None = None
    tail: float = 200.0
    unit: int = UNIT
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def horizon(self) -> int:
        return int((self.until + self.tail) * self.unit)

    def world(self, n: int, seed: int) -> World:
        """So many independent copies of the system."""
        rng = np.random.default_rng(np.random.SeedSequence(seed))
        parts = [] if self.present is None else [(*self.present(rng, n), None)]
        for (class_, first), rate in self.arrivals.items():
            counts = rng.poisson(rate * self.until, n)
            system = np.repeat(np.arange(n), counts)
            comes = np.floor(rng.random(len(system)) * self.until * self.unit).astype(np.int64) + 1
            parts.append((system, np.full(len(system), class_), np.full(len(system), first), 0 * comes, comes))
        system, class_of, first_of = (np.concatenate([p[k] for p in parts]) for k in range(3))
        given = np.concatenate([np.ceil(np.asarray(p[3]) * self.unit).astype(np.int64) for p in parts])
        comes = np.concatenate([np.zeros(len(p[0]), np.int64) if p[4] is None else p[4] for p in parts])
        people = customers(system=system, comes=comes, class_=class_of, first=first_of, given=given)
        return queues(
            people, systems=n, places=self.places, seed=seed, horizon=self.horizon,
            service=_in_seconds(self.service, self.unit), **self.more,
        )  # fmt: skip


def _in_seconds(service: Any, unit: int) -> Any:
    """Laws with p in seconds; the lognormal's p is a logarithm and q of the others has no unit."""
    from duration_rules import LOGNORMAL

    def one(law: tuple[int, float, float]) -> tuple[int, float, float]:
        kind, p, q = law
        return (kind, p + np.log(unit), q) if kind == LOGNORMAL else (kind, p * unit, q)

    if isinstance(service, Mapping):
        return {where: one(law) for where, law in service.items()}
    return [one(law) for law in service]


def drawn_from(law: np.ndarray, *, class_: int = 0, first: int = 0) -> Present:
    """Whoever is there at the beginning, by the stationary law of their number; what is left of a service is drawn anew."""

    def present(rng: np.random.Generator, n: int) -> Sequence[np.ndarray]:
        counts = rng.choice(len(law), size=n, p=law)
        system = np.repeat(np.arange(n), counts)
        zeros = np.zeros(len(system), np.int64)
        return system, zeros + class_, zeros + first, zeros

    return present


def live(world: World, rules: Any = theory_rules) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The trace by the compiled engine, each resident's system, and the stages of the start."""
    first = world.people["stage"].copy()
    return compiled.run(world, rules), world.people["ward"], first


def same_by_both(make: Callable[[], World], rules: Any = theory_rules) -> None:
    """Both engines write the same trace of a small world."""
    by_simpy, by_compiled = reference.run(make(), rules), compiled.run(make(), rules)
    assert len(by_compiled) > 20
    assert trace.first_difference(by_simpy, by_compiled) == ""
    world = make()
    ahead = compiled.run_by_resident(world, rules)
    assert trace.first_difference(trace.by_resident(by_simpy, len(world.people)), ahead) == ""
