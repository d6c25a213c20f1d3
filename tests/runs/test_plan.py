"""Plans, binding and futures: what is checked, what is used, and what a result may not depend on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lacsim.economics import ledger
from lacsim.errors import ScenarioError
from lacsim.model.stages import AGE_BAND_STARTS, OUTSIDE, YEAR
from lacsim.parameters import params, unused
from lacsim.results.study import Results, run
from lacsim.runs.experiment import make_future
from lacsim.runs.plan import central_plan, make_plan
from lacsim.runs.scenario import forecast, history

SMALL = {"residents": 4_000, "period": forecast(2), "seed": 11}
TABLES = (
    "yearly",
    "wards",
    "ages",
    "tenures",
    "monthly",
    "flows",
    "waits",
    "paired",
    "checks",
    "quantities",
    "quantities_monthly",
)


def tables(results: Results) -> dict[str, pd.DataFrame]:
    return {name: getattr(results, name) for name in TABLES}


def assert_same(a: Results, b: Results) -> None:
    for name, table in tables(a).items():
        pd.testing.assert_frame_equal(table, getattr(b, name), check_exact=True)


@pytest.fixture(scope="module")
def three() -> Results:
    return run(make_plan(["no-lac", "wards-10", "wards-17"], futures=3, **SMALL), jobs=1)


def test_results_do_not_depend_on_the_number_of_processes(three: Results) -> None:
    assert_same(three, run(three.plan, jobs=2))


def test_more_futures_keep_those_already_run(three: Results) -> None:
    more = run(make_plan(["no-lac", "wards-10", "wards-17"], futures=5, **SMALL), jobs=1)
    first = more.yearly[more.yearly["future"] <= 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(three.yearly, first, check_exact=True)


def test_futures_with_the_same_numbers_differ_by_luck_alone() -> None:
    """Each future has a replication number of its own, so that no two draws share their luck."""
    a, b = (make_future(central_plan(["no-lac"], replications=2, residents=2_000), number) for number in (1, 2))
    assert a.rates["replication"][0] != b.rates["replication"][0]
    same = [name for name in a.rates.dtype.names if np.array_equal(a.rates[name], b.rates[name])]
    assert set(a.rates.dtype.names) - set(same) == {"replication"}
    here = [future.people[0]["stage"] != OUTSIDE for future in (a, b)]
    assert here[0].sum() == here[1].sum() == 2_000
    frailty = [future.people[0]["frailty"][who] for future, who in zip((a, b), here, strict=True)]
    assert abs(np.corrcoef(frailty[0], frailty[1])[0, 1]) < 0.11  # 4.6 standard errors of 2,000 that are not related


@pytest.mark.parametrize("names", [["wards-17"], ["wards-17", "no-lac", "wards-10"]])
def test_a_scenario_alone_or_in_another_order_has_the_same_tables(three: Results, names: list[str]) -> None:
    other = run(make_plan(names, futures=3, **SMALL), jobs=1)
    for table in ("yearly", "wards", "ages", "tenures", "monthly", "flows", "waits"):
        a, b = getattr(three, table), getattr(other, table)
        a = a[a["scenario"] == "wards-17"].reset_index(drop=True)
        b = b[b["scenario"] == "wards-17"].reset_index(drop=True)
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_the_readable_engine_gives_the_same_tables(three: Results) -> None:
    plan = make_plan(["no-lac", "wards-17"], futures=1, engine="simpy", residents=1_000, period=forecast(1))
    fast = make_plan(["no-lac", "wards-17"], futures=1, residents=1_000, period=forecast(1))
    assert plan.run_id == fast.run_id
    assert_same(run(plan, jobs=1), run(fast, jobs=1))


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_results_do_not_depend_on_the_hash_seed(hash_seed: str, three: Results, root: Path) -> None:
    code = (
        "from lacsim.runs.plan import make_plan; from lacsim.runs.scenario import forecast;"
        "from lacsim.results.study import run;"
        "p = make_plan(['no-lac', 'wards-10', 'wards-17'], futures=3, residents=4000, period=forecast(2), seed=11);"
        "r = run(p, jobs=1);"
        "print(r.plan.run_id, r.yearly.to_csv().__len__(), float(r.yearly['value'].sum()))"
    )
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Auckland"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env=env, check=True)
    expected = f"{three.plan.run_id} {len(three.yearly.to_csv())} {float(three.yearly['value'].sum())}"
    assert found.stdout.strip() == expected


def test_every_check_of_a_run_passes(three: Results) -> None:
    assert three.checks["passed"].all()


def test_all_adults_of_the_table_live_in_the_city_on_the_first_day() -> None:
    future = make_future(central_plan(["no-lac"]), 1)
    people = future.people[0]
    here = people[people["stage"] != 7]
    assert len(here) == 197_364
    wards = future.plan.area.wards
    age = -here["born"] // YEAR
    edges = [*AGE_BAND_STARTS, 200]
    columns = ["a18_29_2017", "a30_44_2017", "a45_64_2017", "a65_74_2017", "a75_84_2017", "a85p_2017"]
    for w in range(17):
        counts = np.histogram(age[here["ward"] == w], bins=edges)[0]
        assert counts.tolist() == wards.loc[w, columns].astype(int).tolist()


def test_the_history_starts_from_the_census_of_2011() -> None:
    future = make_future(central_plan(["history"], period=history()), 1)
    assert int((future.people[0]["stage"] != 7).sum()) == int(future.plan.area.wards["c11_18plus"].sum())


def test_a_sample_has_exactly_the_residents_asked_for() -> None:
    future = make_future(central_plan(["no-lac"], residents=2_345), 1)
    assert int((future.people[0]["stage"] != 7).sum()) == 2_345


class _Noting(dict[str, object]):
    """A mapping that notes which names were read."""

    def __init__(self, values: dict[str, object]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.read.add(name)
        return super().__getitem__(name)


def test_no_entry_of_the_register_is_unused(three: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    read = set(make_future(three.plan, 1).names_read)
    noting = _Noting(dict(three.plan.values(1)))
    monkeypatch.setattr(Results, "values", lambda self, future: noting)
    ledger(three)
    by_name = {
        f"appraisal.{key}"
        for key in (
            "short_stay_days",
            "horizon_years",
            "optimism_bias_benefits",
            "discount_rate",
            "price_year",
            "days_inside_spell_price",
            "health_discount_rate",
            "inflation",
            "optimism_bias_costs",
        )
    }
    by_name |= {name for name in three.plan.parameters.names() if name.startswith("sroi.")}  # tests/economics/test_sroi
    assert unused(read | noting.read | by_name) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"futures": 0}, "futures: must lie from 1 to 100,000; found 0"),
        ({"futures": 2.5}, "futures: needs a whole number"),
        ({"futures": True}, "futures: needs a whole number"),
        ({"seed": -1}, "seed: must lie from 0"),
        ({"residents": 10}, "residents: must lie from 100"),
        ({"residents": 10**12}, "residents: must lie from 100 to 100,000,000"),
        ({"engine": "fortran"}, "engine: 'fortran' is not known"),
    ],
)
def test_an_impossible_plan_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        make_plan(["no-lac"], **{"futures": 1, **changes})  # type: ignore[arg-type]


def test_a_plan_without_scenarios_is_refused() -> None:
    with pytest.raises(ScenarioError, match="scenarios: none was given"):
        make_plan([])


def test_a_horizon_that_is_not_whole_years_is_refused() -> None:
    with pytest.raises(ScenarioError, match="must be whole financial years; found 2.5 years"):
        make_plan(["no-lac"], params().replace({"appraisal.horizon_years": 2.5}))


def test_the_run_id_changes_with_anything_that_decides_the_result_and_nothing_else() -> None:
    base = make_plan(["no-lac"], futures=2)
    assert base.run_id == make_plan(["no-lac"], futures=2).run_id
    others = [
        make_plan(["wards-10"], futures=2),
        make_plan(["no-lac"], futures=3),
        make_plan(["no-lac"], futures=2, seed=1),
        make_plan(["no-lac"], futures=2, residents=500),
        make_plan(["no-lac"], futures=2, period=forecast(4)),
        make_plan(["no-lac"], params("reported"), futures=2),
        make_plan(["no-lac"], params().replace({"coordination.places_per_coordinator": 50.0}), futures=2),
    ]
    assert len({plan.run_id for plan in [base, *others]}) == 8
