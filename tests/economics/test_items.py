"""Items: each priced by hand, who pays, which kind of money, nothing counted twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lacsim.economics.items import ITEMS, LINES, Item, cashable_lag, cashable_share
from lacsim.economics.ledger import ledger
from lacsim.economics.overlaps import check_overlaps, matrix
from lacsim.economics.parts import parts_of
from lacsim.economics.programme import MEASURES as PROGRAMME_MEASURES
from lacsim.errors import LedgerError
from lacsim.parameters import params
from lacsim.results.quantities import PRICED

# Person-years that are exactly this many days or weeks.
HUNDRED_DAYS = 100 / 365.25
THOUSAND_WEEKS = 7_000 / 365.25

# measure, its value, then (item, payer, line, quantity, unit cost, amount) by hand.
BY_HAND: list[tuple[dict[str, float], list[tuple[str, str, str, float, float, float]]]] = [
    (
        {"posts": 10.0},
        [
            ("coordinators", "better_care_fund", "nhs_cash", 10.0, 31_032.23, 310_322.30),
            ("coordinators", "council", "council_cash", 10.0, 21_564.77, 215_647.70),
            ("manager", "better_care_fund", "nhs_cash", 1.0, 31_032.23, 31_032.23),
            ("manager", "council", "council_cash", 1.0, 21_564.77, 21_564.77),
            ("network membership", "council", "council_cash", 1.0, 9_000.00, 9_000.00),
        ],
    ),
    (
        {"admissions": 10.0, "short_stays": 4.0},
        [
            ("emergency stay, short", "nhs", "nhs_cash", 4.0, 196.50, 786.00),
            ("emergency stay, short", "nhs", "capacity_released", 4.0, 458.50, 1_834.00),
            ("emergency stay, long", "nhs", "nhs_cash", 6.0, 915.90, 5_495.40),
            ("emergency stay, long", "nhs", "capacity_released", 6.0, 2_137.10, 12_822.60),
            ("A&E attendance, admitted", "nhs", "capacity_released", 10.0, 263.00, 2_630.00),
            ("ambulance", "nhs", "capacity_released", 10.0, 256.00, 2_560.00),
        ],
    ),
    (
        {"delayed_beyond_price": HUNDRED_DAYS},
        [("delayed day in hospital", "nhs", "capacity_released", 100.0, 342.00, 34_200.00)],
    ),
    (
        {"assessments": 3.0},
        [("needs assessment", "council", "capacity_released", 3.0, 541.00, 1_623.00)],
    ),
    (
        {"reablement_episodes": 2.0},
        [
            ("reablement", "council", "council_cash", 2.0, 438.00, 876.00),
            ("reablement", "council", "capacity_released", 2.0, 1_022.00, 2_044.00),
        ],
    ),
    (
        {"package_at_home": THOUSAND_WEEKS},
        [
            ("home-care package", "council", "council_cash", 1_000.0, 246.00, 246_000.00),
            ("contribution to home care", "council", "council_cash", 1_000.0, -49.20, -49_200.00),
            ("contribution to home care", "resident", "resident_cash", 1_000.0, 49.20, 49_200.00),
        ],
    ),
    (
        {"council_residential": THOUSAND_WEEKS},
        [
            ("residential care, council", "council", "council_cash", 1_000.0, 626.00, 626_000.00),
            ("contribution to residential care", "council", "council_cash", 1_000.0, -125.20, -125_200.00),
            ("contribution to residential care", "resident", "resident_cash", 1_000.0, 125.20, 125_200.00),
        ],
    ),
    (
        {"council_nursing": THOUSAND_WEEKS},
        [
            ("nursing care, council", "council", "council_cash", 1_000.0, 653.00, 653_000.00),
            ("NHS-funded nursing care", "nhs", "nhs_cash", 1_000.0, 158.16, 158_160.00),
            ("contribution to nursing care", "council", "council_cash", 1_000.0, -130.60, -130_600.00),
            ("contribution to nursing care", "resident", "resident_cash", 1_000.0, 130.60, 130_600.00),
        ],
    ),
    (
        {"own_residential": THOUSAND_WEEKS},
        [("residential care, self-funded", "resident", "resident_cash", 1_000.0, 626.00, 626_000.00)],
    ),
    (
        {"own_nursing": THOUSAND_WEEKS},
        [
            ("NHS-funded nursing care", "nhs", "nhs_cash", 1_000.0, 158.16, 158_160.00),
            ("nursing care, self-funded", "resident", "resident_cash", 1_000.0, 653.00, 653_000.00),
        ],
    ),
    (
        {"caseload": 50.0},
        [("wellbeing of people supported", "society", "value_to_people", 50.0, 1_265.90, 63_295.00)],
    ),
]


@pytest.mark.parametrize(("counts", "expected"), BY_HAND, ids=[", ".join(counts) for counts, _ in BY_HAND])
def test_an_item_is_priced_as_by_hand(make: Any, counts: dict[str, float], expected: list[Any]) -> None:
    costs = ledger(make({"no-lac": counts}, years=("2019/20",)))
    found = costs[costs["quantity"] != 0]
    columns = ["item", "payer", "line", "quantity", "unit_cost_gbp", "amount_gbp"]
    assert list(found[columns].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("claim", "total", "fund", "council"),
    [("sum_of_parts", 525_968, 310_321, 215_647), ("printed", 525_698, 310_162, 215_536)],
)
def test_ten_coordinators_and_a_manager_cost_either_printed_budget_shared_59_to_41(
    make: Any, claim: str, total: int, fund: int, council: int
) -> None:
    prices = {
        name: params().entry(name).claims[claim].value
        for name in ("programme.cost_per_coordinator", "programme.cost_per_manager")
    }
    costs = ledger(make({"wards-10": {"posts": 10.0}}, years=("2019/20",), changes=prices))
    core = costs[(costs["group"] == "programme") & (costs["item"] != "network membership")]
    paid = core.groupby("payer")["amount_gbp"].sum()
    assert paid["better_care_fund"] == pytest.approx(fund, abs=1.0)
    assert paid["council"] == pytest.approx(council, abs=1.0)
    assert paid.sum() == pytest.approx(total, abs=1.0)


def test_membership_and_manager_are_paid_once_a_year_however_few_the_posts(make: Any) -> None:
    costs = ledger(make({"no-lac": {}, "pilot-2": {"posts": 0.5}, "wards-10": {"posts": 10.0}}))
    for item, one in (("network membership", 9_000.0), ("manager", 52_597.0)):
        paid = costs[costs["item"] == item].groupby("scenario")["amount_gbp"].sum()
        assert paid.to_dict() == {"no-lac": 0.0, "pilot-2": 2 * one, "wards-10": 2 * one}


def test_a_team_above_the_span_of_one_manager_has_more_of_them(make: Any) -> None:
    costs = ledger(make({"wards-17": {"posts": 17.0}}, years=("2019/20",)))
    assert costs.loc[costs["item"] == "manager", "quantity"].tolist() == [1.7, 1.7]


def test_programme_cost_is_scaled_like_the_residents_when_a_part_of_them_is_simulated(make: Any) -> None:
    costs = ledger(make({"wards-10": {"posts": 10.0}}, years=("2019/20",), scale=0.1))
    programme = costs[(costs["group"] == "programme") & (costs["amount_gbp"] != 0)]
    assert programme["amount_gbp"].tolist() == [31_032.23, 21_564.77, 3_103.22, 2_156.48, 900.00]


def test_an_item_is_cash_by_its_own_share_and_only_after_its_own_delay(make: Any) -> None:
    changes = {"cashability.reablement_share": 0.4, "cashability.reablement_lag_years": 1.25}
    years = ("2019/20", "2020/21", "2021/22")
    costs = ledger(make({"no-lac": {"reablement_episodes": 1.0}}, years=years, changes=changes))
    row = costs[costs["item"] == "reablement"].pivot_table(index="line", columns="year", values="amount_gbp")
    assert row.loc["council_cash"].tolist() == [0.0, 438.0, 584.0]
    assert row.sum().tolist() == [1_460.0] * 3


def test_every_item_divided_by_share_has_a_share_and_a_delay_of_its_own() -> None:
    parameters = params()
    for item in ITEMS:
        if item.treatment == "by_share":
            assert 0.0 <= parameters.number(cashable_share(item.price)) <= 1.0
            assert parameters.number(cashable_lag(item.price)) >= 0.0
            cash = parameters.number(cashable_share(item.price)) > 0.0
            assert cash == (parameters.claim(item.price).cashable != "non-cashable"), item.name


def test_client_contributions_net_to_nothing_over_all_payers(busy: Any) -> None:
    moved = ledger(busy).query("group == 'client_contributions'")
    assert (moved["amount_gbp"] != 0).any()
    for column in ("amount_gbp", "discounted_gbp"):
        pence = (moved[column] * 100).round().astype(int)
        assert set(pence.groupby([moved["scenario"], moved["future"], moved["year"], moved["item"]]).sum()) == {0}


def test_every_item_reads_measures_and_prices_that_exist() -> None:
    parameters = params()
    for item in ITEMS:
        assert set(item.measures) | set(item.less) <= {*PRICED, *PROGRAMME_MEASURES}
        claim = parameters.claim(item.price)
        assert claim.payer is not None, item.price
        for part in parts_of(item):
            assert part.line in LINES
            assert (part.payer == "resident") == (part.line == "resident_cash")


def test_the_payer_of_an_item_is_the_registers_unless_the_money_is_the_residents_own() -> None:
    parameters = params()
    for item in ITEMS:
        if item.treatment != "own_money":
            assert item.payer == parameters.claim(item.price).payer


def test_value_to_people_is_the_only_line_of_society_and_is_valued_once() -> None:
    assert [item.price for item in ITEMS if item.treatment == "value"] == ["unit_costs.wellby"]
    assert not [item for item in ITEMS if item.payer == "society" and item.treatment != "value"]


def test_items_as_shipped_do_not_count_anything_twice() -> None:
    check_overlaps(ITEMS)


def test_delayed_days_beside_spells_need_a_written_reason() -> None:
    bare = [replace(item, waiver={}) for item in ITEMS]
    with pytest.raises(LedgerError) as caught:
        check_overlaps(bare)
    assert len(caught.value.faults) == 2
    assert caught.value.faults[0] == (
        "items 'emergency stay, short' (unit_costs.nel_short) and 'delayed day in hospital' "
        "(unit_costs.dtoc_day) price some of the same thing. Drop one, or give one of them a `waiver` that "
        "names the other and says why both stand."
    )


def test_a_waiver_holds_for_the_item_it_names_and_no_other() -> None:
    delayed = next(item for item in ITEMS if item.name == "delayed day in hospital")
    others = [item for item in ITEMS if item is not delayed]
    half = replace(delayed, waiver={"emergency stay, short": "covered"})
    with pytest.raises(LedgerError, match=r"'emergency stay, long' .* and 'delayed day in hospital'"):
        check_overlaps([*others, half])
    with pytest.raises(LedgerError, match=r"its waiver names 'emergency stay, odd', which is not an item here"):
        check_overlaps([*others, replace(delayed, waiver={**delayed.waiver, "emergency stay, odd": "x"})])


def test_the_matrix_shows_which_valued_pairs_are_waived_and_why() -> None:
    table = matrix()
    both = table[table["both_valued"]]
    assert set(both["other"]) == {"unit_costs.dtoc_day"}
    assert both["waiver"].str.len().min() > 20
    assert set(table["kind"]) == {"implies", "overlaps"}


def test_a_ledger_refuses_to_price_the_same_thing_twice(busy: Any) -> None:
    average = Item("average stay", "hospital", ("admissions",), "spells", "unit_costs.nel_avg", payer="nhs")
    with pytest.raises(LedgerError, match=r"'emergency stay, long' .* and 'average stay' .* price some of the"):
        ledger(busy, (*ITEMS, average))
