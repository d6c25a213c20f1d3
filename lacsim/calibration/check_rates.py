"""The city without coordination, next to what is published about it.

One run of every adult with central values and no coordinators, several replications; each target is shown with its
range, what the model gives, and the ratio of the two. Nothing is fitted here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from lacsim.calibration.targets import TARGETS, City, base_rate
from lacsim.parameters import Parameters, params
from lacsim.results.study import Results
from lacsim.results.study import run as run_study
from lacsim.results.tally import EVENTS
from lacsim.runs.plan import DEFAULT_SEED, central_plan

WIDEST_RATIO = 1.5


def city_of(results: Results, scenario: int = 0) -> City:
    """Mean over replications of the sums by age band of one scenario."""
    ages = np.mean([future[scenario].ages for future in results.kept], axis=0)
    return City(ages[:, : len(EVENTS)], ages[:, len(EVENTS) :], float(results.plan.period.years))


def compare_with_targets(results: Results) -> pd.DataFrame:
    """Model next to target, one row each.

    Returns
    -------
        Columns group, target, unit, low, published, high (all taken to Derby), grade, model, ratio (model over
        published), within (whether the ratio is within 1.5 either way), source, note.
    """
    city = city_of(results)
    values = results.values(1)
    rows = []
    for target in TARGETS:
        row = base_rate(target.row)
        factor = float(np.prod([float(values[name]) for name in target.factor])) if target.factor else 1.0
        low, central, high = (float(row[k]) * factor for k in ("low", "central", "high"))  # type: ignore[arg-type]
        model = target.measure(city)
        ratio = model / central
        rows.append(
            {
                "group": target.group,
                "target": target.name,
                "unit": target.unit,
                "low": low,
                "published": central,
                "high": high,
                "grade": row["grade"],
                "model": model,
                "ratio": ratio,
                "within": 1.0 / WIDEST_RATIO <= ratio <= WIDEST_RATIO,
                "source": row["source_or_basis"],
                "note": target.note,
            }
        )
    return pd.DataFrame(rows)


def check_rates(
    parameters: Parameters | None = None,
    *,
    replications: int = 4,
    seed: int = DEFAULT_SEED,
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Run the city without coordination and set it next to the published rates."""
    plan = central_plan(["no-lac"], parameters or params(), replications=replications, seed=seed)
    return compare_with_targets(run_study(plan, jobs=jobs, progress=progress))
