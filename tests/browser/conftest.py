"""One drawn report and one headless Chromium for all checks; skipped where Chromium is not installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacsim.report import page
from lacsim.report.api import Run
from lacsim.report.api import run as run_scenarios

from .chromium import Browser, chromium

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium fonts-liberation)")
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core: from LACSIM_AXE, or from node_modules after `npm install --no-save axe-core`."""
    places = [os.environ.get("LACSIM_AXE", ""), str(ROOT / "node_modules" / "axe-core" / "axe.min.js")]
    found = next((Path(place) for place in places if place and Path(place).is_file()), None)
    if found is None:
        pytest.skip("axe-core is not there (npm install --no-save axe-core, or LACSIM_AXE=path to axe.min.js)")
    return found.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def run(browser: Browser) -> Run:
    return run_scenarios(["no-lac", "wards-10", "wards-17"], futures=6, residents=4_000, years=2, jobs=1)


@pytest.fixture(scope="session")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    page.draw_run(run, path)
    return path


@pytest.fixture(params=["report.html", "committee.html"])
def address(request: pytest.FixtureRequest, folder: Path) -> str:
    return (folder / request.param).as_uri()
