"""`lacsim trace` and `lacsim identity`: one future event by event, and the two engines on the same lives."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lacsim.cli import options
from lacsim.cli.request import Request, plan_of
from lacsim.cli.text_table import lined_up
from lacsim.errors import ModelError, ScenarioError

if TYPE_CHECKING:
    import numpy as np

TRACE_HELP: Final = "Follow one future of one scenario event by event, for one person or for everybody."
IDENTITY_HELP: Final = "Live the same lives in the SimPy and in the compiled engine and compare the records."

Scenario = Annotated[str, typer.Option("--scenario", "-s", help="The scenario that is lived.")]


def trace(
    *,
    future: Annotated[int, typer.Option("--future", help="Number of the future, from 1.")] = 1,
    person: Annotated[int | None, typer.Option("--person", help="Number of the resident, from 0.")] = None,
    scenario: Scenario = "wards-17",
    limit: Annotated[int, typer.Option("--limit", help="Events shown at most; 0 shows all.")] = 60,
    seed: options.Seed = 20160301,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    period: options.Period = "forecast",
    years: options.Years = None,
    residents: options.Residents = None,
    area: options.Area = "derby",
    as_json: options.AsJson = False,
) -> None:
    """Print events with their dates; a run with the same seed and numbers has the same events."""
    request = Request(
        scenarios=(scenario,),
        futures=max(future, 1),
        seed=seed,
        jobs=1,
        stance=stance,
        settings=tuple(settings or ()),
        params_file=params_file,
        period=period,
        years=years,
        residents=residents,
        area=area,
    )
    if limit < 0:
        raise ScenarioError(f"--limit: must be 0 (all) or more; found {limit}.")
    plan = plan_of(request)
    from lacsim.runs.experiment import trace_of

    lived = trace_of(plan, future, plan.scenarios[0].name)
    people = len(lived.start)
    if person is not None and not 0 <= person < people:
        raise ScenarioError(f"--person: this future has residents 0 to {people - 1:,}; found {person:,}.")
    rows = lived.trace if person is None else lived.trace[lived.trace["resident"] == person]
    shown = rows[:limit] if limit else rows
    events = _events(shown, plan.period.starts)
    if as_json:
        typer.echo(json.dumps(events, indent=2))
        return
    if person is not None:
        typer.echo(_who(lived.start[person], plan.area.ward_names, person))
    if events:
        columns = ["date", "resident", "what", "cause", "left", "entered", "outcome", "holds"]
        columns = columns if person is None else [c for c in columns if c != "resident"]
        typer.echo(lined_up(columns, [[str(event[c]) for c in columns] for event in events]))
    if person is not None and not len(rows):
        busy = _busiest(lived.trace["resident"])
        typer.echo(f"Nothing happened to resident {person}. Most happened to {busy}.", err=True)
    if person is None and len(rows):
        typer.echo(f"\nMost happened to residents {_busiest(rows['resident'])}; follow one with --person.", err=True)
    typer.echo(
        f"\n{len(shown):,} of {len(rows):,} events shown: future {future}, {plan.scenarios[0].name}, "
        f"{'everybody' if person is None else f'resident {person}'}.",
        err=True,
    )


def _events(rows: np.ndarray, starts: dt.date) -> list[dict[str, Any]]:
    """Events in words, with dates."""
    from lacsim.model.stages import HOLDS
    from lacsim.model.trace import to_frame

    events = [{str(key): value for key, value in row.items()} for row in to_frame(rows).to_dict("records")]
    for event in events:
        event["date"] = (
            dt.datetime.combine(starts, dt.time()) + dt.timedelta(seconds=int(event["seconds"]))
        ).isoformat(sep=" ", timespec="minutes")
        event["holds"] = " ".join(name for name, bit in HOLDS.items() if int(event["holds"]) & bit)
        event["day"] = float(event["day"])
        for whole in ("seconds", "resident", "occasion"):
            event[whole] = int(event[whole])
    return events


def _busiest(residents: np.ndarray, n: int = 5) -> str:
    """Numbers of the residents with the most events, with how many."""
    import numpy as np

    numbers, counts = np.unique(residents, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:n]
    return ", ".join(f"{numbers[k]} ({counts[k]:,})" for k in most)


def _who(start: np.void, wards: list[str], person: int) -> str:
    """A resident on the first day in one line."""
    from lacsim.model.stages import NEEDS, STAGES, YEAR

    age = -int(start["born"]) / YEAR
    need = NEEDS[int(start["need"])].replace("_", " ")
    stage = STAGES[int(start["stage"])].replace("_", " ")
    arrives = "" if stage != "outside" else "; not in the city yet"
    ward = wards[int(start["ward"])]
    return f"Resident {person}: {ward}, aged {age:.1f} on day one, need {need}, {stage}{arrives}\n"


def identity(
    *,
    residents: Annotated[int, typer.Option("--residents", help="Adults in the comparison.")] = 2_000,
    futures: Annotated[int, typer.Option("--futures", "-n", help="Futures compared.")] = 2,
    scenario: Scenario = "wards-17",
    years: options.Years = None,
    period: options.Period = "forecast",
    seed: options.Seed = 20160301,
    stance: options.Stance = None,
    settings: options.Settings = None,
) -> None:
    """Compare every record; exit code 4 and the first difference if one is not the same."""
    plan = plan_of(
        Request(
            scenarios=(scenario,),
            futures=futures,
            seed=seed,
            jobs=1,
            stance=stance,
            settings=tuple(settings or ()),
            period=period,
            years=years,
            residents=residents,
        )
    )
    from lacsim.runs.experiment import engines_agree

    total = 0
    for future in range(1, plan.futures + 1):
        same, difference, n_rows = engines_agree(plan, future, plan.scenarios[0].name)
        if not same:
            raise ModelError(
                f"engines: future {future} of {plan.scenarios[0].name} differs between SimPy and compiled at "
                f"{difference}. Do not use results; please send this line."
            )
        total += n_rows
        typer.echo(f"future {future}, {plan.scenarios[0].name}: {n_rows:,} records, identical")
    typer.echo(f"{total:,} records of {plan.n_residents:,} residents: SimPy and compiled wrote the same.")
