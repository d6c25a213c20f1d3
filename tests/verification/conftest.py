"""Let tests of this folder import `replay` from here, and `worlds` and the small rule sets from `tests/engines`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (str(HERE.parent / "engines"), str(HERE)):
    if folder not in sys.path:
        sys.path.insert(0, folder)
