"""What the peers keep of a replication: transitions by ward and month, and time in each stage by ward."""

from __future__ import annotations

from benchmarks.m1.pathway import MONTH, N_MONTHS, N_STAGES, N_WARDS

_LAST = N_MONTHS - 1


class Output:
    """Counts by (ward, month, from, to) in one flat list, and seconds by (ward, stage) of stays that ended."""

    def __init__(self) -> None:
        self.counts = [0] * (N_WARDS * N_MONTHS * N_STAGES * N_STAGES)
        self.in_stage = [0] * (N_WARDS * N_STAGES)

    def move(self, ward: int, left: int, entered: int, since: int, now: int) -> None:
        """One transition."""
        month = now // MONTH
        if month > _LAST:
            month = _LAST
        self.counts[((ward * N_MONTHS + month) * N_STAGES + left) * N_STAGES + entered] += 1
        self.in_stage[ward * N_STAGES + left] += now - since

    @property
    def transitions(self) -> int:
        """How many transitions there were."""
        return sum(self.counts)
