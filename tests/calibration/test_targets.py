"""Targets: each has a figure, a source and a reason for its spread; the model's measures are what they say."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lacsim.calibration.city import City, gradient_of, table_death_rates
from lacsim.calibration.compare import COLUMNS, COORDINATION, POPULATION, compare, outside
from lacsim.calibration.fit import problem
from lacsim.calibration.programme import COUNTS, printed
from lacsim.calibration.simulator import live_sample, log_measures
from lacsim.calibration.targets import TARGETS, published
from lacsim.model.stages import OUTCOMES, YEAR
from lacsim.parameters import params
from lacsim.parameters.fitted import read_block
from lacsim.report.charts import evidence
from lacsim.results.lives import OLDEST, Lives
from lacsim.results.tally import EVENTS, TIMES


def city(**counts: float) -> City:
    """One ward, 1,000 people alive in every age band for two years, and what is given for 85+."""
    events, years = np.zeros((1, 6, len(EVENTS))), np.zeros((1, 6, len(TIMES)))
    years[0, :, 0] = 2_000.0
    for name, value in counts.items():
        table, names = (events, EVENTS) if name in EVENTS else (years, TIMES)
        table[0, 5, names.index(name)] = value
    none = np.zeros(OLDEST + 1, np.int64)
    lives = Lives(
        np.zeros((2, 6)), none, none, np.zeros(0), np.zeros((2, 2)), 0, 0, np.zeros(0), np.zeros(len(OUTCOMES))
    )
    by_year = np.repeat(years.sum(axis=0)[None] / 2.0, 2, axis=0)
    return City(events, years, by_year, lives, False, 2.0, 2 * YEAR, np.zeros(1))


def test_rates_are_events_over_people_and_years() -> None:
    found = city(admissions=1_000.0)
    assert found.rate("admissions", slice(5, 6), 1e3) == 500.0
    assert found.rate("admissions", slice(0, 6), 1e3) == pytest.approx(1e3 * 500.0 / 6_000.0)


def test_a_mean_stay_is_days_in_hospital_per_admission() -> None:
    assert city(admissions=730.5, hospital=10.0).mean_stay(slice(5, 6)) == pytest.approx(5.0)


def test_a_gradient_is_found_again_whatever_the_weights() -> None:
    score = np.array([5.0, 20.0, 35.0, 50.0])
    ratio = np.exp(math.log(1.64) * score / 45.0)
    assert gradient_of(ratio, score, np.array([1.0, 5.0, 2.0, 3.0]), 45.0) == pytest.approx(1.64)


def test_the_wards_of_derby_differ_as_the_fifths_of_england_do() -> None:
    named = {target.name: target for target in TARGETS}
    derby = published(named["over 45 points of deprivation, wards of Derby"])["central"]
    england = published(named["most over least deprived fifth, England"])["central"]
    assert derby == pytest.approx(1.62, abs=0.01)
    assert england == 1.64


def test_death_rates_come_from_the_stored_table() -> None:
    rates = table_death_rates()
    assert rates.shape == (111,)
    assert rates[75] == pytest.approx(0.0274, abs=0.001)
    assert (np.diff(rates[40:100]) > 0).all()


def test_factors_take_england_to_derby_and_do_not_move_with_a_fit() -> None:
    older = next(t for t in TARGETS if t.name == "aged 65+" and t.group == "emergency admissions")
    assert published(older)["central"] == pytest.approx(253 * 1.21)


def test_every_figure_has_a_value_a_source_and_a_reason() -> None:
    for target in TARGETS:
        figure = published(target)
        assert figure["central"] > 0
        assert figure["source_or_basis"]
        assert target.why, target.name
    for count in COUNTS:
        assert printed(count) > 0
        assert count.why
    assert len({(t.group, t.name) for t in TARGETS}) == len(TARGETS)


def test_printed_shares_of_tenure_are_taken_to_a_sum_of_one() -> None:
    named = {count.name: printed(count) for count in COUNTS}
    total = sum(named[n] for n in ("renting from council or association", "owning their home", "renting privately"))
    assert total == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["natural_history", "coordination"])
def test_the_allowed_error_is_a_proper_covariance_with_shared_factors(name: str) -> None:
    task = problem(name)
    covariance = task.covariance(np.full(len(task.labels), 0.01**2))
    assert (np.linalg.eigvalsh(covariance) > 0).all()
    spreads = np.array([task.spreads[k] for k in task.used], float)
    assert (np.sqrt(np.diag(covariance)) >= spreads).all()
    shared = any(task.factors[k] for k in task.used)
    assert (np.abs(covariance - np.diag(np.diag(covariance))).max() > 0) == shared


def test_the_sample_of_the_fit_is_the_same_every_time_and_answers_every_fitted_target() -> None:
    values = params(fitted=False).values()
    first, again = log_measures(live_sample(values)), log_measures(live_sample(values))
    used = problem("natural_history").used
    assert np.array_equal(first, again, equal_nan=True)
    assert np.isfinite(first[used]).all()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return compare(replications=1, jobs=1, residents=6_000)


def test_the_model_stands_beside_every_figure(table: pd.DataFrame) -> None:
    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(TARGETS) + 7 + len(COUNTS)
    assert {POPULATION, COORDINATION} < set(table["group"])
    assert (table["low"] < table["published"]).all()
    assert (table["published"] < table["high"]).all()
    assert set(table["use"]) == {"fitted", "looked at"}
    assert (table["within"] == table["model"].between(table["low"], table["high"])).all()


def test_numbers_of_people_are_those_of_the_whole_city_when_a_part_is_simulated(table: pd.DataFrame) -> None:
    adults = table.loc[table["target"] == "all adults, 2018/19", "ratio"].item()
    assert adults == pytest.approx(1.0, abs=0.1)


def test_whatever_is_outside_is_named_with_its_range_and_a_reason(table: pd.DataFrame) -> None:
    said = outside(table)
    missed = table[~table["within"]]
    assert len(said) == len(missed)
    for sentence, (_, row) in zip(said, missed.iterrows(), strict=True):
        assert str(row["target"]) in sentence
        assert str(row["note"]) or str(row["range_from"])
        assert "above" in sentence or "below" in sentence


def test_fitted_figures_show_the_middle_of_the_draws_and_others_none(table: pd.DataFrame) -> None:
    fitted = table[table["use"] == "fitted"]
    assert fitted["draws"].notna().all()
    assert table.loc[table["use"] != "fitted", "draws"].isna().all()
    record = {f["name"]: f["fitted"] for f in read_block("coordination").about["figures"]}
    shown = fitted[fitted["group"] == COORDINATION].set_index("target")["draws"]
    assert shown.to_dict() == record


def test_every_count_that_is_not_in_the_fit_says_why_the_model_misses_it() -> None:
    assert all(count.note for count in COUNTS if count.spread is None)


def test_there_is_one_picture_for_each_group(table: pd.DataFrame, tmp_path: Path) -> None:
    made = evidence.write_targets(table, tmp_path)
    assert len(made) == table["group"].nunique()
    assert all(path.stat().st_size > 10_000 for path in made)
    assert "Fitted" in (tmp_path / "t_care_homes.txt").read_text("utf-8") or "fitted" in (
        tmp_path / "t_care_homes.txt"
    ).read_text("utf-8")
