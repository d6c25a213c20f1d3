"""The money levers: as the run has them they are the run, and the page's script gives the same figures to the penny."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from lacsim.errors import ResultsError
from lacsim.report import levers
from lacsim.report.api import Run
from lacsim.report.page import TEMPLATES

CASES = (
    {},
    {"credit_percent": 35},
    {"discount_tenths": 15, "years": 1},
    {"hospital_percent": 130, "care_percent": 70, "programme_percent": 155},
    {"optimism_percent": 25, "credit_percent": 65, "discount_tenths": 0},
    {"credit_percent": 0, "discount_tenths": 100, "hospital_percent": 300},
)


def in_pence(run: Run) -> np.ndarray:
    return np.rint(100 * run.differences["public_purse_saving_gbp"].to_numpy(float)).astype(np.int64)


def with_choices(run: Run, **changes: object) -> Run:
    parameters = run.plan.parameters.replace({f"appraisal.{k}": v for k, v in changes.items()})
    plan = dataclasses.replace(run.plan, parameters=parameters)
    return Run(dataclasses.replace(run.results, plan=plan))


def test_levers_as_the_run_has_them_give_the_saving_of_every_future_to_the_penny(dear: Run, cheap: Run) -> None:
    for run in (dear, cheap, with_choices(cheap, optimism_bias_benefits=0.2, discount_rate=0.015)):
        table = levers.lever_table(run)
        assert (levers.recalculate(table, table.settings).net == in_pence(run)).all()


def test_a_lever_gives_what_the_ledger_gives_with_the_figure_changed(cheap: Run) -> None:
    table = levers.lever_table(cheap)
    for changes, settings in (
        ({"discount_rate": 0.06}, {"discount_tenths": 60}),
        ({"optimism_bias_benefits": 0.4}, {"optimism_percent": 40}),
    ):
        moved = levers.recalculate(table, dataclasses.replace(table.settings, **settings))
        assert (moved.net == in_pence(with_choices(cheap, **changes))).all()


def test_credit_at_nothing_leaves_the_cost_of_the_programme(dear: Run) -> None:
    table = levers.lever_table(dear)
    found = levers.recalculate(table, dataclasses.replace(table.settings, credit_percent=0))
    assert (found.net == np.rint(100 * dear.differences["programme_saving_gbp"].to_numpy(float))).all()
    assert found.n_less == 0


def test_a_rate_between_two_steps_of_its_lever_is_refused_and_the_page_has_no_levers(dear: Run, alone: Run) -> None:
    with pytest.raises(ResultsError, match=r"levers: appraisal.discount_rate lies between two steps"):
        levers.lever_table(with_choices(dear, discount_rate=0.0333))
    assert levers.context(with_choices(dear, discount_rate=0.0333))["levers"] == []
    with pytest.raises(ResultsError, match="levers: the run has one scenario"):
        levers.lever_table(alone)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed, so the script cannot be run here")
def test_the_script_gives_the_same_figures_to_the_penny(cheap: Run, tmp_path: Path) -> None:
    table = levers.lever_table(cheap)
    (tmp_path / "data.json").write_text(levers.to_json(table), encoding="utf-8")
    all_settings = [
        dataclasses.replace(table.settings, **{k: min(v, 2) if k == "years" else v for k, v in case.items()})
        for case in CASES
    ]
    (tmp_path / "settings.json").write_text(json.dumps([asdict(s) for s in all_settings]), encoding="utf-8")
    program = (
        "const fs=require('fs'),m=require(process.argv[1]);"
        "const d=JSON.parse(fs.readFileSync('data.json')),s=JSON.parse(fs.readFileSync('settings.json'));"
        "console.log(JSON.stringify(s.map(x=>m.compute(d,x))));"
    )
    script = str(TEMPLATES / "levers.js")
    said = subprocess.run(
        ["node", "-e", program, script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    for settings, theirs in zip(all_settings, json.loads(said.stdout), strict=True):
        ours = levers.recalculate(table, settings)
        assert theirs["net"] == ours.net.tolist()
        assert theirs["cash"] == ours.cash.tolist()
        assert [theirs[k] for k in ("n_less", "p05", "p50", "p95", "cash_p50")] == [
            ours.n_less, ours.p05, ours.p50, ours.p95, ours.cash_p50,
        ]  # fmt: skip
