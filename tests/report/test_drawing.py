"""Charts drawn in several processes: the same bytes, and none lost when a process is killed."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from importlib import import_module
from typing import Any

import pytest

from lacsim.report import charts, drawing
from lacsim.report.api import Run
from lacsim.report.lives import find_lives
from lacsim.report.style import both_svg_texts
from lacsim.runs.backends import InThisProcess

FEW = ("c01_headline", "c12_every_ward", "c14_what_matters", "c19_three_lives")


@pytest.fixture
def few_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "CHARTS", {name: charts.CHARTS[name] for name in FEW})


def same_again(run: Run) -> Run:
    """The run with nothing worked out yet."""
    return Run(run.results, run.beside)


@pytest.mark.usefixtures("few_charts")
def test_pictures_have_the_same_bytes_whatever_the_number_of_processes(real: Run) -> None:
    here, there = same_again(real), same_again(real)
    one, two = drawing.draw(here, jobs=1), drawing.draw(there, jobs=2)
    assert list(one) == list(two) == list(FEW)
    for name in FEW:
        assert one[name][1] == two[name][1], name
        assert one[name][0].data.equals(two[name][0].data)
    assert there.lives is not None
    assert there.lives.lives == find_lives(here).lives  # type: ignore[union-attr]


def test_every_chart_can_be_sent_to_another_process(complete: Run) -> None:
    cloudpickle = import_module("cloudpickle")
    for name in charts.CHARTS:
        chart = charts.draw(name, complete)
        again = cloudpickle.loads(cloudpickle.dumps(chart))
        texts = [both_svg_texts(c.figure, c.prefix, c.title, c.description) for c in (chart, again)]
        assert texts[0] == texts[1], name


class Killed(InThisProcess):
    """Processes that are killed whatever they are given."""

    n_workers = 2

    def submit(self, task: Any, shared: Any, block: Any) -> Future[Any]:
        del task, shared, block
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("killed"))
        return future


@pytest.mark.usefixtures("few_charts")
def test_a_killed_process_takes_no_chart_with_it(dear: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "backend_for", lambda jobs, tasks: Killed())
    made = drawing.draw(dear, jobs=2)
    assert list(made) == list(FEW)
    assert made["c01_headline"][1] == charts.pictures_of(charts.draw("c01", dear))
