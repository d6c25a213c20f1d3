"""The environment beside the package: what state it is in, and how it is made from the hashed lock file.

Standard library only. It makes ``.venv`` and nothing else; whether that is wanted, ``_bootstrap`` decides.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lacsim.errors import SetupError

OFFLINE = (
    "the packages could not be installed (see above). Behind a proxy? Set HTTPS_PROXY, or PIP_INDEX_URL to "
    "your mirror, and run again."
)

TYPE_CHECKING = False  # what type checkers take for true; `typing` itself would take as long as all else here
if TYPE_CHECKING:
    from typing import Literal

    State = Literal["absent", "foreign", "unfinished", "outdated", "ready"]


class Checkout:
    """The folder that holds the package, its lock file and, once made, its environment."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def lock(self) -> Path:
        """The hashed list of every package, base and test."""
        return self.root / "requirements.lock"

    @property
    def environment(self) -> Path:
        """The virtual environment beside the package."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter of that environment."""
        return self.environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def stamp(self) -> Path:
        """The file that says who made the environment and, once it is finished, from which lock."""
        return self.environment / "lacsim-setup.json"

    @property
    def lock_sha256(self) -> str:
        """The lock's hash; a finished environment carries the same one."""
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    @property
    def is_running(self) -> bool:
        """Whether this very Python is the one in the environment."""
        return Path(sys.prefix).resolve() == self.environment.resolve()


def state_of(checkout: Checkout) -> State:
    """How far the environment beside the package has got, and whether it is ours."""
    environment = checkout.environment
    if not environment.exists() or (environment.is_dir() and not any(environment.iterdir())):
        return "absent"
    if not checkout.stamp.exists():
        return "foreign"
    stamp = _read_stamp(checkout)
    is_other_python = checkout.is_running and stamp.get("python") != _this_python()
    if "lock_sha256" not in stamp or stamp.get("root") != str(checkout.root) or is_other_python:
        return "unfinished"
    if not checkout.python.exists():
        return "unfinished"
    return "ready" if stamp["lock_sha256"] == checkout.lock_sha256 else "outdated"


def set_up(checkout: Checkout, *, install: Callable[[Checkout], None]) -> None:
    """Make or refresh the environment, one process at a time.

    In this order: take the lock; stop if another process finished meanwhile; say what will happen; throw away
    what was left unfinished; make the environment, marked as ours from its first moment; install; stamp it as
    finished. Whatever stops it before the last step, the next run starts again.

    Parameters
    ----------
    checkout
        Where the package stands.
    install
        Puts the packages of the lock into the environment; raises SetupError when it cannot.
    """
    try:
        with _one_at_a_time(checkout.root / ".venv.lock"):
            state = state_of(checkout)
            if state == "ready":
                return
            doing = "the list of packages changed, refreshing" if state == "outdated" else "setting up once in"
            say(f"{doing} {checkout.environment} (about a minute, needs the network)")
            started = time.monotonic()
            if state != "outdated":
                _make(checkout)
            install(checkout)
            _write_stamp(checkout.stamp, {**_read_stamp(checkout), "lock_sha256": checkout.lock_sha256})
            say(f"ready after {time.monotonic() - started:.0f} s")
    except OSError as error:
        raise SetupError(
            f"{checkout.environment} could not be made: {error}. Free or unlock that folder, or use an "
            "environment of your own: python -m pip install -e ."
        ) from error


def install_locked(checkout: Checkout) -> None:
    """Install the lock with uv where it is found and works, else with pip; hashes checked, wheels only."""
    import shutil

    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement", str(checkout.lock)]
    python = str(checkout.python)
    uv = shutil.which("uv")
    if uv is not None:
        if _succeeds([uv, "pip", "install", "--python", python, *options]):
            return
        say("uv could not install the packages; trying pip")
    if not _succeeds([python, "-m", "ensurepip", "--default-pip"], is_quiet=True):
        raise SetupError(
            f"{sys.executable} cannot put pip into a new environment (see above). On Debian or Ubuntu: "
            "sudo apt install python3-venv; elsewhere install uv. Then run again."
        )
    if not _succeeds([python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *options]):
        raise SetupError(OFFLINE)


def say(words: str) -> None:
    """Tell the user something on standard error, so that results on standard output stay clean."""
    print(f"lacsim: {words}", file=sys.stderr, flush=True)


def _make(checkout: Checkout) -> None:
    """Make an empty environment that finds the package, in place of whatever was left unfinished.

    Folders are renamed into and out of place, so that a kill at any moment never leaves one that looks like
    someone else's.
    """
    import shutil
    import sysconfig
    import venv

    scratch = checkout.root / f".venv-scratch-{os.getpid()}"
    if checkout.environment.exists():
        checkout.environment.rename(scratch)
    for leftover in checkout.root.glob(".venv-scratch-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    scratch.mkdir()
    stamp = {"made_by": "lacsim", "root": str(checkout.root), "python": _this_python()}
    _write_stamp(scratch / checkout.stamp.name, stamp)
    scratch.rename(checkout.environment)
    venv.EnvBuilder(symlinks=sys.platform != "win32").create(checkout.environment)
    base = str(checkout.environment)
    packages = Path(sysconfig.get_path("purelib", scheme="venv", vars={"base": base, "platbase": base}))
    (packages / "lacsim.pth").write_text(f"{checkout.root}\n", encoding="locale")


def _succeeds(command: Sequence[str], *, is_quiet: bool = False) -> bool:
    import subprocess

    settings = {**os.environ, "PIP_USER": "0"}  # a personal `user = true` fails in a virtual environment
    return (
        subprocess.run(command, env=settings, stdout=subprocess.DEVNULL if is_quiet else 2, check=False).returncode == 0
    )


def _read_stamp(checkout: Checkout) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(checkout.stamp.read_text("utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def _write_stamp(stamp: Path, content: dict[str, str]) -> None:
    partial = stamp.with_suffix(".tmp")
    partial.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    partial.replace(stamp)


def _this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock that the system frees when this process ends, however it ends."""
    with path.open("a") as handle:
        try:
            take_lock(handle.fileno(), wait=False)
        except OSError:
            say("another lacsim is setting up here; waiting for it")
            take_lock(handle.fileno(), wait=True)
        yield


if sys.platform == "win32":
    import msvcrt

    def take_lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file until it is closed, however the process ends; OSError if it is taken and not waited for."""
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
                time.sleep(1.0)
            else:
                return
else:
    import fcntl

    def take_lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file until it is closed, however the process ends; OSError if it is taken and not waited for."""
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
