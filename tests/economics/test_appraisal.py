"""The appraisal by hand: present values, ratios under their own names, years, payback, and room for optimism."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lacsim.economics import discount_factor, ledger
from lacsim.economics.appraisal import financial_years, optimism_at_break_even, optimism_sweep, options
from lacsim.economics.payback import in_words, monthly_savings, payback, payback_month
from lacsim.economics.prices import nominal_factor
from lacsim.economics.summary import savings
from lacsim.results.study import run
from lacsim.runs.plan import make_plan

BASE = {"council_residential": 40_000 / 365.25}
BETTER = {"posts": 1.0, "council_residential": 36_500 / 365.25, "caseload": 10.0}  # 500 weeks less a year
FREE = {"programme.cost_per_manager": 0.0, "programme.network_membership": 0.0}


@pytest.fixture
def two_years(make: Any) -> Any:
    return make({"wards-10": BASE, "wards-17": BETTER}, changes=FREE)


def test_an_option_is_worth_its_services_saved_less_its_programme(two_years: Any) -> None:
    (row,) = options(ledger(two_years), two_years.plan).to_dict("records")
    saved, cost = 500 * 626.0 * 0.8, 52_597.0
    later = discount_factor(1, 0.035)
    assert row["net_present_value_gbp"] == pytest.approx((saved - cost) * (1 + later), abs=0.02)
    assert row["gross_ratio"] == pytest.approx(saved / cost, abs=1e-6)
    assert row["net_ratio"] == pytest.approx(saved / cost - 1, abs=1e-6)
    assert row["value_to_people_gbp"] == pytest.approx(12_659.0 * (1 + discount_factor(1, 0.015)), abs=0.02)
    assert row["social_gross_ratio"] > row["gross_ratio"] == row["cash_gross_ratio"]
    assert row["futures_better"] == 1.0


def test_value_to_people_is_discounted_at_the_health_rate_and_money_is_not(two_years: Any) -> None:
    costs = ledger(two_years).query("scenario == 'wards-17' and year == '2020/21'").set_index(["item", "payer"])
    rates = costs["discounted_gbp"] / costs["amount_gbp"]
    assert rates["wellbeing of people supported", "society"] == pytest.approx(0.985222, abs=1e-6)
    assert rates["residential care, council", "council"] == pytest.approx(0.966184, abs=1e-6)


def test_financial_years_are_undiscounted_real_and_nominal(two_years: Any) -> None:
    table = financial_years(ledger(two_years), two_years.plan).set_index(["year", "part"])
    saved = 500 * 626.0 * 0.8 - 52_597.0
    assert table.loc[("2019/20", "public_purse"), "real_gbp"] == pytest.approx(saved, abs=0.02)
    assert table.loc[("2020/21", "public_purse"), "real_gbp"] == pytest.approx(saved, abs=0.02)
    nominal = table["nominal_gbp"] / table["real_gbp"]
    assert nominal[("2019/20", "public_purse")] == pytest.approx(1 / 0.9738, rel=1e-9)
    assert nominal[("2020/21", "programme")] == pytest.approx(1 / 0.9256, rel=1e-9)


def test_prices_beyond_the_index_grow_by_the_assumed_inflation() -> None:
    assert nominal_factor("2018/19", "2023/24", 0.02) == pytest.approx(1 / 0.8196)
    assert nominal_factor("2018/19", "2025/26", 0.02) == pytest.approx(1.02**2 / 0.8196)


def test_the_optimism_at_which_nothing_is_left_gives_nothing_when_applied(two_years: Any) -> None:
    costs = ledger(two_years)
    share = optimism_at_break_even(costs, two_years.plan, "wards-17", "wards-10")
    assert share == pytest.approx(1 - 52_597.0 / (500 * 626.0 * 0.8), abs=1e-7)
    net = savings(costs, "wards-10", optimism_share=share)["public_purse_saving_gbp"].mean()
    assert abs(net) < 0.05
    sweep = optimism_sweep(costs, two_years.plan, "wards-17", "wards-10")
    assert sweep["optimism_share"].tolist() == pytest.approx([k / 100 for k in range(0, 65, 5)])
    assert (np.diff(sweep["net_present_value_gbp"]) < 0).all()


def test_optimism_about_costs_makes_the_programme_dearer_and_nothing_else(two_years: Any) -> None:
    costs = ledger(two_years)
    plain = savings(costs, "wards-10").iloc[0]
    more = savings(costs, "wards-10", cost_optimism_share=0.1).iloc[0]
    assert more["programme_saving_gbp"] == pytest.approx(1.1 * plain["programme_saving_gbp"], abs=0.01)
    assert more["council_cash_saving_gbp"] == plain["council_cash_saving_gbp"]


@pytest.mark.parametrize(
    ("cumulative", "month"),
    [([1.0, 2.0], 1), ([-1.0, 0.0], 2), ([5.0, -1.0, 3.0], 3), ([5.0, -1.0], None), ([-1.0], None)],
)
def test_payback_is_the_month_from_which_it_never_falls_below_nothing(
    cumulative: list[float], month: int | None
) -> None:
    assert payback_month(cumulative) == month


def test_payback_in_words_says_how_often_it_never_comes() -> None:
    some = pd.DataFrame({"payback_month": pd.array([14, 20, None, 16], dtype="Int64")})
    assert in_words(some) == (
        "It pays back in month 16 (median of the futures that do); in 1 of 4 futures it never does within the period."
    )
    none = pd.DataFrame({"payback_month": pd.array([None], dtype="Int64")})
    assert in_words(none) == "It does not pay back within the period in any future."


def test_months_of_money_add_up_to_the_years_of_the_ledger() -> None:
    results = run(make_plan(["wards-10", "wards-17"], futures=2, residents=4_000), jobs=1)
    table = monthly_savings(results, "wards-17", "wards-10")
    assert len(table) == 2 * 60
    by_year = savings(ledger(results), "wards-10", money="amount").set_index("future")
    for future, found in table.groupby("future"):
        total = found["public_purse_saving_gbp"].sum()
        # a month is rounded once for each of 30 parts
        assert total == pytest.approx(by_year.loc[future, "public_purse_saving_gbp"], abs=60 * 30 * 0.005)
        assert found["cumulative_public_purse_saving_gbp"].iloc[-1] == pytest.approx(total)
    assert len(payback(results, "wards-17", "wards-10")) == 2
