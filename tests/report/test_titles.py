"""Titles and sentences of the charts: every way a result may turn out has its own words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lacsim.economics import savings
from lacsim.report.api import Run
from lacsim.report.charts import (
    avoided,
    checks,
    fund,
    kinds,
    learn,
    lives,
    load,
    loss,
    matters,
    next_wards,
    payback,
    team,
    tiles,
    wards,
    waterfall,
)


@pytest.mark.parametrize(
    ("cash", "freed", "title"),
    [
        (7.9e5, 5.7e5, "17 wards releases £790,000 of cash, and frees £570,000 of time and places"),
        (7.9e5, -2e3, "17 wards releases £790,000 of cash, and takes up £2,000 of time and places"),
        (0.0, 0.0, "17 wards releases no cash to bank against no coordinators"),
        (-4e4, 1e3, "17 wards costs services £40,000 more cash, and frees £1,000 of time and places"),
    ],
)
def test_the_kinds_of_money_chart_has_a_title_for_each_outcome(cash: float, freed: float, title: str) -> None:
    assert kinds.title_of("17 wards", "no coordinators", cash, freed) == title


@pytest.mark.parametrize(
    ("n", "months", "title"),
    [
        (0, [], "Not modelled: whether 17 wards pays back"),
        (40, [], "17 wards does not pay back within 60 months in any future"),
        (3, [9, 30, 40], "17 wards pays back in every future, in half by month 30"),
        (40, [12, 50], "17 wards pays back within 60 months in 2 of 40 futures"),
    ],
)
def test_the_payback_chart_has_a_title_for_each_outcome(n: int, months: list[int], title: str) -> None:
    assert payback.title_of("17 wards", n, months, 60) == title


@pytest.mark.parametrize(
    ("bars", "title"),
    [
        ([], "Not computed: which effect the money comes from"),
        ([(5.0, False)], "No effect can be told from luck in so small a run"),
        ([(5.0, True), (9.0, False)], "Only one of 2 effects can be told from luck: effect 0, which saves money"),
        ([(5.0, True), (-9.0, True)], "2 of 2 effects can be told from luck; effect 1 costs most"),
    ],
)
def test_the_waterfall_has_a_title_for_each_outcome(bars: list[tuple[float, bool]], title: str) -> None:
    rows = [(f"effect {k}", mean, clear) for k, (mean, clear) in enumerate(bars)]
    assert waterfall.title_of(pd.DataFrame(rows, columns=["bar", "mean_gbp", "beyond_error"])) == title


def test_the_payback_chart_ends_where_the_undiscounted_ledger_does(real: Run) -> None:
    """Months of whole pence against the years of the ledger: apart by rounding only."""
    position = payback.positions(real, "wards-17", "wards-10")
    last = position[position["month"] == 24].set_index("future")["net_gbp"]
    years = savings(real.costs, "wards-10", money="amount")
    years = years[years["scenario"] == "wards-17"].set_index("future")["public_purse_saving_gbp"]
    assert (last - years).abs().max() < 5.0  # each month of each row is rounded once
    assert (position[position["month"] == 0]["net_gbp"] == 0).all()


@pytest.mark.parametrize(
    ("fewer", "title"),
    [
        ((90, 70, 80), "17 wards: fewer admissions, assessments, care-home entries in at least 70 of 100 futures"),
        (
            (70, 61, 10),
            "17 wards: fewer emergency admissions and formal assessments in at least 61 of 100 futures",
        ),
        ((50, 60, 10), "17 wards avoids no admissions, assessments or care-home entries"),
        ((50, 61, 10), "17 wards: fewer formal assessments in 61 of 100 futures; the rest do not fall"),
    ],
)
def test_the_avoided_chart_has_a_title_for_each_outcome(fewer: tuple[int, ...], title: str) -> None:
    assert avoided.title_of("17 wards", 100, dict(zip(avoided.TITLE_MEASURES, fewer, strict=True))) == title
    assert avoided.title_of("17 wards", 0, {}) == "Not modelled: what 17 wards avoids"


@pytest.mark.parametrize(
    ("better", "title"),
    [
        ((90, 80), "17 wards improves all 2 fund measures in at least 80 of 100 futures"),
        ((90, 50), "17 wards improves 1 of 2 fund measures in 90 of 100 futures"),
        ((5, 50), "17 wards improves none of the 2 fund measures it can be held to"),
    ],
)
def test_the_fund_chart_has_a_title_for_each_outcome(better: tuple[int, int], title: str) -> None:
    assert fund.title_of("17 wards", 100, {"a": better[0], "b": better[1]}) == title
    assert fund.title_of("17 wards", 0, {}).startswith("Not modelled")


@pytest.mark.parametrize(
    ("posts", "wait", "title"),
    [
        ([8.0, 17.0], [1.5, 0.2], "With 8 coordinators, 9 in 10 wait up to 1.5 weeks; with 17, 1 day"),
        ([8.0, 17.0], [0.2, 0.2], "Half as many coordinators would not lengthen the wait of 1 day"),
        ([8.0, 17.0], [0.3, 0.01], "With 8 coordinators, 9 in 10 wait up to 2 days; with 17, under a day"),
        ([8.0, 17.0], [0.01, 0.0], "Half as many coordinators would not lengthen the wait of under a day"),
        ([8.0], [0.2], "Not modelled: waits with fewer or more coordinators"),
    ],
)
def test_the_wait_chart_has_a_title_for_each_outcome(posts: list[float], wait: list[float], title: str) -> None:
    assert load.load_title(posts, wait, 17.0) == title


@pytest.mark.parametrize(
    ("met", "title"),
    [
        ((95, 100), "8 coordinators are enough to promise a first conversation within 1 week"),
        ((80, 90), "8 coordinators are enough to promise a first conversation within 2 weeks"),
        ((10, 80), "No team tried keeps a promise of 8 weeks in 90 of 100 futures"),
    ],
)
def test_the_promise_chart_has_a_title_for_each_outcome(met: tuple[int, int], title: str) -> None:
    frame = pd.DataFrame(
        {"coordinators": [8.0, 8.0], "promise_weeks": [1, 2], "futures_met": met, "cost_gbp": [1.0, 1.0]}
    )
    assert load.promise_title(frame) == title
    assert load.promise_title(frame.head(0)) == "Not modelled: how many coordinators a promise needs"


@pytest.mark.parametrize(
    ("n_new", "added", "total", "title"),
    [
        (7, 190.0, 594.0, "The 7 new wards would bring 32 in 100 of 594 introductions a year"),
        (1, 50.0, 500.0, "The 1 new ward would bring 10 in 100 of 500 introductions a year"),
        (0, 0.0, 500.0, "About 500 people a year are introduced to a coordinator"),
        (7, 0.0, 0.0, "Nobody is introduced to a coordinator"),
    ],
)
def test_the_tiles_chart_has_a_title_for_each_outcome(n_new: int, added: float, total: float, title: str) -> None:
    assert tiles.title_of(n_new, added, total) == title


@pytest.mark.parametrize(
    ("last", "title"),
    [
        ({"Abbey": 40.0, "Oakwood": 19.0}, "Caseloads end highest in Abbey (40) and lowest in Oakwood (19)"),
        ({"Abbey": 40.0, "Oakwood": 39.0}, "Caseloads end alike in all 2 wards, near 40 people"),
        ({"Abbey": 0.0}, "No ward has anybody on a caseload"),
    ],
)
def test_the_wards_chart_has_a_title_for_each_outcome(last: dict[str, float], title: str) -> None:
    assert wards.title_of(pd.Series(last)) == title


@pytest.mark.parametrize(
    ("values", "top3", "title"),
    [
        ([1.0, 2.0, 3.0, 1.0], [90, 80, 70, 10], "Spondon, Oakwood and Sinfin pay for themselves"),
        ([-1.0, -2.0, -3.0, -4.0], [90, 80, 70, 10], "The next three that cost least: Spondon, Oakwood and Sinfin"),
        ([-1.0, -2.0, -3.0, -4.0], [50, 45, 40, 40], "Which wards come first is too close to call"),
    ],
)
def test_the_next_wards_chart_has_a_title_for_each_outcome(values: list[float], top3: list[int], title: str) -> None:
    assert next_wards.title_of(["Spondon", "Oakwood", "Sinfin", "Abbey"], values, top3, 100) == title
    assert next_wards.title_of(["Spondon"], [], [], 100).startswith("Not modelled")


def test_the_order_of_wards_is_by_middle_value_and_counts_how_often_each_is_among_the_first_three() -> None:
    values = pd.DataFrame({"a": [1.0, 5.0], "b": [9.0, 9.0], "c": [2.0, 1.0], "d": [0.0, 2.0]})
    rows = next_wards.rows_of(values)
    assert rows["ward"].tolist() == ["b", "a", "c", "d"]
    assert rows["cum_net_p50"].tolist() == [9.0, 12.0, 13.5, 14.5]
    assert rows["top3_futures"].tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("turning", "clear", "n", "title"),
    [
        (2, 3, 10, "2 assumptions can each turn the answer within their range"),
        (1, 3, 10, "One assumption alone can turn the answer within its range"),
        (0, 3, 10, "No single assumption turns the answer within its range"),
        (0, 0, 10, "No single assumption stands out from chance in these futures"),
        (0, 0, 0, "Not modelled: which assumption matters most"),
    ],
)
def test_the_tornado_has_a_title_for_each_outcome(turning: int, clear: int, n: int, title: str) -> None:
    assert matters.title_of(turning, clear, n) == title


@pytest.mark.parametrize(
    ("share", "title"),
    [
        (0.31, "17 wards breaks even if 31 in 100 of the change is due to it"),
        (4.9, "Even if all of it is due to coordination, 17 wards does not break even"),
        (None, "No share of the change makes 17 wards break even"),
    ],
)
def test_the_credit_chart_has_a_title_for_each_outcome(share: float | None, title: str) -> None:
    assert matters.credit_title("17 wards", share) == title


@pytest.mark.parametrize(
    ("best", "title"),
    [
        ([(0.0, "no coordinators")], "no coordinators loses least at every value up to £30,000 a WELLBY"),
        (
            [(0.0, "10 wards"), (24_000.0, "17 wards")],
            "10 wards loses least until a WELLBY is worth £24,000, then 17 wards",
        ),
        ([], "Not modelled: expected loss of the options"),
    ],
)
def test_the_loss_chart_has_a_title_for_each_outcome(best: list[tuple[float, str]], title: str) -> None:
    assert loss.title_of(best, 30_000.0) == title


@pytest.mark.parametrize(
    ("worth", "error", "by_luck", "title"),
    [
        (4e4, 5e3, 3e4, "Finding out one figure first is worth up to £40,000"),
        (4e4, 5e3, 5e4, "No single figure is shown to be worth finding out by itself"),
        (4e3, 5e3, 0.0, "No single figure is shown to be worth finding out by itself"),
        (np.nan, 0.0, 0.0, "Not modelled: what to find out first"),
    ],
)
def test_the_find_out_chart_has_a_title_for_each_outcome(
    worth: float, error: float, by_luck: float, title: str
) -> None:
    assert learn.title_of(worth, error, by_luck) == title


@pytest.mark.parametrize(
    ("savings", "end"),
    [
        ([5.0, 9.0, -4.0], "cost less for some and more for others"),
        ([5.0, 9.0, 0.0], "cost less or the same with coordination"),
        ([-5.0, 0.0, 0.0], "cost more or the same with coordination"),
        ([0.0, 0.0, 0.0], "cost the same with coordination"),
        ([], "Not modelled: simulated lives"),
    ],
)
def test_the_lives_chart_has_a_title_for_each_outcome(savings: list[float], end: str) -> None:
    assert lives.title_of(savings).endswith(end)


@pytest.mark.parametrize(
    ("n", "mean", "half", "title"),
    [
        (100, -1e6, 5e4, "100 futures are enough: the mean is known within £50,000"),
        (100, -1e6, 5e5, "100 futures settle the sign of the mean, known within £500,000"),
        (100, -1e6, 2e6, "100 futures are too few: the mean is known within £2.0 million only"),
        (1, 0.0, 0.0, "Not shown: one future has no precision"),
    ],
)
def test_the_chart_of_enough_futures_has_a_title_for_each_outcome(n: int, mean: float, half: float, title: str) -> None:
    assert checks.futures_title(n, mean, half) == title


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ({"in hospital": 1.01}, "Settled in from the start: the first year is within 5% of the whole"),
        (
            {"in hospital": 1.01, "in care homes": 0.9},
            "Not settled at first: people in care homes are 10% lower in the first year",
        ),
        ({"in hospital": 1.2}, "Not settled at first: people in hospital are 20% higher in the first year"),
        ({}, "Not shown: nobody is counted by month"),
    ],
)
def test_the_chart_of_settling_in_has_a_title_for_each_outcome(shares: dict[str, float], title: str) -> None:
    assert checks.settled_title(shares) == title


def test_the_running_mean_has_the_interval_of_the_confidence_interval_method() -> None:
    # The vector of sim-tools' confidence_interval_method: row 10 is mean 10.05, 9.833415 to 10.266585.
    rows = checks.running_mean(np.array([10.2, 9.8, 10.5, 9.9, 10.1, 10.4, 9.7, 10.0, 10.3, 9.6]))
    last = rows.iloc[-1]
    assert (last.futures, round(last.mean_gbp, 6)) == (10, 10.05)
    assert (round(last.low_gbp, 6), round(last.high_gbp, 6)) == (9.833415, 10.266585)


def test_the_level_at_which_waits_climb_is_that_of_the_months_in_which_the_list_grew() -> None:
    months = ["2019-04", "2019-05", "2019-06", "2019-07"]
    rows = [("a", "caseload", m, v) for m, v in zip(months, (10.0, 20.0, 40.0, 42.0), strict=True)]
    rows += [("a", "waiting_list", m, v) for m, v in zip(months, (5.0, 5.0, 9.0, 12.0), strict=True)]
    table = pd.DataFrame(rows, columns=["scenario", "measure", "month", "p50"])
    assert team.climbing_level(table, "a") == 41.0
    assert team.climbing_level(table.assign(p50=1.0), "a") is None
