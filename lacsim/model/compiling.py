"""How rules and kernels are compiled, in one place: strict floating point, one thread, a private cache.

Numba's cache looks only at the file of the function that is called, so a changed helper would go on running
old code. Here the cache folder is named by the source text of every kernel module, the Numba version and the
processor; a folder that cannot be read back is removed and built again. This module decides nothing about
the pathway.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parent.parent
# Modules outside `lacsim/model` that are compiled too.
_OTHER_KERNELS = tuple(
    f"results/{name}.py" for name in ("accounts", "compare", "lives", "periods", "quantities", "tally")
)


def source_digest() -> str:
    """Short hash of the text of all kernel modules; another text is another cache folder."""
    return _digest_of([*sorted((PACKAGE / "model").glob("*.py")), *(PACKAGE / name for name in _OTHER_KERNELS)])


def _digest_of(paths: list[Path]) -> str:
    """Short hash of the names and texts of files."""
    text = hashlib.sha256()
    for path in paths:
        text.update(path.name.encode() + b"\0" + path.read_bytes())
    return text.hexdigest()[:16]


def rule_set_name(rules: Any) -> str:
    """A name that changes with the text of a rule set: its module's, and the hash of every file its rules come from.

    The package's own rules are already part of the cache folder's name, so theirs is short.
    """
    files: set[Path] = set()
    waiting, seen = [value for value in vars(rules).values() if hasattr(value, "py_func")], set()
    while waiting:
        plain = waiting.pop().py_func
        if plain in seen:
            continue
        seen.add(plain)
        path = Path(plain.__code__.co_filename)
        if not path.is_relative_to(PACKAGE):
            files.add(path)
            called = (plain.__globals__.get(name) for name in plain.__code__.co_names)
            waiting += [value for value in called if hasattr(value, "py_func")]
    module = rules.__name__.replace(".", "_")
    return f"{module}_{_digest_of(sorted(files))}" if files else module


def _cache_root() -> Path:
    """Where compiled code is kept: LACSIM_CACHE, or the user's cache folder, or a private temporary one."""
    named = os.environ.get("LACSIM_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "lacsim"


def cache_folder() -> Path:
    """Private folder of this source text, made if it is missing (mode 0700)."""
    import numba

    name = f"{source_digest()}-numba{numba.__version__}"
    folder = _cache_root() / name
    try:
        is_new = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.utime(folder)
        if is_new:
            _purge(folder)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="lacsim-"))
    return folder


def _purge(current: Path) -> None:
    """Remove folders of other source texts that no run has used for two weeks."""
    for other in current.parent.glob("*-numba*"):
        if other != current and time.time() - other.stat().st_mtime > 14 * 86_400:
            shutil.rmtree(other, ignore_errors=True)


def _start() -> None:
    """Point Numba at the private folder before the first function is compiled."""
    folder = cache_folder()
    import numba.core.config

    numba.core.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_start()


def _compile(function: F, *, nogil: bool, forceinline: bool = False) -> F:
    """Numba with the options of this project.

    NOTE: `_nrt=False` is not public API. With it Numba leaves out atomic reference counting of every array that is
    passed on (more than half the time of a run, measured); so compiled code allocates nothing, it is given arrays.
    """
    import numba

    ours = Path(function.__code__.co_filename).is_relative_to(PACKAGE)
    options: dict[str, Any] = {
        "error_model": "numpy",
        "cache": ours,
        "nogil": nogil,
        "_nrt": False,
        "forceinline": forceinline,
    }
    compiled: F = numba.njit(**options)(function)
    if ours:
        _survive_broken_files(compiled)
    return compiled


def _survive_broken_files(dispatcher: Any) -> None:
    """Compile again where a cache file cannot be read, instead of stopping with an unpickling error.

    NOTE: Numba 0.68 raises from a truncated or empty cache file and has no public way around it; a file that cannot be
    read is removed, and the function is compiled and kept anew.
    """
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is None:
        return
    load = kept.load

    def load_or_forget(key: Any) -> Any:
        try:
            return load(key)
        except Exception:  # whatever unpickling half a file may raise
            Path(kept._index_path).unlink(missing_ok=True)
            return None

    kept.load = load_or_forget


def rule(function: F) -> F:
    """Compile a pure rule: no Python objects, IEEE arithmetic as written, division by zero gives inf."""
    return _compile(function, nogil=False)


def kernel(function: F) -> F:
    """Compile a loop over residents; as `rule`, and the interpreter lock is released while it runs."""
    return _compile(function, nogil=True)


def step(function: F) -> F:
    """Compile a step of a loop into whoever calls it.

    NOTE: Numba hands over a tuple of arrays by value, more than a hundred words for a city; calls with them took nearly
    half of a run of short rules (measured on the benchmark M1). The option behind it is not in Numba's documentation.
    """
    return _compile(function, nogil=False, forceinline=True)
