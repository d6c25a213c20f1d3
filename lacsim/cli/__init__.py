"""What a user types: `lacsim run`, `lacsim params list` and the rest, and the exit code that comes back.

Commands live one subject to a module and import what they need when they run, so that `--help` stays quick.
This module puts them together and turns every error into one line that says what to do.
"""

from __future__ import annotations

import os
import sys
import traceback
import types
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from lacsim.cli import (
    checking,
    costing,
    evidence,
    following,
    keeping,
    listing,
    machine,
    published,
    running,
    splitting,
    trying,
)
from lacsim.errors import FuturesError, LacsimError

DONE: Final = 0
OUR_BUG: Final = 1
WRONG_USE: Final = 2
STOPPED: Final = 130

_LOG = Path("results") / "run.log"

app = typer.Typer(
    name="lacsim",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="What would coordinators in 17 wards rather than 10, or none, cost, avoid and demand of the team?",
    epilog="Start with:  python3 -m lacsim run --quick",
)
app.command("run", help=running.HELP)(running.run)
app.command("sweep", help=trying.SWEEP_HELP)(trying.sweep)
app.command("experiment", help=trying.EXPERIMENT_HELP)(trying.experiment)
app.command("compare", help=keeping.COMPARE_HELP)(keeping.compare)
app.command("report", help=keeping.REPORT_HELP)(keeping.report)
app.add_typer(evidence.app, name="params")
app.add_typer(listing.scenarios, name="scenarios")
listing.runs.command("verify", help=keeping.VERIFY_HELP)(keeping.verify)
listing.runs.command("publish", help=keeping.PUBLISH_HELP)(keeping.publish)
app.add_typer(listing.runs, name="runs")
app.command("cost", help=costing.HELP)(costing.cost)
app.command("break-even", help=splitting.BREAK_EVEN_HELP)(splitting.break_even)
app.command("waterfall", help=splitting.WATERFALL_HELP)(splitting.waterfall)
app.command("trace", help=following.TRACE_HELP)(following.trace)
app.command("identity", help=following.IDENTITY_HELP)(following.identity)
app.command("targets", help=published.TARGETS_HELP)(published.targets)
app.command("claims", help=published.CLAIMS_HELP)(published.claims)
app.command("wards", help=published.WARDS_HELP)(published.wards)
app.command("fit", help=published.FIT_HELP)(published.fit)
app.command("doctor", help=machine.HELP)(machine.doctor)
app.command(
    "test",
    help=checking.TEST_HELP,
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": ["--help"],
    },
)(checking.test)


@app.callback(invoke_without_command=True)
def first(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Answer `--version`, and show the help when no command is given."""
    if version:
        from lacsim import __version__

        typer.echo(f"lacsim {__version__}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        text = context.get_help()
        if text:
            typer.echo(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        What was typed after `lacsim`; the command line of this process if not given.

    Returns
    -------
        0 done, 1 our bug, 2 wrong usage or parameter, 3 set-up problem, 4 a model check failed,
        5 some futures failed, 130 stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without '−' or '£' must not end a run
    if arguments is None:
        _spare_help(sys.argv[1:])
    try:
        return _answer(arguments)
    finally:
        if arguments is None:
            _leave()


def _spare_help(typed: Sequence[str]) -> None:
    """Leave out what Typer imports for a help text and ours never shows: Markdown and tracebacks, a quarter of it.

    NOTE: their modules are stood in for in a process that prints a help text and ends, and in no other.
    """
    if typed and (typed[0] == "test" or not {"--help", "-h"} & set(typed)):
        return
    for module, name in (("rich.markdown", "Markdown"), ("rich.traceback", "Traceback")):
        if module not in sys.modules:
            stand_in = types.ModuleType(module)
            setattr(stand_in, name, type(name, (), {}))
            sys.modules[module] = stand_in


def _leave() -> None:
    """Spare the end of the process what nobody needs: to wait for idle processes."""
    backends = sys.modules.get("lacsim.runs.backends")
    if backends is not None:
        backends.end_processes()


def _answer(arguments: Sequence[str] | None) -> int:
    """The exit code of one command, every error said in one line."""
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="lacsim", standalone_mode=False)
    except LacsimError as error:
        if isinstance(error, FuturesError):
            _keep_in_log(error.details)
        return _say(error.faults, error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _say(("stopped; nothing was changed.",), STOPPED)
    except BrokenPipeError:
        # NOTE: the reader has gone (`lacsim params list | head`); Python would complain again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if isinstance(error, _USAGE):
            return _say((_usage(error),), WRONG_USE)
        return _our_bug(error)
    return code if isinstance(code, int) else DONE


# The class of all usage errors; Typer brings its own copy of click, whose address is its own business.
_USAGE: Final = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def _usage(error: Exception) -> str:
    """A usage error in one line, with the nearest option and where to look."""
    message = " ".join(str(getattr(error, "message", error)).split()).rstrip(".")
    near = sorted(getattr(error, "possibilities", None) or ())
    if near:
        message = f"{message}. Did you mean '{near[0]}'?"
    elif hasattr(error, "format_message"):
        message = " ".join(str(error.format_message()).split())
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "lacsim"
    return f"{message}{'' if message.endswith(('.', '?')) else '.'}  See: {command} --help"


def _say(faults: Sequence[str], code: int) -> int:
    """Print faults on stderr, one line each, and hand the exit code on."""
    if len(faults) > 1:
        print(f"lacsim: {len(faults)} faults:", file=sys.stderr)
    for fault in faults:
        print(f"lacsim: {fault}" if len(faults) == 1 else f"  {fault}", file=sys.stderr)
    return code


def _our_bug(error: Exception) -> int:
    """Keep the traceback in a file and say where it is; print it when it cannot be kept."""
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    where = _LOG.as_posix() if _keep_in_log("".join(traceback.format_exception(error))) else "the text above"
    return _say((f"this is a fault of lacsim, not yours ({what}). Please send {where}.",), OUR_BUG)


def _keep_in_log(text: str) -> bool:
    """Add to the log what was typed and what went wrong; print it when it cannot be kept."""
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        _LOG.parent.mkdir(parents=True, exist_ok=True)
        with _LOG.open("a", encoding="utf-8") as log:
            log.write(f"{stamp}  {' '.join(sys.argv[1:])}\n{text}\n")
    except OSError:
        print(text, file=sys.stderr)
        return False
    return True
