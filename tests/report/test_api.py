"""The Python interface: tables of a run, comparing two runs, sliders."""

from __future__ import annotations

import dataclasses
import sys
import types
from typing import Any

import pytest

import lacsim as lac
from lacsim.errors import RegisterError, ResultsError, ScenarioError, SetupError
from lacsim.parameters.sampling import draw_matrix
from lacsim.report import api, sliders
from lacsim.report.api import Run
from lacsim.report.comparison import Comparison


def test_the_public_names_are_those_of_the_interface() -> None:
    assert lac.run is api.run
    assert lac.compare is api.compare
    assert lac.sliders is sliders.sliders
    assert lac.Run is Run


def test_a_run_has_one_row_per_scenario_and_future(real: Run) -> None:
    table = real.futures
    assert len(table) == 9
    assert table["scenario"].drop_duplicates().tolist() == ["no-lac", "wards-10", "wards-17"]
    assert set(table.columns) >= {
        "scenario", "future", "draw", "comparator", "net_gbp", "cash_gbp", "freed_gbp", "social_gbp", "cost_gbp",
        "introductions_people", "long_term_people", "assessments_people", "admissions_65plus", "bed_days",
        "residential_admissions_65plus", "wait_weeks_p50", "wait_weeks_p90",
    }  # fmt: skip


def test_net_is_cash_plus_freed_less_cost_and_leaves_value_to_people_out(dear: Run) -> None:
    table = dear.futures
    net = table["cash_gbp"] + table["freed_gbp"] - table["cost_gbp"]
    assert table["net_gbp"].to_numpy() == pytest.approx(net.to_numpy(), abs=0.02)
    own = table.loc[table["scenario"] == "no-lac", ["net_gbp", "cash_gbp", "freed_gbp", "cost_gbp"]]
    assert not own.to_numpy().any()


def test_differences_of_the_pair_are_differences_of_the_futures_table(dear: Run) -> None:
    net = dear.futures.set_index("scenario")["net_gbp"]
    expected = net["wards-17"].to_numpy() - net["wards-10"].to_numpy()
    assert dear.differences["public_purse_saving_gbp"].to_numpy() == pytest.approx(expected, abs=0.02)


def test_the_headline_turns_with_the_results(dear: Run, cheap: Run) -> None:
    assert dear.answer.branch == "costs more"
    assert cheap.answer.branch == "saves"
    assert cheap.headline in repr(cheap)


def test_any_two_scenarios_can_be_asked_about(cheap: Run) -> None:
    found = cheap.answer_for("wards-17", "no-lac")
    assert "17 wards costs the public purse less than no coordinators" in found.headline
    assert cheap.answer_for("wards-10", "wards-17").branch == "costs more"


def test_a_scenario_that_was_not_run_is_refused(dear: Run) -> None:
    with pytest.raises(ResultsError, match="scenario 'wards-13' is not in this run, which has no-lac, wards-10"):
        dear.answer_for("wards-13", "no-lac")


def test_a_run_of_one_scenario_has_no_pair_and_no_savings(alone: Run) -> None:
    assert alone.pair is None
    assert alone.differences.empty
    assert (alone.futures["net_gbp"] == 0.0).all()


def test_the_same_seed_gives_the_same_tables(real: Run) -> None:
    again = lac.run(futures=3, residents=3_000, years=2, jobs=1)
    assert again.plan.run_id == real.plan.run_id
    assert again.futures.equals(real.futures)
    assert again.costs.equals(real.costs)


