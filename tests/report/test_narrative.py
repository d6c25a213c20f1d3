"""The answer in words: money, ranges, and every branch of the headline."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacsim.errors import ResultsError
from lacsim.report import narrative
from lacsim.report.narrative import LINES, Answer, answer, pounds
from lacsim.runs.scenario import Post, Scenario


def differences(purse: list[float], programme: float = -1_000_000.0) -> pd.DataFrame:
    columns = {"future": range(1, len(purse) + 1), "public_purse_saving_gbp": purse}
    columns |= {"public_cash_saving_gbp": [v / 2 for v in purse], "programme_saving_gbp": [programme] * len(purse)}
    return pd.DataFrame(columns | {column: [v / 4 for v in purse] for column, *_ in LINES})


def told(purse: list[float], **changes: object) -> Answer:
    options: dict[str, object] = {"years": 5, "stance": "controlled"} | changes
    return answer(differences(purse), "17 wards", "10 wards", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_316_000, "£1.3 million"),
        (-1_316_000, "−£1.3 million"),
        (12_700_000, "£13 million"),
        (127_000_000, "£130 million"),
        (2_340_000_000, "£2.3 billion"),
        (999_600, "£1.0 million"),
        (310_400, "£310,000"),
        (-48_912, "−£49,000"),
        (46.2, "£46"),
        (0.4, "£0"),
        (-0.4, "£0"),
        (0.0, "£0"),
    ],
)
def test_money_is_told_to_two_significant_figures_with_a_true_minus_sign(value: float, text: str) -> None:
    assert pounds(value) == text


@given(st.floats(min_value=10.0, max_value=1e12))
def test_money_in_words_is_within_five_per_cent_and_its_negative_only_gains_a_sign(value: float) -> None:
    text = pounds(value)
    number, _, unit = text.removeprefix("£").partition(" ")
    read = float(number.replace(",", "")) * {"": 1.0, "million": 1e6, "billion": 1e9}[unit]
    assert abs(read - value) <= 0.0501 * value
    assert pounds(-value) == f"−{text}"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_money_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ResultsError, match="must be a finite number of pounds, found .* Check the unit costs."):
        pounds(value)


def test_the_headline_says_that_it_saves() -> None:
    found = told([1e6] * 87 + [-1e6] * 13)
    assert found.branch == "saves"
    assert found.headline == (
        "In 87 of 100 simulated futures, 17 wards costs the public purse less than 10 wards over five years."
    )
    assert found.money.startswith("The middle figure is a saving of £1.0 million; 9 in 10 futures lie between −£1.0")
    assert found.money.endswith("A minus sign means an extra cost.")
    assert found.caution == "With 100 futures, 87 of 100 could be 79 to 92 in 100."


def test_the_headline_says_that_it_costs_more_and_gives_the_extra_cost() -> None:
    found = told([-2_000_000.0 - k for k in range(100)])
    assert found.branch == "costs more"
    assert found.headline == (
        "In 100 of 100 simulated futures, 17 wards costs the public purse more than 10 wards over five years."
    )
    assert found.money == (
        "The middle figure is an extra cost of £2.0 million; 9 in 10 futures lie between £2.0 million and £2.0 million."
    )


@pytest.mark.parametrize(
    ("n_less", "branch"),
    [
        (39, "costs more"),
        (40, "too close to call"),
        (50, "too close to call"),
        (60, "too close to call"),
        (61, "saves"),
    ],
)
def test_forty_and_sixty_of_a_hundred_are_too_close_to_call(n_less: int, branch: str) -> None:
    found = told([1e5] * n_less + [-1e5] * (100 - n_less))
    assert found.branch == branch
    assert found.headline.startswith("Too close to call: in ") == (branch == "too close to call")


def test_a_minus_sign_is_explained_only_where_one_is_printed() -> None:
    assert "minus sign" not in told([-1e6] * 98 + [1e6] * 2).money
    assert "minus sign" in told([-1e6] * 90 + [1e6] * 10).money


def test_an_answer_too_close_to_call_names_the_middle_figure_by_its_side() -> None:
    dearer = told([1e5] * 45 + [-3e5] * 55)
    assert dearer.branch == "too close to call"
    assert dearer.money.startswith("The middle figure is an extra cost of £300,000; ")
    assert dearer.money.endswith("A minus sign means a saving.")


def test_the_headline_says_that_nothing_differs() -> None:
    found = told([0.0] * 60)
    assert found.branch == "no difference"
    assert found.headline == (
        "In all 60 simulated futures, 17 wards costs the public purse the same as 10 wards over five years."
    )
    assert found.money == found.caution == ""


def test_no_futures_is_not_modelled() -> None:
    found = told([])
    assert found.branch == "not modelled"
    assert found.headline == "17 wards against 10 wards was not modelled: the run has only one of them."


def test_one_scenario_alone_is_not_modelled() -> None:
    found = narrative.not_modelled("17 wards")
    assert found.headline.startswith("Not modelled: 17 wards was run alone, so there is nothing to compare it with.")
    assert found.text == found.headline


def test_few_futures_are_not_for_quoting() -> None:
    found = told([1.0] * 17 + [-1.0] * 3)
    assert found.caution == "20 futures: fine for a look, too few to quote (17 of 20 could be 64 to 95 in 100)."
    assert told([5.0], years=1).caution.startswith("1 future: fine for a look")
    assert told([5.0], years=1).headline.startswith("In 1 of 1 simulated future, ")
    assert told([5.0], years=1).headline.endswith("over one year.")


@pytest.mark.parametrize("stance", ["controlled", "reported", "sceptical"])
def test_the_answer_says_that_the_size_of_the_effect_is_not_fitted(stance: str) -> None:
    found = told([1.0] * 100, stance=stance)
    assert "is not fitted to data" in found.stance
    assert f"the {stance} stance" in found.text


def test_the_answer_says_when_only_some_residents_were_simulated() -> None:
    found = told([1.0] * 100, part=narrative.part_sentence(4_000, "Derby"))
    assert found.caution.endswith("4,000 adults were simulated, not all of Derby's, so amounts are not those of Derby.")
    assert narrative.part_sentence(None, "Derby") == ""


def test_cash_is_told_first_and_value_to_people_last() -> None:
    lines = told([400_000.0] * 100).lines
    assert lines[0].startswith(
        "Counting cash alone, with nothing for freed time, 17 wards costs less than 10 wards in 100"
    )
    assert lines[1] == "The programme itself costs £1.0 million more than with 10 wards."
    assert lines[2].startswith("Cash the council can take out of a budget (before the cost of the programme)")
    assert lines[-1].startswith("Value to people (never added to the money above): the middle figure is £100,000")


@pytest.mark.parametrize(
    ("extra", "word"), [(2_000.0, "£2,000 more than"), (-2_000.0, "£2,000 less than"), (0.0, "the same as")]
)
def test_the_programme_costs_more_or_less_or_the_same(extra: float, word: str) -> None:
    assert word in narrative.programme_sentence(extra, "10 wards")


@pytest.mark.parametrize(
    ("count", "n", "low", "high"), [(87, 100, 79, 92), (17, 20, 64, 95), (0, 10, 0, 28), (10, 10, 72, 100)]
)
def test_the_range_of_a_count_is_the_wilson_interval(count: int, n: int, low: int, high: int) -> None:
    assert narrative.chance_range(count, n) == (low, high)


@pytest.mark.parametrize(("count", "n"), [(1, 0), (5, 4), (-1, 4)])
def test_an_impossible_count_of_futures_is_refused(count: int, n: int) -> None:
    with pytest.raises(ResultsError, match="needs 0 to n of n futures, found"):
        narrative.chance_range(count, n)


def test_a_range_of_no_futures_is_refused() -> None:
    with pytest.raises(ResultsError, match="needs at least one future, found none"):
        narrative.spread_of([])


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("all 17 wards", "17 wards"),
        ("the 2 pilot wards", "2 pilot wards"),
        ("13 wards, staged", "13 wards (staged)"),
        ("wards chosen by the committee in May", "wards chosen by the com…"),
    ],
)
def test_a_scenario_is_named_shortly_inside_a_sentence(label: str, short: str) -> None:
    assert narrative.short_label(Scenario("x", label, (Post("Abbey", dt.date(2019, 4, 1)),))) == short


def test_the_scenario_of_the_past_is_named_by_what_it_was() -> None:
    assert narrative.short_label(Scenario("history", "as it was", ())) == "coordination as it was"


def test_counts_of_people_are_whole_with_a_true_minus_sign() -> None:
    assert narrative.people(-1234.6) == "−1,235"
    assert narrative.people(-0.2) == "0"
    assert narrative.years_in_words(12) == "12 years"


def test_no_hedging_words_stand_in_the_answer() -> None:
    text = told([1e6] * 87 + [-1e6] * 13).text.lower()
    assert not {"likely", "around", "significant", "probably", "approximately"} & set(text.replace(",", "").split())
