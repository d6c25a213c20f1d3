"""The report page: readable without scripts or a network, accessible, complete, the same bytes every time."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import json
import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lacsim.model.stages import TENURES
from lacsim.report import backcast, charts, commands, committee, drawing, fairness, page, sections, tables
from lacsim.report.api import Run
from lacsim.report.lives import middle_future, person_costs
from lacsim.report.narrative import Branch
from lacsim.report.words import NOT_KNOWN
from lacsim.runs.bind import tenure_shares
from lacsim.runs.experiment import live, make_future

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reader(HTMLParser):
    """Tags with attributes in order, the text, and whether tags are closed in the order they were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def folder(real: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small run of the model itself, drawn once."""
    path = tmp_path_factory.mktemp("drawn")
    page.draw_run(real, path)
    return path


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    return Reader(html)


def test_every_tag_is_closed_and_every_id_stands_once(read: Reader) -> None:
    assert read.open == []
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_the_page_has_one_first_heading_no_skipped_level_and_a_language(read: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert read.named("html") == [{"lang": "en-GB"}]
    assert {"header", "main", "footer"} <= {tag for tag, _ in read.tags}


def test_a_reader_can_skip_to_the_answer(read: Reader) -> None:
    assert read.named("a")[0] == {"class": "skip", "href": "#answer"}


def test_the_page_asks_for_nothing_from_outside_and_runs_only_its_own_script(html: str, read: Reader) -> None:
    policy = re.search(r'content="(default-src [^"]+)"', html)
    assert policy is not None
    script = html[html.rindex("<script>") + len("<script>") : html.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    )
    assert [attrs.get("type") for attrs in read.named("script")] == ["application/json", "application/json", None]
    assert not {"link", "iframe", "img", "object"} & {tag for tag, _ in read.tags}
    for _, attrs in read.tags:
        for key in ("src", "href", "xlink:href", "action"):
            assert not (attrs.get(key) or "").startswith(("http", "//")), attrs
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html[: html.rindex("<script>")])


def test_the_page_is_whole_without_its_script(html: str, read: Reader) -> None:
    assert "The levers need JavaScript" in read.text
    form = next(attrs for attrs in read.named("form"))
    assert "hidden" in form
    assert [attrs["id"] for attrs in read.named("input") if attrs["type"] == "range"] == [
        attrs["id"].replace("number", "range")
        for attrs in read.named("input")
        if attrs["type"] == "number"  # type: ignore[union-attr]
    ]


def test_every_aria_reference_points_at_something_on_the_page(read: Reader) -> None:
    ids = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    for _, attrs in read.tags:
        for key in ("aria-labelledby", "aria-describedby"):
            assert set((attrs.get(key) or "").split()) <= ids


def test_every_picture_is_an_image_with_a_name_and_a_visible_description(read: Reader, html: str) -> None:
    pictures = read.named("svg")
    shown = re.findall(r'aria-label="Picture of (\w+)"', html)
    assert len(pictures) == len(shown) + 1  # and the pathway
    assert all(svg["role"] == "img" and svg["aria-describedby"].endswith("-text") for svg in pictures)  # type: ignore[union-attr]


def test_a_chart_without_data_takes_a_heading_and_a_line_and_no_empty_frame(real: Run, read: Reader, html: str) -> None:
    assert 'aria-label="Picture of c20"' not in html
    chart = charts.draw("c20", real)
    assert read.text.count(chart.description) == 1
    assert chart.title in read.text


def test_every_table_has_a_caption_and_scoped_heads(read: Reader) -> None:
    assert len(read.named("caption")) == len(read.named("table"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in read.named("th"))
    assert not any("colspan" in attrs or "rowspan" in attrs for _, attrs in read.tags)


def test_the_page_opens_with_the_answer_and_says_what_is_not_fitted(real: Run, read: Reader) -> None:
    assert read.text.index(real.headline) < read.text.index("The options side by side")
    for sentence in (real.answer.money, real.answer.caution, real.answer.stance, *real.answer.lines):
        assert sentence in read.text.replace("\u2060", "")


def test_a_minus_sign_stays_on_the_line_of_its_pounds(html: str) -> None:
    assert "−£" not in html


def test_the_page_names_every_scenario_every_assumption_and_every_gap(real: Run, read: Reader) -> None:
    for scenario in real.plan.scenarios:
        assert real.label(scenario.name) in read.text
    for name in real.plan.parameters.names():
        if real.plan.parameters.entry(name).role != "claim":
            assert name in read.text
    for gap in NOT_KNOWN:
        assert gap in read.text


def test_the_page_has_the_same_bytes_every_time(html: str, real: Run) -> None:
    assert page.render(Run(real.results)) == html


def test_sections_stand_in_the_order_of_the_report_and_open_with_their_answer(read: Reader) -> None:
    ids = [attrs["id"] for attrs in read.named("section")]
    assert ids == [name for name, _ in page.CONTENTS]
    assert [attrs["href"] for attrs in read.named("a") if (attrs.get("href") or "").startswith("#")][1:] == [
        f"#{i}" for i in ids
    ]


def test_all_stances_that_were_run_and_what_is_not_known_stand_before_the_first_chart(complete: Run) -> None:
    context = page.context_of(complete)
    assert [row[0] for row in context["stances"]] == ["controlled (this run)", "reported", "sceptical"]
    assert context["missing_stances"] == []
    assert context["stance_note"] == "the run's own has 12 futures, the others 4, which share its luck"


def test_each_dot_says_which_future_it_is_and_how_to_live_it_again(html: str, real: Run) -> None:
    assert re.search(r'<g id="future-001"><title>Future 1: (saves|costs) £', html)
    command = commands.trace_command(real, 2)
    assert command == (
        f"lacsim trace --future 2 --scenario wards-17 --stance controlled --seed {real.plan.seed} --years 2 --residents 3000"
    )
    assert commands.trace_command(real, 2, 112).startswith("lacsim trace --future 2 --person 112 --scenario wards-17")
    assert "lacsim trace --future" in html


def test_the_command_of_a_run_repeats_every_choice(make_run) -> None:  # type: ignore[no-untyped-def]
    run = make_run(futures=3, overrides={"hospital.beds": 900, "population.turning_18": False})
    command = commands.run_command(run)
    assert command.endswith("--set hospital.beds=900 --set population.turning_18=false")
    assert "no-lac wards-10 wards-17 --futures 3" in command


def test_the_committee_paper_has_the_councils_headings_in_order_and_numbers_its_paragraphs(
    folder: Path, real: Run
) -> None:
    read = Reader((folder / "committee.html").read_text(encoding="utf-8"))
    assert read.open == []
    positions = [read.text.index(f" {head} ") for head in committee.HEADINGS]
    assert positions == sorted(positions)
    assert real.headline in read.text.replace("\u2060", "")
    assert " 1.1 To tell the board" in read.text
    (picture,) = read.named("img")
    assert (picture["src"] or "").startswith("data:image/png;base64,")
    assert charts.draw("c01", real).title in (picture["alt"] or "")
    assert "To be completed by the author" in read.text


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("saves", "expected to cost the public purse less than 10 wards"),
        ("costs more", "expected to cost the public purse more than 10 wards"),
        ("too close to call", "the evidence does not say whether 17 wards costs more or less"),
        ("no difference", "17 wards and 10 wards cost the public purse the same"),
        ("not modelled", "17 wards was not compared"),
    ],
)
def test_the_recommendation_turns_with_the_answer(branch: Branch, words: str) -> None:
    assert words in committee.recommendation(branch, "17 wards", "10 wards")


def test_the_options_table_has_a_row_for_each_head_and_the_ratio_last(real: Run, read: Reader) -> None:
    found = tables.options(real)
    assert all(len(cells) == len(tables.OPTION_HEADS) for _, cells in found)
    assert tables.OPTION_HEADS[-1] == "Relieved for each £1 of programme"
    for head in tables.OPTION_HEADS:
        assert head in read.text


def test_three_lives_are_picked_by_rule_and_priced_with_the_ledgers_prices(real: Run) -> None:
    found = real.lives
    assert found is not None
    assert [life.pick for life in found.lives] == ["near the middle", "a good one", "no benefit or harm"]
    assert found.lives[1].saving_gbp >= found.lives[0].saving_gbp >= found.lives[2].saving_gbp
    assert 3 <= found.changed <= found.supported
    again = Run(real.results).lives
    assert again is not None
    assert again.lives == found.lives
    for (_, arm), stays in found.stays.groupby(["person", "arm"]):
        assert stays["start_month"].iloc[0] == 0.0
        assert (stays["start_month"].to_numpy()[1:] == stays["end_month"].to_numpy()[:-1]).all(), arm


def test_costs_of_all_residents_add_up_to_the_ledger(real: Run) -> None:
    number = middle_future(real)
    lived = live(make_future(real.plan, number), real.plan.scenarios[-1])
    total = person_costs(real.plan, lived, np.arange(len(lived.start)), number).sum()
    costs = real.costs[(real.costs["scenario"] == "wards-17") & (real.costs["future"] == number)]
    public = costs[(costs["group"] != "programme") & ~costs["line"].isin(["resident_cash", "value_to_people"])]
    assert total == pytest.approx(public["amount_gbp"].sum(), rel=1e-5)


def one_for_all(run: Run) -> dict[str, charts.Chart]:
    """The headline chart in the place of every chart, where a test is about words."""
    chart = charts.draw("c01", run)
    return {name: dataclasses.replace(chart, name=name) for name in charts.CHARTS}


def test_every_dot_has_its_figures_its_command_and_a_row_in_the_table(real: Run, html: str, read: Reader) -> None:
    found = re.search(r'<script type="application/json" id="dots-data">(.*?)</script>', html)
    assert found is not None
    told = json.loads(found[1])["futures"]
    dots = re.findall(r'<g id="future-(\d+)"><title>([^<]+)</title>', html)
    assert sorted(number for number, _ in dots) == sorted(told) == ["001", "002", "003"]
    for number, title in dots:
        assert told[number]["head"] == title
        assert f"lacsim trace --future {int(number)} --scenario wards-17" in told[number]["command"]
        assert "--residents 3000" in told[number]["command"]
        assert len(told[number]["lines"]) == 8
    assert len(sections.section(charts.draw("c01", real)).rows) == 3


def test_people_reached_by_age_ward_and_tenure_add_up_to_those_of_the_run(real: Run) -> None:
    rows = fairness.rows(real)
    assert [row[0] for row in rows[6:]] == [*fairness.GROUPS, *fairness.HOMES.values()]
    assert all(len(row) == len(fairness.HEADS) for row in rows)
    adults = real.plan.area.wards.set_index("ward_name")["adults18p_2019"]
    group = fairness.thirds(real)
    assert adults.groupby(group).sum().div(adults.sum()).between(0.25, 0.42).all()
    for table in (real.wards, real.tenures):
        same = table[table["measure"].isin(["admissions", "caseload_starts"])]
        keys = ["scenario", "future", "measure"]
        ages = real.ages[real.ages["measure"].isin(["admissions", "caseload_starts"])].groupby(keys)["value"].sum()
        assert same.groupby(keys)["value"].sum().to_dict() == ages.to_dict()


def test_a_place_goes_more_readily_to_those_who_rent_from_a_social_landlord(real: Run) -> None:
    """Introductions for each adult, under 17 wards: the weights of tenure in the register are 2.5 and below 1."""
    own = real.tenures[(real.tenures["scenario"] == "wards-17") & (real.tenures["measure"] == "introductions")]
    each = own.groupby("tenure", observed=True)["value"].sum()
    shares = tenure_shares(real.plan.area.wards)
    adults = dict(zip(TENURES, real.plan.area.wards["adults18p_2019"].to_numpy() @ shares, strict=True))
    assert each["social_rent"] / adults["social_rent"] > each["owner"] / adults["owner"]


def test_claims_of_a_stale_table_are_said_to_be_stale_and_none_names_the_command(
    dear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backcast, "stored", partial(backcast.stored, tmp_path))
    assert tables.past_claims(dear)[0] == []
    assert "lacsim claims --save" in tables.past_claims(dear)[1]


def test_words_from_outside_are_escaped(make_run) -> None:  # type: ignore[no-untyped-def]
    run = make_run(futures=2, years=1)
    plan = run.results.plan
    wicked = dataclasses.replace(plan.scenarios[-1], label="<script>alert(1)</script>")
    bad = dataclasses.replace(run.results, plan=dataclasses.replace(plan, scenarios=(*plan.scenarios[:-1], wicked)))
    evil = Run(bad)
    evil.__dict__["lives"] = None
    text = page.render(evil, one_for_all(evil))
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_run_of_one_scenario_has_a_page_that_says_so(alone: Run) -> None:
    text = Reader(page.render(alone, one_for_all(alone))).text
    assert "Not modelled: 17 wards was run alone" in text
    assert "The options side by side" in text


def test_the_banner_warns_of_few_futures_part_of_the_city_and_failed_checks(dear: Run, cheap: Run, real: Run) -> None:
    assert page.status(dear)[0] == "Quick look, do not quote"
    assert page.status(cheap)[0] == "Draft"
    assert page.status(real) == ("For a look", "Only 3,000 adults were simulated, so amounts are not those of Derby.")

    class Failed:
        plan = dear.plan
        checks = pd.DataFrame({"check": ["people are conserved"], "passed": [False]})

    word, sentence = page.status(Run(Failed()))  # type: ignore[arg-type]
    assert word == "Do not use"
    assert "people are conserved" in sentence


def test_charts_and_page_are_written_together(folder: Path, html: str) -> None:
    assert html.startswith("<!DOCTYPE html>")
    links = re.findall(r'href="((?:charts/|tracker)[^"]+)"', html)
    with_data = [f for f in (folder / "charts").glob("*.csv") if len(f.read_text("utf-8").splitlines()) > 1]
    assert len(list((folder / "charts").glob("*.csv"))) == len(charts.CHARTS)
    assert sum(link.startswith("charts/") for link in links) == len(with_data)
    for link in links:
        assert (folder / link).is_file()


def test_a_run_is_saved_with_its_tables_and_parameters(
    real: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = charts.pictures_of(charts.draw("c01", real))
    monkeypatch.setattr(drawing, "draw", lambda run, **_: {n: (c, one) for n, c in one_for_all(run).items()})
    folder = real.save(tmp_path / "mine")
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "charts", "params.toml", "futures.csv", "yearly.csv", "costs.parquet"} <= names
    assert pd.read_csv(folder / "futures.csv")["scenario"].tolist() == real.futures["scenario"].tolist()
