"""Options that several commands share, each written once with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ASSUMED = "What is assumed"
_SIZE = "How much is run"
_OUTPUT = "What is shown"

Scenarios = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SCENARIO]…",
        help="no-lac, pilot-2, wards-10, wards-13, wards-17, history or a TOML file; comparator first.",
        show_default="no-lac wards-10 wards-17",
    ),
]
Futures = Annotated[
    int,
    typer.Option("--futures", "-n", help="Simulated futures; each one draw of the numbers.", rich_help_panel=_SIZE),
]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same lives.", rich_help_panel=_SIZE)]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Processes; 0 uses every core.", rich_help_panel=_SIZE)]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Send the work to a Dask scheduler, as tcp://host:8786, or to a 'local' one; see docs/cluster.md.",
        rich_help_panel=_SIZE,
    ),
]
Stance = Annotated[
    str | None,
    typer.Option(
        "--stance",
        help="Which evidence is believed: controlled, reported or sceptical.",
        show_default="controlled",
        rich_help_panel=_ASSUMED,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set one parameter; may be repeated.", rich_help_panel=_ASSUMED),
]
ParamsFile = Annotated[
    Path | None,
    typer.Option("--params", metavar="FILE", help="A TOML file of parameters.", rich_help_panel=_ASSUMED),
]
Engine = Annotated[
    str,
    typer.Option("--engine", help="compiled, or simpy: the readable one, same tables.", rich_help_panel=_SIZE),
]
Period = Annotated[str, typer.Option("--period", help="forecast (from April 2019) or history.", rich_help_panel=_SIZE)]
Years = Annotated[
    int | None,
    typer.Option("--years", help="Financial years of a forecast.", show_default="5", rich_help_panel=_SIZE),
]
Residents = Annotated[
    int | None,
    typer.Option("--residents", help="Model only this many adults.", show_default="all", rich_help_panel=_SIZE),
]
Area = Annotated[
    str,
    typer.Option(
        "--area",
        metavar="NAME",
        help="Whose wards: a folder of lacsim/evidence/areas; see docs/how_to_bring_another_council.md.",
        rich_help_panel=_SIZE,
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for results.", rich_help_panel=_OUTPUT)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.", rich_help_panel=_OUTPUT)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.", rich_help_panel=_OUTPUT)]
