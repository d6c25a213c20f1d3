"""Claims: each on its own definition, with a verdict that follows from the draws and what one would have to believe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lacsim.calibration.claims import Facts, claims, claims_frame, conflicts_frame, in_unit, verdict_of
from lacsim.parameters import params
from lacsim.report.charts import evidence

MIDDLE = Facts(
    saving_12_gbp=20_000.0,
    people_12=60.0,
    people=1_450.0,
    contacts=19.0,
    closed=0.2,
    closed_12=0.3,
    formal_avoided=40.0,
    cost_year_gbp=525_000.0,
    benefit_10_gbp=600_000.0,
    cost_10_gbp=1_500_000.0,
    benefit_17_gbp=900_000.0,
    cost_17_gbp=2_600_000.0,
    wellby_10_gbp=500_000.0,
    wellby_per_year=0.08,
    mean_stay_days=475.0,
    case_closes_hr=1.1,
    minutes_each=15.0,
)
BY_ID = {claim.claim_id: claim for claim in claims()}


def draws(**moved: float) -> list[Facts]:
    """Twenty draws within 5% of the middle, with some values set."""
    facts = replace(MIDDLE, **moved)
    return [
        replace(facts, saving_12_gbp=facts.saving_12_gbp * (0.95 + k / 200), people=facts.people * (0.9 + k / 100))
        for k in range(21)
    ]


def test_a_claim_within_nine_in_ten_draws_is_reproduced() -> None:
    assert verdict_of(BY_ID["people"], draws()) == "reproduced"


def test_a_count_outside_says_which_stay_would_give_it() -> None:
    assert verdict_of(BY_ID["people"], draws(people=1_866.7)) == (
        "reproduced only if coordination.mean_stay_days is about 633"
    )


def test_the_first_year_saving_says_how_many_times_the_effects_it_needs() -> None:
    assert (
        verdict_of(BY_ID["saving_12"], draws())
        == "reproduced only if all its effects together avoided 40 times as much"
    )
    assert "they cost more than they avoid" in verdict_of(BY_ID["saving_12"], draws(saving_12_gbp=-5_000.0))


def test_eight_months_are_two_thirds_of_twelve() -> None:
    assert BY_ID["saving_8"].measure(MIDDLE) == pytest.approx(20_000.0 * 8 / 12)
    assert BY_ID["saving_8"].claimed == BY_ID["saving_12"].claimed == 800_000.0


def test_both_denominators_of_the_first_saving_are_shown() -> None:
    assert BY_ID["saving_person"].claimed == 16_000.0
    assert BY_ID["saving_coordinator"].claimed == 400_000.0


def test_half_of_cases_closed_says_which_effect_on_closing_it_needs() -> None:
    needed = float(verdict_of(BY_ID["closed_12"], draws()).rpartition("≥ ")[2])
    # 1 − 0.7^(k) = 0.5 gives k = 1.943 times the effect in force
    assert needed == pytest.approx(1.1 * 1.943, abs=0.06)


def test_four_for_one_says_which_wellbeing_it_needs() -> None:
    needed = float(verdict_of(BY_ID["sroi_gross"], draws()).rpartition("≥ ")[2])
    assert needed == pytest.approx(0.08 * (4 * 1_500_000 - 100_000) / 500_000, abs=0.01)


def test_three_net_is_four_gross_and_four_hundred_per_cent_net_is_more() -> None:
    net, gross, percent = (BY_ID[k] for k in ("sroi_net", "sroi_gross", "sroi_400"))
    assert gross.claimed - 1.0 == net.claimed
    assert percent.claimed == 4.0
    assert gross.measure(MIDDLE) - net.measure(MIDDLE) == pytest.approx(1.0)


def test_a_claim_of_direction_is_true_in_a_share_of_futures() -> None:
    assert verdict_of(BY_ID["more_at_17"], draws()) == "reproduced (true in 100% of futures)"
    assert verdict_of(BY_ID["more_per_pound_at_17"], draws()).startswith("not reproduced (true in 0%")


def test_claims_of_benefit_and_other_models_are_never_fitted() -> None:
    assert {claim.use for claim in claims() if claim.standing == "B"} == {"looked at"}
    assert {claim.use for claim in claims() if claim.standing == "C"} == {"comparator only"}
    assert {claim.claim_id for claim in claims() if claim.use == "fitted"} == {"people", "people_12", "contacts_team"}


def test_both_budgets_stand_and_neither_is_corrected() -> None:
    assert BY_ID["budget"].claimed == 525_698.0
    assert "525,968" in BY_ID["budget"].note
    assert params(fitted=False).entry("programme.core_budget").claims["sum_of_parts"].value == 525_968.0


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return claims_frame(
        {"reported": draws(saving_12_gbp=60_000.0), "controlled": draws(), "sceptical": draws(people=2_000.0)}
    )


def test_every_claim_has_a_row_for_each_stance(table: pd.DataFrame) -> None:
    assert len(table) == 3 * len(BY_ID)
    assert (table["model_p05"] <= table["model_p95"]).all()
    assert (table["verdict"].str.len() > 0).all()


def test_the_two_returns_agree_and_the_two_savings_are_split() -> None:
    found = conflicts_frame({"controlled": draws()}).set_index("pair")
    assert found.loc["a person", "published_ratio"] == pytest.approx(16_000 / 4_206, rel=1e-3)
    assert found.loc["a coordinator", "published_ratio"] == pytest.approx(400_000 / 210_279.2, rel=1e-3)
    assert found.loc["a person", "verdict"] == "conflict: never pooled"
    assert "4:1 gross is 3:1 net" in found.loc["a return", "verdict"]


def test_without_any_benefit_a_conflict_cannot_be_told() -> None:
    found = conflicts_frame({"sceptical": draws(benefit_10_gbp=-1.0)}).set_index("pair")
    assert found.loc["a person", "verdict"] == "cannot be told: no draw has a benefit"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(800_000.0, "£", "£800,000"), (-1234.5, "£", "−£1,234"), (4.0, "£ per £1", "£4.00 per £1"), (0.5, "share", "50%"),
     (1_400.0, "people", "1,400 people"), (-0.001, "£ per £1", "£0.00 per £1"), (12.34, "", "12.3")],
)  # fmt: skip
def test_figures_are_written_as_people_write_them(value: float, unit: str, text: str) -> None:
    assert in_unit(value, unit) == text


def test_the_picture_of_claims_says_how_many_are_met(table: pd.DataFrame, tmp_path: Path) -> None:
    (png,) = evidence.write_claims(table, tmp_path)
    assert png.name == "c18_claims.png"
    words = (tmp_path / "c18_claims.txt").read_text("utf-8")
    assert "published figures are met under some reading" in words
    assert "not fitted" in words