def test_a_stance_is_laid_under_the_chosen_values(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    monkeypatch.setattr(api.study, "run", lambda plan, **_: plans.append(plan))
    lac.run("wards-17", lac.params().replace({"hospital.beds": 900}), stance="sceptical", futures=1, years=1)
    assert plans[0].parameters.stance == "sceptical"
    assert plans[0].parameters["hospital.beds"] == 900
    assert [scenario.name for scenario in plans[0].scenarios] == ["wards-17"]


def test_an_unknown_scenario_is_refused_before_anything_is_run() -> None:
    with pytest.raises(ScenarioError, match="scenario 'wards-71' is not known. Did you mean"):
        lac.run(["wards-71"])


def test_what_was_drawn_is_a_table_that_joins_on_future(real: Run) -> None:
    assert real.psa["future"].tolist() == list(range(1, real.plan.futures + 1))
    assert list(real.psa.columns[1:]) == list(real.plan.draws.names)
    assert len(real.futures.merge(real.psa, on="future")) == len(real.futures)


def test_nothing_changed_nothing_moved(dear: Run) -> None:
    same = lac.compare(dear, Run(dear.results))
    assert same.sentence == "Nothing was changed, so nothing moved."
    assert same.changes.empty
    assert (same.table()["change"] == 0).all()


def test_a_comparison_says_what_was_changed_and_what_moved(make_run, dear: Run) -> None:  # type: ignore[no-untyped-def]
    dearer = make_run(relief=0.001, noise=0.0005, overrides={"appraisal.discount_rate": 0.0})
    found = lac.compare(dear, dearer)
    assert found.sentence.startswith("You changed 1 figure. The middle saving fell £")
    assert found.sentence.endswith("; no future changed sign.")
    assert found.changes["name"].tolist() == ["appraisal.discount_rate"]
    table = found.table().set_index("measure")
    assert table.loc["cost of the programme", "change"] > 0
    assert table.loc["assessments, 17 wards", "change"] == 0


def test_a_comparison_says_when_other_figures_were_drawn_afresh(dear: Run) -> None:
    plan = dear.plan
    afresh = dataclasses.replace(plan, draws=draw_matrix(plan.parameters, plan.futures, 7))
    found = lac.compare(dear, Run(dataclasses.replace(dear.results, plan=afresh)))
    assert not found.has_same_draws
    assert lac.compare(dear, Run(dear.results)).has_same_draws


def test_futures_that_change_sign_are_counted(make_run, dear: Run) -> None:  # type: ignore[no-untyped-def]
    free = make_run(relief=0.001, noise=0.0005, overrides={"programme.cost_per_coordinator": 0, "hospital.beds": 500})
    found = lac.compare(dear, free)
    assert found.sign_changes == 12
    assert found.sentence.startswith("You changed 2 figures. The middle saving rose £")
    assert "; 12 futures changed sign." in found.sentence
    note = "Other figures were drawn afresh, so some of this is chance."
    assert found.sentence.endswith(note) == (not found.has_same_draws)


def test_runs_with_different_seeds_are_compared_but_not_future_by_future(make_run, dear: Run) -> None:  # type: ignore[no-untyped-def]
    other = make_run(relief=0.001, noise=0.0005, seed=7)
    found = lac.compare(dear, other)
    assert found.sign_changes is None
    assert found.sentence.endswith("futures cannot be paired because seed or number of futures differ.")


def test_amounts_of_another_city_or_period_are_not_set_side_by_side(dear: Run) -> None:
    part = dataclasses.replace(dear.plan, residents=4_000)
    found = lac.compare(dear, Run(dataclasses.replace(dear.results, plan=part)))
    assert found.sentence.startswith("You changed 1 figure. The runs are of other residents or years")
    assert found.changes["name"].tolist() == ["residents"]


def test_runs_that_answer_different_questions_are_not_compared(dear: Run, alone: Run) -> None:
    with pytest.raises(ResultsError, match="'wards-17 against wards-10' and 'wards-17 alone'. Run the same two"):
        Comparison(dear, alone)


def test_sliders_without_ipywidgets_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(SetupError, match=r"need ipywidgets, found none .* pip install \"lacsim\[notebooks\]\""):
        lac.sliders(["coordination.places_per_coordinator"])


def test_a_slider_for_an_unknown_or_worded_parameter_is_refused() -> None:
    with pytest.raises(RegisterError, match="Did you mean"):
        lac.sliders(["coordination.place_per_coordinator"])
    with pytest.raises(RegisterError, match="is a name, not a number"):
        lac.sliders(["coordination.queue_order"])


def test_a_slider_stays_inside_the_range_of_its_parameter() -> None:
    p = lac.params()
    for name in p.uncertain():
        slider = sliders.slider_for(p, name)
        low, high = p.entry(name).range  # type: ignore[misc]
        assert low <= slider.low < slider.high <= high
        assert slider.low <= slider.value <= slider.high
        assert slider.step > 0


def test_the_button_runs_with_the_values_of_the_sliders(monkeypatch: pytest.MonkeyPatch, dear: Run) -> None:
    """A stand-in for ipywidgets, so that no Jupyter is needed."""

    class Widget:
        def __init__(self, children: list[Any] | None = None, **named: Any) -> None:
            self.children, self.value = children, named.get("value")

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

        def clear_output(self) -> None: ...

        def on_click(self, pressed: Any) -> None:
            self.pressed = pressed

    fake: Any = types.ModuleType("ipywidgets")
    for name in ("FloatSlider", "BoundedFloatText", "Label", "HBox", "VBox", "Button", "Output"):
        setattr(fake, name, Widget)
    fake.link = lambda *_: None
    monkeypatch.setitem(sys.modules, "ipywidgets", fake)
    asked = []

    def run(scenarios: Any, parameters: Any, **options: Any) -> Run:
        asked.append((parameters.overrides, options["futures"]))
        return dear

    box = lac.sliders(["coordination.places_per_coordinator"], futures=5, run=run)
    slider = box.children[0].children[1].children[0]
    slider.value = 50.0
    box.children[1].pressed(None)
    assert asked == [({"coordination.places_per_coordinator": 50.0}, 5)]
