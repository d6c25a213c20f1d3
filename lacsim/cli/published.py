"""`lacsim targets`, `lacsim claims` and `lacsim fit`: the model beside what was published, and the fit to it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Final

import typer

from lacsim.cli import options
from lacsim.cli.progress import Progress
from lacsim.cli.request import parameters_of
from lacsim.cli.text_table import lined_up
from lacsim.errors import ScenarioError

TARGETS_HELP: Final = "Set the model beside published rates and counts, and name every figure it misses."
CLAIMS_HELP: Final = "Put every published claim to the model on its own definition, under each stance."
WARDS_HELP: Final = "Demand, pressure and waits of coordinators ward by ward, and the posts a promise needs."
FIT_HELP: Final = "Fit a block again: natural_history or coordination, some ten CPU minutes each."
_MOST: Final = 1_000


def _checked(name: str, value: int) -> int:
    if not 1 <= value <= _MOST:
        raise ScenarioError(f"{name}: must lie from 1 to {_MOST:,}; found {value:,}.")
    return value


def targets(
    *,
    replications: Annotated[int, typer.Option("--replications", "-r", help="Repeats with central values.")] = 2,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="FOLDER", help="Also write one picture for each group.")
    ] = None,
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    residents: options.Residents = None,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Print each figure with the range in which the model may lie, the model's own, and whether it was fitted."""
    _checked("--replications", replications)
    chosen = parameters_of(stance, tuple(settings or ()), params_file)
    from lacsim.calibration import compare

    progress = None if quiet else Progress(1)
    table = compare.compare(
        chosen, replications=replications, seed=seed, jobs=jobs, residents=residents, progress=progress
    )
    if progress:
        progress.end()
    if pictures is not None:
        from lacsim.report.charts import evidence

        for path in evidence.write_targets(table, pictures):
            typer.echo(f"wrote {path.as_posix()}", err=True)
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    columns = ["target", "unit", "model", "draws", "published", "low", "high", "ratio", "use", "grade"]
    for group, rows in table.groupby("group", sort=False):
        typer.echo(f"\n{group}")
        cells = rows[columns].to_numpy().tolist()
        missed = ["" if ok else "outside" for ok in rows["within"]]
        body = [[*map(_three_digits, cell), miss] for cell, miss in zip(cells, missed, strict=True)]
        typer.echo(lined_up([*columns, "", ""], [[*row, ""] for row in body]))
    looked = table[table["use"] == "looked at"]
    typer.echo(
        f"\nWithin range: {int(table['within'].sum())} of {len(table)}; of the {len(looked)} that were only looked at, "
        f"{int(looked['within'].sum())}. Fitted figures are no confirmation. "
        "Model: central values; draws: the middle of the fit's, all numbers moved together. "
        "Grade A read, B quoted, C worked out, D assumed, R recalled."
    )
    for sentence in compare.outside(table):
        typer.echo(f"Outside: {sentence}")


def _three_digits(value: object) -> object:
    """A number to three significant digits, nothing for a missing one; anything else as it is."""
    if not isinstance(value, float):
        return value
    return "" if math.isnan(value) else float(f"{value:.3g}")


