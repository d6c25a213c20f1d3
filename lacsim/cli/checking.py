"""`lacsim test`: the project's own tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import typer

from lacsim.errors import SetupError

TEST_HELP: Final = (
    "Run the tests; anything after it goes to pytest, as in 'lacsim test -k wards'. "
    "'lacsim test --defects' seeds known defects, each in a copy of the checkout, and shows that tests notice them; "
    "'lacsim test --defects 1 15' only these, and '--jobs N' works on N copies at once."
)
_MOST_CORES: Final = 8  # more would wait for the longest file
_ROOT: Final = Path(__file__).resolve().parents[2]


def test(context: typer.Context) -> None:
    """Run pytest in a process of its own, in the folder of the checkout, and hand its exit code on.

    The whole suite is spread over the usable cores, each file of tests on one of them; what is asked for by name is run
    in one process, so that `--pdb`, `-s` and `--durations` do what their reader expects.

    With `--defects` first, the pack of seeded defects (`tests/defects`) is run instead.
    """
    if not (_ROOT / "tests").is_dir():
        raise SetupError("the tests are in the repository, not in the installed package. Clone it and run them there.")
    from lacsim.runs.backends import n_processes

    cores = n_processes(0, _MOST_CORES)
    spread = ["-n", str(cores), "--dist", "loadfile"] if not context.args and cores > 1 else []
    whole = ["pytest", *spread, *context.args]
    what = ["tests.defects", *context.args[1:]] if context.args[:1] == ["--defects"] else whole
    try:
        done = subprocess.run([sys.executable, "-m", *what], cwd=_ROOT, check=False)
    except KeyboardInterrupt:
        raise typer.Abort from None
    raise typer.Exit(done.returncode)
