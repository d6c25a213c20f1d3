"""From what was typed to a checked plan: settings, parameter files, scenarios and numbers.

Everything is checked here, before a folder is made or a life is lived, and all faults are reported together.
What a value or a ward may be is decided where it lives; this module only reads the words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from lacsim.errors import LacsimError, RegisterError, ScenarioError
from lacsim.units import did_you_mean

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.runs.plan import Plan
    from lacsim.runs.scenario import Period

T = TypeVar("T")
PERIODS: Final = ("forecast", "history")
_LONGEST_SETTING = 1_000
_MOST_JOBS = 1_024
# Measured with `live_block` on 500,000 adults, with a tenth added: a process as such; one resident; and what people who
# arrive and rows that are written add in one year. The number of scenarios hardly counts: their memory is used again.
_USUAL_YEARS = 5
_BYTES_PER_PROCESS = 300_000_000
_BYTES_PER_RESIDENT = 700
_BYTES_PER_RESIDENT_YEAR = 140


@dataclass(frozen=True)
class Request:
    """What was asked for, as typed.

    Attributes
    ----------
    scenarios
        Names or TOML files; empty for the usual ones of the period.
    futures, seed, jobs
        How many futures, the master seed, and processes (0 = all cores).
    stance
        A stance on the evidence, or None for that of the parameter file or the default.
    settings
        `name=value` texts.
    params_file
        A parameter file, or None.
    engine, period
        Names.
    years, residents
        Financial years and adults, or None for the usual number.
    area
        Folder of the area.
    """

    scenarios: tuple[str, ...] = ()
    futures: int = 100
    seed: int = 20160301
    jobs: int = 0
    stance: str | None = None
    settings: tuple[str, ...] = ()
    params_file: Path | None = None
    engine: str = "compiled"
    period: str = "forecast"
    years: int | None = None
    residents: int | None = None
    area: str = "derby"


def parsed_setting(text: str) -> tuple[str, object]:
    """Name and value of `name=value`; the value as TOML reads it, or the bare words.

    Raises
    ------
    RegisterError
        If there is no name, no equals sign or no value.
    """
    if len(text) > _LONGEST_SETTING:
        raise RegisterError(
            f"--set: a setting has at most {_LONGEST_SETTING:,} characters; this one has {len(text):,}. "
            "Put it in a file and give --params."
        )
    name, equals, given = (part.strip() for part in text.partition("="))
    if not (name and equals and given):
        raise RegisterError(
            f"--set: needs NAME=VALUE; found {text!r}. For example --set coordination.places_per_coordinator=50"
        )
    import tomllib

    try:
        read = tomllib.loads(f"x = {given}")
    except (ValueError, RecursionError):
        return name, given
    return name, read["x"] if list(read) == ["x"] else given


def parsed_settings(texts: Sequence[str]) -> dict[str, object]:
    """All settings by name.

    Raises
    ------
    RegisterError
        With every setting that cannot be read or is given twice.
    """
    faults: list[str] = []
    settings: dict[str, object] = {}
    for text in texts:
        try:
            name, value = parsed_setting(text)
        except RegisterError as why:
            faults += why.faults
            continue
        if name in settings:
            faults.append(f"--set  {name}: is given twice. Give it once.")
        settings[name] = value
    if faults:
        raise RegisterError(faults)
    return settings


def parameters_of(stance: str | None, settings: Sequence[str], params_file: Path | None) -> Parameters:
    """The parameter set asked for: settings over the file over the register; a stance typed beats the file's.

    Raises
    ------
    RegisterError
        With every unknown name and unacceptable value.
    """
    from lacsim.parameters import params, params_from_file

    chosen = params() if stance is None else params(stance)
    if params_file is not None:
        chosen = params_from_file(params_file, chosen)
        chosen = chosen if stance is None else chosen.with_stance(stance)
    changes = parsed_settings(settings)
    try:
        return chosen.replace(changes)
    except RegisterError as why:
        named = tuple(f"{name}: " for name in changes)
        raise RegisterError([f"--set  {f}" if f.startswith(named) else f for f in why.faults]) from None


def period_of(name: str, years: int | None) -> Period:
    """The period asked for.

    Raises
    ------
    ScenarioError
        If there is no such period, or it cannot have this many years.
    """
    from lacsim.runs.scenario import forecast, history

    if name == "forecast":
        return forecast() if years is None else forecast(years)
    if name != "history":
        raise ScenarioError(f"--period: '{name}' is not known.{did_you_mean(name, PERIODS)} Use forecast or history.")
    if years is not None:
        raise ScenarioError("--years: the history has its own seven years. Leave --years out.")
    return history()


def plan_of(request: Request) -> Plan:
    """The checked plan; nothing is simulated or written.

    Raises
    ------
    LacsimError
        With every fault found in settings, files, numbers and scenario names.
    """
    if request.residents is not None:
        _refuse_what_cannot_fit(request)
    from lacsim.parameters import params
    from lacsim.runs.plan import make_plan
    from lacsim.runs.scenario import forecast

    faults: list[str] = []

    def kept(made: Callable[[], T], fallback: T) -> T:
        try:
            return made()
        except LacsimError as why:
            faults.extend(why.faults)
            return fallback

    if not 0 <= request.jobs <= _MOST_JOBS:
        faults.append(f"--jobs: must lie from 0 (all cores) to {_MOST_JOBS:,}; found {request.jobs:,}.")
    parameters = kept(lambda: parameters_of(request.stance, request.settings, request.params_file), params())
    period = kept(lambda: period_of(request.period, request.years), forecast())
    try:
        plan = make_plan(
            request.scenarios or usual_scenarios(request.period),
            parameters,
            futures=request.futures,
            seed=request.seed,
            period=period,
            engine=request.engine,
            residents=request.residents,
            area_name=request.area,
        )
        memory = memory_fault(plan, request.jobs)
    except LacsimError as why:
        raise type(why)([*faults, *why.faults]) from None
    faults += [memory] if memory else []
    if faults:
        raise ScenarioError(faults)
    return plan


def usual_scenarios(period: str) -> tuple[str, ...]:
    """Scenarios of a period when none is named; the first is the comparator."""
    from lacsim.runs.scenario import DEFAULT, HISTORY

    return ("no-lac", HISTORY) if period == "history" else DEFAULT


def bytes_needed(plan: Plan, jobs: int) -> int:
    """Memory a plan is expected to need, in bytes, with this many processes (0 = all cores)."""
    return _bytes(plan.n_residents, plan.period.years, jobs, plan.futures)


def _bytes(residents: int, years: int, jobs: int, futures: int) -> int:
    from lacsim.runs.backends import n_processes

    each = _BYTES_PER_RESIDENT + _BYTES_PER_RESIDENT_YEAR * years
    return n_processes(jobs, futures) * (_BYTES_PER_PROCESS + residents * each)


def _refuse_what_cannot_fit(request: Request) -> None:
    """Refuse a number of residents that cannot fit, before anything is read that takes time.

    Raises
    ------
    ScenarioError
        If it would not fit; years that a setting or a file may change are counted as one.
    """
    from lacsim.runs.limits import MOST_RESIDENTS

    assert request.residents is not None
    if request.residents > MOST_RESIDENTS:
        return  # told with the other numbers
    is_plain = not request.settings and request.params_file is None and request.period == PERIODS[0]
    years = request.years or (_USUAL_YEARS if is_plain else 1)
    needed = _bytes(request.residents, max(years, 1), request.jobs, request.futures)
    fault = _memory_fault(request.residents, needed, request.jobs, request.futures)
    if fault:
        raise ScenarioError(fault)


def memory_fault(plan: Plan, jobs: int) -> str | None:
    """Say that a plan will not fit into the memory that is free, or nothing."""
    return _memory_fault(plan.n_residents, bytes_needed(plan, jobs), jobs, plan.futures)


def _memory_fault(residents: int, needed: int, jobs: int, futures: int) -> str | None:
    from lacsim.cli.machine import bytes_free, counted
    from lacsim.runs.backends import n_processes

    free = bytes_free()
    if free is None or needed <= free:
        return None
    return (
        f"--residents: {residents:,} residents in {counted(n_processes(jobs, futures), 'process', 'es')} need about "
        f"{needed / 1e9:,.1f} GB of memory; {free / 1e9:,.1f} GB is free. "
        "Ask for fewer residents or --jobs 1."
    )


def checked_out(out: Path) -> Path:
    """The results folder, if it is one or can be made.

    Raises
    ------
    ScenarioError
        If it is a file, or cannot be a path.
    """
    try:
        nearest = next((p for p in (out, *out.parents) if p.exists()), None)
    except (OSError, ValueError) as why:
        raise ScenarioError(f"--out: {str(out)!r} cannot be a folder ({why}). Choose another.") from None
    if nearest is not None and not nearest.is_dir():
        raise ScenarioError(f"--out: {nearest} is a file, not a folder. Choose another.")
    return out
