"""The report and the committee paper in a real browser: accessible, self-contained, narrow, printable, exact levers.

Run by `python -m pytest tests/browser`; it needs Chromium, and axe-core for one check.
"""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lacsim.report import commands, levers, sections
from lacsim.report.api import Run

from .chromium import Browser

# Contrast of every word in a picture with the shape it stands on: [[picture, word, ratio], …] below what is required.
CONTRAST = """(() => {
  const lum = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const bad = [];
  document.querySelectorAll('.picture svg text').forEach(text => {
    text.scrollIntoView({block: 'center', inline: 'center'});
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    const under = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      .filter(e => !e.closest('text') && e.closest('svg') === text.closest('svg') && e.tagName !== 'svg')
      .map(e => getComputedStyle(e)).find(s => s.fill !== 'none' && s.fill.startsWith('rgb(') && +s.fillOpacity >= 0.9);
    const [a, b] = [lum(style.fill), lum(under ? under.fill : 'rgb(255,255,255)')].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) { bad.push([text.closest('svg').querySelector('title').textContent, text.textContent, ratio]); }
  });
  return bad;
})()"""
# Words of one picture that cover each other as this browser draws them.
OVERLAPS = """(() => {
  const bad = [];
  document.querySelectorAll('.picture svg').forEach(svg => {
    const words = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
      .map(t => [t.textContent.trim(), t.getBoundingClientRect()]);
    for (let i = 0; i < words.length; i += 1) for (let j = i + 1; j < words.length; j += 1) {
      const [a, b] = [words[i][1], words[j][1]];
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 3 && h > 5) { bad.push([svg.querySelector('title').textContent, words[i][0], words[j][0], w, h]); }
    }
  });
  return bad;
})()"""
AXE = """axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
  'best-practice']}).then(r => r.violations.map(v => [v.id, v.help, v.nodes.length, v.nodes[0].html.slice(0, 200)]))"""


def sized(browser: Browser, width: int) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)


def test_axe_finds_no_violation(browser: Browser, address: str, axe: str) -> None:
    sized(browser, 1200)
    browser.open(address)
    browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.evaluate(axe + "; 0")
    assert browser.evaluate(AXE) == []


def test_the_page_asks_for_nothing_but_itself(browser: Browser, address: str) -> None:
    browser.open(address)
    assert {asked for asked in browser.requests if not asked.startswith("data:")} == {address}


@pytest.mark.parametrize("width", [360, 320])
def test_the_page_does_not_scroll_sideways_on_a_phone_or_at_four_times_the_size(
    browser: Browser, address: str, width: int
) -> None:
    sized(browser, width)
    browser.open(address)
    browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_the_tables_of_answer_options_money_and_fairness_need_no_sliding_on_a_phone(
    browser: Browser, folder: Path
) -> None:
    sized(browser, 360)
    browser.open((folder / "report.html").as_uri())
    widths = "[...document.querySelectorAll('.stacked')].map(t => [t.parentElement.scrollWidth, t.parentElement.clientWidth])"
    found = browser.evaluate(widths)
    assert len(found) == 4
    assert all(needed <= there for needed, there in found)
    shown = "getComputedStyle(document.querySelector('#options td'), '::before').content"
    assert browser.evaluate(shown) == '"no coordinators"'


