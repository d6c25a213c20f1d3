"""The commands that make a run, or live one of its futures again, with every choice that decides the numbers."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from lacsim.runs.scenario import BUILT_IN, HISTORY

if TYPE_CHECKING:
    from lacsim.report.api import Run


def _choices(run: Run) -> str:
    """Options that make a command mean this run and no other."""
    plan = run.plan
    parts = [f"--stance {plan.parameters.stance}", f"--seed {plan.seed}"]
    if plan.period.name != "forecast":
        parts.append(f"--period {plan.period.name}")  # which has its own years
    elif plan.period.years != 5:
        parts.append(f"--years {plan.period.years}")
    if plan.area.name.lower() != "derby":
        parts.append(f"--area {shlex.quote(plan.area.name.lower())}")
    if plan.residents is not None:
        parts.append(f"--residents {plan.residents}")
    for name, value in plan.parameters.overrides.items():
        parts.append(f"--set {name}={typed_value(value)}")
    return " ".join(parts)


def typed_value(value: float | bool | str) -> str:
    """A value as it is typed, with all the digits that make it this one and no other."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


def typed_name(name: str) -> str:
    """A scenario as it is typed: its name if it is built in, else the file it was read from, by the name it gives."""
    return name if name in (*BUILT_IN, HISTORY) else f"{name}.toml"


def run_command(run: Run) -> str:
    """The command that makes this run."""
    names = " ".join(typed_name(scenario.name) for scenario in run.plan.scenarios)
    return f"lacsim run {names} --futures {run.plan.futures} {_choices(run)}"


def trace_command(run: Run, future: int, person: int | None = None) -> str:
    """The command that lives one future of the last scenario again, for everybody or one person."""
    who = "" if person is None else f" --person {person}"
    return f"lacsim trace --future {future}{who} --scenario {typed_name(run.plan.scenarios[-1].name)} {_choices(run)}"
