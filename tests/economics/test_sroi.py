"""Social return: the guide's worked example to the penny, the rules of impact, and both counterfactuals."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from lacsim import evidence
from lacsim.economics import ledger
from lacsim.economics.impact import Outcome, social_return, value_map
from lacsim.economics.overlaps import check_overlaps
from lacsim.economics.sroi import (
    analyst_outcomes,
    how_four_to_one_arises,
    input_gbp,
    maps,
    model_outcomes,
    side_by_side,
)
from lacsim.errors import LedgerError
from lacsim.parameters import params
from lacsim.results.study import Results, run
from lacsim.runs.plan import central_plan

PAIR = ("wards-10", "no-lac")


def guide() -> list[Outcome]:
    table = evidence.table("sroi_wheels_to_meals")
    return [
        Outcome(
            str(row.stakeholder), str(row.outcome), float(row.quantity), "", float(row.proxy_gbp),
            deadweight=float(row.deadweight), displacement=float(row.displacement),
            attribution=float(row.attribution), drop_off=float(row.drop_off), years=int(row.years),
        )
        for row in table.itertuples()
    ]  # fmt: skip


def test_the_worked_example_of_the_guide_comes_out_to_the_penny() -> None:
    outcomes = guide()
    impacts = [round(o.impact_gbp, 2) for o in outcomes]
    assert impacts == [625.10, 33_010.60, 48_013.00, 1_539.00, 451.62, 0.0, 175.50, -1_306.25]
    assert round(sum(o.impact_gbp for o in outcomes), 2) == 82_508.57
    found = social_return(outcomes, 42_375.0, 0.035, year_end=True)
    assert round(found.present_value_gbp, 2) == 81_741.93
    assert round(found.net_present_value_gbp, 2) == 39_366.93
    assert round(found.gross, 2) == 1.93


@pytest.mark.parametrize("share", ["deadweight", "displacement", "attribution"])
def test_a_share_of_all_leaves_nothing(share: str) -> None:
    outcome = Outcome("people", "x", 10.0, "", 100.0, years=3, drop_off=0.1, **{share: 1.0})
    assert outcome.impacts_gbp() == [0.0, 0.0, 0.0]


def test_a_drop_off_of_all_leaves_the_first_year() -> None:
    outcome = Outcome("people", "x", 10.0, "", 100.0, years=3, drop_off=1.0)
    assert outcome.impacts_gbp() == [1_000.0, 0.0, 0.0]


def test_the_order_of_the_shares_does_not_matter() -> None:
    names = ("deadweight", "displacement", "attribution")
    found = {
        round(Outcome("p", "x", -7.0, "", 31.0, **dict(zip(order, (0.1, 0.25, 0.4), strict=True))).impact_gbp, 9)
        for order in itertools.permutations(names)
    }
    assert found == {round(-7 * 31 * 0.9 * 0.75 * 0.6, 9)}


def test_a_quantity_nobody_counted_is_listed_and_not_valued() -> None:
    table = value_map([Outcome("groups", "activities", None, "activities", 50.0)], 0.035)
    assert pd.isna(table.loc[0, "quantity"])
    assert table.loc[0, "impact_gbp"] == 0.0


def test_shares_outside_0_to_1_are_refused_together() -> None:
    with pytest.raises(LedgerError) as caught:
        Outcome("p", "x", 1.0, "", 1.0, deadweight=20.0, attribution=-0.1, years=0)
    assert caught.value.faults == (
        "outcome 'x': deadweight must lie between 0 and 1, found 20. Give a share.",
        "outcome 'x': attribution must lie between 0 and 1, found -0.1. Give a share.",
        "outcome 'x': must last 1 year or more, found 0. Give whole years.",
    )


@pytest.fixture(scope="module")
def results() -> Results:
    return run(central_plan(["no-lac", "wards-10"], residents=6_000, replications=2), jobs=1)


def test_the_models_map_is_the_ledger_and_takes_no_share_off(results: Results) -> None:
    costs = ledger(results)
    outcomes = model_outcomes(costs, *PAIR)
    assert {o.deadweight for o in outcomes} == {0.0}
    assert {o.quantity_from for o in outcomes} == {"simulation"}
    services = costs[~costs["group"].isin(["programme", "client_contributions"])]
    value = services["line"] == "value_to_people"
    signed = services["amount_gbp"].where(value, -services["amount_gbp"])
    signed = signed.where(services["scenario"] == "wards-10", -signed) / 2
    assert sum(o.impact_gbp for o in outcomes) == pytest.approx(signed.sum(), abs=0.01)


def test_nothing_is_valued_twice_in_either_map(results: Results) -> None:
    both = [*model_outcomes(ledger(results), *PAIR), *analyst_outcomes(results, *PAIR)]
    with pytest.raises(LedgerError, match=r"'services said to be avoided .* price some of the same thing"):
        check_overlaps(both)
    wellbeing = [o for o in model_outcomes(ledger(results), *PAIR) if o.price == "unit_costs.wellby"]
    assert len(wellbeing) == 5  # one a year, and no other value on how people feel


def test_the_deadweight_that_gives_a_ratio_gives_it_when_assumed(results: Results) -> None:
    costs = ledger(results)
    table = side_by_side(results, costs, *PAIR)
    assert table["counterfactual"].tolist()[0] == "the model's own lives"
    spent = input_gbp(costs, *PAIR)
    for row in (3, 4):
        share = float(table.loc[row, "deadweight_share"])
        if 0.0 <= share <= 1.0:
            again = social_return(analyst_outcomes(results, *PAIR, deadweight_share=share), spent, 0.035)
            assert again.gross == pytest.approx(table.loc[row, "gross_ratio"], rel=1e-9)
    assert table.loc[3, "gross_ratio"] == pytest.approx(4.0)
    assert table.loc[4, "gross_ratio"] == pytest.approx(table.loc[0, "gross_ratio"])
    assert (table["gross_ratio"] - table["net_ratio"]).tolist() == pytest.approx([1.0] * 5)
    words = how_four_to_one_arises(table)
    assert "4.0 : 1 takes a deadweight of" in words
    assert words.endswith("Social value is not a saving.")


def test_value_maps_say_where_each_quantity_comes_from(results: Results) -> None:
    table = maps(results, ledger(results), *PAIR)
    origins = table.groupby("counterfactual")["quantity_from"].agg(set)
    assert origins["simulated"] == {"simulation"}
    assert origins["assumed"] == {"simulation", "assumed", "documents"}
    valued = table[table["proxy_gbp"] != 0]
    assert (valued["proxy_source"] != "").all()


def test_every_number_of_an_analyst_is_in_the_register() -> None:
    entries = [name for name in params().names() if name.startswith("sroi.")]
    assert len(entries) == 9


def test_a_run_in_which_nobody_more_is_supported_has_no_deadweight_to_find() -> None:
    results = run(central_plan(["no-lac", "wards-17"], residents=200, replications=1), jobs=1)
    table = side_by_side(_Idle(results), ledger(results), "wards-17", "no-lac")  # type: ignore[arg-type]
    assert table["deadweight_share"].tail(2).isna().all()
    assert how_four_to_one_arises(table).startswith("Nobody more is supported")


class _Idle:
    """Results in which coordinators met nobody."""

    def __init__(self, results: Results) -> None:
        self.plan, self.yearly = results.plan, results.yearly.assign(value=0.0)
