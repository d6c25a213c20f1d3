"""How large a run may be; apart from the rest, so that it can be looked at before anything slow is read."""

from __future__ import annotations

from typing import Final

MOST_FUTURES: Final = 100_000
FEWEST_RESIDENTS: Final = 100
MOST_RESIDENTS: Final = 100_000_000
