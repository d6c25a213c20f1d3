"""Break-even: the value found is tried again and gives nothing, for each purse, and the words say what it takes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lacsim.economics import ledger
from lacsim.economics.break_even import PURSES, balance, break_even, break_even_table, span_of_evidence
from lacsim.economics.equivalents import equivalents
from lacsim.economics.repricing import with_prices
from lacsim.errors import LedgerError
from lacsim.parameters import params
from lacsim.results.study import Results, run
from lacsim.runs.plan import central_plan

PAIR = ("wards-17", "wards-10")


@pytest.fixture(scope="module")
def results() -> Results:
    return run(central_plan(["wards-10", "wards-17"], residents=3_000, replications=4), jobs=1)


@pytest.mark.parametrize("purse", list(PURSES))
def test_pricing_again_at_break_even_gives_nothing_within_rounding(results: Results, purse: Any) -> None:
    name = "programme.cost_per_coordinator"
    found = break_even(results, *PAIR, name, purse=purse, low=-0.0, high=1_000_000.0)
    now = balance(ledger(results), *PAIR, purse).mean()
    assert found.balance_now_gbp == pytest.approx(now)
    if found.value is None:
        assert f"no {name} from £0/post-year to £1,000,000/post-year breaks even" in found.in_words
        return
    assert abs(found.residual_gbp) < 0.05
    plan = with_prices(results.plan, {name: found.value})

    class Again:
        quantities = results.quantities

        def __init__(self) -> None:
            self.plan = plan

        def values(self, future: int) -> dict[str, Any]:
            return plan.values(future)

    assert abs(balance(ledger(Again()), *PAIR, purse).mean()) < 0.05  # type: ignore[arg-type]
    assert f"{name} would have to be £{found.value:,.0f}/post-year to break even" in found.in_words


def test_purses_add_up_to_the_public_one(results: Results) -> None:
    costs = ledger(results)
    council, nhs, public = (balance(costs, *PAIR, purse) for purse in PURSES)  # type: ignore[arg-type]
    assert (council + nhs - public).abs().max() < 0.015


def test_living_again_at_break_even_gives_nothing_within_error() -> None:
    scenarios, size = ["no-lac", "wards-17"], {"residents": 3_000, "replications": 6}
    lived = run(central_plan(scenarios, **size), jobs=1)
    found = break_even(lived, "wards-17", "no-lac", "effects.admission_hr", purse="public_purse", low=0.05, high=5.0)
    assert found.value is not None
    again = run(central_plan(scenarios, params().replace({"effects.admission_hr": found.value}), **size), jobs=1)
    tried = balance(ledger(again), "wards-17", "no-lac", "public_purse")
    assert tried.mean() == pytest.approx(found.residual_gbp, abs=0.01)
    assert abs(tried.mean()) < 2.0 * tried.std(ddof=1) / math.sqrt(len(tried))
    assert found.error_gbp == pytest.approx(tried.std(ddof=1) / math.sqrt(len(tried)))
    assert "(hazard ratio) to break even" in found.in_words


def test_a_coordinator_is_worth_so_many_events_by_hand(make: Any) -> None:
    """One post at £52,597: 84 weeks in a care home, 17 long stays, 97 assessments."""
    changes = {
        "programme.cost_per_manager": 0.0, "programme.network_membership": 0.0,
        "appraisal.client_contribution_share": 0.0, "unit_costs.ae_admitted": 0.0, "unit_costs.ambulance": 0.0,
    }  # fmt: skip
    fake = make({"wards-10": {}, "wards-17": {"posts": 1.0}}, changes=changes)
    table = equivalents(fake, ledger(fake), *PAIR).set_index(["purse", "avoided"])
    needed = table.loc["public_purse", "needed"]
    weeks = 365.25 / 7
    assert needed["care-home years, nothing bought instead"] * weeks == pytest.approx(52_597 / 626)
    assert needed["care-home years, home care bought instead"] * weeks == pytest.approx(52_597 / (626 - 246))
    assert needed["long emergency stays with A&E and ambulance"] == pytest.approx(52_597 / 3_053)
    assert needed["needs assessments"] == pytest.approx(52_597 / 541)
    words = table.loc[("public_purse", "care-home years, home care bought instead"), "in_words"]
    assert (
        words
        == "For the public purse a coordinator needs 2.7 care-home years avoided a year (home care bought instead)."
    )
    nothing = table.loc[("nhs", "needs assessments")]
    assert math.isnan(nothing["needed"])
    assert "are worth nothing to the NHS alone" in nothing["in_words"]


def test_ends_out_of_order_and_options_without_more_posts_are_refused(results: Results, make: Any) -> None:
    with pytest.raises(LedgerError, match=r"care_need_hr needs low < high, found 2 and 1\. Give them in order"):
        break_even(results, *PAIR, "effects.care_need_hr", purse="council", low=2.0, high=1.0)
    fake = make({"wards-10": {"posts": 1.0}, "wards-17": {"posts": 1.0}})
    with pytest.raises(LedgerError, match=r"wards-17 has no more post-years than wards-10; found 0 more"):
        equivalents(fake, ledger(fake), *PAIR)


def test_every_assumption_has_its_break_even_for_each_purse_and_says_if_a_source_gives_it(results: Results) -> None:
    names = ["unit_costs.residential_week", "appraisal.discount_rate", "effects.care_need_hr"]
    names.insert(0, "programme.cost_per_coordinator")
    table = break_even_table(results, *PAIR, names)
    assert table["parameter"].tolist() == [name for name in names for _ in PURSES]
    assert table["purse"].tolist() == list(PURSES) * 4
    found = table.dropna(subset="break_even")
    within = (found["break_even"] >= found["low"]) & (found["break_even"] <= found["high"])
    assert (found["within_evidence"] == within).all()
    assert (found["in_words"].str.contains("No source gives it; they give") == ~within).all()
    assert not table.loc[table["break_even"].isna(), "within_evidence"].any()
    assert found["parameter"].str.startswith("programme.").any()
    money = found[found["parameter"] != "effects.care_need_hr"]
    assert (money["residual_gbp"].abs() < 0.5).all()  # a penny of price, or a rate's ninth digit
    assert table["in_words"].str.contains("break").all()
    parameters = results.plan.parameters
    low, high = span_of_evidence(parameters, "effects.admission_hr")
    claims = parameters.entry("effects.admission_hr").claims
    assert low < min(float(c.value) for c in claims.values()) < max(float(c.value) for c in claims.values()) < high
    assert span_of_evidence(parameters, "appraisal.health_discount_rate") == (0.015, 0.035)