def claims(
    *,
    futures: Annotated[int, typer.Option("--futures", "-n", help="Draws of the numbers for each stance.")] = 20,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FOLDER", help="Also write the picture of all claims.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--save", help="Also put the table in the place of the one every report shows.")
    ] = False,
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    residents: options.Residents = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Print what each claim says, what the model gives on the same definition, and what one would have to believe."""
    _checked("--futures", futures)
    if keep and residents is not None:
        raise ScenarioError(
            f"--save: the table that reports show needs every adult; found --residents {residents:,}. Leave it out."
        )
    from lacsim.report import claims as backcast

    def say(text: str) -> None:
        if not quiet:
            typer.echo(text, err=True)

    table = backcast.claims_table(futures=futures, seed=seed, jobs=jobs, residents=residents, say=say)
    if keep:
        from lacsim.report.backcast import save

        path = save(table, backcast.conflicts_table(table), futures=futures, seed=seed)
        typer.echo(f"wrote {path.as_posix()}", err=True)
    if picture is not None:
        from lacsim.report.charts import evidence

        for path in evidence.write_claims(table, picture):
            typer.echo(f"wrote {path.as_posix()}", err=True)
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    for _, rows in table.groupby("claim_id", sort=False):
        first = rows.iloc[0]
        mark = " (used in the fit: no confirmation)" if first["use"] == "fitted" else ""
        typer.echo(f"\n{first['text']}: {first['claimed_text']}  [{first['standing']}] {first['source']}{mark}")
        typer.echo(f"  {first['definition']}")
        for row in rows.to_dict("records"):
            typer.echo(f"  {row['stance']:<10}  {row['model_text']}: {row['verdict']}")
        if first["note"]:
            typer.echo(f"  {first['note']}")
    typer.echo("\nConflicts between claims")
    conflicts = backcast.conflicts_table(table)
    cells = conflicts[["pair", "first", "second", "published_ratio", "model_ratio", "p", "verdict"]].to_numpy().tolist()
    typer.echo(
        lined_up(
            ["what", "first", "second", "printed ratio", "model's ratio", "p", "verdict"],
            [[*map(_three_digits, row)] for row in cells],
        )
    )


def fit(
    block: Annotated[str, typer.Argument(help="natural_history or coordination.")],
    *,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Only fix the hash of the priors, before the data are used.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Only print the stored posterior beside its prior.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write to.", show_default="the package's own")
    ] = None,
    jobs: options.Jobs = 0,
) -> None:
    """Fit, write the posterior with its record, and print prior beside posterior for every parameter."""
    from lacsim.calibration import fit as fitting
    from lacsim.parameters import params
    from lacsim.parameters.fitted import FOLDER, read_block

    folder = out or FOLDER
    task = fitting.problem(block)
    if freeze:
        from lacsim.calibration.store import freeze as freeze_priors

        names = task.names(params(fitted=False))
        digest = fitting.prior_sha256(params(fitted=False), names)
        typer.echo(f"{freeze_priors(block, digest)}: {block}, {len(names)} priors, {digest[:12]}")
        return
    if not show:
        from lacsim.calibration.store import write

        found = fitting.fit(block, jobs=jobs, say=lambda text: typer.echo(text, err=True))
        typer.echo(f"wrote {write(found, folder).as_posix()} and its record")
    from lacsim.calibration.store import prior_and_posterior

    stored = read_block(block, folder)
    table = prior_and_posterior(stored)
    columns = ["parameter", "prior", "posterior", "contraction", "reading"]
    typer.echo(lined_up(columns, table[columns].to_numpy().tolist()))
    typer.echo(
        f"\n{stored.about['simulations']:,} simulations in {stored.about['seconds']:,} s, worth "
        f"{stored.about['effective_points']:,} independent points. Priors {stored.about['prior_sha256'][:12]}."
    )


def wards(
    *,
    replications: Annotated[int, typer.Option("--replications", "-r", help="Repeats with central values.")] = 2,
    posts: Annotated[bool, typer.Option("--posts", help="Also the posts that keep a promised wait.")] = False,
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Print demand, pressure, waits, effect and money for each coordinator, ward by ward, for three design rules."""
    _checked("--replications", replications)
    chosen = parameters_of(stance, tuple(settings or ()), params_file)
    from lacsim.calibration import wards as truth
    from lacsim.evidence import area
    from lacsim.report.by_ward import value_per_post

    plan = truth.ward_plan(chosen, replications=replications, seed=seed)
    money = value_per_post(plan, jobs=jobs)
    named = {f"{scenario.name}": rule for scenario, rule in zip(plan.scenarios[1:], truth.RULES, strict=True)}
    money = money.assign(rule=money.pop("scenario").map(named))
    table = truth.ward_table(chosen, replications=replications, seed=seed, jobs=jobs)
    table = table.merge(money, on=["rule", "ward"], validate="one_to_one")
    needed = truth.posts_needed(chosen, seed=seed, jobs=jobs) if posts else None
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    hidden = ["rule", "covered_2019", *money.columns.drop(["rule", "ward"])]
    for rule, rows in table.groupby("rule", sort=False):
        typer.echo(f"\nOne coordinator for {rule:,.0f} residents: {rows['posts'].sum():.1f} posts")
        cells = [[*map(_three_digits, row), ""] for row in rows.drop(columns=hidden).to_numpy().tolist()]
        typer.echo(lined_up([*rows.drop(columns=hidden).columns, ""], cells))
        typer.echo("\nPounds a year for each coordinator, discounted, against no coordinators; managers left out")
        gbp = list(money.columns.drop(["rule", "ward"]))
        told = [
            [row["ward"], row["posts"], *(f"{row[name]:,.0f}" for name in gbp), ""] for row in rows.to_dict("records")
        ]
        typer.echo(lined_up(["ward", "posts", *gbp, ""], told))
    held = truth.share_of_older_and_deprived(area())
    typer.echo(
        f"\nThe seven wards without coordination hold {held['older_other']:.0%} of Derby's residents 65 and over. "
        f"{held['deprived_other']:.0%} of their own residents live in England's most deprived fifth, of the ten wards' "
        f"{held['deprived_covered']:.0%}; of all such residents {held['of_deprived_covered']:.0%} live in the ten."
    )
    if needed is not None:
        for promise, rows in needed.groupby("promise_weeks", sort=False):
            total = rows["posts"].sum()
            said = ", ".join(f"{r['ward']} {r['posts']:g}" for r in rows.to_dict("records"))
            weeks = "1 week" if promise == 1 else f"{promise:g} weeks"
            typer.echo(f"\nFirst conversation within {weeks} for 90%: {total:g} posts ({said})")
