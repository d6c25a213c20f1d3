"""The Shapley waterfall: the average over orders, adding up exactly, whatever the order of naming."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from lacsim.economics import ledger, savings
from lacsim.economics.attribution import ALL, BASE, EFFECTS, active, errors_wide, only, shapley, waterfall
from lacsim.economics.pricing import to_pence
from lacsim.errors import LedgerError
from lacsim.parameters import params
from lacsim.results.study import run
from lacsim.runs.plan import Plan, central_plan, make_plan

# A game with everything in it: a pair that needs each other, one that does harm, one that does nothing.
WORTH = {"x": 300, "y": 0, "z": -70, "idle": 0}


def worth(group: frozenset[str]) -> int:
    return sum(WORTH[p] for p in group) + (1_001 if {"x", "y"} <= group else 0) - (50 if {"y", "z"} <= group else 0)


def test_a_share_is_the_average_over_all_orders() -> None:
    players = list(WORTH)
    expected = dict.fromkeys(players, Fraction(0))
    orders = list(itertools.permutations(players))
    for order in orders:
        for k, player in enumerate(order):
            added = worth(frozenset(order[: k + 1])) - worth(frozenset(order[:k]))
            expected[player] += Fraction(added, len(orders))
    found = shapley(worth, players)
    assert found == expected
    assert found["idle"] == 0
    assert found["x"] == Fraction(300) + Fraction(1_001, 2)


def test_shares_add_up_exactly_and_do_not_depend_on_the_order_of_naming() -> None:
    first = shapley(worth, list(WORTH))
    assert sum(first.values()) == worth(frozenset(WORTH)) - worth(frozenset())
    for order in itertools.permutations(WORTH):
        assert shapley(worth, order) == first


@pytest.fixture(scope="module")
def small() -> Plan:
    strong = {
        "effects.front_door_help_found": 0.6, "effects.care_need_hr": 0.4, "effects.unmet_need_hr": 1.5,
        "coordination.front_door_offer_share": 0.6,
    }  # fmt: skip
    return central_plan(["no-lac", "wards-17"], params().replace(strong), residents=2_000, replications=2)


def test_bars_of_the_model_add_up_to_what_the_scenario_saves_to_the_penny(small: Plan) -> None:
    forwards = waterfall(small, effects=("a", "e", "h"), jobs=1)
    saved = savings(ledger(run(small, jobs=1)), "no-lac")["public_purse_saving_gbp"]
    assert forwards.total == to_pence(saved.to_numpy()).tolist()
    for future in range(2):
        assert sum(bar[future] for bar in forwards.bars.values()) == forwards.total[future]
    assert any(bar[0] for name, bar in forwards.bars.items() if name != BASE)
    backwards = waterfall(small, effects=("h", "e", "a"), jobs=1)
    assert dict(backwards.bars) == dict(forwards.bars)


def test_without_any_effect_what_is_left_is_the_programme_to_the_penny() -> None:
    """Nobody's life differs, whatever is drawn: services cost the same, and the base bar is the programme alone."""
    plan = make_plan(["wards-10", "wards-17"], futures=2, residents=2_000)
    none = savings(ledger(run(only(plan, frozenset(), tuple(EFFECTS)), jobs=1)), "wards-10")
    assert (none["programme_saving_gbp"] < 0).all()
    assert none["public_purse_saving_gbp"].tolist() == none["programme_saving_gbp"].tolist()


def test_the_table_is_a_waterfall_with_an_error_on_each_bar(small: Plan) -> None:
    table = waterfall(small, effects=("e",), jobs=1).table
    assert table["bar"].tolist() == [BASE, "entry to residential care", ALL]
    assert table["letter"].tolist() == ["", "e", ""]
    assert table["from_gbp"].tolist() == pytest.approx([0.0, table.loc[0, "to_gbp"], 0.0])
    assert table.loc[2, "to_gbp"] == pytest.approx(table.loc[1, "to_gbp"])
    assert (table["se_gbp"] > 0).all()
    assert table["beyond_error"].dtype == bool
    assert errors_wide(4) == pytest.approx(3.182, abs=0.001)


def test_an_effect_that_is_left_out_does_nothing_and_luck_and_other_draws_stay() -> None:
    plan = make_plan(["no-lac", "wards-17"], futures=2, residents=500)
    assert set(active(plan)) == set(EFFECTS)
    none = only(plan, frozenset("b"), tuple("abe"))
    before, after = plan.values(2), none.values(2)
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {*EFFECTS["a"].off, EFFECTS["e"].parameter}
    assert after[EFFECTS["e"].parameter] == 1.0
    assert none.seed == plan.seed


def test_effects_that_do_nothing_in_a_plan_are_not_run(small: Plan) -> None:
    assert {"c", "d"}.isdisjoint(active(small))


def test_requests_that_cannot_be_split_are_refused_together(small: Plan) -> None:
    with pytest.raises(LedgerError) as caught:
        waterfall(central_plan(["no-lac"], residents=500), effects=("a", "a", "z"))
    assert caught.value.faults == (
        "attribution: effect 'z' is not known. Use a, b, c, d, e, f, g, h, i, j.",
        "attribution: an effect is given twice in a, a, z. Give each once.",
        "attribution: needs a comparator and a scenario, found 1. Make a plan of two.",
    )
