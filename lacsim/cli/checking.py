"""`lacsim check-rates` and `lacsim test`: the model next to published rates, and the project's own tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from lacsim.cli import options
from lacsim.cli.progress import Progress
from lacsim.cli.request import parameters_of
from lacsim.cli.text_table import lined_up
from lacsim.errors import ScenarioError, SetupError

CHECK_RATES_HELP: Final = "Set the city without coordination next to published rates."
TEST_HELP: Final = (
    "Run the tests; anything after it goes to pytest, as in 'lacsim test -k wards'. "
    "'lacsim test --defects' seeds known defects and shows that tests notice them."
)
_ROOT: Final = Path(__file__).resolve().parents[2]
_MOST_REPLICATIONS: Final = 1_000


def check_rates(
    *,
    replications: Annotated[int, typer.Option("--replications", "-r", help="Repeats with central values.")] = 4,
    seed: options.Seed = 20160301,
    jobs: options.Jobs = 0,
    stance: options.Stance = None,
    settings: options.Settings = None,
    params_file: options.ParamsFile = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Print model, published value with its range, and the ratio of the two."""
    if not 1 <= replications <= _MOST_REPLICATIONS:
        raise ScenarioError(f"--replications: must lie from 1 to {_MOST_REPLICATIONS:,}; found {replications:,}.")
    chosen = parameters_of(stance, tuple(settings or ()), params_file)
    from lacsim.calibration import check_rates as rates

    progress = None if quiet else Progress(1)
    table = rates.check_rates(chosen, replications=replications, seed=seed, jobs=jobs, progress=progress)
    if progress:
        progress.end()
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2, force_ascii=False))
        return
    columns = ["target", "unit", "model", "published", "low", "high", "ratio", "grade"]
    for group, rows in table.groupby("group", sort=False):
        typer.echo(f"\n{group}")
        cells = rows[columns].to_numpy().tolist()
        typer.echo(lined_up([*columns, ""], [[*(_three_digits(cell) for cell in row), ""] for row in cells]))
    outside = table.loc[~table["within"], "target"].tolist()
    typer.echo(f"\n{len(table) - len(outside)} of {len(table)} within a factor of 1.5 of what is published.")
    if outside:
        typer.echo(f"Further away: {', '.join(str(name) for name in outside)}.")


def _three_digits(value: object) -> object:
    """A number to three significant digits; anything else as it is."""
    return float(f"{value:.3g}") if isinstance(value, float) else value


def test(context: typer.Context) -> None:
    """Run pytest in a process of its own, in the folder of the checkout, and hand its exit code on.

    With `--defects` first, the pack of seeded defects (`tests/defects`) is run instead.
    """
    if not (_ROOT / "tests").is_dir():
        raise SetupError("the tests are in the repository, not in the installed package. Clone it and run them there.")
    what = ["tests.defects", *context.args[1:]] if context.args[:1] == ["--defects"] else ["pytest", *context.args]
    try:
        done = subprocess.run([sys.executable, "-m", *what], cwd=_ROOT, check=False)
    except KeyboardInterrupt:
        raise typer.Abort from None
    raise typer.Exit(done.returncode)
