"""A fit as files: the posterior's rows and everything one needs to judge or repeat it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from lacsim.calibration.fit import ROWS, Fit, point_of
from lacsim.calibration.imis import effective_number
from lacsim.model.compiling import source_digest
from lacsim.parameters import Parameters, params
from lacsim.parameters.distributions import ppf
from lacsim.parameters.fitted import FOLDER, NOT_INFORMED, Block, write_block

METHOD = "incremental mixture importance sampling with linear components, common luck, Gaussian error of the logarithm"
_MOVED = 0.3  # standard deviations of the prior


def has_moved(priors: Parameters, name: str, median: float) -> bool:
    """Whether a posterior's median lies further from the claim's own value than luck of the sample would take it.

    The mean of a hundred points wanders by a tenth of a standard deviation; three times that is called a move.
    """
    claim = priors.claim(name)
    here = float(point_of(priors, [name])[0])
    ends = np.array([special.ndtr(here - _MOVED), special.ndtr(here + _MOVED)])
    low, high = ppf(claim.spread, float(claim.value), ends)
    return not low < median < high


def write(fit: Fit, folder: Path = FOLDER) -> Path:
    """Write the rows and the record of a fit; returns the path of the rows."""
    priors = params(fitted=False)
    contraction = fit.sample.contraction()
    parameters: list[dict[str, Any]] = []
    for k, name in enumerate(fit.names):
        low, high = priors.low_high(name) or (np.nan, np.nan)
        parameters.append(
            {
                "name": name,
                "spread": priors.claim(name).spread.model_dump(exclude_none=True),
                "contraction": round(float(contraction[k]), 3),
                "central": float(np.median(fit.rows[:, k])),
                "moved": has_moved(priors, name, float(np.median(fit.rows[:, k]))),
                "prior_low": low,
                "prior_high": high,
                "low": float(np.quantile(fit.rows[:, k], 0.05)),
                "high": float(np.quantile(fit.rows[:, k], 0.95)),
            }
        )
    measures = np.exp(fit.sample.weights @ fit.sample.measures)
    figures = [
        {
            "name": fit.problem.labels[k],
            "published": fit.problem.figures[k],
            "spread": float(fit.problem.spreads[k] or 0.0),
            "fitted": float(measures[j]),
        }
        for j, k in enumerate(fit.problem.used)
    ]
    about = {
        "method": METHOD,
        "command": f"lacsim fit {fit.problem.name}",
        "seed": fit.problem.seed,
        "simulations": fit.simulations,
        "seconds": round(fit.seconds),
        "effective_points": round(effective_number(fit.sample.weights)),
        "effective_by_round": ", ".join(f"{e:.0f}" for e in fit.sample.effective),
        "rows": ROWS,
        "prior_sha256": fit.prior_sha256,
        "rules": source_digest(),
        "figures": figures,
        "parameters": parameters,
    }
    return write_block(fit.problem.name, tuple(fit.names), fit.rows, about, folder)


def freeze(block: str, digest: str, folder: Path = FOLDER) -> Path:
    """Fix the hash of a block's priors; returns the file."""
    path = folder / "frozen.toml"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(f"{block} ")]
    path.write_text("\n".join([*lines, f'{block} = "{digest}"']) + "\n", encoding="utf-8")
    return path


def prior_and_posterior(block: Block) -> pd.DataFrame:
    """Prior beside posterior of every parameter, the most contracted first.

    Returns
    -------
        Columns parameter, prior and posterior (5th to 95th percentile, as text, in the parameter's unit), contraction,
        reading: what the data said.
    """
    rows = []
    for entry in sorted(block.about["parameters"], key=lambda e: -e["contraction"]):
        informed = entry["contraction"] >= NOT_INFORMED
        silent = "not informed by Derby data" + (", yet moved" if entry.get("moved") else "")
        rows.append(
            {
                "parameter": entry["name"],
                "prior": f"{entry['prior_low']:.4g} to {entry['prior_high']:.4g}",
                "posterior": f"{entry['low']:.4g} to {entry['high']:.4g}",
                "contraction": float(entry["contraction"]),
                "reading": "informed" if informed else silent,
            }
        )
    return pd.DataFrame(rows, columns=["parameter", "prior", "posterior", "contraction", "reading"])
