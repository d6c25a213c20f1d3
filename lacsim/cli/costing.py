"""`lacsim cost`: all money of a stored run again, at other prices, without living a single life."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from lacsim.cli import options
from lacsim.cli.machine import counted
from lacsim.cli.text_table import lined_up
from lacsim.errors import RegisterError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from lacsim.report.stored import Stored

HELP: Final = """Price a stored run again without simulating, and say what moved.

Prices, shares, delays, discount rates and optimism can be changed; what lives depend on needs a new run.

Examples:

  lacsim cost

  lacsim cost latest --set unit_costs.residential_week=700 --set appraisal.discount_rate=0.02

  lacsim cost 3f9a --set cashability.nel_long_share=0 --ledger ledger.csv
"""
_SHOWN: Final = 8


def cost(
    run: Annotated[
        str, typer.Argument(help="latest, previous, the first digits of a run's name, or its folder.")
    ] = "latest",
    *,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    ledger_file: Annotated[
        Path | None,
        typer.Option("--ledger", metavar="FILE", help="Write the new ledger as CSV.", rich_help_panel="What is shown"),
    ] = None,
    out: options.Out = Path("results"),
    as_json: options.AsJson = False,
) -> None:
    """Recompute the ledger of a stored run; the stored run stays as it is."""
    from lacsim.economics.repricing import with_prices
    from lacsim.report.finding import find_run
    from lacsim.report.stored import read_run

    if ledger_file is not None and ledger_file.exists():
        raise ScenarioError(f"--ledger: {ledger_file} is there already. Give another name, or remove it.")
    stored = read_run(find_run(out, run))
    changes = _changes(stored, list(settings or ()), params_file)
    plan = with_prices(stored.results.plan, changes)
    told = _told(stored, plan, changes)
    if ledger_file is not None:
        from lacsim.report.files import without_formulas

        new = ledger_file.with_name(f"{ledger_file.name}.part")
        try:
            without_formulas(told.pop("ledger")).to_csv(new, index=False, lineterminator="\n", encoding="utf-8")
            new.replace(ledger_file)
        except OSError as why:
            new.unlink(missing_ok=True)
            raise ScenarioError(f"--ledger: {ledger_file} cannot be written ({why.strerror or why}).") from None
    told.pop("ledger", None)
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(_in_words(told)))


def _changes(stored: Stored, settings: list[str], params_file: Path | None) -> dict[str, object]:
    """What is set, by name; a file's values first, then those typed.

    Raises
    ------
    RegisterError
        If something cannot be read or is not a parameter.
    """
    from lacsim.cli.request import parsed_settings
    from lacsim.parameters import params_from_file

    base = stored.results.plan.parameters
    changes: dict[str, object] = {}
    if params_file is not None:
        filed = params_from_file(params_file, base)
        if filed.stance != base.stance:
            raise RegisterError(
                f"--params: {params_file} has stance '{filed.stance}' and the run '{base.stance}'; a stance is lived, "
                "not priced. Run it with lacsim run."
            )
        changes |= {name: value for name, value in filed.overrides.items() if base.overrides.get(name) != value}
    return changes | parsed_settings(settings)


def _told(stored: Stored, plan: Any, changes: dict[str, object]) -> dict[str, Any]:
    """Everything there is to say, before and after."""
    from dataclasses import replace

    from lacsim.economics import ledger
    from lacsim.economics.payback import in_words, payback
    from lacsim.economics.repricing import rows_that_differ, savings_side_by_side, what_moved
    from lacsim.economics.summary import optimism_of, savings
    from lacsim.report.api import Run

    old = stored.results.plan
    after = Run(replace(stored.results, plan=plan))  # type: ignore[arg-type]
    costs = ledger(after.results)
    told: dict[str, Any] = {
        "run_id": stored.manifest["run_id"],
        "futures": old.futures,
        "years": old.period.years,
        "price_year": str(plan.parameters["appraisal.price_year"]),
        "set": {name: {"was": old.parameters[name], "now": plan.parameters[name]} for name in changes},
        "rows": len(costs),
        "rows_that_differ": rows_that_differ(stored.costs, costs),
        "headline_before": stored.manifest["headline"]["text"],
        "headline_now": after.answer.headline,
        "moved": _records(what_moved(stored.costs, costs)),
        "ledger": costs,
    }
    if after.pair is not None:
        scenario, against = after.pair

        def saved(costs: pd.DataFrame, parameters: Any) -> pd.DataFrame:
            both = costs[costs["scenario"].isin([scenario, against])]
            return savings(both, against, **optimism_of(parameters))

        table = savings_side_by_side(saved(stored.costs, old.parameters), saved(costs, plan.parameters))
        told |= {"scenario": scenario, "comparator": against, "savings": _records(table)}
        told["payback"] = in_words(payback(after.results, scenario, against))
    return told


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(table.round(2).to_json(orient="records"))
    return rows


def _in_words(told: dict[str, Any]) -> list[str]:
    """The answer as lines for a terminal."""
    years, futures = counted(told["years"], "year"), counted(told["futures"], "future")
    lines = [f"Run {told['run_id']}, {futures}, {years}; discounted pounds of {told['price_year']}, mean over futures."]
    lines += [f"set   {name} = {v['now']} (was {v['was']})" for name, v in told["set"].items()]
    if not told["rows_that_differ"]:
        lines += ["", f"Nothing moved: all {told['rows']:,} rows of the ledger are the stored ones to the penny."]
    if "savings" in told:
        rows = [
            [row["money"].replace("_", " "), *(round(row[k]) for k in ("before_gbp", "after_gbp", "moved_gbp"))]
            for row in told["savings"]
        ]
        lines += ["", f"What {told['scenario']} saves against {told['comparator']} (£; a cost is negative)"]
        lines += [lined_up(["money", "before", "now", "moved"], rows)]
        lines += ["Value to people is no saving and in no sum above it.", told["payback"]]
    if told["moved"]:
        rows = [
            [r["scenario"], r["item"], r["line"].replace("_", " "), *(round(r[k]) for k in _MONEY)]
            for r in told["moved"][:_SHOWN]
        ]
        more = len(told["moved"]) - len(rows)
        lines += ["", "What moved most (cost to its payer, £)"]
        lines += [lined_up(["scenario", "item", "line", "before", "now", "moved"], rows)]
        lines += [f"… and {counted(more, 'more row')}; --json shows all."] if more else []
    lines += ["", f"Before  {told['headline_before']}", f"Now     {told['headline_now']}"]
    return [*lines, "", "Nothing was simulated; the stored run is unchanged."]


_MONEY: Final = ("before_gbp", "after_gbp", "moved_gbp")
