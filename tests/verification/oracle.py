"""The third implementation: exact continuous-time Markov chains, without people, dates or luck.

`Chain` integrates the forward equations of a chain with reward rates and lump sums; `ward_chain` is the chain of a ward of
a few residents who share caseload places and assessors, by counts. Nothing here knows an engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, sparse
from scipy.sparse.linalg import expm_multiply

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """A chain with `rate[i, j]` from state i to j (diagonal zero), started in `start` (a law over states)."""

    rate: sparse.csr_matrix
    start: Array

    @property
    def generator(self) -> sparse.csr_matrix:
        out = np.asarray(self.rate.sum(axis=1)).ravel()
        return (self.rate - sparse.diags(out)).tocsr()

    def law(self, t: float) -> Array:
        """Law over states at time `t`."""
        return np.asarray(expm_multiply(self.generator.T * t, self.start))

    def total(self, per_time: Array, t: float, *, discount: float = 0.0) -> float:
        """Expected integral of a reward rate over [0, t], discounted continuously; exact to about 1e-12."""
        n = len(self.start)
        wide = sparse.bmat([[self.generator.T - discount * sparse.eye(n), None], [per_time[None, :], np.zeros((1, 1))]])
        return float(expm_multiply(wide.tocsr() * t, np.append(self.start, 0.0))[-1])

    def jumps(self, worth: sparse.spmatrix | Array, t: float, *, discount: float = 0.0) -> float:
        """Expected discounted sum of `worth[i, j]` over all jumps i to j in [0, t]."""
        per_time = np.asarray(self.rate.multiply(worth).sum(axis=1)).ravel()
        return self.total(per_time, t, discount=discount)

    def spread(self, per_time: Array, t: float, *, discount: float = 0.0) -> float:
        """Standard deviation of the discounted integral of a reward rate over [0, t], from its backward equations.

        With m(s) and w(s) the first two moments of what is still to come with s left to go, discounted to then:
        m' = c + (Q - r) m and w' = 2 c m + (Q - 2 r) w.
        """
        n, q = len(self.start), self.generator.toarray()

        def slope(_: float, both: Array) -> Array:
            m, w = both[:n], both[n:]
            return np.concatenate([per_time + q @ m - discount * m, 2.0 * per_time * m + q @ w - 2.0 * discount * w])

        done = integrate.solve_ivp(slope, (0.0, t), np.zeros(2 * n), method="DOP853", rtol=1e-12, atol=1e-9)
        m, w = done.y[:n, -1], done.y[n:, -1]
        return float(np.sqrt(self.start @ w - (self.start @ m) ** 2))


def chain(rates: dict[tuple[int, int], float], n_states: int, start: int = 0) -> Chain:
    """A chain from its rates by (from, to)."""
    matrix = sparse.lil_matrix((n_states, n_states))
    for (a, b), rate in rates.items():
        matrix[a, b] = rate
    first = np.zeros(n_states)
    first[start] = 1.0
    return Chain(matrix.tocsr(), first)


# --- seven states: community, short term, coordination, assessment, hospital, residential, died ----------------------

SEVEN = {
    (0, 1): 0.6, (0, 4): 0.25, (0, 3): 0.1, (0, 6): 0.02,
    (1, 0): 6.0, (1, 2): 1.5, (1, 4): 0.3, (1, 6): 0.02,
    (2, 0): 0.8, (2, 4): 0.2, (2, 3): 0.05, (2, 6): 0.025,
    (3, 0): 5.0, (3, 2): 1.0, (3, 5): 1.2, (3, 4): 0.4, (3, 6): 0.05,
    (4, 0): 26.0, (4, 3): 6.0, (4, 5): 1.5, (4, 6): 2.5,
    (5, 4): 0.5, (5, 6): 0.3,
}  # fmt: skip
SEVEN_GBP_PER_YEAR = np.array([0.0, 150.0, 1_200.0, 900.0, 180_000.0, 42_000.0, 0.0])


# --- a ward of a few residents who share places ----------------------------------------------------------------------


@dataclass(frozen=True)
class Ward:
    """Rates a year of the ward chain; states are community, coordination, assessment, hospital, residential, died."""

    residents: int = 6
    places: int = 2
    assessors: int = 1
    need: float = 1.2
    hospital: float = 0.4
    hospital_coordinated: float = 0.2
    coordination_ends: float = 1.0
    assessed: float = 4.0
    to_residential: float = 0.3
    leaves_hospital: float = 10.0
    hospital_to_residential: float = 0.1
    residential_to_hospital: float = 0.4
    deaths: tuple[float, float, float, float, float] = (0.05, 0.03, 0.05, 0.5, 0.3)
    gbp_per_year: tuple[float, float, float, float, float] = (0.0, 1_000.0, 800.0, 120_000.0, 40_000.0)


COMMUNITY, COORDINATED, ASSESSED, HOSPITAL, RESIDENTIAL, DIED = range(6)


def ward_states(ward: Ward) -> list[tuple[int, int, int, int, int]]:
    """All counts of the five states of the living that add up to at most the number of residents."""
    n = ward.residents
    return [
        (c, k, a, h, r)
        for c in range(n + 1)
        for k in range(n + 1 - c)
        for a in range(n + 1 - c - k)
        for h in range(n + 1 - c - k - a)
        for r in range(n + 1 - c - k - a - h)
    ]


def ward_chain(ward: Ward) -> tuple[Chain, Array, dict[str, sparse.csr_matrix]]:
    """The chain, its states as counts (shape (n_states, 5)) and which jumps are connections or go to assessment."""
    states = ward_states(ward)
    index = {state: i for i, state in enumerate(states)}
    n = len(states)
    rate, connect, assess = (sparse.lil_matrix((n, n)) for _ in range(3))
    for state, i in index.items():

        def jump(a: int, b: int, per_year: float, mark: sparse.lil_matrix | None = None,
                 state: tuple[int, ...] = state, i: int = i) -> None:  # fmt: skip
            if per_year <= 0.0:
                return
            to = list(state)
            to[a] -= 1
            if b != DIED:
                to[b] += 1
            j = index[tuple(to)]  # type: ignore[index]
            rate[i, j] += per_year
            if mark is not None:
                mark[i, j] = 1.0

        c, k, a, h, r = state
        has_place = k < ward.places
        jump(COMMUNITY, COORDINATED if has_place else ASSESSED, ward.need * c, connect if has_place else assess)
        jump(COMMUNITY, HOSPITAL, ward.hospital * c)
        jump(COORDINATED, HOSPITAL, ward.hospital_coordinated * k)
        jump(COORDINATED, COMMUNITY, ward.coordination_ends * k)
        served = ward.assessed * min(a, ward.assessors)
        jump(ASSESSED, RESIDENTIAL, served * ward.to_residential)
        jump(ASSESSED, COMMUNITY, served * (1.0 - ward.to_residential))
        jump(ASSESSED, HOSPITAL, ward.hospital * a)
        jump(HOSPITAL, RESIDENTIAL, ward.leaves_hospital * ward.hospital_to_residential * h)
        jump(HOSPITAL, COMMUNITY, ward.leaves_hospital * (1.0 - ward.hospital_to_residential) * h)
        jump(RESIDENTIAL, HOSPITAL, ward.residential_to_hospital * r)
        for s, per_year in enumerate(ward.deaths):
            jump(s, DIED, per_year * state[s])
    start = np.zeros(n)
    start[index[(ward.residents, 0, 0, 0, 0)]] = 1.0
    marks = {"connections": connect.tocsr(), "sent to assessment": assess.tocsr()}
    return Chain(rate.tocsr(), start), np.array(states, float), marks
