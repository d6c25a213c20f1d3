"""Finished futures as files: saved block by block while a run is made, and found again by the next one.

A saved future is used again only by the same code and compiler, on a computer that rounds alike, for the same
scenarios, parameters, seed, period, area and number of residents, and only if its own draw of the parameters is the
same to the last bit. So more futures keep the first ones, and nothing old is ever mixed into something new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_type_hints

import numpy as np

from lacsim.errors import ResultsError
from lacsim.results.study import Kept, Results
from lacsim.runs import parts
from lacsim.runs.backends import Block
from lacsim.runs.fingerprint import fingerprint
from lacsim.runs.plan import Plan

_NOT_REPRODUCIBLE: Final = ("seconds",)


def key_of(plan: Plan) -> str:
    """What two plans must share for a future of one to be a future of the other."""
    content = {**plan.lives, "fields": list(Kept._fields), "made_by": dict(fingerprint())}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draw_key(plan: Plan, number: int) -> str:
    """Hash of the parameter draw of one future (from 1)."""
    row = np.ascontiguousarray(plan.draws.values[number - 1], dtype="<f8")
    return hashlib.sha256(row.tobytes()).hexdigest()[:16]


def packed(plan: Plan, numbers: Sequence[int], kept: Sequence[list[Kept]]) -> bytes:
    """Futures as the bytes of a part."""
    header = {"key": key_of(plan), "futures": list(numbers), "draws": [draw_key(plan, number) for number in numbers]}
    arrays = {
        f"{s}.{field}": np.stack([np.asarray(getattr(future[s], field)) for future in kept])
        for s in range(len(plan.scenarios))
        for field in Kept._fields
    }
    return parts.pack(header, arrays)


def packed_results(results: Results) -> bytes:
    """All futures of a finished run; the time they took is left out, so the bytes depend on the plan alone."""
    zero = dict.fromkeys(_NOT_REPRODUCIBLE, 0.0)
    kept = [[life._replace(**zero) for life in future] for future in results.kept]  # type: ignore[arg-type]
    return packed(results.plan, range(1, results.plan.futures + 1), kept)


def unpacked(arrays: Mapping[str, np.ndarray], n_futures: int, n_scenarios: int) -> list[list[Kept]]:
    """What is kept of each future, then scenario."""
    hints = get_type_hints(Kept)

    def value(s: int, field: str, f: int) -> Any:
        stored = arrays[f"{s}.{field}"][f]
        return stored if hints[field] is np.ndarray else stored.item()

    return [
        [Kept(*(value(s, field, f) for field in Kept._fields)) for s in range(n_scenarios)] for f in range(n_futures)
    ]


class Store:
    """Finished futures of one plan in a folder.

    Parameters
    ----------
    folder
        Where blocks are saved; made when the first one is.
    plan
        The plan they belong to.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self.n_saved = 0
        self.notices: list[str] = []
        self._key = key_of(plan)

    def load(self, elsewhere: Sequence[Path] = ()) -> dict[int, list[Kept]]:
        """Futures that are here already, by number.

        Files are looked at themselves; no list of them is kept. A damaged file is named in `notices` and removed, and
        so is what belongs to other code or parameters.

        Parameters
        ----------
        elsewhere
            Files of other runs whose futures may be the same; they are only read.
        """
        found: dict[int, list[Kept]] = {}
        for path in sorted(self.folder.glob("*.part")):
            try:
                here = self._read(path)
            except parts.DamagedError as why:
                self.notices += why.faults
                here = {}
                path.unlink(missing_ok=True)
            found.update(here)
        for path in sorted(self.folder.glob("*.tmp-*")):
            path.unlink(missing_ok=True)
        self.n_saved = len(found)
        for path in elsewhere:
            if len(found) < self.plan.futures and parts.glance(path).get("key") == self._key:
                try:
                    found = {**self._read(path), **found}
                except parts.DamagedError as why:
                    self.notices += why.faults
        return found

    def _read(self, path: Path) -> dict[int, list[Kept]]:
        """Futures of one file that belong to the plan."""
        header, arrays = parts.read(path)
        if header.get("key") != self._key:
            return {}
        kept = unpacked(arrays, len(header["futures"]), len(self.plan.scenarios))
        return {
            number: future
            for number, draw, future in zip(header["futures"], header["draws"], kept, strict=True)
            if number <= self.plan.futures and draw == draw_key(self.plan, number)
        }

    def save(self, block: Block, kept: Sequence[list[Kept]]) -> None:
        """Save one block.

        Raises
        ------
        ResultsError
            If it cannot be written; what was saved before is untouched.
        """
        path = self.folder / f"{block[0]:06d}-{block[-1]:06d}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise ResultsError(f"results: {self.folder} cannot be made ({why.strerror or why}).") from why
        parts.write_whole(path, packed(self.plan, block, kept))
        self.n_saved += len(block)


def loaded(path: Path, plan: Plan) -> Results:
    """The results of a finished run, from the file that holds them.

    Raises
    ------
    ResultsError
        If the file is missing, damaged, or does not hold every future of this plan.
    """
    header, arrays = parts.read(path)
    numbers = list(range(1, plan.futures + 1))
    if header.get("futures") != numbers or header.get("draws") != [draw_key(plan, number) for number in numbers]:
        raise ResultsError(f"results: {path} does not hold the futures of this run. Run again to make it.")
    return Results(plan, unpacked(arrays, plan.futures, len(plan.scenarios)))
