"""`lacsim break-even` and `lacsim waterfall`: tables kept beside a run, and requests that do not fit it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lacsim.errors import ResultsError
from lacsim.report import asked, saved

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("undrawn")


def only(out: Path) -> Path:
    (folder,) = (out / "runs").iterdir()
    return folder


def test_a_waterfall_is_kept_beside_the_run_and_its_bars_add_up(lacsim: Command, own_copy: Path) -> None:
    said = lacsim(
        "waterfall", "--effects", "ae", "--residents", "300", "-n", "1", "-j", "1", "--json", "--out", str(own_copy)
    )
    assert said.code == 0, said.err
    rows = json.loads(said.out)
    assert [row["letter"] for row in rows] == ["", "a", "e", ""]
    assert sum(row["mean_gbp"] for row in rows[:-1]) == pytest.approx(rows[-1]["mean_gbp"], abs=0.01)
    kept = saved.load(only(own_copy))  # every file is as the manifest lists it
    assert kept.asked[asked.WATERFALL]["letter"].tolist() == ["", "a", "e", ""]


def test_break_even_is_solved_on_what_was_counted_and_tried_again(lacsim: Command, own_copy: Path) -> None:
    name = "programme.cost_per_coordinator"
    said = lacsim("break-even", "--parameter", name, "--out", str(own_copy))
    assert said.code == 0, said.err
    assert "Tried again at each value" in said.out
    table = saved.load(only(own_copy)).asked[asked.BREAK_EVEN]
    assert table["purse"].tolist() == ["council", "nhs", "public_purse"]
    assert (table.dropna(subset="break_even")["residual_gbp"].abs() < 0.5).all()


def test_solved_values_stand_in_the_report_in_words(lacsim: Command, own_copy: Path) -> None:
    from dataclasses import replace

    from lacsim.report.money_sections import context, mind_changers

    assert (
        lacsim(
            "break-even", "--parameter", "effects.care_need_hr", "--residents", "300", "-n", "1", "--out", str(own_copy)
        ).code
        == 0
    )
    kept = saved.load(only(own_copy))
    table = kept.asked[asked.BREAK_EVEN].assign(within_evidence=True, break_even=1.5, in_words="Solved.")
    told = replace(kept, asked={asked.BREAK_EVEN: table})
    assert mind_changers(told)[0] == "Solved."
    assert "care-home years avoided a year" in mind_changers(told)[-1]
    assert context(told)["money_sections"]["break_even"][0][0] == "Solved."
    without = context(replace(kept, asked={}))["money_sections"]
    assert without["break_even"] is None
    assert without["break_even_command"] == f"lacsim break-even {kept.plan.run_id}"


def test_a_small_run_is_split_with_the_futures_and_adults_it_has(lacsim: Command, own_copy: Path) -> None:
    said = lacsim("waterfall", "--effects", "a", "-j", "1", "--quiet", "--out", str(own_copy))
    assert said.code == 0, said.err
    assert "300 adults, £" in said.out
    assert said.out.splitlines()[-1].startswith("Mean over 3 futures")


def test_what_does_not_fit_the_run_is_refused_together(lacsim: Command, finished_run: Path) -> None:
    said = lacsim("waterfall", "--residents", "5", "-n", "9", "--out", str(finished_run))
    assert said.code == 2
    assert "--futures: must lie from 1 to the run's 3; found 9." in said.err
    assert "--residents: must lie from 100 to the run's" in said.err
    said = lacsim("waterfall", "--money", "gold", "--out", str(finished_run))
    assert "--money: 'gold' is not known. Use public_purse" in said.err
    said = lacsim("break-even", "--parameter", "unit_costs.residental_week", "--out", str(finished_run))
    assert said.code == 2
    assert "Did you mean 'unit_costs.residential_week'?" in said.err


def test_a_table_that_cannot_be_read_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    pd.DataFrame({"bar": ["x"]}).to_csv(tmp_path / "waterfall.csv")
    with pytest.raises(ResultsError, match=r"waterfall\.csv cannot be read .* make it again with: lacsim waterfall"):
        asked.read(tmp_path)
