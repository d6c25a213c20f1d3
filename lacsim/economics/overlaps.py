"""Double counting: which unit costs cover some of the same thing.

Valuing both sides of an overlap is refused unless an item says in writing why it is not double counting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lacsim.economics.items import Item
from lacsim.errors import LedgerError

# Pairs of unit costs of which one covers some of what the other covers (evidence on unit costs).
OVERLAPS: Final[frozenset[frozenset[str]]] = frozenset(
    frozenset((f"unit_costs.{one}", f"unit_costs.{other}"))
    for one, other in (
        ("nel_long", "bed_day"),
        ("nel_long", "dtoc_day"),
        ("nel_short", "bed_day"),
        ("nel_short", "dtoc_day"),
        ("nel_avg", "bed_day"),
        ("nel_avg", "dtoc_day"),
        ("nel_avg", "nel_long"),
        ("nel_avg", "nel_short"),
        ("bed_day", "dtoc_day"),
        ("ae", "ae_admitted"),
        ("ae", "ae_nonadmitted"),
        ("homecare_week65", "homecare_weekall"),
        ("homecare_hour", "homecare_week65"),
        ("homecare_hour", "homecare_weekall"),
        ("sw_hour", "assessment"),
        ("sw_hour", "review"),
        ("eviction", "homeless_app"),
        ("mh_depanx_year", "gp"),
        ("mh_depanx_year", "mh_contact"),
    )
)


def check_overlaps(items: Sequence[Item]) -> None:
    """Refuse items that price some of the same thing twice without saying why that is right.

    Items with the same unit cost do not overlap here: they count different people, or are transfers.

    Raises
    ------
    LedgerError
        With every pair that overlaps and has no waiver.
    """
    faults = []
    for k, one in enumerate(items):
        for other in items[k + 1 :]:
            overlaps = frozenset((one.price, other.price)) in OVERLAPS
            if overlaps and not (one.waiver or other.waiver):
                faults.append(
                    f"items '{one.name}' ({one.price}) and '{other.name}' ({other.price}) price some of the "
                    "same thing. Drop one, or give one of them a `waiver` that says why both stand."
                )
    if faults:
        raise LedgerError(faults)
