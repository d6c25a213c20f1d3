"""Sliders for a notebook: move a figure, press the button, read the sentence.

Needs ipywidgets, which the `notebooks` extra installs; without it the message says so. It simulates only when the
button is pressed, and every slider has a box for typing the number.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lacsim.errors import RegisterError, SetupError
from lacsim.parameters import Parameters, params
from lacsim.report.api import Run
from lacsim.report.api import run as run_scenarios
from lacsim.runs.scenario import DEFAULT

_STEPS: Final = 100
_LABEL: Final = {"description_width": "initial"}


@dataclass(frozen=True)
class Slider:
    """What one slider offers: name, meaning, unit, and the ends and step in that unit."""

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    value: float

    @property
    def step(self) -> float:
        """A hundredth of the way from end to end."""
        return (self.high - self.low) / _STEPS


def slider_for(parameters: Parameters, name: str) -> Slider:
    """The slider of one parameter: from half of its 5th to twice its 95th percentile, inside its own range.

    Raises
    ------
    RegisterError
        If there is no such parameter, or it is not a number.
    """
    value, entry = parameters.number(name), parameters.entry(name)
    ends = parameters.low_high(name)
    if ends is None or entry.range is None:
        raise RegisterError(f"{name}: has no range in {entry.unit} to slide along. Set it with p.replace instead.")
    low, high = max(float(entry.range[0]), ends[0] / 2), min(float(entry.range[1]), max(ends[1] * 2, ends[1]))
    if not low < high:
        low, high = float(entry.range[0]), float(entry.range[1])
    return Slider(name, entry.meaning, entry.unit, low, high, value)


def _widgets() -> Any:
    """The ipywidgets package.

    Raises
    ------
    SetupError
        If it is not installed.
    """
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        raise SetupError(
            "sliders: need ipywidgets, found none in this environment. Install it with "
            'python -m pip install "lacsim[notebooks]", or change figures with p.replace({...}) and lac.run.'
        ) from None


def sliders(
    names: Sequence[str],
    parameters: Parameters | None = None,
    *,
    scenarios: Sequence[str] = DEFAULT,
    futures: int = 10,
    residents: int | None = None,
    jobs: int = 0,
    run: Callable[..., Run] = run_scenarios,
) -> Any:
    """Sliders for some parameters with a button that runs the scenarios and prints the answer.

    Parameters
    ----------
    names
        Full parameter names, for example `coordination.places_per_coordinator`.
    parameters
        What the sliders start from; the default stance if not given.
    scenarios, futures, residents, jobs
        As in `lacsim.run`.
    run
        What the button calls; `lacsim.run` unless replaced.

    Raises
    ------
    RegisterError
        If a name is not a numeric parameter.
    SetupError
        If ipywidgets is not installed.
    """
    base = parameters if parameters is not None else params()
    offered = [slider_for(base, name) for name in names]
    widgets = _widgets()
    bars, rows = [], []
    for one in offered:
        bar = widgets.FloatSlider(
            value=one.value,
            min=one.low,
            max=one.high,
            step=one.step,
            description=f"{one.name}, {one.unit}",
            style=_LABEL,
        )
        typed = widgets.BoundedFloatText(value=one.value, min=one.low, max=one.high, step=one.step)
        widgets.link((bar, "value"), (typed, "value"))
        bars.append(bar)
        rows.append(widgets.VBox([widgets.Label(one.meaning), widgets.HBox([bar, typed])]))
    button, said = widgets.Button(description="Run"), widgets.Output()

    def pressed(_: object) -> None:
        """Run with the values of the sliders and print the answer."""
        changes = {one.name: bar.value for one, bar in zip(offered, bars, strict=True) if bar.value != one.value}
        with said:
            said.clear_output()
            chosen = base.replace(changes)
            print(run(scenarios, chosen, futures=futures, residents=residents, jobs=jobs).answer.text)

    button.on_click(pressed)
    return widgets.VBox([*rows, button, said])
