"""Prices: discounting against the printed table, price years, deflators."""

from __future__ import annotations

import pytest

from lacsim.economics.prices import (
    check_price_years,
    discount_factor,
    discount_factors,
    to_price_year,
)
from lacsim.errors import LedgerError
from lacsim.parameters import params

# HM Treasury, The Green Book, table 6.1.
PRINTED = {
    1: 0.966184,
    2: 0.933511,
    3: 0.901943,
    5: 0.841973,
    10: 0.708919,
    20: 0.502566,
    30: 0.356278,
    31: 0.345901,
    50: 0.197263,
    75: 0.094214,
    125: 0.027411,
}
HEALTH = {1: 0.985222, 5: 0.928260, 10: 0.861667, 30: 0.639762}


@pytest.mark.parametrize(("year", "printed"), PRINTED.items())
def test_discount_factors_are_those_of_the_printed_table(year: int, printed: float) -> None:
    assert discount_factor(year, 0.035) == pytest.approx(printed, abs=5.1e-7)


@pytest.mark.parametrize(("year", "computed"), HEALTH.items())
def test_health_is_discounted_at_its_own_rate(year: int, computed: float) -> None:
    assert discount_factor(year, 0.015) == pytest.approx(computed, abs=5.1e-7)


def test_the_first_year_is_not_discounted() -> None:
    assert discount_factors(3, 0.035).tolist() == [1.0, 1 / 1.035, 1 / 1.035 / 1.035]


def test_a_rate_of_nothing_leaves_every_year_whole() -> None:
    assert discount_factors(126, 0.0).tolist() == [1.0] * 126


def test_at_a_rate_of_a_half_each_year_counts_two_thirds_of_the_one_before() -> None:
    assert discount_factors(4, 0.5) == pytest.approx([1.0, 2 / 3, 4 / 9, 8 / 27], rel=1e-15)


def test_a_year_beyond_the_schedule_is_refused() -> None:
    with pytest.raises(
        LedgerError, match=r"year 126 after the first lies outside the schedule, 0 to 125 years\. Shorten"
    ):
        discount_factor(126, 0.035)


@pytest.mark.parametrize("rate", [-0.01, float("nan")])
def test_a_negative_discount_rate_is_refused(rate: float) -> None:
    with pytest.raises(LedgerError, match=r"appraisal\.discount_rate: must be 0 or more a year, found"):
        discount_factor(1, rate)


@pytest.mark.parametrize("index", ["gdp", "social_care"])
def test_deflating_and_reflating_gives_the_same_amount(index: str) -> None:
    there = to_price_year(216.0, "2013/14", "2021/22", index=index)  # type: ignore[arg-type]
    back = to_price_year(there, "2021/22", "2013/14", index=index)  # type: ignore[arg-type]
    assert back == pytest.approx(216.0, rel=1e-12)


def test_an_amount_in_its_own_year_is_unchanged() -> None:
    assert to_price_year(541.0, "2018/19", "2018/19") == 541.0


def test_restated_unit_costs_follow_from_their_source_figures() -> None:
    assert round(to_price_year(585.0, "2011/12", "2018/19")) == 655  # nel_short
    assert round(to_price_year(395.0, "2022/23", "2018/19", index="nhs")) == 342  # dtoc_day


def test_a_year_without_an_index_figure_is_refused() -> None:
    with pytest.raises(
        LedgerError, match=r"price index 'nhs' has no figure for 2010/11; .* has 2014/15 to 2023/24\. Choose"
    ):
        to_price_year(1.0, "2010/11", "2018/19", index="nhs")


def test_an_unknown_index_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"price index 'rpi' is not known\. Use gdp, nhs, social_care\."):
        to_price_year(1.0, "2018/19", "2018/19", index="rpi")  # type: ignore[arg-type]


def test_cost_in_two_price_years_is_refused() -> None:
    later = params().replace({"appraisal.price_year": "2024/25"})
    with pytest.raises(LedgerError) as caught:
        check_price_years(later, ["unit_costs.nursing_week", "unit_costs.assessment"])
    assert caught.value.faults == tuple(
        f"unit_costs.{name} is in 2018/19 prices and the ledger is in 2024/25; deflate it with "
        "prices.to_price_year before adding."
        for name in ("assessment", "nursing_week")
    )


def test_a_unit_cost_without_a_price_year_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"has no price year and the ledger is in 2018/19; give its claim"):
        check_price_years(params(), ["cashability.nel_long_share"])
