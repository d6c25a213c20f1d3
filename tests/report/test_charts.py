"""Charts: titles for every outcome, exact data, nothing overlapping, accessible and the same bytes every time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from lacsim.errors import ResultsError
from lacsim.report import charts, style
from lacsim.report.api import Run
from lacsim.report.charts import budgets, futures, moves, team, waterfall
from lacsim.report.charts.frame import look, spread_apart

NAMES = list(charts.CHARTS)
Drawn = Callable[[str], list[tuple[Run, charts.Chart]]]
SVG = "{http://www.w3.org/2000/svg}"


def overlaps(chart: charts.Chart) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, and texts that leave the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = FigureCanvasAgg(chart.figure)
    with style.chart_style():
        canvas.draw()
    boxes, not_drawn = [], set()
    for axis in itertools.chain.from_iterable((axes.xaxis, axes.yaxis) for axes in chart.figure.axes):
        low, high = sorted(axis.get_view_interval())
        not_drawn |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    for text in chart.figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in not_drawn:
            box = text.get_window_extent(canvas.get_renderer())
            if box.width > 0:
                boxes.append((text.get_text(), box))
    width, height = chart.figure.bbox.width, chart.figure.bbox.height
    found = [(name, "edge") for name, b in boxes if b.x0 < -1 or b.y0 < -1 or b.x1 > width + 1 or b.y1 > height + 1]
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2:
            found.append((one, other))
    return found


@pytest.fixture(scope="module")
def drawn(complete: Run, alone: Run, four: Run) -> Callable[[str], list[tuple[Run, charts.Chart]]]:
    """Each chart of three runs, drawn once for all tests."""

    @cache
    def draw(name: str) -> list[tuple[Run, charts.Chart]]:
        return [(run, charts.draw(name, run)) for run in (complete, alone, four)]

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_chart_covers_another_or_leaves_the_picture(name: str, drawn: Drawn) -> None:
    for run, chart in drawn(name):
        assert overlaps(chart) == [], [s.name for s in run.plan.scenarios]


def test_no_text_covers_another_in_a_waterfall_of_all_effects(dear: Run) -> None:
    from lacsim.economics.attribution import ALL, BASE, EFFECTS

    names = [(BASE, ""), *((effect.words, letter) for letter, effect in EFFECTS.items()), (ALL, "")]
    table = pd.DataFrame(
        [("wards-17", "wards-10", "public_purse", 3_000, 4, *name, -1_234.0, 900.0, 0.0, -1_234.0, k % 2 == 0)
         for k, name in enumerate(names)],
        columns=waterfall.COLUMNS,
    )  # fmt: skip
    assert overlaps(waterfall.draw_frame(dear, table)) == []


@pytest.mark.parametrize("name", ["c01_headline", "c02_who_pays", "c05_where_people_go", "c08_caseload"])
def test_no_text_covers_another_with_one_future_hundreds_or_nobody(name: str, real: Run, make_run) -> None:  # type: ignore[no-untyped-def]
    hundreds = make_run(futures=230, relief=0.008, noise=0.01, years=1)
    for run in (make_run(futures=1), make_run(("no-lac",), futures=2), hundreds, real):
        assert overlaps(charts.draw(name, run)) == [], [s.name for s in run.plan.scenarios]


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_written_as_svg_png_csv_and_text(name: str, drawn: Drawn, tmp_path: Path) -> None:
    run, chart = drawn(name)[0]
    written = charts.write_chart(chart, tmp_path)
    assert [path.name for path in written] == [f"{name}.{ending}" for ending in ("svg", "png", "csv", "txt")]
    assert imread(tmp_path / f"{name}.png").shape[:2] == (900, 1600)
    header = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == charts.COLUMNS[name]
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert chart.title in text
    assert chart.description in text
    assert run.plan.run_id in text


@pytest.mark.parametrize("name", ["c01_headline", "c05_where_people_go", "c11_ward_tiles", "c14_what_matters"])
def test_a_chart_has_the_same_bytes_every_time_and_no_date(name: str, drawn: Drawn, complete: Run) -> None:
    first = charts.chart_files(drawn(name)[0][1])
    again = Run(complete.results, complete.beside)
    again.__dict__["lives"] = None
    other = charts.draw(name, again)
    assert charts.chart_files(other)["svg"] == first["svg"]
    assert b"dc:date" not in first["svg"]


@pytest.mark.parametrize("name", NAMES)
def test_svg_is_an_image_with_name_description_text_as_text_and_its_own_ids(name: str, drawn: Drawn) -> None:
    chart = drawn(name)[0][1]
    svg = style.svg_text(chart.figure, chart.prefix, chart.title, chart.description)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == chart.title  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == chart.description  # type: ignore[union-attr]
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(i.startswith((f"{chart.prefix}-", "future-")) for i in ids if i)
    used = set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', svg))
    assert used <= set(ids)
    words = " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert chart.title in words
    assert "Arial" in svg
    assert "DejaVu Sans Mono" not in svg


def test_a_chart_inside_a_page_leaves_its_frame_to_the_page(dear: Run) -> None:
    chart = charts.draw("headline", dear)
    svg = style.svg_text(chart.figure, "c01", chart.title, "", with_frame=False, described_by="c01-text")
    root = ElementTree.fromstring(svg)
    assert chart.title not in " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert root.get("aria-describedby") == "c01-text"
    assert root.find(f"{SVG}desc") is None
    assert all(artist.get_visible() for artist in chart.figure.framed)


@pytest.mark.parametrize("name", NAMES)
def test_titles_have_at_most_fifteen_words_and_say_what_came_out(name: str, drawn: Drawn) -> None:
    for run, chart in drawn(name):
        assert len(chart.title.split()) <= 15, chart.title
        assert chart.description
        assert run.plan.run_id in chart.footer
        assert "significant" not in chart.title


@pytest.mark.parametrize(
    ("branch", "title"),
    [
        ("saves", "In 87 of 100 futures, 17 wards costs less than 10 wards"),
        ("costs more", "In 13 of 100 futures, 17 wards costs more than 10 wards"),
        ("too close to call", "Too close to call: 17 wards costs less in 87 of 100 futures"),
        ("no difference", "17 wards and 10 wards cost the same in every future"),
        ("not modelled", "Not modelled: 17 wards has nothing to be compared with"),
    ],
)
def test_the_headline_chart_has_a_title_for_each_outcome(branch: futures.Branch, title: str) -> None:
    assert futures.title_of(branch, "17 wards", "10 wards", 100, 87, 13) == title


@pytest.mark.parametrize(
    ("by_agency", "title"),
    [
        ({"Council": -1e6, "NHS": 2e5}, "The Council pays most (£1.0 million); the NHS gains most (£200,000)"),
        ({"Council": 1e6, "NHS": 2e5}, "Every public budget pays less; the Council most"),
        ({"Council": 1e6, "NHS": 0.0}, "The Council pays less; no other budget changes"),
        ({"Council": -1e6, "NHS": -2e5}, "Every public budget pays more; the Council most"),
        ({"Council": -1e6, "NHS": 0.1}, "The Council pays more; no other budget changes"),
        ({"Council": 0.0, "NHS": 0.2}, "No budget changes"),
    ],
)
def test_the_budgets_chart_has_a_title_for_each_outcome(by_agency: dict[str, float], title: str) -> None:
    assert budgets.title_of(by_agency) == title


@pytest.mark.parametrize(
    ("n_fewer", "n_more", "start"),
    [
        (61, 39, "In 61 of 100 futures, 17 wards means fewer assessments than 10 wards"),
        (39, 61, "In 61 of 100 futures, 17 wards means more assessments than 10 wards"),
        (50, 50, "Too close to call: 17 wards means fewer assessments in 50 of 100 futures"),
        (0, 0, "17 wards means as many assessments as 10 wards in every future"),
    ],
)
def test_the_moves_chart_has_a_title_for_each_outcome(n_fewer: int, n_more: int, start: str) -> None:
    assert moves.title_of("17 wards", "10 wards", 100, n_fewer, n_more) == start
    assert moves.title_of("17 wards", None, 100, 0, 0) == "Where people go with 17 wards"


@pytest.mark.parametrize(
    ("first", "last", "caseload", "title"),
    [
        (50.0, 90.0, 549.6, "17 wards: 550 people on caseloads; the waiting list grows"),
        (50.0, 20.0, 549.6, "17 wards: 550 people on caseloads; the waiting list shrinks"),
        (50.0, 52.0, 549.6, "17 wards: 550 people on caseloads; the waiting list holds steady"),
        (0.2, 0.1, 549.6, "17 wards: 550 people on caseloads; nobody waits for a place"),
        (0.0, 0.0, 0.0, "17 wards: nobody is on a caseload"),
    ],
)
def test_the_team_chart_has_a_title_for_each_outcome(first: float, last: float, caseload: float, title: str) -> None:
    assert team.title_of("17 wards", first, last, caseload) == title


@given(st.lists(st.floats(-5e6, 5e6).map(lambda v: round(v, 2)), min_size=1, max_size=100))
def test_every_future_is_one_dot_and_no_bin_holds_both_signs(values: list[float]) -> None:
    frame = futures.dots(list(range(1, len(values) + 1)), values)
    assert sorted(frame["future"]) == list(range(1, len(values) + 1))
    assert (np.sign(frame["x_bin"]) == np.sign(frame["net_gbp"])).all()
    assert not frame.duplicated(["x_bin", "stack"]).any()
    width = futures.bin_width(frame["net_gbp"].to_numpy(float))
    assert ((frame["x_bin"] - frame["net_gbp"]).abs() <= 0.5001 * width).all()


def test_hundreds_of_futures_are_shown_by_one_hundred_of_them() -> None:
    frame = futures.dots(list(range(1, 1001)), [float(k) for k in range(1, 1001)])
    assert len(frame) == 100
    assert (frame["net_gbp"] > 0).all()


def test_each_dot_of_the_headline_chart_carries_the_number_of_its_future(dear: Run) -> None:
    chart = charts.draw("c01", dear)
    svg = style.svg_text(chart.figure, "c01", chart.title, chart.description)
    assert {f'id="future-{k:03d}"' for k in range(1, 13)} <= set(re.findall(r'id="future-\d+"', svg))


@pytest.mark.parametrize(
    ("middle", "words"),
    [
        (1.3e6, "middle figure: £1.3 million less"),
        (-2e5, "middle figure: £200,000 more"),
        (0.2, "middle figure: no difference"),
    ],
)
def test_the_middle_figure_is_told_without_a_sign(middle: float, words: str) -> None:
    assert futures.middle_in_words(middle) == words


def test_the_bars_of_the_budgets_chart_add_up_to_the_public_purse(dear: Run) -> None:
    rows = budgets.rows_of(dear)
    parts = rows[~rows["line"].isin(["net", "own money"])]["gbp_p50"].sum()
    net = rows[rows["line"] == "net"]["gbp_p50"].iloc[0]
    largest = rows["gbp_p50"].abs().max()
    assert abs(parts - net) <= 0.02 * largest
    assert net == pytest.approx(dear.differences["public_purse_saving_gbp"].median())


def test_value_to_people_is_in_no_bar_of_the_budgets_chart(dear: Run) -> None:
    saved = budgets.budget_savings(dear)
    total = saved[saved["agency"] != "Residents"].groupby("future")["gbp"].sum().to_numpy()
    assert total == pytest.approx(dear.differences["public_purse_saving_gbp"].to_numpy(), abs=0.02)


@pytest.mark.parametrize(
    ("value", "text"), [(-1_040_000.0, "−1,000"), (34_400.0, "34"), (1_240.0, "1.2"), (-2.0, "0"), (560.0, "0.56")]
)
def test_figures_beside_the_bars_have_two_significant_figures(value: float, text: str) -> None:
    assert budgets.in_unit(value, 1e3) == text


def test_direct_admissions_are_counted_in_words_and_not_drawn(dear: Run) -> None:
    chart = charts.draw("moves", dear)
    direct = chart.data[~chart.data["drawn"]]
    assert set(zip(direct["from_state"], direct["to_state"], strict=True)) == {
        ("community", "hospital"),
        ("hospital", "community"),
    }
    assert "Not drawn: admissions straight from the community" in chart.footer
    assert not {"died", "outside"} & set(chart.data["to_state"])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_labels_that_are_spread_apart_keep_their_order_and_their_distance(wanted: list[float]) -> None:
    placed = spread_apart(wanted, 0.1, 0.0, 1.0)
    order = np.argsort(wanted, kind="stable")
    gaps = np.diff([placed[k] for k in order])
    assert (gaps >= 0.1 - 1e-9).all()
    assert max(placed) <= 1.0 + 1e-9


def test_a_scenario_has_one_colour_and_a_second_cue() -> None:
    looks = [style.look_of(name) for name in ("no-lac", "wards-10", "wards-17")]
    assert [look.colour for look in looks] == ["#3D3D3D", "#F46A25", "#12436D"]
    for cue in ("line", "marker"):
        assert len({str(getattr(look, cue)) for look in looks}) == 3


def test_a_scenario_looks_the_same_in_every_chart_of_a_run(make_run) -> None:  # type: ignore[no-untyped-def]
    run = make_run(("no-lac", "pilot-2", "wards-13", "wards-17"), futures=2, years=1)
    looks = [look(run, scenario.name) for scenario in run.plan.scenarios]
    assert len({found.colour for found in looks}) == 4
    assert looks[-1] == style.look_of("wards-17")


def test_a_chart_of_few_futures_says_that_they_are_too_few_to_quote(dear: Run, cheap: Run) -> None:
    assert "12 simulated futures, too few to quote, on the controlled stance" in charts.draw("headline", dear).footer
    assert "too few" not in charts.draw("headline", cheap).footer


def test_a_single_future_is_a_mark_that_can_be_seen(make_run) -> None:  # type: ignore[no-untyped-def]
    figure = charts.draw("headline", make_run(futures=1, years=1)).figure
    (dot,) = [line for line in figure.axes[0].lines if str(line.get_gid()).startswith("future-")]
    assert dot.get_markersize() > 5


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_marks_stand_out_from_white_three_to_one_and_words_four_and_a_half() -> None:
    for colour in (style.NAVY, style.ORANGE, style.TEAL, style.PLUM, style.LILAC, style.GREY):
        assert 1.05 / (luminance(colour) + 0.05) >= 3.0
    for colour in (style.INK, style.GREY):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("given_name", "full"), [("headline", "c01_headline"), ("C02", "c02_who_pays"), ("team", "c08_caseload")]
)
def test_a_chart_is_found_by_number_or_by_words(given_name: str, full: str) -> None:
    assert charts.chart_name(given_name) == full


def test_an_unknown_chart_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ResultsError, match="chart 'headlines' is not known. Did you mean 'headline'?"):
        charts.chart_name("headlines")


def test_charts_of_a_run_with_one_scenario_say_what_is_not_modelled(alone: Run) -> None:
    assert charts.draw("headline", alone).title == "Not modelled: 17 wards has nothing to be compared with"
    assert charts.draw("budgets", alone).title == "Not modelled: who pays and who gains"


def test_a_figure_shows_itself_in_a_notebook(dear: Run) -> None:
    assert dear.chart("headline")._repr_png_().startswith(b"\x89PNG")
