"""A posterior in the register's place: whole rows, checked, and only while it is about the claim in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lacsim.calibration import fit as fitting
from lacsim.calibration import history
from lacsim.calibration.store import freeze, has_moved, prior_and_posterior
from lacsim.errors import RegisterError
from lacsim.parameters import STANCES, params
from lacsim.parameters.fitted import Block, frozen_priors, read_block, stored_blocks, write_block
from lacsim.parameters.sampling import draw_matrix

NAMES = ("population.frailty_sigma", "residential.care_need_at_65")


def made(folder: Path, *, spread: dict[str, object] | None = None, contraction: float = 0.5) -> Block:
    p = params(fitted=False)
    entries = [
        {
            "name": name,
            "spread": spread or p.claim(name).spread.model_dump(exclude_none=True),
            "contraction": contraction,
            "central": value,
            "prior_low": 0.1,
            "prior_high": 1.0,
            "low": 0.2,
            "high": 0.5,
        }
        for name, value in zip(NAMES, (0.6, 0.0007), strict=True)
    ]
    rows = np.column_stack([np.linspace(0.5, 0.7, 8), np.linspace(0.0006, 0.0008, 8)])
    write_block("toy", NAMES, rows, {"simulations": 9, "seconds": 1, "parameters": entries}, folder)
    return read_block("toy", folder)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    block = made(tmp_path)
    assert block.names == NAMES
    assert block.rows[:, 0] == pytest.approx(np.linspace(0.5, 0.7, 8), abs=1e-6)
    assert not block.rows.flags.writeable


def test_draws_take_whole_rows_of_a_posterior(tmp_path: Path) -> None:
    block = made(tmp_path)
    p = replace(params(fitted=False), blocks=(block,))
    draws = draw_matrix(p, 64, 1)
    columns = [draws.names.index(name) for name in NAMES]
    rows = {tuple(row) for row in block.rows.tolist()}
    assert {tuple(row) for row in draws.values[:, columns].tolist()} == rows


def test_more_futures_keep_the_rows_of_the_fewer(tmp_path: Path) -> None:
    p = replace(params(fitted=False), blocks=(made(tmp_path),))
    few, many = draw_matrix(p, 10, 7), draw_matrix(p, 40, 7)
    assert (few.values == many.values[:10]).all()


def test_a_posterior_leaves_the_draws_of_every_other_number_alone(tmp_path: Path) -> None:
    plain = draw_matrix(params(fitted=False), 8, 3)
    fitted = draw_matrix(replace(params(fitted=False), blocks=(made(tmp_path),)), 8, 3)
    others = [k for k, name in enumerate(plain.names) if name not in NAMES]
    assert fitted.names == plain.names
    assert (plain.values[:, others] == fitted.values[:, others]).all()


def test_a_claim_with_another_spread_is_read_as_itself(tmp_path: Path) -> None:
    other = {"family": "normal", "mean": 9.0, "se": 1.0}
    p = replace(params(fitted=False), blocks=(made(tmp_path, spread=other),))
    assert p.block(NAMES[0]) is None
    assert p[NAMES[0]] == params(fitted=False)[NAMES[0]]


def test_the_central_value_is_the_fits_where_the_data_spoke_and_the_registers_where_not(tmp_path: Path) -> None:
    spoke = replace(params(fitted=False), blocks=(made(tmp_path),))
    silent = replace(params(fitted=False), blocks=(made(tmp_path, contraction=0.05),))
    assert spoke[NAMES[0]] == 0.6
    assert silent[NAMES[0]] == params(fitted=False)[NAMES[0]]


def test_an_overridden_number_is_no_longer_fitted_and_its_companions_keep_their_rows(tmp_path: Path) -> None:
    p = replace(params(fitted=False), blocks=(made(tmp_path),))
    q = p.replace({NAMES[0]: 0.9})
    assert q.block(NAMES[0]) is None
    a, b = draw_matrix(p, 8, 1), draw_matrix(q, 8, 1)
    assert (a.values[:, a.names.index(NAMES[1])] == b.values[:, b.names.index(NAMES[1])]).all()


def test_the_hash_of_a_parameter_set_knows_its_posterior(tmp_path: Path) -> None:
    p = params(fitted=False)
    assert replace(p, blocks=(made(tmp_path),)).sha256 != p.sha256


def test_an_altered_posterior_is_refused(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "toy.csv"
    path.write_text(path.read_text("utf-8").replace("0.5,", "0.51,", 1), "utf-8")
    with pytest.raises(RegisterError, match=r"posterior 'toy' .* it was altered. Restore it, or fit again"):
        _ = read_block("toy", tmp_path).rows


@pytest.mark.parametrize("text", ["", "rows_sha256 = 3\nparameters = []", "not toml ["])
def test_a_damaged_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "toy.toml").write_text(text, "utf-8")
    with pytest.raises(RegisterError, match=r"posterior 'toy' .* cannot be read .* lacsim fit toy"):
        read_block("toy", tmp_path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    block = made(tmp_path)
    (tmp_path / "toy.csv").unlink()
    with pytest.raises(RegisterError, match="cannot be read"):
        _ = block.rows


def test_an_unknown_block_is_refused_with_the_nearest() -> None:
    with pytest.raises(RegisterError, match=r"block 'natural' is not known.* Use natural_history or coordination"):
        fitting.problem("natural")


@pytest.mark.parametrize("name", ["natural_history", "coordination"])
def test_the_priors_are_the_frozen_ones(name: str) -> None:
    p = params(fitted=False)
    assert fitting.prior_sha256(p, fitting.problem(name).names(p)) == frozen_priors()[name]


def test_other_priors_than_the_frozen_are_refused_before_anything_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "frozen_priors", lambda: {"coordination": "0" * 64})
    with pytest.raises(RegisterError, match=r"priors of coordination .* frozen are 000000000000.*--freeze"):
        fitting.fit("coordination")


def test_freezing_replaces_one_hash_and_keeps_the_other(tmp_path: Path) -> None:
    (tmp_path / "frozen.toml").write_text('# why\na = "1"\nb = "2"\n', "utf-8")
    freeze("a", "3", tmp_path)
    assert (tmp_path / "frozen.toml").read_text("utf-8") == '# why\nb = "2"\na = "3"\n'


def test_no_effect_of_coordination_is_fitted() -> None:
    p = params(fitted=False)
    fitted = {name for block in ("natural_history", "coordination") for name in fitting.problem(block).names(p)}
    assert not [name for name in fitted if name.startswith("effects.")]


def test_priors_go_through_their_own_quantiles_and_back() -> None:
    p = params(fitted=False)
    names = fitting.problem("coordination").names(p)
    values = fitting.values_at(p, names, fitting.point_of(p, names)[None])[0]
    assert values == pytest.approx([p.number(name) for name in names], rel=2e-3)


def test_stored_posteriors_are_of_the_frozen_priors_and_lie_in_range() -> None:
    p = params()
    for block in stored_blocks():
        assert block.about["prior_sha256"] == frozen_priors()[block.name]
        assert all(p.block(name) is block for name in block.names), "a claim was changed: fit again"
        for name in block.names:
            low, high = p.entry(name).range or (0.0, 0.0)
            assert low <= block.column(name).min() <= block.column(name).max() <= high


def test_stored_posteriors_say_what_was_not_informed() -> None:
    for block in stored_blocks():
        table = prior_and_posterior(block)
        silent = table[table["contraction"] < 0.1]
        assert set(silent["reading"]) <= {"not informed by Derby data", "not informed by Derby data, yet moved"}
        assert len(table) == len(block.names)


def test_stored_central_values_are_the_medians_of_the_stored_rows() -> None:
    priors = params(fitted=False)
    for block in stored_blocks():
        for name, entry in block.parameters.items():
            median = float(np.median(block.column(name)))
            assert entry["central"] == pytest.approx(median, rel=1e-5), name
            assert entry["moved"] == has_moved(priors, name, median), name


def test_every_stance_can_be_drawn_from_with_its_posteriors() -> None:
    for stance in STANCES:
        p = params(stance)
        p.replace(draw_matrix(p, 2, 1).row(1))


def test_what_luck_does_to_every_parameter_set_alike_is_taken_off() -> None:
    """Ten samples of one parameter set: with the luck of the first taken off, it stands at their mean."""
    lived = np.random.default_rng(5).normal(3.0, 0.1, (10, 4))
    assert lived[0] - fitting.luck_of_the_first(lived) == pytest.approx(lived.mean(axis=0), rel=1e-12)


def test_the_first_sample_of_luck_is_the_one_that_parameter_sets_are_lived_with(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    seen: list[int] = []
    monkeypatch.setattr(history, "live_history", lambda values, replication=1: seen.append(replication))
    monkeypatch.setattr(history, "log_counts", lambda counts: np.zeros(1))
    fitting.luck(history.measured, {}, samples=3, jobs=1)
    assert seen == [1, 2, 3]
