"""Luck with an address: published vectors, NumPy's own generator, and no relation between addresses."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from lacsim.model import stages as s
from lacsim.model import streams
from lacsim.model.streams import normal_quantile, philox, uniform

N_ADDRESSES = 1_000
_TOP = (1 << 64) - 1


def test_the_first_word_equals_the_published_vector() -> None:
    zero = np.uint64(0)
    assert philox(zero, zero, zero, zero, zero) == 0x16554D9ECA36314C


def test_words_equal_numpys_philox_at_a_thousand_random_addresses() -> None:
    rng = np.random.default_rng(20190401)
    for address in rng.integers(0, _TOP, size=(N_ADDRESSES, 5), dtype=np.uint64, endpoint=True):
        *counter, key = (int(word) for word in address)
        whole = sum(word << (64 * k) for k, word in enumerate(counter))
        behind = (whole - 1) % (1 << 256)  # NumPy steps its counter before it draws
        words = np.array([(behind >> (64 * k)) & _TOP for k in range(4)], dtype=np.uint64)
        numpys = np.random.Philox(key=np.array([key, 0], dtype=np.uint64), counter=words).random_raw()
        assert philox(*address) == numpys, f"counter {counter}, key {key}"


def test_words_equal_numpys_philox_where_the_counter_is_all_zeros() -> None:
    key = np.array([2019, 0], dtype=np.uint64)
    everything = np.full(4, _TOP, dtype=np.uint64)  # one behind zero
    zero = np.uint64(0)
    assert philox(zero, zero, zero, zero, np.uint64(2019)) == np.random.Philox(key=key, counter=everything).random_raw()


def test_a_uniform_number_is_the_word_of_its_address_in_52_bits_and_a_half_step() -> None:
    word = int(philox(np.uint64(5), np.uint64(4), np.uint64(3), np.uint64(2), np.uint64(1)))
    assert uniform(1, 2, 3, 4, 5) == ((word >> 12) + 0.5) / 2**52


@pytest.mark.parametrize("word", [0, 4_095, 4_096, _TOP - 4_096, _TOP], ids=hex)
def test_a_uniform_number_is_never_zero_or_one_even_at_the_extreme_words(
    word: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "philox", lambda *_: np.uint64(word))
    u = uniform.py_func(1, 1, 1, 1, 1)  # type: ignore[attr-defined]
    assert 0.0 < u < 1.0
    assert 0.0 < -math.log(u) < 37.0
    assert math.isfinite(normal_quantile(u))


def test_a_uniform_number_depends_on_every_part_of_its_address() -> None:
    base = (1, 2, 3, 4, 5)
    others = [tuple(a + (k == j) for k, a in enumerate(base)) for j in range(5)]
    assert len({uniform(*address) for address in [base, *others]}) == 6


def test_the_normal_quantile_agrees_with_the_standard_library_to_a_relative_1e_15() -> None:
    rng = np.random.default_rng(7)
    tails = 10.0 ** -rng.uniform(0.3, 15.6, 2_000)
    points = np.concatenate([rng.uniform(1e-12, 1.0 - 1e-12, 4_000), tails, 1.0 - tails, [0.075, 0.925, 2.0**-53]])
    for p in points[(points > 0.0) & (points < 1.0)].tolist():
        expected = NormalDist().inv_cdf(p)
        # Where p is rounded to one half, the quantile itself is of the order of one rounding of p.
        assert normal_quantile(p) == pytest.approx(expected, rel=1e-15, abs=1e-16), f"p = {p!r}"


def test_the_normal_quantile_is_odd_and_never_falls() -> None:
    points = np.concatenate(
        [10.0 ** np.arange(-15.0, -1.0), np.linspace(0.02, 0.98, 97), 1 - 10.0 ** np.arange(-2.0, -15, -1)]
    )
    values = [normal_quantile(p) for p in np.sort(points).tolist()]
    assert all(a <= b for a, b in pairwise(values))
    assert normal_quantile(0.5) == 0.0
    assert normal_quantile(0.25) == -normal_quantile(0.75)


def _decisions() -> list[int]:
    """Every decision that is named, as it is numbered where it is drawn for help asked."""
    names = [n for n in dir(streams) if n.isupper() and not n.startswith("_")]
    numbers = {getattr(streams, n) for n in names}
    dice = [n for n in numbers if n < 2_000]
    return [*range(s.N_CLOCKS), *(32 * d + s.ASKS_FOR_HELP for d in dice), *(n for n in numbers if n >= 2_000)]


def test_no_two_decisions_have_the_same_number() -> None:
    names = [n for n in dir(streams) if n.isupper() and not n.startswith("_")]
    numbers = [getattr(streams, n) for n in names]
    assert len(set(numbers)) == len(numbers), sorted(zip(numbers, names, strict=True))
    addresses = {32 * d + clock for d in numbers if d < 2_000 for clock in range(32)}
    clocks, start = set(range(32)), {n for n in numbers if n >= 2_000}
    assert not addresses & clocks
    assert not addresses & start
    assert s.N_CLOCKS <= 32


def test_luck_of_different_decisions_is_not_related() -> None:
    """Rank correlation of every pair of decisions over 4,000 residents, and of successive occasions.

    False-alarm rate over all pairs below 1 in 100,000 (Bonferroni, normal law of a rank correlation); seed fixed.
    """
    n = 4_000
    columns = [[uniform(1, 0, i, d, 0) for i in range(n)] for d in _decisions()]
    columns += [[uniform(1, 0, i, s.ASKS_FOR_HELP, 1) for i in range(n)], [uniform(1, 1, i, 0, 0) for i in range(n)]]
    columns += [[uniform(2, 0, i, 0, 0) for i in range(n)]]
    ranks = np.argsort(np.argsort(np.array(columns), axis=1), axis=1)
    z = np.corrcoef(ranks)[np.triu_indices(len(columns), 1)] * math.sqrt(n - 1)
    limit = -NormalDist().inv_cdf(1e-5 / (2 * len(z)))
    assert np.abs(z).max() < limit, f"largest |z| {np.abs(z).max():.2f} of {len(z)} pairs, limit {limit:.2f}"


def test_uniform_numbers_are_uniform() -> None:
    """Kolmogorov distance of 50,000 numbers; false-alarm rate 1 in 100,000, seed fixed."""
    n = 50_000
    u = np.sort([uniform(3, 0, i, s.DEATH, 0) for i in range(n)])
    grid = np.arange(1, n + 1) / n
    distance = max(np.max(grid - u), np.max(u - grid + 1.0 / n))
    assert distance < math.sqrt(-math.log(1e-5 / 2) / (2 * n))