def test_the_printed_page_is_a_tagged_pdf_with_its_tables_opened(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    sized(browser, 1200)
    browser.open(address)
    found = browser.call("Page.printToPDF", generateTaggedPDF=True, preferCSSPageSize=True, printBackground=True)
    data = base64.b64decode(found["data"])
    assert data.startswith(b"%PDF")
    assert b"/StructTreeRoot" in data
    assert b"/Marked true" in data


def test_the_first_printed_page_holds_the_answer_and_its_picture_and_nothing_is_wider_than_paper(
    browser: Browser, folder: Path
) -> None:
    """A4 less its margins is 186 by 270 millimetres, 703 by 1020 of a browser's pixels; its scroll bar takes 15.

    What is wider than the paper makes the browser print every page smaller, below the 9 points the page promises.
    """
    sized(browser, 718)
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        browser.open((folder / "report.html").as_uri())
        bottom = "Math.ceil(document.querySelector('{}').getBoundingClientRect().bottom + scrollY)"
        assert browser.evaluate(bottom.format('[aria-label="Picture of c01"]')) < 850
        assert browser.evaluate(bottom.format(".page-one")) <= 1020
        browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert browser.evaluate("document.documentElement.scrollWidth") <= 703
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")


def test_words_in_pictures_stand_out_from_what_they_stand_on(browser: Browser, folder: Path) -> None:
    sized(browser, 1200)
    browser.open((folder / "report.html").as_uri())
    assert browser.evaluate(CONTRAST) == []


def test_words_in_pictures_do_not_cover_each_other(browser: Browser, folder: Path) -> None:
    sized(browser, 1200)
    browser.open((folder / "report.html").as_uri())
    assert browser.evaluate(OVERLAPS) == []


def shown(browser: Browser) -> dict[str, Any]:
    keys = ("p05", "p50", "p95", "cash_p50")
    pence = {k: int(browser.evaluate(f"document.getElementById('lever-out-{k}').dataset.pence")) for k in keys}
    return {**pence, "n_less": int(browser.evaluate("document.getElementById('lever-out-count').dataset.count"))}


def expected(run: Run, **changes: int) -> dict[str, Any]:
    table = levers.lever_table(run)
    found = levers.recalculate(table, dataclasses.replace(table.settings, **changes))
    return {k: int(getattr(found, k)) for k in ("p05", "p50", "p95", "cash_p50", "n_less")}


def test_levers_show_the_same_figures_as_lacsim_to_the_penny(browser: Browser, folder: Path, run: Run) -> None:
    browser.open((folder / "report.html").as_uri())
    assert shown(browser) == expected(run)
    for name, kind, value, setting in (
        ("credit_percent", "range", 65, 65),
        ("hospital_percent", "number", 140, 140),
        ("discount_tenths", "number", 1.5, 15),
        ("years", "range", 1, 1),
    ):
        event = "input" if kind == "range" else "change"
        browser.evaluate(
            f"(() => {{ const e = document.getElementById('lever-{name}-{kind}'); e.value = {value};"
            f" e.dispatchEvent(new Event('{event}', {{bubbles: true}})); }})()"
        )
        both = browser.evaluate(f"['range', 'number'].map(k => document.getElementById('lever-{name}-' + k).value)")
        assert [float(v) for v in both] == [value, value], setting
    moved = expected(run, credit_percent=65, hospital_percent=140, discount_tenths=15, years=1)
    assert shown(browser) == moved
    assert "Worked out with these settings:" in browser.evaluate(
        "document.getElementById('lever-settings').textContent"
    )
    link = browser.evaluate("location.href")
    browser.evaluate("document.getElementById('lever-reset').click()")
    assert shown(browser) == expected(run)
    browser.open("about:blank")
    browser.open(link)
    assert shown(browser) == moved


def test_choosing_a_dot_shows_its_figures_and_the_command_that_lives_it_again(
    browser: Browser, folder: Path, run: Run
) -> None:
    browser.open((folder / "report.html").as_uri())
    assert browser.evaluate("document.getElementById('dot-panel').hidden")
    browser.evaluate("document.getElementById('future-004').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    words = browser.evaluate("document.getElementById('dot-panel').textContent")
    assert sections.dot_words(4, float(run.differences.set_index("future")["public_purse_saving_gbp"][4])) in words
    assert commands.trace_command(run, 4) in words
    assert browser.evaluate("document.querySelectorAll('#dot-panel li').length") == 8
    browser.evaluate(
        "document.getElementById('future-002').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))"
    )
    assert commands.trace_command(run, 2) in browser.evaluate("document.getElementById('dot-panel').textContent")
    assert not browser.evaluate("document.getElementById('dot-panel').hidden")


def test_without_scripts_the_page_says_so_and_shows_the_runs_own_figures(
    browser: Browser, folder: Path, run: Run
) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open((folder / "report.html").as_uri())
        assert browser.evaluate("document.getElementById('levers').hidden")
        assert not browser.evaluate("document.getElementById('levers-without-script').hidden")
        assert shown(browser) == expected(run)
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
