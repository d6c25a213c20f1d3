"""M1 as the SimPy documentation teaches: a process for each resident, a Resource for each pool, `with` and `|`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from benchmarks.m1 import pathway as m1
from benchmarks.m1.output import Output


def life(
    env: simpy.Environment, person: m1.Person, pools: list[simpy.Resource], output: Output
) -> Generator[simpy.Event, Any, None]:
    """One resident's ten years."""
    stage = m1.COMM
    person.luck.k = 1
    since = 0

    def move(to: int) -> None:
        nonlocal stage, since
        output.move(person.ward, stage, to, since, env.now)
        stage, since = to, env.now
        person.luck.k += 1

    while stage != m1.DEAD:
        after, to = m1.next_of(person, stage, env.now)
        if stage not in (m1.WSTS, m1.WLTC, m1.WASS):
            yield env.timeout(after)
            move(to)
            continue
        with pools[pool_of(person, stage)].request() as place:
            came = yield place | env.timeout(after)
            if place in came:
                move(stage + 1)
                after, to = m1.next_of(person, stage, env.now)
                yield env.timeout(after)
        move(to)


def pool_of(person: m1.Person, waiting: int) -> int:
    """Index of the pool a waiting resident waits for."""
    if waiting == m1.WASS:
        return 2 * m1.N_WARDS
    return person.ward + (m1.N_WARDS if waiting == m1.WLTC else 0)


def run(people: list[m1.Person], *, capacity_share: float = 1.0) -> Output:
    """Ten years of these residents."""
    env = simpy.Environment()
    output = Output()
    pools = [simpy.Resource(env, places) for places in m1.capacities(len(people), capacity_share)]
    for person in people:
        env.process(life(env, person, pools, output))
    env.run(until=m1.HORIZON)
    return output
