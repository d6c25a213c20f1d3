"""`lacsim break-even` and `lacsim waterfall`: what a kept run is asked afterwards, kept beside it for the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lacsim.cli import options
from lacsim.cli.progress import Progress
from lacsim.cli.text_table import lined_up
from lacsim.errors import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from lacsim.report.api import Run
    from lacsim.runs.plan import Plan

BREAK_EVEN_HELP: Final = """Find the value of each assumption at which the last option stops paying, for each purse.

Prices and shares are solved on what the run counted. Effects live again in a smaller run: --with-effects.

Examples:

  lacsim break-even

  lacsim break-even latest --parameter unit_costs.residential_week --parameter programme.cost_per_coordinator
"""
WATERFALL_HELP: Final = """Split the last option's saving exactly over the effects of coordination (a) to (j).

Every subset of effects is lived, 1,024 with all ten, so it takes a part of the adults and a few futures.

Example:

  lacsim waterfall latest --residents 3000 --futures 4
"""
_RUN = "latest, previous, the first digits of a run's name, or its folder."
Which = Annotated[str, typer.Argument(metavar="[RUN]", help=_RUN)]
_MONEY: Final = ("public_purse", "public_cash", "council_cash", "nhs_cash", "capacity_released")


def _smaller(plan: Plan, residents: int, futures: int) -> Plan:
    """The main pair of a kept run's plan, comparator first, with its first futures and a part of its adults.

    Raises
    ------
    ScenarioError
        If there is no pair, or a number does not fit the run.
    """
    import numpy as np

    from lacsim.parameters.sampling import Draws

    faults = []
    if len(plan.scenarios) < 2:
        faults.append(f"run {plan.run_id}: has one scenario, so there is no saving to ask about. Run two.")
    if not 1 <= futures <= plan.futures:
        faults.append(f"--futures: must lie from 1 to the run's {plan.futures:,}; found {futures:,}.")
    if not 100 <= residents <= plan.n_residents:
        faults.append(f"--residents: must lie from 100 to the run's {plan.n_residents:,}; found {residents:,}.")
    if faults:
        raise ScenarioError(faults)
    drawn = plan.draws
    values = np.ascontiguousarray(np.asarray(drawn.values)[:futures])
    draws = Draws(drawn.names, values, drawn.seed, f"{drawn.sha256}, the first {futures}")
    whole = residents == plan.n_residents
    return replace(plan, scenarios=plan.scenarios[-2:], draws=draws, residents=plan.residents if whole else residents)


def _kept(out: Path, run: str) -> tuple[Path, Run]:
    from lacsim.report import saved
    from lacsim.report.finding import find_run

    folder = find_run(out, run)
    return folder, saved.load(folder)


def _keep(folder: Path, out: Path, kept: Run, name: str, table: pd.DataFrame) -> None:
    """Put a table beside the run and draw its report again."""
    from lacsim.cli.running import draw_into
    from lacsim.report import asked, saved

    told = replace(kept, asked={**kept.asked, name: table})

    def write(where: Path) -> None:
        asked.write({name: table}, where)
        draw_into(told, where)

    saved.redraw(folder, out, write)
    typer.echo(f"Kept beside the run and shown in its report: {(folder / name).as_posix()}.csv", err=True)


def break_even(
    run: Which = "latest",
    *,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME", help="Only this one; may be repeated.", show_default="all money"),
    ] = None,
    with_effects: Annotated[
        bool, typer.Option("--with-effects", help="The effects (a) to (j) too, lived again in a smaller run.")
    ] = False,
    residents: Annotated[int, typer.Option("--residents", help="Adults of the smaller run.")] = 3_000,
    futures: Annotated[int, typer.Option("--futures", "-n", help="Futures of the smaller run.")] = 4,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Solve each assumption for the council, the NHS and the public purse, and try the value found again."""
    folder, kept = _kept(out, run)
    small = _smaller(kept.plan, min(residents, kept.plan.n_residents), min(futures, kept.plan.futures))
    import pandas as pd

    from lacsim.economics.attribution import EFFECTS
    from lacsim.economics.break_even import break_even_table
    from lacsim.economics.repricing import money_names
    from lacsim.report import asked
    from lacsim.results import study

    effects = [effect.parameter for effect in EFFECTS.values()]
    names = list(parameters or ()) or [*money_names(), *(effects if with_effects else ())]
    for name in names:
        kept.plan.parameters.entry(name)  # refuses a name that is not known before anything is solved
    lived_names = set(names) - set(money_names())
    lived = study.run(small, jobs=1) if lived_names else None
    progress = None if quiet else Progress(1)
    against, scenario = (one.name for one in small.scenarios)
    tables = []
    for k, name in enumerate(names, start=1):
        results = lived if lived is not None and name in lived_names else kept.results
        tables.append(break_even_table(results, scenario, against, [name]))
        if progress:
            progress(k, len(names))
    if progress:
        progress.end()
    table = pd.concat(tables, ignore_index=True).assign(scenario=scenario, comparator=against)
    table = table[asked.COLUMNS[asked.BREAK_EVEN]]
    _keep(folder, out, kept, asked.BREAK_EVEN, table)
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    columns = ["parameter", "purse", "now", "break_even", "within_evidence", "residual_gbp", "error_gbp", "unit"]
    found = table.dropna(subset="break_even")
    typer.echo(f"Where {scenario} against {against} breaks even ({len(found)} of {len(table)} have such a value)")
    typer.echo(lined_up(columns, found[columns].to_numpy().tolist()))
    typer.echo("Tried again at each value, what is left is `residual_gbp`; prices to a penny, effects within error.")


