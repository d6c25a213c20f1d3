"""The table of claims that comes with the package, so that a report shows it without minutes of computing.

`lacsim claims --save` writes it: every claim under every stance, the conflicts, and with what it was made. It knows the
hash of each stance's parameters and says so when they are no longer today's.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lacsim.errors import ResultsError
from lacsim.parameters import STANCES, params

FOLDER: Final = Path(__file__).resolve().parent / "backcast"
COMMAND: Final = "lacsim claims --save"
_NEEDED: Final = ("claim_id", "stance", "claimed", "model_p05", "model_p50", "model_p95", "verdict", "use")


@dataclass(frozen=True)
class Backcast:
    """A stored table of claims.

    Attributes
    ----------
    table
        One row for each claim and stance, columns of `lacsim.calibration.claims.claims_frame`.
    conflicts
        Pairs of claims, columns of `lacsim.calibration.claims.conflicts_frame`.
    futures, seed
        Draws for each stance, and the seed.
    hashes
        Hash of the parameters by stance.
    """

    table: pd.DataFrame
    conflicts: pd.DataFrame
    futures: int
    seed: int
    hashes: dict[str, str]

    @property
    def stale(self) -> str:
        """A sentence when the parameters have changed since; empty when they have not."""
        changed = [stance for stance in STANCES if params(stance).sha256 != self.hashes.get(stance)]
        if not changed:
            return ""
        return (
            f"Made with other parameters than today's ({', '.join(changed)}): the model's figures may have moved. "
            f"Make it again with: {COMMAND}"
        )


def save(table: pd.DataFrame, conflicts: pd.DataFrame, *, futures: int, seed: int, folder: Path = FOLDER) -> Path:
    """Write a table of claims with its provenance; returns the path of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("claims", table), ("conflicts", conflicts)):
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
    lines = [
        f"# How the table of claims came about. Written by `{COMMAND}`, not by hand.",
        f'command = "{COMMAND} --futures {futures} --seed {seed}"',
        f"futures = {futures}",
        f"seed = {seed}",
        "",
        "[parameters_sha256]",
        *(f'{stance} = "{params(stance).sha256}"' for stance in STANCES),
    ]
    (folder / "claims.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "claims.csv"


def stored(folder: Path = FOLDER) -> Backcast:
    """The table of claims as it was last saved.

    Raises
    ------
    ResultsError
        If a file is missing, cannot be read or lacks a column.
    """
    try:
        about = tomllib.loads((folder / "claims.toml").read_text("utf-8"))
        table = pd.read_csv(folder / "claims.csv")
        conflicts = pd.read_csv(folder / "conflicts.csv")
        missing = [name for name in _NEEDED if name not in table]
        if missing:
            raise ValueError(f"column {', '.join(missing)} is missing")
        return Backcast(table, conflicts, int(about["futures"]), int(about["seed"]), dict(about["parameters_sha256"]))
    except (OSError, ValueError, KeyError, TypeError) as why:
        raise ResultsError(
            f"claims (report/backcast/claims.csv, conflicts.csv and claims.toml): cannot be read ({why}). "
            f"Restore all three files, or make them again with: {COMMAND}"
        ) from why
