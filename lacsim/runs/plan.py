"""A plan: everything that decides a result, fixed before the first life is lived.

Scenarios, parameters with their draws, period, area, seed, engine. Two plans with the same `run_id` give the same
tables, on any machine and with any number of processes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lacsim.errors import ScenarioError
from lacsim.evidence import Area, area
from lacsim.parameters import Parameters
from lacsim.parameters.sampling import Draws, draw_matrix
from lacsim.runs import scenario as scenarios_module
from lacsim.runs.limits import FEWEST_RESIDENTS, MOST_FUTURES, MOST_RESIDENTS
from lacsim.runs.scenario import DEFAULT, Period, Scenario, forecast
from lacsim.units import Value

Engine = Literal["compiled", "simpy"]
ENGINES: tuple[Engine, ...] = ("compiled", "simpy")
DEFAULT_SEED = 20160301


@dataclass(frozen=True)
class Plan:
    """What is to be run.

    Attributes
    ----------
    scenarios
        Policy options, each lived by the same residents.
    parameters
        Register, stance and overrides.
    draws
        One parameter set per future; row f - 1 belongs to future f.
    seed
        Master seed of all luck and of the draws.
    period
        What is simulated.
    area
        Wards and their residents.
    engine
        `compiled` or `simpy`; the tables are the same.
    residents
        Adults on the first day, or None for all of them.
    """

    scenarios: tuple[Scenario, ...]
    parameters: Parameters
    draws: Draws
    seed: int
    period: Period
    area: Area
    engine: Engine = "compiled"
    residents: int | None = None

    @property
    def futures(self) -> int:
        """Number of futures: one draw with one replication each."""
        return len(self.draws.values)

    @property
    def n_residents(self) -> int:
        """Adults on the first day."""
        if self.residents is not None:
            return self.residents
        column = "c11_18plus" if self.period.name == "history" else "adults18p_2017"
        return int(self.area.wards[column].sum())

    @property
    def scale(self) -> float:
        """Residents modelled as a share of the area's adults."""
        if self.residents is None:
            return 1.0
        column = "c11_18plus" if self.period.name == "history" else "adults18p_2017"
        return float(self.residents / self.area.wards[column].sum())

    def values(self, future: int) -> dict[str, Value]:
        """All parameter values of one future (from 1)."""
        return {**self.parameters.values(), **self.draws.row(future - 1)}

    @property
    def lives(self) -> dict[str, Any]:
        """What decides one future, its draw and the code excepted."""
        return {
            "parameters": self.parameters.sha256,
            "scenarios": [
                [s.name, s.label, [[p.ward, str(p.starts), p.posts, str(p.ends)] for p in s.posts]]
                for s in self.scenarios
            ],
            "seed": self.seed,
            "period": [self.period.name, str(self.period.starts), self.period.years],
            "area": self.area.name,
            "residents": self.residents,
        }

    @cached_property
    def run_id(self) -> str:
        """Eight hexadecimal digits that stand for everything that decides the result, and nothing else."""
        return self.run_id_of(source_sha256())

    def run_id_of(self, source: str) -> str:
        """The run's digits if it is made by the code of this hash."""
        content = {**self.lives, "draws": self.draws.sha256, "futures": self.futures, "source": source}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


@cache
def source_sha256() -> str:
    """Hash of the text of every Python file and table of the package, in the order of their names.

    Read once by each process: a run is named, and recorded at its end, by the code it was started with.
    """
    root = Path(__file__).resolve().parent.parent
    text = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".toml", ".csv", ".txt", ".html") and "__pycache__" not in path.parts:
            text.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return text.hexdigest()


def make_plan(
    scenario_names: Sequence[str] = DEFAULT,
    parameters: Parameters | None = None,
    *,
    futures: int = 100,
    seed: int = DEFAULT_SEED,
    period: Period | None = None,
    area_name: str = "derby",
    engine: str = "compiled",
    residents: int | None = None,
) -> Plan:
    """A checked plan; nothing is simulated and nothing is written.

    Raises
    ------
    ScenarioError
        If a scenario, the engine or one of the numbers is not allowed.
    RegisterError
        If a parameter is not allowed.
    """
    chosen, when, here = _checked(scenario_names, parameters, futures, seed, period, area_name, engine, residents)
    return Plan(
        scenarios=tuple(scenarios_module.find(list(scenario_names), here, when)),
        parameters=chosen,
        draws=draw_matrix(chosen, futures, seed),
        seed=seed,
        period=when,
        area=here,
        engine="simpy" if engine == "simpy" else "compiled",
        residents=residents,
    )


def central_plan(
    scenario_names: Sequence[str] = DEFAULT,
    parameters: Parameters | None = None,
    *,
    replications: int = 1,
    seed: int = DEFAULT_SEED,
    period: Period | None = None,
    area_name: str = "derby",
    residents: int | None = None,
) -> Plan:
    """As `make_plan`, with every parameter at its central value: the futures differ by luck alone."""
    chosen, when, here = _checked(
        scenario_names, parameters, replications, seed, period, area_name, "compiled", residents
    )
    return Plan(
        scenarios=tuple(scenarios_module.find(list(scenario_names), here, when)),
        parameters=chosen,
        draws=Draws((), np.zeros((replications, 0)), seed, "central"),
        seed=seed,
        period=when,
        area=here,
        residents=residents,
    )


def _checked(
    scenario_names: Sequence[str],
    parameters: Parameters | None,
    futures: int,
    seed: int,
    period: Period | None,
    area_name: str,
    engine: str,
    residents: int | None,
) -> tuple[Parameters, Period, Area]:
    """Parameters, period and area of a plan, after every number has been checked."""
    from lacsim.parameters import params

    faults: list[str] = []
    _check_whole("futures", futures, 1, MOST_FUTURES, faults)
    _check_whole("seed", seed, 0, 2**63 - 1, faults)
    if residents is not None:
        _check_whole("residents", residents, FEWEST_RESIDENTS, MOST_RESIDENTS, faults)
    if engine not in ENGINES:
        faults.append(f"engine: '{engine}' is not known. Use {' or '.join(ENGINES)}.")
    if not scenario_names:
        faults.append("scenarios: none was given. Name at least one, for example wards-17.")
    if faults:
        raise ScenarioError(faults)
    chosen = parameters or params()
    years = chosen.number("appraisal.horizon_years")
    if period is None and years != int(years):
        msg = f"appraisal.horizon_years: must be whole financial years; found {years:g} years."
        raise ScenarioError(msg)
    return chosen, period or forecast(int(years)), area(area_name)


def _check_whole(name: str, value: object, low: int, high: int, faults: list[str]) -> None:
    """Note a fault unless the value is a whole number within the bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append(f"{name}: needs a whole number from {low:,} to {high:,}; found {value!r}.")
    elif not low <= value <= high:
        faults.append(f"{name}: must lie from {low:,} to {high:,}; found {value:,}.")
