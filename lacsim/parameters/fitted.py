"""Fitted parameters: joint rows of a posterior that take the place of single spreads, with their pedigree.

A block is one fit: a table of equally likely parameter sets (`posterior/<block>.csv`) and how it came about
(`posterior/<block>.toml`). A column counts for a parameter only while the claim in use still has the spread the fit
began with: a stance or an edit that reads another claim reads that claim's own spread. `lacsim fit` makes the files.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.errors import RegisterError
from lacsim.parameters.entries import Spread

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FOLDER: Final = Path(__file__).resolve().parent / "posterior"
NOT_INFORMED: Final = 0.1  # contraction below which the data are said to be silent


@dataclass(frozen=True)
class Block:
    """One fit's posterior.

    Attributes
    ----------
    name
        Name of the fit.
    about
        Provenance: priors, targets, code, seed, command, cost, and what became of each parameter.
    folder
        Where the rows are; they are read, and checked against their hash, when they are first needed.
    """

    name: str
    about: Mapping[str, Any]
    folder: Path = FOLDER

    @property
    def names(self) -> tuple[str, ...]:
        """Fitted parameters, sorted; one per column of `rows`."""
        return tuple(self.parameters)

    @property
    def sha256(self) -> str:
        """Hash of names and rows."""
        return str(self.about["rows_sha256"])

    @cached_property
    def rows(self) -> Floats:
        """Equally likely parameter sets, shape (n, len(names)), each column in its parameter's unit; read-only.

        Raises
        ------
        RegisterError
            If the table is missing, cannot be read or was altered.
        """
        import numpy as np

        try:
            lines = (self.folder / f"{self.name}.csv").read_text("utf-8").splitlines()
            rows = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
            if tuple(lines[0].split(",")) != self.names or rows.shape != (len(lines) - 1, len(self.names)):
                raise ValueError("its columns are not the parameters of its record")
        except (OSError, ValueError, IndexError) as why:
            raise _unreadable(self.name, why) from why
        found = digest_of(self.names, rows)
        if found != self.sha256:
            raise RegisterError(
                f"posterior '{self.name}' (parameters/posterior/{self.name}.csv): has hash {found[:12]}, its record "
                f"says {self.sha256[:12]}: it was altered. Restore it, or fit again with: lacsim fit {self.name}"
            )
        rows.setflags(write=False)
        return rows

    @cached_property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """By parameter: spread (the prior's), central, contraction."""
        return {entry["name"]: entry for entry in self.about["parameters"]}

    def covers(self, name: str, spread: Spread) -> bool:
        """Whether this fit is about this parameter and began with this spread."""
        return name in self.parameters and self.parameters[name]["spread"] == spread.model_dump(exclude_none=True)

    def contraction(self, name: str) -> float:
        """1 − posterior over prior standard deviation of a parameter."""
        return float(self.parameters[name]["contraction"])

    def central(self, name: str) -> float | None:
        """Median of a parameter that the data narrowed or moved, in its unit; None if its register value stays."""
        entry = self.parameters[name]
        return float(entry["central"]) if self.contraction(name) >= NOT_INFORMED or entry.get("moved") else None

    def column(self, name: str) -> Floats:
        """Values of one parameter, shape (n,)."""
        return self.rows[:, self.names.index(name)]

    def quantile(self, name: str, probability: float) -> float:
        """A quantile of one parameter's values, in its unit."""
        import numpy as np

        return float(np.quantile(self.column(name), probability))


def digest_of(names: tuple[str, ...], rows: Floats) -> str:
    """Hash of the columns' names and the values of a block."""
    import numpy as np

    text = hashlib.sha256("\n".join(names).encode())
    text.update(np.ascontiguousarray(rows, "<f8").tobytes())
    return text.hexdigest()


def write_block(name: str, names: tuple[str, ...], rows: Floats, about: Mapping[str, Any], folder: Path) -> Path:
    """Write a block's two files; values are kept to six significant digits, and the hash is of what is written."""
    import numpy as np

    kept = np.array([[float(f"{value:.6g}") for value in row] for row in rows])
    lines = [",".join(names), *(",".join(f"{value:.6g}" for value in row) for row in kept)]
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = [f"# How the {name.replace('_', ' ')} posterior came about. Written by `lacsim fit`, not by hand."]
    text += [f"{key} = {_toml(value)}" for key, value in about.items() if not isinstance(value, list)]
    text.append(f'rows_sha256 = "{digest_of(names, kept)}"')
    for key, value in about.items():
        if isinstance(value, list):
            text += ["", f"{key} = ["] + [f"    {_toml(entry)}," for entry in value] + ["]"]
    (folder / f"{name}.toml").write_text("\n".join(text) + "\n", encoding="utf-8")
    return folder / f"{name}.csv"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, float):
        return repr(float(f"{value:.6g}"))
    return json.dumps(value, ensure_ascii=False)


def _unreadable(name: str, why: Exception) -> RegisterError:
    return RegisterError(
        f"posterior '{name}' (parameters/posterior/{name}.csv and .toml): cannot be read ({why}). "
        f"Restore both files, or fit again with: lacsim fit {name}"
    )


def read_block(name: str, folder: Path = FOLDER) -> Block:
    """A stored block; its rows are read when they are needed.

    Raises
    ------
    RegisterError
        If its record is missing, cannot be read or incomplete.
    """
    try:
        about = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
        if not isinstance(about["rows_sha256"], str) or not all(
            {"name", "spread", "central", "contraction"} <= set(entry) for entry in about["parameters"]
        ):
            raise ValueError("its record is incomplete")
    except (OSError, ValueError, KeyError, TypeError) as why:
        raise _unreadable(name, why) from why
    return Block(name, about, folder)


@cache
def stored_blocks() -> tuple[Block, ...]:
    """All blocks that come with the package, by name."""
    return tuple(read_block(path.stem) for path in sorted(FOLDER.glob("*.csv")))


def frozen_priors() -> dict[str, str]:
    """Hash of the priors of each fit, fixed before the data are used."""
    return {str(k): str(v) for k, v in tomllib.loads((FOLDER / "frozen.toml").read_text("utf-8")).items()}
