"""The report page: readable without scripts or a network, accessible, complete, the same bytes every time."""

from __future__ import annotations

import dataclasses
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from lacsim.report import charts, page
from lacsim.report.api import Run

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
def html(real: Run) -> str:
    return page.render(real)


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


def test_the_page_asks_for_nothing_from_outside_and_runs_no_script(html: str, read: Reader) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert not {"script", "link", "iframe", "img", "form", "object"} & {tag for tag, _ in read.tags}
    for _, attrs in read.tags:
        for key in ("src", "href", "xlink:href", "action"):
            assert not (attrs.get(key) or "").startswith(("http", "//")), attrs
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_every_aria_reference_points_at_something_on_the_page(read: Reader) -> None:
    ids = {attrs["id"] for _, attrs in read.tags if "id" in attrs}
    for _, attrs in read.tags:
        for key in ("aria-labelledby", "aria-describedby"):
            assert set((attrs.get(key) or "").split()) <= ids


def test_every_picture_is_an_image_with_a_name_and_a_visible_description(read: Reader) -> None:
    pictures = read.named("svg")
    assert len(pictures) == len(charts.CHARTS)
    assert all(svg["role"] == "img" and svg["aria-describedby"].endswith("-text") for svg in pictures)  # type: ignore[union-attr]


def test_every_table_has_a_caption_and_scoped_heads(read: Reader) -> None:
    assert len(read.named("caption")) == len(read.named("table"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in read.named("th"))
    assert not any("colspan" in attrs or "rowspan" in attrs for _, attrs in read.tags)


def test_the_page_opens_with_the_answer_and_says_what_is_not_fitted(real: Run, read: Reader) -> None:
    assert read.text.index(real.headline) < read.text.index("In pictures")
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
    for gap in page.NOT_KNOWN:
        assert gap in read.text


def test_the_page_has_the_same_bytes_every_time(html: str, real: Run) -> None:
    assert page.render(Run(real.results)) == html


def test_words_from_outside_are_escaped(make_run) -> None:  # type: ignore[no-untyped-def]
    run = make_run(futures=2, years=1)
    plan = run.results.plan
    wicked = dataclasses.replace(plan.scenarios[-1], label="<script>alert(1)</script>")
    bad = dataclasses.replace(run.results, plan=dataclasses.replace(plan, scenarios=(*plan.scenarios[:-1], wicked)))
    text = page.render(Run(bad))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_run_of_one_scenario_has_a_page_that_says_so(alone: Run) -> None:
    text = Reader(page.render(alone)).text
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


def test_charts_and_page_are_written_together(real: Run, tmp_path: Path) -> None:
    page.draw_run(real, tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    for link in re.findall(r'href="(charts/[^"]+)"', (tmp_path / "report.html").read_text(encoding="utf-8")):
        assert (tmp_path / link).is_file()


def test_a_run_is_saved_with_its_tables_and_parameters(real: Run, tmp_path: Path) -> None:
    folder = real.save(tmp_path / "mine")
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "charts", "params.toml", "futures.csv", "yearly.csv", "costs.parquet"} <= names
    assert pd.read_csv(folder / "futures.csv")["scenario"].tolist() == real.futures["scenario"].tolist()
