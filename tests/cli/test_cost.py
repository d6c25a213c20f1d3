"""`lacsim cost`: the stored lives at other prices, nothing simulated, and what may not be changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lacsim.economics.items import ITEMS, Item
from lacsim.economics.repricing import money_names
from lacsim.parameters import params
from lacsim.results import study
from lacsim.runs import experiment

Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(lacsim: Any, finished_run: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Type `lacsim cost … --json` on the stored run, with an engine that must not start."""

    def forbidden(*arguments: object, **named: object) -> None:
        raise AssertionError("something was simulated")

    monkeypatch.setattr(experiment, "live", forbidden)
    monkeypatch.setattr(study, "run", forbidden)

    def typed(*arguments: str) -> dict[str, Any]:
        said = lacsim("cost", *arguments, "--out", str(finished_run), "--json")
        assert said.code == 0, said.err
        answer: dict[str, Any] = json.loads(said.out)
        return answer

    return typed


def test_a_stored_run_at_its_own_prices_is_the_stored_ledger_to_the_penny(told: Told) -> None:
    answer = told()
    assert answer["rows"] > 0
    assert answer["rows_that_differ"] == 0
    assert answer["moved"] == []
    assert answer["headline_now"] == answer["headline_before"]
    assert "within the period" in answer["payback"]


def test_another_price_moves_its_own_rows_and_says_by_how_much(told: Told) -> None:
    answer = told("--set", "unit_costs.residential_week=700")
    assert answer["set"]["unit_costs.residential_week"]["now"] == 700.0
    own = {item.name for item in ITEMS if item.price == "unit_costs.residential_week"}
    assert {row["item"] for row in answer["moved"]} <= own
    before, after = (sum(row[k] for row in answer["moved"]) for k in ("before_gbp", "after_gbp"))
    assert after != before
    for row in answer["savings"]:
        assert row["after_gbp"] - row["before_gbp"] == pytest.approx(row["moved_gbp"], abs=0.011)


@pytest.mark.parametrize(
    ("setting", "lines"),
    [
        ("appraisal.discount_rate=0.10", None),
        ("appraisal.health_discount_rate=0.10", {"value_to_people"}),
        ("cashability.nel_long_share=1", {"nhs_cash", "capacity_released"}),
        ("programme.better_care_fund_share=0", {"council_cash", "nhs_cash"}),
        ("unit_costs.wellby=1", {"value_to_people"}),
    ],
)
def test_shares_rates_and_the_value_of_a_wellby_can_be_changed(
    told: Told, setting: str, lines: set[str] | None
) -> None:
    moved = {row["line"] for row in told("--set", setting)["moved"]}
    if lines is None or "value_to_people" not in lines:
        assert "value_to_people" not in moved
    assert lines is None or moved <= lines


def test_optimism_moves_the_saving_and_no_row_of_the_ledger(told: Told) -> None:
    answer = told("--set", "appraisal.optimism_bias_costs=0.5")
    assert answer["rows_that_differ"] == 0
    programme = next(row for row in answer["savings"] if row["money"] == "programme")
    assert programme["after_gbp"] == pytest.approx(1.5 * programme["before_gbp"], abs=0.02)


def test_what_lives_depend_on_is_refused_by_name(lacsim: Any, finished_run: Path) -> None:
    said = lacsim("cost", "--out", str(finished_run), "--set", "effects.admission_hr=0.9")
    assert said.code == 2
    assert said.faults == [
        "lacsim: effects.admission_hr: what was simulated may depend on it, so money alone cannot be made again. "
        "Run it: lacsim run --set effects.admission_hr=0.9"
    ]


def test_a_price_that_does_not_exist_is_named_with_the_nearest(lacsim: Any, finished_run: Path) -> None:
    said = lacsim("cost", "--out", str(finished_run), "--set", "unit_costs.residental_week=5")
    assert said.code == 2
    assert "Did you mean 'unit_costs.residential_week'?" in said.err


def test_a_stance_in_a_file_is_lived_not_priced(lacsim: Any, finished_run: Path, empty_folder: Path) -> None:
    (empty_folder / "p.toml").write_text('stance = "reported"\n', "utf-8")
    said = lacsim("cost", "--out", str(finished_run), "--params", "p.toml")
    assert said.code == 2
    assert "has stance 'reported' and the run 'controlled'; a stance is lived, not priced" in said.err


def test_the_new_ledger_can_be_kept_and_nothing_is_overwritten(
    lacsim: Any, finished_run: Path, empty_folder: Path
) -> None:
    arguments = ("cost", "--out", str(finished_run), "--ledger", "ledger.csv")
    assert lacsim(*arguments).code == 0
    table = pd.read_csv(empty_folder / "ledger.csv")
    exact = table["quantity"] * table["unit_cost_gbp"]
    assert (table["amount_gbp"] - exact).abs().max() < 0.0051
    again = lacsim(*arguments)
    assert again.code == 2
    assert "ledger.csv is there already. Give another name, or remove it." in again.err


def test_the_answer_in_words_says_that_nothing_was_simulated(lacsim: Any, finished_run: Path) -> None:
    said = lacsim("cost", "--out", str(finished_run), "--set", "unit_costs.assessment=900")
    assert "set   unit_costs.assessment = 900.0 (was 541.0)" in said.out
    assert "What moved most (cost to its payer, £)" in said.out
    assert said.out.rstrip().endswith("Nothing was simulated; the stored run is unchanged.")


@pytest.mark.parametrize(
    ("name", "words"),
    [("quantities.parquet", "is missing; a run made before it existed has none"), ("scenarios.json", "cannot be read")],
)
def test_a_run_without_what_is_needed_is_refused(
    lacsim: Any, finished_run: Path, tmp_path: Path, name: str, words: str
) -> None:
    (folder,) = (finished_run / "runs").iterdir()
    copy = tmp_path / "results" / "runs" / folder.name
    shutil.copytree(folder, copy)
    (copy / name).unlink()
    said = lacsim("cost", str(copy))
    assert said.code == 4
    assert words in said.err


def test_a_damaged_table_and_an_unknown_area_are_told(lacsim: Any, finished_run: Path, tmp_path: Path) -> None:
    (folder,) = (finished_run / "runs").iterdir()
    copy = tmp_path / "results" / "runs" / folder.name
    shutil.copytree(folder, copy)
    (copy / "costs.parquet").write_bytes(b"PAR1 nothing")
    assert "costs.parquet cannot be read (" in lacsim("cost", str(copy)).err
    manifest = json.loads((copy / "run.json").read_text("utf-8"))
    (copy / "run.json").write_text(json.dumps({**manifest, "area": "Elsewhere"}), "utf-8")
    assert "the run is about Elsewhere, which is not among the areas derby" in lacsim("cost", str(copy)).err


def test_every_money_name_is_a_parameter_and_none_is_read_by_the_model() -> None:
    from lacsim.runs.experiment import make_future
    from lacsim.runs.plan import central_plan

    names = money_names()
    assert set(names) <= set(params().names())
    assert not set(names) & make_future(central_plan(["wards-17"], residents=200), 1).names_read
    extra = Item("x", "programme", (), "x", "unit_costs.gp", "value")
    assert "unit_costs.gp" in money_names([extra])
