"""The stored table of claims: read back as written, said to be stale when parameters changed, refused when damaged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lacsim.calibration.claims import claims
from lacsim.errors import ResultsError
from lacsim.parameters import STANCES
from lacsim.report.backcast import Backcast, save, stored

CONFLICTS = pd.DataFrame({"pair": ["a person"], "verdict": ["conflict: never pooled"]})


def made(folder: Path) -> Backcast:
    rows = [
        {
            "claim_id": name,
            "stance": stance,
            "text": "people",
            "source": "paper",
            "claimed": claimed,
            "model_p05": 1.0,
            "model_p50": 2.0,
            "model_p95": 3.0,
            "verdict": "not reproduced",
            "use": use,
            "note": None,
        }
        for stance in STANCES
        for name, claimed, use in (("people", 1_400.0, "fitted"), ("more_at_17", 0.0, "looked at"))
    ]
    save(pd.DataFrame(rows), CONFLICTS, futures=20, seed=7, folder=folder)
    return stored(folder)


def test_what_is_saved_is_read_back_with_how_it_was_made(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert (found.futures, found.seed) == (20, 7)
    assert len(found.table) == 2 * len(STANCES)
    assert found.conflicts["verdict"].item() == "conflict: never pooled"
    assert found.stale == ""


def test_a_table_made_with_other_parameters_says_it_is_stale(tmp_path: Path) -> None:
    found = made(tmp_path)
    other = Backcast(found.table, found.conflicts, 20, 7, {**found.hashes, "controlled": "0"})
    assert other.stale.startswith("Made with other parameters than today's (controlled)")
    assert "lacsim claims --save" in other.stale


@pytest.mark.parametrize("name", ["claims.csv", "conflicts.csv", "claims.toml"])
def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    made(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ResultsError, match=r"cannot be read .* make them again with: lacsim claims --save"):
        stored(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    made(tmp_path)
    table = pd.read_csv(tmp_path / "claims.csv").drop(columns="verdict")
    table.to_csv(tmp_path / "claims.csv", index=False)
    with pytest.raises(ResultsError, match="column verdict is missing"):
        stored(tmp_path)


def test_the_table_that_comes_with_the_package_has_every_claim_under_every_stance() -> None:
    found = stored()
    assert set(found.table["claim_id"]) == {claim.claim_id for claim in claims()}
    assert len(found.table) == len(STANCES) * len(claims())
    assert len(found.conflicts) == 3
