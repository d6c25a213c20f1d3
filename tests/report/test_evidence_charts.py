"""Pictures of model beside target: every name is legible, and the draws of the fit are among what is told."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lacsim.calibration.compare import COORDINATION
from lacsim.calibration.programme import COUNTS
from lacsim.calibration.targets import TARGETS
from lacsim.report.charts import evidence

from .test_charts import overlaps

ROWS = [(t.group, t.name, t.unit, t.spread) for t in TARGETS] + [
    (COORDINATION, c.name, c.unit, c.spread) for c in COUNTS
]


def table() -> pd.DataFrame:
    """Every figure with its real name; the model lies by turns on it, far below and far above."""
    rows = []
    for k, (group, name, unit, spread) in enumerate(ROWS):
        ratio = (1.0, 0.15, 1.2, 4.0)[k % 4]
        rows.append(
            {
                "group": group, "target": name, "unit": unit, "low": 80.0, "published": 100.0, "high": 125.0,
                "model": 100.0 * ratio, "draws": 110.0 if spread else math.nan, "ratio": ratio,
                "within": ratio in (1.0, 1.2), "use": "fitted" if spread else "looked at",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("group", list(dict.fromkeys(group for group, *_ in ROWS)))
def test_no_name_or_figure_covers_another_or_leaves_the_picture(group: str) -> None:
    chart = evidence.targets_chart(table(), group)
    assert overlaps(chart) == []
    assert ("draws 110" in chart.description) == chart.data["draws"].notna().any()
    assert "none" not in chart.description
