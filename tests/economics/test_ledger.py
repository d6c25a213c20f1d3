"""The ledger: arithmetic to the penny, sums in any order, differences event by event."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacsim.economics.ledger import COLUMNS, ledger, ward_ledger
from lacsim.economics.pricing import amount_in_pence, to_pence
from lacsim.errors import LedgerError

N_PARTS = 30  # parts with a price: 26 items and their shares


def test_quantity_times_unit_cost_is_the_amount_to_the_penny(busy: Any) -> None:
    costs = ledger(busy)
    assert len(costs) == 2 * 3 * 2 * N_PARTS
    for row in costs.itertuples():
        exact = row.quantity * row.unit_cost_gbp
        assert abs(row.amount_gbp - exact) < 0.005 + 1e-6, row


@given(st.integers(-(10**11), 10**11), st.integers(-(10**7), 10**7), st.sampled_from([1, 86_400, 604_800, 31_557_600]))
def test_amounts_are_exact_and_rounded_half_away_from_zero(raw: int, pence: int, per_unit: int) -> None:
    found = amount_in_pence(np.array(raw, np.int64), np.array(pence, np.int64), per_unit)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(raw * pence) / Decimal(per_unit)
        assert int(found) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_an_amount_too_large_for_pence_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"reaches £1e\+19, more than the £2\.31e\+16 that can be kept"):
        amount_in_pence(np.array([10**12]), np.array([10**9]), 1)


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


def test_wards_add_up_to_the_city_within_rounding(busy: Any) -> None:
    by_ward = ward_ledger(busy).groupby(["scenario", "future", "year", "payer", "line", "item"])["amount_gbp"].sum()
    city = ledger(busy).set_index(["scenario", "future", "year", "payer", "line", "item"])["amount_gbp"]
    assert (by_ward - city[city != 0]).abs().max() < 0.01


def test_the_ledger_by_ward_of_some_scenarios_has_their_rows_and_no_others(busy: Any) -> None:
    whole = ward_ledger(busy)
    names = list(whole["scenario"].unique())[::-1][:1]
    rows = whole[whole["scenario"].isin(names)].reset_index(drop=True)
    pd.testing.assert_frame_equal(ward_ledger(busy, scenarios=names), rows)


def test_ledgers_in_another_price_year_are_refused(make: Any) -> None:
    with pytest.raises(LedgerError, match=r"unit_costs\.wellby is in 2018/19 prices and the ledger is in 2024/25"):
        ledger(make({"no-lac": {}}, changes={"appraisal.price_year": "2024/25"}))


def test_results_without_a_measure_or_a_row_are_refused(busy: Any) -> None:
    counted = busy.quantities
    with pytest.raises(LedgerError, match=r"results.quantities has no measure assessments; the items"):
        ledger(replace(busy, quantities=counted.drop(columns="assessments")))
    with pytest.raises(LedgerError, match=r"no row for 1 of 12 cells, the first is \(no-lac, 1, 2019/20, Abbey\)"):
        ledger(replace(busy, quantities=counted.iloc[1:]))


def test_measures_the_ledger_does_not_price_are_ignored(busy: Any) -> None:
    assert ledger(replace(busy, quantities=busy.quantities.assign(visits=7))).equals(ledger(busy))


def test_pence_are_the_nearest() -> None:
    assert to_pence([0.005001, -1.239, 158.16]).tolist() == [1, -124, 15_816]


def test_a_hundred_futures_are_priced_within_a_second(make: Any) -> None:
    years = tuple(f"20{y}/{y + 1}" for y in range(19, 24))
    counts = {"admissions": 25_000.0, "short_stays": 9_000.0, "package_at_home": 2_900.5, "posts": 17.0}
    results = make({"no-lac": counts, "wards-10": counts, "wards-17": counts}, years=years, draws=({},) * 100)
    begins = time.perf_counter()
    costs = ledger(results)
    took = time.perf_counter() - begins
    assert len(costs) == 100 * 3 * 5 * N_PARTS
    assert took < 1.0
