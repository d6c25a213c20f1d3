"""The ledger: arithmetic to the penny, sums in any order, differences event by event."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacsim.economics.ledger import COLUMNS, amount_in_pence, ledger, to_pence
from lacsim.errors import LedgerError

PENNY = Decimal("0.01")


def test_quantity_times_unit_cost_is_the_amount_to_the_penny(busy: Any) -> None:
    costs = ledger(busy)
    assert len(costs) == 2 * 3 * 2 * 26
    for row in costs.itertuples():
        exact = Decimal(str(row.quantity)) * Decimal(str(row.unit_cost_gbp))
        assert Decimal(str(row.amount_gbp)) == exact.quantize(PENNY, ROUND_HALF_UP), row


@given(st.integers(-(10**11), 10**11), st.integers(-(10**6), 10**6))
def test_amounts_are_rounded_half_away_from_zero(quantity: int, pence: int) -> None:
    exact = Decimal(quantity) * pence / 10_000
    found = amount_in_pence(np.array(quantity, np.int64), np.array(pence, np.int64))
    assert int(found) == exact.quantize(Decimal(1), ROUND_HALF_UP)


def test_an_amount_too_large_for_pence_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"reaches £1e\+15, more than the £4\.61e\+12 that can be kept"):
        amount_in_pence(np.array([10**12]), np.array([10**9]))


def test_rows_show_their_working_in_the_plans_order(busy: Any) -> None:
    costs = ledger(busy)
    assert tuple(costs.columns) == COLUMNS
    assert list(dict.fromkeys(costs["scenario"])) == ["no-lac", "wards-17"]
    keys = costs[["future", "year"]][costs["scenario"] == "no-lac"]
    assert keys.equals(keys.sort_values(["future", "year"], kind="stable"))
    assert not costs.isna().any().any()
    assert set(costs["price_year"]) == {"2018/19"}
    first = costs.iloc[0]
    assert (first["item"], first["source_id"], first["cashable"]) == ("coordinators", "user", "cashable")
    assert set(costs.loc[costs["item"] == "NHS-funded nursing care", "source_id"]) == {"dhsc-fnc-2018"}


def test_total_is_the_same_over_payers_lines_years_and_items(busy: Any) -> None:
    costs = ledger(busy)
    pence = (costs["amount_gbp"] * 100).round().astype("int64")
    total = int(pence.sum())
    for column in ("payer", "line", "year", "item", "future", "scenario", "group"):
        assert int(pence.groupby(costs[column]).sum().sum()) == total
        assert costs[column].notna().all()


def test_later_years_count_less_and_the_first_counts_in_full(make: Any) -> None:
    years = ("2019/20", "2020/21", "2021/22")
    costs = ledger(make({"no-lac": {"assessments": 1_000.0}}, years=years))
    row = costs[costs["item"] == "needs assessment"]
    assert row["amount_gbp"].tolist() == [541_000.00] * 3
    assert row["discounted_gbp"].tolist() == [541_000.00, 522_705.31, 505_029.29]


def test_each_future_is_priced_with_its_own_draw(make: Any) -> None:
    draws = ({"unit_costs.assessment": 541.0}, {"unit_costs.assessment": 135.384})
    costs = ledger(make({"no-lac": {"assessments": 1.0}}, years=("2019/20",), draws=draws))
    assert costs.loc[costs["item"] == "needs assessment", "amount_gbp"].tolist() == [541.0, 135.38]


def test_a_partly_cashable_price_is_divided_without_a_penny_lost(busy: Any) -> None:
    costs = ledger(busy)
    stay = costs[costs["item"] == "emergency stay, long"]
    first = stay[(stay["scenario"] == "no-lac") & (stay["year"] == "2019/20")]
    whole = first.groupby("future")["unit_cost_gbp"].sum().round(2)
    assert whole.tolist() == [3_053.12, 2_676.19, 3_769.29]
    assert set(stay["cashable"]) == {"partly"}


@pytest.mark.parametrize("item", ["A&E attendance, admitted", "ambulance", "needs assessment"])
def test_differences_event_by_event_add_up_to_the_difference_of_totals(busy: Any, item: str) -> None:
    costs = ledger(busy)
    measure = "assessments" if item == "needs assessment" else "admissions"
    counted = busy.yearly[busy.yearly["measure"] == measure].set_index(["scenario", "future", "year"])["value"]
    priced = costs[costs["item"] == item].set_index(["scenario", "future", "year"])
    events = counted["no-lac"] - counted["wards-17"]
    one_by_one = events * priced["unit_cost_gbp"]["no-lac"] * 100
    totals = (priced["amount_gbp"]["no-lac"] - priced["amount_gbp"]["wards-17"]) * 100
    assert one_by_one.round().astype(int).tolist() == totals.round().astype(int).tolist()


def test_ledgers_in_another_price_year_are_refused(make: Any) -> None:
    with pytest.raises(LedgerError, match=r"unit_costs\.wellby is in 2018/19 prices and the ledger is in 2024/25"):
        ledger(make({"no-lac": {}}, changes={"appraisal.price_year": "2024/25"}))


def test_results_without_a_measure_are_refused(busy: Any) -> None:
    yearly = busy.yearly
    without = replace(busy, yearly=yearly[yearly["measure"] != "assessments"])
    with pytest.raises(
        LedgerError,
        match=r"no finite value for 12 of 144 cells, the first is \(no-lac, 1, 2019/20, assessments\)",
    ):
        ledger(without)


def test_measures_the_ledger_does_not_price_are_ignored(busy: Any) -> None:
    yearly = busy.yearly
    more = yearly.assign(measure="caseload", value=np.nan)
    with_more = replace(busy, yearly=pd.concat([more, yearly], ignore_index=True))
    assert ledger(with_more).equals(ledger(busy))


def test_pence_are_the_nearest() -> None:
    assert to_pence([0.005001, -1.239, 158.16]).tolist() == [1, -124, 15_816]


def test_a_hundred_futures_are_priced_within_a_second(make: Any) -> None:
    years = tuple(f"20{y}/{y + 1}" for y in range(19, 24))
    counts = {"admissions": 25_000.0, "short_stays": 9_000.0, "package_at_home": 2_900.5, "posts": 17.0}
    results = make({"no-lac": counts, "wards-10": counts, "wards-17": counts}, years=years, draws=({},) * 100)
    begins = time.perf_counter()
    costs = ledger(results)
    took = time.perf_counter() - begins
    assert len(costs) == 100 * 3 * 5 * 26
    assert took < 1.0
