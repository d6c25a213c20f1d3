"""Files that are whole or not there, and that notice when they are no longer what was written.

A part holds a few arrays and a header. It is written beside its place, flushed to the disk and renamed, so a process
that is killed at any instant leaves the old file, the new file or none. Its last bytes are the hash of all others,
which is looked at before anything is read. Nothing is unpickled. What the arrays mean is for the caller.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from lacsim.errors import ResultsError

_MAGIC: Final = b"lacsim part 1\n"
_HASH_BYTES: Final = hashlib.sha256().digest_size
_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 1 << 24


class DamagedError(ResultsError):
    """A file is not what was written: cut short, altered, or no part at all."""


def pack(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of a part; the same header and arrays give the same bytes.

    Raises
    ------
    TypeError
        If an array holds Python objects.
    """
    if any(array.dtype.hasobject for array in arrays.values()):
        raise TypeError("a part holds numbers and text, not objects")
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **{name: np.ascontiguousarray(array) for name, array in arrays.items()})
    about = json.dumps(header, sort_keys=True).encode()
    body = _MAGIC + len(about).to_bytes(_LENGTH_BYTES, "little") + about + zlib.compress(stream.getvalue(), 1)
    return body + hashlib.sha256(body).digest()


def unpack(content: bytes, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a part.

    Parameters
    ----------
    name
        What the file is called, for the message.

    Raises
    ------
    DamagedError
        If a single byte is missing or altered.
    """
    body, found = content[:-_HASH_BYTES], content[-_HASH_BYTES:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != found:
        raise DamagedError(f"{name}: is damaged or cut short ({len(content):,} bytes). What it held is made again.")
    start = len(_MAGIC) + _LENGTH_BYTES
    end = start + int.from_bytes(body[len(_MAGIC) : start], "little")
    with np.load(io.BytesIO(zlib.decompress(body[end:])), allow_pickle=False) as stored:
        return json.loads(body[start:end]), {key: stored[key] for key in stored.files}


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a file.

    Raises
    ------
    DamagedError
        If it cannot be read or is not what was written.
    """
    try:
        content = path.read_bytes()
    except OSError as why:
        raise DamagedError(f"{path}: cannot be read ({why.strerror or why}). What it held is made again.") from why
    return unpack(content, str(path))


def glance(path: Path) -> dict[str, Any]:
    """The header of a file without looking at the rest; empty if there is none. `read` tells whether it is true."""
    with contextlib.suppress(OSError, ValueError), path.open("rb") as stream:
        if stream.read(len(_MAGIC)) == _MAGIC:
            length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
            header = json.loads(stream.read(min(length, _LONGEST_HEADER)))
            return header if isinstance(header, dict) else {}
    return {}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at every instant it is the old one or the new one.

    In this order: a new file beside it, its bytes, flushed to the disk; its name; the folder flushed to the disk.

    Raises
    ------
    ResultsError
        If the disk is full or the folder cannot be written; the file that was there is untouched.
    """
    beside = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
        flush_folder(path.parent)
    except OSError as why:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise ResultsError(
            f"results: {path} ({len(content):,} bytes) cannot be written ({why.strerror or why}). Earlier results are "
            "untouched. Free some space, or give another folder with --out, and run the same command to carry on."
        ) from why


_BINARY: Final = getattr(os, "O_BINARY", 0)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
