"""Totals and savings: four kinds of money, the programme apart, benefits shrunk and costs in full."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lacsim.economics.ledger import ledger
from lacsim.economics.summary import line_totals, savings, summary, totals
from lacsim.errors import LedgerError

BASE = {"admissions": 10.0, "assessments": 20.0, "council_residential": 7_000 / 365.25}
BETTER = {
    "posts": 1.0,
    "admissions": 9.0,
    "assessments": 22.0,
    "council_residential": 6_300 / 365.25,
    "caseload": 50.0,
}


@pytest.fixture
def small(make: Any) -> Any:
    """One year: one admission fewer, two assessments more, 100 care-home weeks fewer, one post."""
    changes = {"programme.cost_per_manager": 0.0}
    return make({"no-lac": BASE, "wards-17": BETTER}, years=("2019/20",), changes=changes)


def test_totals_keep_the_programme_apart_and_add_up(small: Any) -> None:
    wide = totals(ledger(small)).set_index("scenario")
    assert wide.loc["no-lac", "programme_gbp"] == 0.0
    assert wide.loc["wards-17", "programme_gbp"] == 61_597.00
    assert wide.loc["no-lac", "council_cash_gbp"] == 500_800.00  # 1,000 weeks at 626 less a fifth
    assert wide.loc["no-lac", "nhs_cash_gbp"] == 9_159.00  # ten long stays at 915.90
    assert wide.loc["no-lac", "capacity_released_gbp"] == 37_381.00  # 21,371 + 2,630 + 2,560 + 10,820
    assert wide.loc["no-lac", "resident_cash_gbp"] == 125_200.00
    assert wide.loc["no-lac", "public_cash_gbp"] == 509_959.00
    assert wide.loc["no-lac", "public_purse_gbp"] == 547_340.00
    assert wide.loc["wards-17", "value_to_people_gbp"] == 63_295.00


def test_savings_are_comparator_minus_scenario_line_by_line(small: Any) -> None:
    (saved,) = savings(ledger(small), "no-lac").to_dict("records")
    assert saved == {
        "scenario": "wards-17",
        "comparator": "no-lac",
        "future": 1,
        "programme_saving_gbp": -61_597.00,
        "council_cash_saving_gbp": 50_080.00,
        "nhs_cash_saving_gbp": 915.90,
        "capacity_released_saving_gbp": 2_656.10 - 1_082.00,
        "resident_cash_saving_gbp": 12_520.00,
        "public_cash_saving_gbp": -10_601.10,
        "public_purse_saving_gbp": -9_027.00,
        "value_to_people_gain_gbp": 63_295.00,
    }


def test_wellbeing_never_enters_a_saving(make: Any) -> None:
    costs = ledger(make({"no-lac": {}, "wards-17": {"caseload": 1_000.0}}))
    (saved,) = savings(costs, "no-lac").to_dict("records")
    assert {value for name, value in saved.items() if name.endswith("_saving_gbp")} == {0.0}
    assert saved["value_to_people_gain_gbp"] > 0.0


def test_optimism_shrinks_benefits_and_leaves_costs_whole(small: Any) -> None:
    (saved,) = savings(ledger(small), "no-lac", optimism_share=0.4).to_dict("records")
    assert saved["council_cash_saving_gbp"] == 30_048.00
    assert saved["value_to_people_gain_gbp"] == 37_977.00
    assert saved["programme_saving_gbp"] == -61_597.00
    (worse,) = savings(ledger(small), "wards-17", optimism_share=0.4).to_dict("records")
    assert worse["council_cash_saving_gbp"] == -50_080.00
    assert worse["programme_saving_gbp"] == 61_597.00


def test_savings_by_year_add_up_to_savings(busy: Any) -> None:
    costs = ledger(busy)
    whole = savings(costs, "no-lac").set_index("future")
    by_year = savings(costs, "no-lac", by=("year",))
    assert by_year["year"].tolist() == ["2019/20", "2020/21"] * 3
    added = by_year.groupby("future")["public_purse_saving_gbp"].sum().round(2)
    assert added.tolist() == whole["public_purse_saving_gbp"].tolist()


def test_savings_by_payer_add_up_to_savings(busy: Any) -> None:
    costs = ledger(busy)
    by_payer = savings(costs, "no-lac", by=("payer",)).groupby("future")
    whole = savings(costs, "no-lac").set_index("future")
    for column in ("programme_saving_gbp", "public_purse_saving_gbp", "resident_cash_saving_gbp"):
        assert by_payer[column].sum().round(2).tolist() == whole[column].tolist()


def test_line_totals_add_up_to_the_ledger(busy: Any) -> None:
    costs = ledger(busy)
    lines = line_totals(costs, ("year",))
    assert list(lines.columns) == ["scenario", "future", "year", "line", "amount_gbp", "discounted_gbp"]
    assert len(lines) == 2 * 3 * 2 * 5
    for column in ("amount_gbp", "discounted_gbp"):
        assert round(lines[column].sum() * 100) == round(costs[column].sum() * 100)


def test_two_equal_scenarios_save_nothing(make: Any) -> None:
    costs = ledger(make({"no-lac": BETTER, "same": BETTER}))
    (saved,) = savings(costs, "no-lac").to_dict("records")
    assert {value for name, value in saved.items() if name.endswith("_gbp")} == {0.0}


def test_summary_puts_savings_against_the_first_scenario_beside_totals(small: Any) -> None:
    table = summary(ledger(small), small.plan)
    assert table["scenario"].tolist() == ["no-lac", "wards-17"]
    assert table["comparator"].tolist() == ["no-lac", "no-lac"]
    assert table["public_purse_saving_gbp"].tolist() == [0.0, -9_027.00]
    assert (table["public_purse_gbp"].iloc[0] - table["public_purse_gbp"].iloc[1]).round(2) == -9_027.00


def test_summary_of_one_scenario_has_totals_only(make: Any) -> None:
    alone = make({"no-lac": BASE})
    assert "public_purse_saving_gbp" not in summary(ledger(alone), alone.plan).columns


def test_an_unknown_comparator_is_refused(small: Any) -> None:
    with pytest.raises(
        LedgerError, match=r"comparator 'no-lca' is not a scenario of this ledger\. Did you mean 'no-lac'\?"
    ):
        savings(ledger(small), "no-lca")


def test_one_scenario_alone_cannot_be_compared(make: Any) -> None:
    with pytest.raises(LedgerError, match=r"'no-lac' is its only scenario, a comparison needs at least two"):
        savings(ledger(make({"no-lac": BASE})), "no-lac")


def test_optimism_beyond_all_benefits_is_refused(small: Any) -> None:
    with pytest.raises(LedgerError, match=r"optimism_bias_benefits: must lie between 0 and 1, found 40\."):
        savings(ledger(small), "no-lac", optimism_share=40.0)


def test_summary_reads_the_optimism_of_the_plan(make: Any) -> None:
    doubtful = make(
        {"no-lac": BASE, "wards-17": BETTER},
        years=("2019/20",),
        changes={"appraisal.optimism_bias_benefits": 0.4},
    )
    assert isinstance(doubtful.plan, SimpleNamespace)
    table = summary(ledger(doubtful), doubtful.plan)
    assert table["council_cash_saving_gbp"].tolist() == [0.0, 30_048.00]
