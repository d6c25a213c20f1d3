"""M1 in Ciw as its guides have it: nodes, service and reneging distributions of our own, and routers of our own.

Four nodes with endless servers (community, home care, hospital, care home) and 35 nodes with c servers. Runs in the
peers' environment, without numpy-heavy imports of ours: `python -m benchmarks.m1.tell ciw`.
"""

from __future__ import annotations

from typing import Any

import ciw

from benchmarks.m1 import pathway as m1
from benchmarks.m1.output import Output

_ENDLESS = (m1.COMM, m1.HCP, m1.HOSP, m1.RES)


class Story:
    """What Ciw's individuals do not carry: stage, since when, where next."""

    def __init__(self, people: list[m1.Person]) -> None:
        self.people = people
        self.stage = [m1.COMM] * len(people)
        self.since = [0] * len(people)
        self.goes_to = [-1] * len(people)
        self.output = Output()
        for person in people:
            person.luck.k = 1

    def __deepcopy__(self, memo: dict[int, Any]) -> Story:
        return self  # Ciw copies distributions for each node; there is one story

    def move(self, r: int, to: int, now: int) -> None:
        """One transition."""
        self.output.move(self.people[r].ward, self.stage[r], to, self.since[r], now)
        self.stage[r], self.since[r] = to, now
        self.people[r].luck.k += 1

    def draw(self, r: int, now: int) -> int:
        """Seconds in the stage just entered."""
        after, self.goes_to[r] = m1.next_of(self.people[r], self.stage[r], now)
        return after

    def node(self, r: int) -> int:
        """Number of the node (from 1) of a resident's stage, -1 for the exit."""
        stage = self.stage[r]
        if stage == m1.DEAD:
            return -1
        if stage in _ENDLESS:
            return 1 + _ENDLESS.index(stage)
        ward = self.people[r].ward
        first = len(_ENDLESS) + 1
        return first + (ward if stage == m1.WSTS else m1.N_WARDS + ward if stage == m1.WLTC else 2 * m1.N_WARDS)


class Stay(ciw.dists.Distribution):  # type: ignore[misc]
    """Time in a stage with room for everybody."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self.story.draw(ind.id_number - 1, int(t or 0))


class Service(Stay):
    """Time with a place, from the moment one is free."""

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        r, now = ind.id_number - 1, int(t or 0)
        self.story.move(r, self.story.stage[r] + 1, now)
        return self.story.draw(r, now)


class Onward(ciw.routing.NodeRouting):  # type: ignore[misc]
    """Where a stay or a wait leads."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def next_node(self, ind: Any) -> Any:
        r = ind.id_number - 1
        self.story.move(r, self.story.goes_to[r], int(self.simulation.current_time))
        return self.simulation.nodes[self.story.node(r)]

    def next_node_for_jockeying(self, ind: Any) -> Any:
        return self.next_node(ind)


def run(people: list[m1.Person], *, capacity_share: float = 1.0) -> Output:
    """Ten years of these residents."""
    story = Story(people)
    places = m1.capacities(len(people), capacity_share)
    free = len(_ENDLESS)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([0.0, float("inf")])] + [None] * (free - 1 + len(places)),
        batching_distributions=[ciw.dists.Deterministic(len(people))] * (free + len(places)),
        service_distributions=[Stay(story)] * free + [Service(story)] * len(places),
        reneging_time_distributions=[None] * free + [Stay(story)] * len(places),
        number_of_servers=[float("inf")] * free + places,
        routing=ciw.routing.NetworkRouting([Onward(story) for _ in range(free + len(places))]),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(m1.HORIZON)
    return story.output
