"""Charts of frames that other parts make, tiles against real positions, and what the smaller runs beside give."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lacsim import economics, evidence
from lacsim.calibration.wards import ward_plan
from lacsim.errors import SourceError
from lacsim.evidence.areas import read_tiles
from lacsim.parameters import params
from lacsim.report import backcast, by_ward, companions, influence, labels, sensitivity, style, tables
from lacsim.report.api import Run
from lacsim.report.charts import learn, load, loss, tiles
from lacsim.report.holders import holder_of
from lacsim.results import study

from .test_charts import luminance, overlaps


@pytest.fixture
def worth() -> pd.DataFrame:
    rows = [
        ("effects.admission_hr", 40_000.0, 5_000.0, *holder_of("effects.admission_hr")),
        ("effects.wellbys_per_supported_year", 20_000.0, 8_000.0, *holder_of("effects.wellbys_per_supported_year")),
    ]
    return pd.DataFrame(rows, columns=learn.COLUMNS)


def test_the_find_out_chart_is_drawn_from_its_frame(dear: Run, worth: pd.DataFrame) -> None:
    chart = learn.draw_evppi(dear, worth)
    assert chart.title == "Finding out one figure first is worth up to £40,000"
    assert "Multiplier on emergency admission" in chart.description
    assert overlaps(chart) == []


def test_the_find_out_chart_says_how_many_futures_it_needs(dear: Run, alone: Run) -> None:
    assert "70 futures are needed" in learn.draw_find_out(dear).description
    assert "Two options are needed" in learn.draw_find_out(alone).description


def test_a_figure_that_decides_the_choice_is_worth_more_than_luck(make_run) -> None:  # type: ignore[no-untyped-def]
    run = make_run(("no-lac", "wards-17"), futures=70, years=1)
    names = list(run.plan.draws.names)
    column = names.index("effects.admission_hr")
    deciding = np.asarray(run.plan.draws.values)[:, column]
    gain = 1e6 * (deciding - np.median(deciding))
    benefit = pd.DataFrame({"no-lac": 0.0 * gain, "wards-17": gain}, index=pd.RangeIndex(1, 71))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "net_benefits", lambda *_: benefit)
        frame = learn.evppi_frame(run)
    assert frame["parameter"].iloc[0] == "effects.admission_hr"
    assert frame["evppi_gbp"].iloc[0] == pytest.approx(np.maximum(gain, 0).mean() - max(gain.mean(), 0), rel=0.05)
    assert frame["evppi_gbp"].iloc[0] > frame.attrs["by_luck"] > 0.0
    assert overlaps(learn.draw_evppi(run, frame)) == []


def test_every_drawn_figure_has_a_holder(dear: Run) -> None:
    assert [name for name in dear.plan.draws.names if holder_of(name)[0] == "not known"] == []


def test_the_claims_chart_names_the_command_when_no_table_is_stored(
    dear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backcast, "stored", partial(backcast.stored, tmp_path))
    chart = learn.draw_past_claims(dear)
    assert chart.title.startswith("Not modelled")
    assert "lacsim claims --save" in chart.description


def test_the_claims_chart_shows_a_stored_table_and_says_when_it_is_stale(
    dear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        (
            name,
            stance,
            text,
            "council paper",
            claimed,
            unit,
            low,
            middle,
            high,
            "",
            "note",
            "looked at",
            str(claimed),
            str(middle),
        )
        for name, text, claimed, unit, low, middle, high in (
            ("a", "social value for each £1, gross", 4.0, "£ per £1", 0.5, 1.2, 2.2),
            ("b", "two coordinators avoided health and social care worth", 8e5, "£", -1e3, 2e4, 6e4),
        )
        for stance in ("reported", "controlled", "sceptical")
    ]
    heads = [*learn.CLAIMS_COLUMNS, "note", "use", "claimed_text", "model_text"]
    backcast.save(pd.DataFrame(rows, columns=heads), pd.DataFrame({"pair": []}), futures=20, seed=1, folder=tmp_path)
    monkeypatch.setattr(backcast, "stored", partial(backcast.stored, tmp_path))
    fresh = learn.draw_past_claims(dear)
    about = tmp_path / "claims.toml"
    about.write_text(about.read_text("utf-8").replace('controlled = "', 'controlled = "0'), encoding="utf-8")
    stale = learn.draw_past_claims(dear)
    assert "20 futures for each stance" in fresh.footer
    assert "other parameters" not in fresh.footer
    assert "other parameters than today's (controlled)" in stale.footer
    assert list(fresh.data.columns) == learn.CLAIMS_COLUMNS
    assert overlaps(fresh) == overlaps(stale) == []


def test_tiles_keep_the_order_of_the_wards_from_west_to_east_and_north_to_south() -> None:
    found = evidence.area().tiles
    for _, row in found.groupby("row"):
        assert row.sort_values("col")["middle_longitude"].is_monotonic_increasing, list(row["ward_name"])
    for _, column in found.groupby("col"):
        assert column.sort_values("row")["middle_latitude"].is_monotonic_decreasing, list(column["ward_name"])


def test_tiles_that_are_shared_or_missing_are_refused(tmp_path: Path) -> None:
    table = evidence.area().tiles.copy()
    table.loc[0, ["col", "row"]] = table.loc[1, ["col", "row"]].to_numpy()
    table.to_csv(tmp_path / "tiles.csv", index=False)
    codes = [str(code) for code in table["ward_code"]]
    with pytest.raises(SourceError, match="areas/derby/tiles.csv.*one tile of its own for each of the 17 wards"):
        read_tiles(tmp_path, "derby", codes)
    (tmp_path / "tiles.csv").unlink()
    assert read_tiles(tmp_path, "derby", codes).empty


def test_words_in_a_tile_stand_out_from_its_blue_four_and_a_half_to_one() -> None:
    for blue in style.BLUES:
        ink = "#FFFFFF" if blue in style.WHITE_ON else style.INK
        light, dark = sorted((luminance(ink), luminance(blue)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, blue


def test_steps_run_from_the_lightest_to_the_darkest_blue() -> None:
    assert tiles.steps(np.array([0.0, 10.0, 25.0, 50.0])).tolist() == [0, 1, 2, 4]
    assert tiles.steps(np.zeros(3)).tolist() == [0, 0, 0]


def test_money_by_ward_adds_up_to_the_discounted_money_of_the_city(dear: Run) -> None:
    parts = ["programme", "council_cash", "nhs_cash", "capacity_released"]
    columns = [f"{part}_saving_gbp" for part in parts]
    wards = by_ward.ward_savings(dear).groupby("future")[columns].sum()
    scenario, against = dear.pair or ("", "")
    whole = economics.savings(
        dear.costs[dear.costs["scenario"].isin([scenario, against])],
        against,
        optimism_share=dear.plan.parameters.number("appraisal.optimism_bias_benefits"),
    ).set_index("future")[columns]
    assert wards.columns.tolist() == whole.columns.tolist()
    # managers and membership belong to no ward; everything else is rounded ward by ward, year by year
    for column in columns[1:]:
        assert wards[column].to_numpy() == pytest.approx(whole[column].to_numpy(), abs=20.0), column
    assert (wards[columns[0]].to_numpy() >= whole[columns[0]].to_numpy()).all()


def test_what_a_post_is_worth_is_the_saving_of_its_ward_shared_over_its_posts_and_years() -> None:
    plan = replace(ward_plan(rules=(10_000.0,), years=2, replications=1), residents=3_000)
    rates, costs = by_ward.value_per_post(plan, jobs=1), economics.ward_ledger(study.run(plan, jobs=1))
    saved = economics.savings(
        costs, "no-lac", by=("ward",), optimism_share=plan.parameters.number("appraisal.optimism_bias_benefits")
    ).set_index("ward")
    assert len(rates) == 17
    for row, post in zip(rates.to_dict("records"), plan.scenarios[1].posts, strict=True):
        one_ward = saved.loc[post.ward]
        assert row["public_purse_saved_gbp"] * post.posts * 2 == pytest.approx(one_ward["public_purse_saving_gbp"])
        parts = [row["council_cash_saved_gbp"], row["nhs_cash_saved_gbp"], row["capacity_saved_gbp"]]
        assert sum(parts) - row["coordinator_gbp"] == pytest.approx(row["public_purse_saved_gbp"], abs=0.01)


def test_smaller_runs_share_the_draws_of_the_first_futures(four: Run) -> None:
    stances = list(companions.plans(four.plan).values())
    assert [plan.parameters.stance for plan in stances] == ["reported", "sceptical", "controlled"]
    assert all(plan.futures == 4 for plan in stances)
    team = stances[-1]
    assert [round(s.n_posts, 9) for s in team.scenarios] == [8, 13, 21, 26]  # 17 are in the main run
    assert list(companions.plans(four.plan, teams=False)) == ["reported", "sceptical"]
    assert [team.draws.row(k) for k in range(4)] == [four.plan.draws.row(k) for k in range(4)]
    assert [s.name for s in stances[0].scenarios] == ["wards-13", "wards-17"]


def test_the_table_of_stances_has_one_row_for_each_and_says_which_is_this_run(complete: Run, dear: Run) -> None:
    rows = tables.stances(complete)
    assert [row[0] for row in rows] == ["controlled (this run)", "reported", "sceptical"]
    assert len(tables.stances(dear)) == 1


def test_waits_are_those_of_the_teams_that_were_run(complete: Run) -> None:
    frame = load.load_frame(complete)
    assert frame["coordinators"].tolist() == [8, 13, 17, 21, 26]
    assert frame["wait_weeks_p90"].is_monotonic_decreasing
    assert (frame["lo"] <= frame["wait_weeks_p90"]).all()
    kept = load.promise_frame(complete)
    assert kept[kept["promise_weeks"] == 8]["futures_met"].tolist() == [100] * 5


def test_where_nobody_had_a_conversation_there_is_no_wait_and_not_a_wait_of_zero(
    complete: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = complete.waits.assign(n=0, p50_days=np.nan, p90_days=np.nan, share_waited=np.nan)
    monkeypatch.setattr(type(complete), "waits", property(lambda _: nobody))
    for chart in (load.draw_load(complete), load.draw_promise(complete)):
        assert chart.data.empty
        assert "Nobody had a first conversation" in chart.description


def test_figures_that_move_with_an_outcome_are_found_and_noise_seldom_is(make_run) -> None:  # type: ignore[no-untyped-def]
    plan = make_run(futures=64, years=1).plan
    draws = plan.draws
    chance = np.sin(12.9898 * np.arange(64)) * 43758.5453 % 1.0
    outcome = [-5.0 * draws.row(k)["effects.admission_hr"] + 0.1 * chance[k] for k in range(64)]
    assert influence.movers(draws, outcome)[0].name == "effects.admission_hr"
    told = influence.in_words(plan.parameters, draws, outcome, "The change")
    assert told.startswith("The change falls with “Multiplier on emergency admission while a resident has a place”")
    rng = np.random.default_rng(64)
    blamed = [influence.movers(draws, rng.random(64).tolist()) != [] for _ in range(300)]
    assert np.mean(blamed) < 0.15  # about 7 in 100 where no figure is tied to another, and 21 of 300 have a spread of 4
    say = partial(influence.in_words, plan.parameters, draws)
    assert say([1.0] * 64, "The change") == "No single assumption stands out as moving the change."
    assert say(outcome[:5], "The change") == "Too few futures to say which assumption moves the change most."


def test_a_figure_is_never_named_for_what_cannot_depend_on_it(make_run) -> None:  # type: ignore[no-untyped-def]
    """With 20 futures the draws of `sroi.saving_per_person` rise and fall with those of `effects.admission_hr`."""
    draws = make_run(futures=20, years=1).plan.draws
    outcome = [draws.row(k)["sroi.saving_per_person"] for k in range(20)]
    named = {one.name for one in influence.movers(draws, outcome)}
    assert "sroi.saving_per_person" not in named
    people_only = influence.can_move(draws.names, people_only=True)
    assert not [draws.names[k] for k in people_only if draws.names[k].startswith(("unit_costs.", "cashability."))]
    both = [draws.row(k)["effects.admission_hr"] + 0.2 * draws.row(k)["unit_costs.nel_long"] / 3e4 for k in range(20)]
    assert influence.movers(draws, both, people_only=True)[0].name == "effects.admission_hr"


def test_every_figure_has_a_name_in_words_that_fits_and_keys_in_sentences_are_said_in_words() -> None:
    parameters = params()
    for name in parameters.names():
        words = labels.label_of(parameters, name)
        assert len(words) <= labels.LONGEST, name
        assert words.count("(") == words.count(")"), name
        assert "_" not in words, name
    said = labels.in_words(parameters, "only if effects.case_closes_hr ≥ 3.1 and carry_over_mean_days is 4")
    assert said == (
        "only if “multiplier on an open adult care case closing while a resident has a place” ≥ 3.1 and "
        "“mean time an effect lasts after a place is given up” is 4"
    )
    assert labels.in_words(parameters, "4.6, read as run.json says") == "4.6, read as run.json says"


def test_a_straight_line_finds_the_figures_that_matter_and_marks_the_rest() -> None:
    found, alarms = [], 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(100, 60))
        order, n_clear = sensitivity.chosen(values, 3.0 * values[:, 7] - 2.0 * values[:, 30] + rng.normal(size=100), 10)
        assert len(order) == 10
        assert n_clear >= 2
        found.append(order[:2])
        alarms += sensitivity.chosen(values, rng.normal(size=100), 10)[1] > 0
    assert found == [[7, 30]] * 40
    # The best of 60 figures without any connection passes in about 3 of 100 sets; six or more in 40 has chance 0.0007.
    assert alarms < 6


def test_the_share_at_which_the_middle_future_breaks_even_is_where_the_line_crosses_nothing(
    cheap: Run, dear: Run
) -> None:
    share = sensitivity.break_even_share(cheap)
    assert share is not None
    frame = sensitivity.credit_frame(cheap, np.array([share]))
    programme, services = sensitivity.parts_of_net(cheap)
    assert float(np.median(programme)) + share * float(np.median(services)) == pytest.approx(0.0, abs=0.01)
    assert abs(frame["p50"].iloc[0]) < 0.02 * abs(float(np.median(programme)))
    assert sensitivity.mind_changers(dear)[0].startswith("What services are relieved of would have to be")


def test_the_best_option_loses_nothing_on_average_where_it_is_best_in_every_future(dear: Run) -> None:
    frame = loss.loss_frame(dear, (0.0, 1e9))
    at_nothing = frame[frame["threshold_gbp"] == 0.0].set_index("scenario")
    assert at_nothing.loc["no-lac", "expected_loss_gbp"] == 0.0
    assert at_nothing["prob_best"].sum() == pytest.approx(1.0)
    most = frame[frame["threshold_gbp"] == 1e9].set_index("scenario")
    assert most["expected_loss_gbp"].idxmin() == "wards-17"
    assert (
        frame.groupby("threshold_gbp")["expected_loss_gbp"].min() == frame.groupby("threshold_gbp")["evpi_gbp"].first()
    ).all()


def test_the_tracker_has_a_row_for_each_month_and_measure_and_an_empty_column(dear: Run) -> None:
    found = tables.tracker(dear)
    assert list(found.columns) == list(tables.TRACKER_HEADS)
    assert len(found) == 4 * 24
    assert set(found["observed"]) == {""}
    assert (found["p05"] <= found["p95"]).all()
