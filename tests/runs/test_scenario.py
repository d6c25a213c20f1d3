"""Scenarios and periods: what is built in, what a file may say, and how faults are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lacsim.errors import ScenarioError
from lacsim.evidence import area
from lacsim.runs.scenario import BUILT_IN, Scenario, built_in, find, forecast, history, read

DERBY = area("derby")
NOW = forecast()


def write(folder: Path, text: str) -> Path:
    path = folder / "option.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "posts"), [("no-lac", 0), ("pilot-2", 2), ("wards-10", 10), ("wards-13", 13), ("wards-17", 17)]
)
def test_built_in_scenarios_have_one_post_in_each_covered_ward(name: str, posts: int) -> None:
    scenario = built_in(name, DERBY, NOW)
    assert scenario.n_posts == posts
    assert len(scenario.wards) == posts


def test_ten_wards_are_those_of_the_council_paper() -> None:
    assert set(built_in("wards-10", DERBY, NOW).wards) == set(DERBY.covered_2019)


def test_seventeen_wards_are_all_of_them() -> None:
    assert set(built_in("wards-17", DERBY, NOW).wards) == set(DERBY.ward_names)


def test_the_staged_option_adds_the_most_deprived_first_half_a_year_apart() -> None:
    new = built_in("wards-13", DERBY, NOW).posts[10:]
    assert [post.starts for post in new] == [dt.date(2019, 4, 1), dt.date(2019, 10, 1), dt.date(2020, 4, 1)]
    scores = DERBY.wards.set_index("ward_name")["imd2019_avg_score"]
    others = scores[[w for w in DERBY.ward_names if w not in DERBY.covered_2019]]
    assert [post.ward for post in new] == list(others.sort_values(ascending=False).index[:3])


def test_history_ends_with_ten_posts_by_november_2015() -> None:
    posts = built_in("history", DERBY, history()).posts
    assert len(posts) == 10
    assert max(post.starts for post in posts) == dt.date(2015, 11, 1)
    assert sum(post.starts == dt.date(2012, 4, 1) for post in posts) == 2


def test_a_forecast_of_five_years_has_60_months_and_ends_at_the_horizon() -> None:
    assert len(NOW.month_starts) == 61
    assert NOW.month_starts[-1] == NOW.horizon == NOW.year_starts[-1]
    assert NOW.horizon == (dt.date(2024, 4, 1) - dt.date(2019, 4, 1)).days * 86_400
    assert NOW.year_labels == ["2019/20", "2020/21", "2021/22", "2022/23", "2023/24"]


def test_a_file_with_part_posts_and_dates_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'name = "half"\nlabel = "half a post"\n[[posts]]\nward = "spondon"\nposts = 0.5\nstarts = 2019-07-01\n',
    )
    scenario = read(path, DERBY)
    assert scenario.name == "half"
    assert scenario.posts[0].ward == "Spondon"
    assert scenario.posts[0].posts == 0.5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('ward = "Sinfyn"\nstarts = 2019-04-01', "Did you mean '?Sinfin"),
        ('ward = "Alvaston North"\nstarts = 2019-04-01', "a ward since 2023"),
        ('ward = "Spondon"\nstarts = "soon"', "must be a date such as 2019-04-01; found 'soon'"),
        ('ward = "Spondon"\nstarts = 1066-10-14', "must lie from 2000-01-01 to 2100-01-01; found 1066-10-14"),
        ('ward = "Spondon"\nstarts = 2019-04-01\nends = 2018-04-01', "must come after starts"),
        ('ward = "Spondon"\nstarts = 2019-04-01\nposts = -1', "more than 0 and at most 100 posts; found -1"),
        ('ward = "Spondon"\nstarts = 2019-04-01\nposts = nan', "found nan"),
        ('ward = "Spondon"\nstarts = 2019-04-01\nposts = inf', "found inf"),
        ('ward = "Spondon"\nstarts = 2019-04-01\npost = 2', "key 'post' is not known. Did you mean '?posts"),
        ("starts = 2019-04-01", 'option.toml:2  .*needs a ward, such as ward = "'),
        ("ward = 5\nstarts = 2019-04-01", "ward must be a name in quotes; found 5"),
        ('ward = "Spondon"', "needs starts, the first day of the post"),
    ],
)
def test_a_faulty_post_is_told_in_one_line(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path, f'name = "x"\n[[posts]]\n{line}\n')
    with pytest.raises(ScenarioError, match=message) as caught:
        read(path, DERBY)
    assert len(caught.value.faults) == 1


def test_all_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    text = 'nam = "x"\n[[posts]]\nward = "Nowhere"\nstarts = 2019-04-01\n[[posts]]\nward = "Spondon"\nstarts = 3\n'
    with pytest.raises(ScenarioError) as caught:
        read(write(tmp_path, text), DERBY)
    assert len(caught.value.faults) == 3
    assert [fault.partition("  ")[0].rpartition(":")[2] for fault in caught.value.faults[1:]] == ["2", "5"]


def test_posts_in_one_array_are_counted(tmp_path: Path) -> None:
    text = 'posts = [{ward = "Spondon", starts = 2019-04-01}, {ward = "Nowhere", starts = 2019-04-01}]'
    with pytest.raises(ScenarioError, match=r"posts\[2\]: wards: 'Nowhere'"):
        read(write(tmp_path, text), DERBY)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[[posts]]\r\nward = "Spondon"\r\nstarts = 2019-04-01\r\n', encoding="utf-8-sig", newline="")
    assert read(path, DERBY).wards == ("Spondon",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "cannot be read as TOML"),
        ('name = "wards-17"', "is built in. Choose another"),
        ('name = "../up"', "1 to 64 letters, digits"),
        ('posts = "many"', "must be a list"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        read(write(tmp_path, text), DERBY)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        find([str(tmp_path / "none.toml")], DERBY, NOW)


def test_an_unknown_scenario_gets_a_suggestion() -> None:
    with pytest.raises(ScenarioError, match="Did you mean '?wards-17"):
        find(["ward-17"], DERBY, NOW)


def test_faults_of_all_scenarios_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        find(["no-lac", "wards-18", str(tmp_path / "none.toml"), str(write(tmp_path, 'nam = "x"'))], DERBY, NOW)
    assert len(caught.value.faults) == 3


def test_a_scenario_given_twice_is_refused() -> None:
    with pytest.raises(ScenarioError, match="is given twice"):
        find(["wards-17", "wards-17"], DERBY, NOW)


@pytest.mark.parametrize("years", [0, -1, 41])
def test_a_forecast_of_impossible_length_is_refused(years: int) -> None:
    with pytest.raises(ScenarioError, match="1 to 40 financial years"):
        forecast(years)


def test_every_built_in_name_is_found() -> None:
    assert [s.name for s in find(list(BUILT_IN), DERBY, NOW)] == list(BUILT_IN)
    assert isinstance(find(["history"], DERBY, history())[0], Scenario)
