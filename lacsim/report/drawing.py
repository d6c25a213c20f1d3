"""Every chart of a run with its pictures: figures are made in this process, their SVG and PNG in others.

Making a figure needs the run; turning it into SVG and PNG needs only the figure and takes three times as long. So no
table is sent anywhere, and the bytes are the same whatever the number of processes.
"""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from typing import TYPE_CHECKING, Any

from lacsim.report import charts
from lacsim.report.charts import Pictures
from lacsim.report.charts.frame import Chart
from lacsim.report.lives import lives_in, middle_future
from lacsim.runs.backends import Backend, InThisProcess, backend_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lacsim.report.api import Run
    from lacsim.report.lives import Lives
    from lacsim.runs.plan import Plan


def draw(run: Run, *, jobs: int = 1, meanwhile: Callable[[], None] | None = None) -> dict[str, tuple[Chart, Pictures]]:
    """Every chart of a run and its pictures, by full name.

    In this order: one future is lived again for the three lives; each other figure is made and handed over as soon as
    it is; then the lives are drawn.

    Parameters
    ----------
    jobs
        Processes; 0 uses every usable core, 1 stays in this process. The bytes do not depend on it.
    meanwhile
        Called once all figures are made, while other processes draw their pictures.
    """
    backend = backend_for(jobs, len(charts.CHARTS))
    at_once = True
    try:
        drawn = _drawn(run, backend, meanwhile)
        at_once = False
    finally:
        backend.close(at_once=at_once)
    return drawn


def _drawn(run: Run, backend: Backend, meanwhile: Callable[[], None] | None) -> dict[str, tuple[Chart, Pictures]]:
    lived = None
    if "lives" not in run.__dict__ and run.pair is not None and not isinstance(backend, InThisProcess):
        lived = backend.submit(_lives, run.plan, [middle_future(run)])
    made: dict[str, tuple[Chart, Future[Any]]] = {}
    for name in sorted(charts.CHARTS, key=lambda name: name == charts.LIVES):
        if name == charts.LIVES and lived is not None:
            run.__dict__["lives"] = _result(lived, _lives, run.plan, [middle_future(run)])
        chart = charts.draw(name, run)
        made[name] = chart, backend.submit(_pictures, chart, [0])
    if meanwhile is not None:
        meanwhile()
    return {name: (made[name][0], _result(made[name][1], _pictures, made[name][0], [0])) for name in charts.CHARTS}


def _result(future: Future[Any], task: Any, *arguments: Any) -> Any:
    """What a process gave; done here if it was killed, since charts are worth a wait."""
    try:
        return future.result()
    except BrokenExecutor:
        return task(*arguments)


def _pictures(chart: Chart, _: Sequence[int]) -> Pictures:
    return charts.pictures_of(chart)


def _lives(plan: Plan, numbers: Sequence[int]) -> Lives | None:
    return lives_in(plan, numbers[0])
