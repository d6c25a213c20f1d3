"""Residents' accounts: the whole city, person by person, to the penny."""

from __future__ import annotations

import numpy as np
import pytest

from lacsim.economics.accounts import Accounts, accounts, people_behind
from lacsim.economics.items import ITEMS
from lacsim.economics.ledger import paired_ledger, ward_ledger
from lacsim.economics.pricing import Money, amount_in_pence
from lacsim.economics.programme import years_of
from lacsim.model import stages as s
from lacsim.results.quantities import PRICED, quantities
from lacsim.results.study import Results, run
from lacsim.runs.experiment import live, make_future
from lacsim.runs.plan import Plan, make_plan

PAIR = ("wards-17", "no-lac")


@pytest.fixture(scope="module")
def city() -> tuple[Results, Accounts]:
    """All 197,364 adults, one future with drawn prices, and the same future person by person."""
    plan = make_plan(["no-lac", "wards-17"], futures=1, seed=5)
    assert plan.n_residents == 197_364
    return run(plan, jobs=1), accounts(plan, 1, *PAIR)


def test_person_by_person_differences_add_up_to_the_difference_of_totals(city: tuple[Results, Accounts]) -> None:
    """Every line, ward, payer and year of the whole city: exactly before rounding, and to the penny after it."""
    results, found = city
    plan = results.plan
    wards, years = plan.area.ward_names, plan.period.year_labels
    rows = paired_ledger(results, *PAIR).set_index(["item", "payer", "line", "year", "ward"])["amount_gbp"].to_dict()
    totals = ward_ledger(results).set_index(["scenario", "item", "payer", "line", "year", "ward"])
    totals = totals["amount_gbp"].to_dict()
    n_rows = 0
    for priced in Money(plan, [plan.values(1)], years_of(plan.period), ITEMS).priced:
        if priced.item.group == "programme":
            continue
        change = found.difference(priced.item)
        for y, year in enumerate(years):
            who = np.flatnonzero(change[y])
            pence = change[y, who] * priced.unit_cost[0, y]  # of each person, times per_unit: whole numbers
            of_ward = np.zeros(len(wards), np.int64)
            np.add.at(of_ward, found.ward[who], pence)
            for w, ward in enumerate(wards):
                key = (priced.item.name, priced.part.payer, priced.part.line, year, ward)
                row = round(100 * rows.get(key, 0.0))
                assert int(amount_in_pence(of_ward[w], np.int64(1), priced.item.per_unit)) == row, key
                a, b = (round(100 * totals.get((name, *key), 0.0)) for name in ("no-lac", "wards-17"))
                assert abs(a - b - row) <= 1, key  # both totals are rounded, the difference once
                if priced.item.per_unit == 1:
                    assert a - b == row, key
                n_rows += row != 0
    assert n_rows > 1_000


def test_quantities_by_ward_and_year_are_those_of_the_tally(city: tuple[Results, Accounts]) -> None:
    results, _ = city
    yearly = results.yearly.pivot_table(index=["scenario", "year"], columns="measure", values="value")
    counted = results.quantities.groupby(["scenario", "year"])[list(PRICED)].sum()
    for measure in PRICED:
        if measure == "delayed_beyond_price":
            assert (counted[measure] < yearly["delayed_in_hospital"] * s.YEAR).all()
            continue
        size = 1 if measure in ("admissions", "short_stays", "assessments", "reablement_episodes") else s.YEAR
        assert (counted[measure] == (yearly[measure] * size).round().astype("int64")).all(), measure
    by_ward = results.wards.pivot_table(index=["scenario", "ward"], columns="measure", values="value")
    found = results.quantities.groupby(["scenario", "ward"])["admissions"].sum()
    assert (found == by_ward["admissions"]).all()


def test_months_add_up_to_years(city: tuple[Results, Accounts]) -> None:
    results, _ = city
    monthly = results.quantities_monthly.groupby("scenario")[list(PRICED)].sum()
    yearly = results.quantities.groupby("scenario")[list(PRICED)].sum()
    assert monthly.equals(yearly)


@pytest.fixture(scope="module")
def small() -> Plan:
    return make_plan(["no-lac", "wards-17"], futures=1, residents=4_000)


def test_no_delayed_day_is_paid_for_twice(small: Plan) -> None:
    life = live(make_future(small, 1), small.scenarios[0])

    def delayed(spell_days: float) -> int:
        found = quantities(
            life.trace, life.start, period_starts=small.period.year_starts, group=life.start["ward"],
            n_groups=17, short_stay_days=2.0, spell_days=spell_days,
        )  # fmt: skip
        return int(found[..., PRICED.index("delayed_beyond_price")].sum())

    assert delayed(0.0) > delayed(7.0) > delayed(14.0) > 0
    assert delayed(10_000.0) == 0


def test_people_behind_a_difference_are_named_with_price_and_quantity(small: Plan) -> None:
    table = people_behind(small, 1, *PAIR)
    assert (table["quantity"] != 0).all()
    exact = table["quantity"] * table["unit_cost_gbp"]
    gain = table["line"] == "value_to_people"
    assert (table["saving_gbp"] - exact.where(~gain, -exact)).abs().max() < 0.0051
    assert table["resident"].is_monotonic_increasing
