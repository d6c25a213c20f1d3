"""The appraisal from Python: one row per option, payback by future, both value maps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lacsim.errors import ResultsError
from lacsim.report import money_sections
from lacsim.report.api import Run


def test_futures_carry_the_payback_month_of_each_option(cheap: Run, dear: Run) -> None:
    months = cheap.futures.groupby("scenario", sort=False)["payback_month"]
    assert months.apply(lambda m: m.isna().all()).tolist() == [True, False, False]
    paid = cheap.payback("wards-17", "no-lac")["payback_month"]
    assert cheap.futures.query("scenario == 'wards-17'")["payback_month"].tolist() == paid.tolist()
    assert ((paid >= 1) & (paid <= 24)).all()
    assert dear.futures["payback_month"].isna().all()


def test_the_appraisal_has_one_row_for_each_option_and_agrees_with_the_answer(cheap: Run) -> None:
    table = cheap.appraisal.set_index("scenario")
    assert list(table.index) == ["wards-10", "wards-17"]
    for name in table.index:
        saved = cheap.savings(name, "no-lac")["public_purse_saving_gbp"]
        assert table.loc[name, "net_present_value_gbp"] == pytest.approx(saved.mean())
    years = cheap.financial_years
    assert set(years["year"]) == set(cheap.plan.period.year_labels)
    assert (years["nominal_gbp"].abs() >= years["real_gbp"].abs()).all()


def test_social_return_is_told_under_both_counterfactuals(real: Run) -> None:
    table = real.social_return("wards-10", "no-lac")
    assert table["counterfactual"].tolist()[:2] == ["the model's own lives", "analyst's assumed deadweight"]
    assert set(real.value_map("wards-10", "no-lac")["counterfactual"]) == {"simulated", "assumed"}
    with pytest.raises(ResultsError, match="scenario 'wards-12' is not in this run"):
        real.value_map("wards-12", "no-lac")


def test_the_page_adds_the_years_of_an_outcome_up_and_loses_no_value(real: Run) -> None:
    assert real.pair is not None
    by_year = real.value_map(*real.pair)
    together = money_sections.all_years(by_year)
    assert len(together) < len(by_year)
    assert not together["outcome"].str.contains(r"\d{4}/\d\d").any()
    assert not together.duplicated(["counterfactual", "stakeholder", "outcome"]).any()
    for value in ("present_value_gbp", "quantity"):
        keys = ["counterfactual", "stakeholder"]
        assert together.groupby(keys)[value].sum().to_dict() == pytest.approx(
            by_year.groupby(keys)[value].sum().to_dict()
        )


def test_what_an_analyst_assumes_never_enters_the_headline(real: Run) -> None:
    from lacsim.economics import ledger, savings

    claims = {"sroi.saving_per_person": 1_000_000.0, "sroi.deadweight_share": 0.0, "sroi.wellbeing_points": 5.0}

    class Claimed:
        quantities = real.quantities
        plan = replace(real.plan, parameters=real.plan.parameters.replace(claims))

        def values(self, future: int) -> dict[str, object]:
            return {**real.results.values(future), **claims}

    assert savings(ledger(Claimed()), "no-lac").equals(savings(real.costs, "no-lac"))  # type: ignore[arg-type]
    assert "social" not in real.headline
