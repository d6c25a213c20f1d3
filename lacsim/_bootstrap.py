"""Which Python lacsim should run in: this one, or the one beside the package, set up on the first run.

Standard library only. It never changes an environment it did not make, does nothing when lacsim was installed
as a package, and is switched off by ``LACSIM_NO_BOOTSTRAP=1``. How one is made is in ``_environment``. Every start
of lacsim passes here, so what only a set-up or a refusal needs is imported there.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from lacsim._environment import Checkout, install_locked, say, set_up, state_of
from lacsim.errors import SetupError

SWITCH = "LACSIM_NO_BOOTSTRAP"
RESTARTED = "LACSIM_RESTARTED"
HERE = Checkout(Path(__file__).resolve().parent.parent)


def enter(arguments: Sequence[str]) -> None:
    """Return when this Python can run lacsim; else start again in one that can, never to return.

    Parameters
    ----------
    arguments
        What was typed after ``-m lacsim``; ``test`` also needs the test tools.

    Raises
    ------
    SetupError
        If no complete environment can be used or made; exit code 3.
    """
    has_restarted = os.environ.pop(RESTARTED, "") != ""
    python = interpreter(HERE, extra="test" if list(arguments[:1]) == ["test"] else None)
    if python is None:
        return
    if has_restarted:
        raise SetupError(
            f"{HERE.environment} was set up, but lacsim does not start in it. Delete that folder and run again."
        )
    command = [str(python), "-m", "lacsim", *arguments]
    os.environ[RESTARTED] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":  # NOTE: there execv gives the prompt back while the new process still runs
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(python, command)


def interpreter(checkout: Checkout, *, extra: str | None = None) -> Path | None:
    """Python in which lacsim should run, set up first if need be; None when it is this one.

    An environment someone else made is used as it is or refused, never changed. A plain Python that already
    has every package is used too, unless our own environment exists.

    Parameters
    ----------
    checkout
        Where the package stands.
    extra
        An optional group of ``pyproject.toml`` that is needed as well.

    Raises
    ------
    SetupError
        If an environment made by someone else is incomplete, or ours cannot be made.
    """
    if not checkout.lock.is_file():
        return None
    state = state_of(checkout)
    is_someone_elses = state == "foreign" if checkout.is_running else in_someone_elses()
    if is_someone_elses or os.environ.get(SWITCH, "0") not in ("", "0"):
        refuse_if_incomplete(checkout, extra=extra)
        return None
    if checkout.is_running and state == "ready":
        return None
    if state == "absent" and not lacking(checkout, extra=extra):
        return None
    if state == "foreign":
        if not checkout.python.exists():
            raise SetupError(
                f"{checkout.environment} was not made by lacsim and has no Python in it. Move it away and run again."
            )
        return checkout.python
    if state != "ready":
        set_up(checkout, install=install_locked)
    return checkout.python


def in_someone_elses() -> bool:
    """Whether this Python belongs to a virtual or named conda environment; conda's base is a plain Python."""
    prefix = Path(sys.prefix)
    is_named_conda = (prefix / "conda-meta").is_dir() and not (prefix / "condabin").is_dir()
    return sys.prefix != sys.base_prefix or is_named_conda


def refuse_if_incomplete(checkout: Checkout, *, extra: str | None = None) -> None:
    """Raise SetupError, naming every package this Python lacks and the command that adds them."""
    faults = lacking(checkout, extra=extra)
    if faults:
        target = "." if extra is None else f'".[{extra}]"'
        raise SetupError(
            f"this environment ({sys.prefix}) lacks {', '.join(faults)}. Fix: python -m pip install -e {target}"
        )


def lacking(checkout: Checkout, *, extra: str | None = None) -> list[str]:
    """Packages of ``pyproject.toml`` that this Python lacks or has too old, each as words for a message."""
    import importlib.metadata
    import tomllib

    project = tomllib.loads((checkout.root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(project["dependencies"])
    if extra is not None:
        wanted += project["optional-dependencies"][extra]
    faults = []
    for requirement in wanted:
        name, _, oldest = requirement.partition(">=")
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(name)
        else:
            if _release(found) < _release(oldest):
                faults.append(f"{name} {oldest} or newer (it has {found})")
    return faults


def _release(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


if __name__ == "__main__":
    try:
        print(interpreter(HERE, extra="test") or sys.executable)
    except SetupError as error:
        say(str(error))
        sys.exit(error.exit_code)
