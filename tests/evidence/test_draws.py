"""Spreads and draws: quantiles as promised, the same for the same seed, never made again silently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from lacsim.errors import RegisterError
from lacsim.parameters import STANCES, params
from lacsim.parameters.distributions import mean, ppf
from lacsim.parameters.entries import Beta, Fixed, Gamma, Lognormal, Normal, Pert, Spread, Uniform
from lacsim.parameters.sampling import draw_matrix, load_draws

U = np.array([0.001, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999])
CASES: list[tuple[Spread, object]] = [
    (Normal(family="normal", mean=4.0, se=0.4), stats.norm(4.0, 0.4)),
    (Gamma(family="gamma", mean=475.0, se=110.0), stats.gamma((475 / 110) ** 2, scale=110**2 / 475)),
    (Beta(family="beta", mean=0.1, se=0.07), stats.beta(*(np.array([0.1, 0.9]) * (0.09 / 0.0049 - 1.0)))),
    (Uniform(family="uniform", low=2.0, high=5.0), stats.uniform(2.0, 3.0)),
    (Pert(family="pert", low=25, mode=40, high=62.5), stats.beta(2.6, 3.4, loc=25, scale=37.5)),
    (
        Lognormal(family="lognormal", median=1.5, ratio=1.25),
        stats.lognorm(np.log(1.25) / 1.6448536, scale=1.5),
    ),
]


@pytest.mark.parametrize(("spread", "oracle"), CASES, ids=[case[0].family for case in CASES])
def test_quantiles_and_mean_agree_with_scipy(spread: Spread, oracle: stats.rv_continuous) -> None:
    assert ppf(spread, 0.0, U) == pytest.approx(oracle.ppf(U), rel=1e-7)
    assert mean(spread, 0.0) == pytest.approx(oracle.mean(), rel=1e-7)


def test_a_fixed_spread_is_its_value_everywhere() -> None:
    assert ppf(Fixed(family="fixed"), 7.0, U).tolist() == [7.0] * len(U)
    assert mean(Fixed(family="fixed"), 7.0) == 7.0


def test_low_and_high_of_a_lognormal_are_its_5th_and_95th_percentiles() -> None:
    spread = Lognormal(family="lognormal", low=0.91, high=1.10)
    assert ppf(spread, 1.0, [0.05, 0.95]) == pytest.approx([0.91, 1.10], rel=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.3), (0.5, 0.9), (0.001, 0.002), (0.05, 0.95), (0.9, 0.999)])
def test_a_beta_through_two_percentiles_hits_them(low: float, high: float) -> None:
    spread = Beta(family="beta", low=low, high=high)
    assert ppf(spread, 0.1, [0.05, 0.95]) == pytest.approx([low, high], rel=1e-6)
    assert low < mean(spread, 0.1) < high


@pytest.mark.parametrize("stance", STANCES)
def test_every_value_lies_within_its_own_spread(stance: str) -> None:
    p = params(stance)
    for name in p.uncertain():
        value = p.number(name)
        low, high = ppf(p.claim(name).spread, value, [0.001, 0.999])
        upper = p.claim(name).spread
        ends = (upper.low, upper.high) if isinstance(upper, (Uniform, Pert)) else (low, high)
        assert ends[0] <= value <= ends[1], name


def test_draws_are_the_same_for_the_same_seed_and_differ_for_another() -> None:
    first, again, other = (draw_matrix(params(), 20, seed) for seed in (1, 1, 2))
    assert first.sha256 == again.sha256
    assert np.array_equal(first.values, again.values)
    assert first.sha256 != other.sha256


def test_the_base_draws_have_not_moved() -> None:
    p = params()
    fixed = {name: p[name] for name in p.uncertain() if name != "effects.admission_hr"}
    drawn = draw_matrix(p.replace(fixed), 4, seed=20160301)
    assert drawn.names == ("effects.admission_hr",)
    assert drawn.values[:, 0].tolist() == pytest.approx(EXPECTED, rel=1e-9)


EXPECTED = [0.9798438948149988, 1.0483039853127927, 1.0104450371839004, 0.856026555590614]


def test_more_draws_continue_the_fewer() -> None:
    few, many = draw_matrix(params(), 20, 5), draw_matrix(params(), 100, 5)
    assert np.array_equal(few.values, many.values[:20])


def test_columns_are_sorted_names_of_uncertain_parameters_only() -> None:
    p = params().replace({"effects.admission_hr": 1.0})
    draws = draw_matrix(p, 4, 1)
    assert list(draws.names) == sorted(p.uncertain())
    assert "effects.admission_hr" not in draws.names
    assert not [name for name in draws.names if name.startswith("claims.")]


def test_every_drawn_value_is_one_a_user_may_set() -> None:
    for stance in STANCES:
        p = params(stance)
        draws = draw_matrix(p, 256, 3)
        assert np.isfinite(draws.values).all()
        for column, name in enumerate(draws.names):
            low, high = p.entry(name).range or (0.0, 0.0)
            assert low <= draws.values[:, column].min() <= draws.values[:, column].max() <= high
        for draw in (0, 100, 255):
            p.replace(draws.row(draw))


def test_means_of_the_draws_are_means_of_the_spreads() -> None:
    p = params(fitted=False)
    draws = draw_matrix(p, 1024, 7)
    for column, name in enumerate(draws.names):
        expected = mean(p.claim(name).spread, p.number(name))
        assert draws.values[:, column].mean() == pytest.approx(expected, rel=0.02), name


def test_draws_are_read_only() -> None:
    draws = draw_matrix(params(), 2, 1)
    with pytest.raises(ValueError, match="read-only"):
        draws.values[0, 0] = 1.0


def test_a_set_without_uncertainty_has_draws_without_columns() -> None:
    p = params()
    draws = draw_matrix(p.replace({name: p[name] for name in p.uncertain()}), 3, 1)
    assert draws.names == ()
    assert draws.values.shape == (3, 0)


@pytest.mark.parametrize(
    ("n", "seed", "message"), [(0, 1, "at least 1 parameter set, found 0"), (1, -1, "seed must be 0")]
)
def test_impossible_draws_are_refused(n: int, seed: int, message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        draw_matrix(params(), n, seed)


def test_saved_draws_come_back_unchanged(tmp_path: Path) -> None:
    draws = draw_matrix(params(), 5, 1)
    draws.save(tmp_path / "draws.npz")
    again = load_draws(tmp_path / "draws.npz")
    assert again.sha256 == draws.sha256
    assert again.seed == 1
    assert again.names == draws.names
    assert np.array_equal(again.values, draws.values)


def test_missing_draws_are_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"draws: lost.npz cannot be read .* Restore it, or run again"):
        load_draws(tmp_path / "lost.npz")


def test_altered_draws_are_refused(tmp_path: Path) -> None:
    draws = draw_matrix(params(), 5, 1)
    values = np.array(draws.values)
    values[2, 3] *= 1.0001
    path = tmp_path / "draws.npz"
    with path.open("wb") as stream:
        np.savez(stream, names=np.array(draws.names), values=values, seed=1, sha256=np.array(draws.sha256))
    with pytest.raises(RegisterError, match=r"draws.npz has hash .* it was altered"):
        load_draws(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"x" * 100])
def test_damaged_draws_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "draws.npz"
    path.write_bytes(content)
    with pytest.raises(RegisterError, match="draws.npz cannot be read"):
        load_draws(path)


def test_overriding_one_number_leaves_the_draws_of_all_others_alone() -> None:
    base = params()
    name = base.uncertain()[3]
    a, b = draw_matrix(base, 8, 5), draw_matrix(base.replace({name: base.number(name)}), 8, 5)
    kept = [k for k, n in enumerate(a.names) if n != name]
    assert b.names == tuple(a.names[k] for k in kept)
    assert (a.values[:, kept] == b.values).all()
