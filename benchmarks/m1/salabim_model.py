"""M1 in salabim as its manual has it: a component for each resident, `request` with `fail_delay`, monitors off.

The mode with `yield`, which its author recommends for speed. Runs in the peers' environment.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import salabim as sim

from benchmarks.m1 import pathway as m1
from benchmarks.m1.output import Output


class Life(sim.Component):  # type: ignore[misc]
    """One resident's ten years."""

    def setup(self, person: m1.Person, pools: list[Any], output: Output) -> None:
        self.person = person
        self.pools = pools
        self.output = output
        self.stage = m1.COMM
        self.since = 0
        self.mode.monitor(False)
        self.status.monitor(False)
        person.luck.k = 1

    def move(self, to: int) -> None:
        """One transition."""
        now = int(self.env.now())
        self.output.move(self.person.ward, self.stage, to, self.since, now)
        self.stage, self.since = to, now
        self.person.luck.k += 1

    def pool(self) -> Any:
        """The pool a waiting resident waits for."""
        if self.stage == m1.WASS:
            return self.pools[2 * m1.N_WARDS]
        return self.pools[self.person.ward + (m1.N_WARDS if self.stage == m1.WLTC else 0)]

    def process(self) -> Generator[Any, Any, None]:
        """Wait for what comes first; a place that does not come in time is given up."""
        while self.stage != m1.DEAD:
            after, to = m1.next_of(self.person, self.stage, int(self.env.now()))
            if self.stage not in (m1.WSTS, m1.WLTC, m1.WASS):
                yield self.hold(after)
                self.move(to)
                continue
            pool = self.pool()
            yield self.request(pool, fail_delay=after)
            if not self.failed():
                self.move(self.stage + 1)
                after, to = m1.next_of(self.person, self.stage, int(self.env.now()))
                yield self.hold(after)
                self.release(pool)
            self.move(to)


def run(people: list[m1.Person], *, capacity_share: float = 1.0) -> Output:
    """Ten years of these residents."""
    sim.yieldless(False)
    env = sim.Environment(trace=False, random_seed="*")
    output = Output()
    pools = []
    for places in m1.capacities(len(people), capacity_share):
        pool = sim.Resource(capacity=places, env=env)
        for monitor in (pool.claimed_quantity, pool.available_quantity, pool.occupancy, pool.capacity):
            monitor.monitor(False)
        for queue in (pool.requesters(), pool.claimers()):
            queue.length.monitor(False)
            queue.length_of_stay.monitor(False)
        pools.append(pool)
    for person in people:
        Life(person=person, pools=pools, output=output, env=env)
    env.run(till=m1.HORIZON)
    return output
