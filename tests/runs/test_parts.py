"""Parts of a run as files: whole or not there, checked before they are read, the same bytes every time."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lacsim.errors import ResultsError
from lacsim.runs import parts

HEADER = {"key": "abc", "futures": [1, 2]}
ARRAYS = {"0.flows": np.arange(24).reshape(2, 3, 4), "0.seconds": np.array([0.5, np.pi]), "empty": np.zeros((2, 0, 3))}


def test_a_part_gives_back_what_was_put_in_to_the_last_bit(tmp_path: Path) -> None:
    parts.write_whole(tmp_path / "a.part", parts.pack(HEADER, ARRAYS))
    header, arrays = parts.read(tmp_path / "a.part")
    assert header == HEADER == parts.glance(tmp_path / "a.part")
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert arrays[name].tobytes() == array.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["a.part"]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert parts.pack(HEADER, ARRAYS) == parts.pack(dict(reversed(HEADER.items())), ARRAYS)


def test_any_altered_byte_is_noticed() -> None:
    whole = parts.pack(HEADER, ARRAYS)
    for k in range(len(whole)):
        altered = bytearray(whole)
        altered[k] ^= 1 << (k % 8)
        with pytest.raises(parts.DamagedError, match=r"a\.part: is damaged or cut short"):
            parts.unpack(bytes(altered), "a.part")


def test_any_missing_end_is_noticed() -> None:
    whole = parts.pack(HEADER, ARRAYS)
    for length in range(len(whole)):
        with pytest.raises(parts.DamagedError, match=rf"a\.part: is damaged or cut short \({length:,} bytes\)"):
            parts.unpack(whole[:length], "a.part")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(parts.DamagedError, match=r"b\.part: cannot be read \(No such file or directory\)"):
        parts.read(tmp_path / "b.part")
    assert parts.glance(tmp_path / "b.part") == {}


@pytest.mark.parametrize("content", [b"", b"lacsim part 1\n", b"lacsim part 1\n" + b"\xff" * 8, b"something else"])
def test_a_glance_at_what_is_no_part_finds_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(content)
    assert parts.glance(tmp_path / "a.part") == {}


def test_objects_are_refused() -> None:
    with pytest.raises(TypeError, match="not objects"):
        parts.pack({}, {"a": np.array([{}], dtype=object)})


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_older_file_and_names_path_and_bytes(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.part"
    parts.write_whole(path, b"older")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "write":
        if not os.path.exists("/dev/full"):
            pytest.skip("this system has no /dev/full")
        full_device = os.open("/dev/full", os.O_WRONLY)
        monkeypatch.setattr(parts.os, "open", lambda *_: full_device)
    else:
        monkeypatch.setattr(parts.os, step, full)
    with pytest.raises(
        ResultsError, match=r"a\.part \(5 bytes\) cannot be written \(No space left on device\)\. Earlier"
    ):
        parts.write_whole(path, b"newer")
    monkeypatch.undo()
    assert path.read_bytes() == b"older"
    assert [found.name for found in tmp_path.iterdir()] == ["a.part"]
