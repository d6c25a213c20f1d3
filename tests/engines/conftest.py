"""Let tests of this folder import `worlds` and the small rule sets, which live in `tests/engines`."""

from __future__ import annotations

import sys
from pathlib import Path

ENGINES = str(Path(__file__).resolve().parent.parent / "engines")
if ENGINES not in sys.path:
    sys.path.insert(0, ENGINES)
