"""Columns of long tables: a few labels, many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def labelled(labels: Sequence[str], codes: np.ndarray) -> Any:
    """A column of text from the number of each row's label, shape (n_rows,).

    NOTE: from an array of text pandas looks at every row to find out that it is text, a microsecond each; half the time
    of a report.
    """
    return pd.array(list(labels), dtype="str").take(codes)