def waterfall(
    run: Which = "latest",
    *,
    residents: Annotated[
        int | None, typer.Option("--residents", help="Adults lived in each subset.", show_default="3000")
    ] = None,
    futures: Annotated[
        int | None, typer.Option("--futures", "-n", help="Futures, the run's first.", show_default="4")
    ] = None,
    effects: Annotated[
        str | None, typer.Option("--effects", metavar="LETTERS", help="Only these, as aeh; others stay in the base.")
    ] = None,
    money: Annotated[str, typer.Option("--money", help=f"One of {', '.join(_MONEY)}.")] = "public_purse",
    jobs: options.Jobs = 0,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Live every subset of effects with the same luck and average what each effect adds over all orders."""
    if money not in _MONEY:
        raise ScenarioError(f"--money: '{money}' is not known. Use {', '.join(_MONEY)}.")
    folder, kept = _kept(out, run)
    residents = min(3_000, kept.plan.n_residents) if residents is None else residents
    futures = min(4, kept.plan.futures) if futures is None else futures
    small = _smaller(kept.plan, residents, futures)
    from lacsim.economics import attribution
    from lacsim.report import asked

    progress = None if quiet else Progress(1)
    letters = None if effects is None else tuple(effects)
    found = attribution.waterfall(small, effects=letters, money=money, jobs=jobs, progress=progress)
    if progress:
        progress.end()
    against, scenario = (one.name for one in small.scenarios)
    table = found.table.assign(
        scenario=scenario, comparator=against, money=money, residents=residents, futures=futures
    )[asked.COLUMNS[asked.WATERFALL]]
    _keep(folder, out, kept, asked.WATERFALL, table)
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    typer.echo(f"What {scenario} saves against {against}, {money.replace('_', ' ')}, {residents:,} adults, £")
    columns = ["bar", "letter", "mean_gbp", "se_gbp", "beyond_error"]
    body = [[*row[:2], *map(_whole, row[2:4]), row[4]] for row in table[columns].to_numpy().tolist()]
    typer.echo(lined_up(columns, body))
    typer.echo(f"Mean over {futures} futures with its standard error; bars add up to the last row exactly.")


def _whole(value: float) -> object:
    """Pounds without pence; nothing where there is no error."""
    return value if value != value else round(value)
