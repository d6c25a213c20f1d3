"""Double counting: which outcomes imply or overlap which, and what to do when both sides are valued.

Valuing both sides is an error unless one item waives the other by name, with a reason. `matrix` shows all pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, Protocol

from lacsim.economics.items import ITEMS
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["implies", "overlaps"]


class Valued(Protocol):
    """Anything that puts a price on an outcome: a ledger item, a row of a value map."""

    @property
    def name(self) -> str:
        """What a reader sees."""
        ...

    @property
    def price(self) -> str:
        """Register name of the unit cost or proxy."""
        ...

    @property
    def waiver(self) -> Mapping[str, str]:
        """Reasons by name of the other."""
        ...


# One, other: `implies` when the price of one already contains the other, `overlaps` when they share a part.
_PAIRS: Final[tuple[tuple[str, str, Kind], ...]] = (
    ("unit_costs.nel_long", "unit_costs.bed_day", "implies"),
    ("unit_costs.nel_long", "unit_costs.dtoc_day", "overlaps"),
    ("unit_costs.nel_short", "unit_costs.bed_day", "implies"),
    ("unit_costs.nel_short", "unit_costs.dtoc_day", "overlaps"),
    ("unit_costs.nel_avg", "unit_costs.bed_day", "implies"),
    ("unit_costs.nel_avg", "unit_costs.dtoc_day", "overlaps"),
    ("unit_costs.nel_avg", "unit_costs.nel_long", "overlaps"),
    ("unit_costs.nel_avg", "unit_costs.nel_short", "overlaps"),
    ("unit_costs.bed_day", "unit_costs.dtoc_day", "overlaps"),
    ("unit_costs.ae", "unit_costs.ae_admitted", "overlaps"),
    ("unit_costs.ae", "unit_costs.ae_nonadmitted", "overlaps"),
    ("unit_costs.homecare_week65", "unit_costs.homecare_weekall", "overlaps"),
    ("unit_costs.homecare_week65", "unit_costs.homecare_hour", "implies"),
    ("unit_costs.homecare_weekall", "unit_costs.homecare_hour", "implies"),
    ("unit_costs.assessment", "unit_costs.sw_hour", "implies"),
    ("unit_costs.review", "unit_costs.sw_hour", "implies"),
    ("unit_costs.eviction", "unit_costs.homeless_app", "overlaps"),
    ("unit_costs.mh_depanx_year", "unit_costs.gp", "overlaps"),
    ("unit_costs.mh_depanx_year", "unit_costs.mh_contact", "implies"),
    ("unit_costs.wellby", "unit_costs.qaly", "overlaps"),
    ("unit_costs.wellby", "unit_costs.loneliness", "overlaps"),
    ("unit_costs.loneliness", "unit_costs.gp", "overlaps"),
    ("unit_costs.loneliness", "unit_costs.nel_long", "overlaps"),
    ("sroi.saving_per_person", "unit_costs.nel_long", "implies"),
    ("sroi.saving_per_person", "unit_costs.nel_short", "implies"),
    ("sroi.saving_per_person", "unit_costs.dtoc_day", "implies"),
    ("sroi.saving_per_person", "unit_costs.ae_admitted", "implies"),
    ("sroi.saving_per_person", "unit_costs.ambulance", "implies"),
    ("sroi.saving_per_person", "unit_costs.assessment", "implies"),
    ("sroi.saving_per_person", "unit_costs.reablement", "implies"),
    ("sroi.saving_per_person", "unit_costs.homecare_weekall", "implies"),
    ("sroi.saving_per_person", "unit_costs.residential_week", "implies"),
    ("sroi.saving_per_person", "unit_costs.nursing_week", "implies"),
    ("sroi.saving_per_person", "unit_costs.fnc_week", "implies"),
    ("sroi.wellbeing_points", "unit_costs.wellby", "overlaps"),
)
MATRIX: Final[dict[tuple[str, str], Kind]] = {(one, other): kind for one, other, kind in _PAIRS}


def relation(one: str, other: str) -> Kind | None:
    """How two prices stand to each other, in either direction."""
    return MATRIX.get((one, other)) or MATRIX.get((other, one))


def check_overlaps(items: Sequence[Valued]) -> None:
    """Refuse items that price some of the same thing twice without saying why that is right.

    Items with the same unit cost do not overlap here: they count different people, or are transfers.

    Raises
    ------
    LedgerError
        With every pair that overlaps and has no waiver by name, and every waiver that names no item.
    """
    faults = []
    names = {item.name for item in items}
    for k, one in enumerate(items):
        for other in items[k + 1 :]:
            kind = relation(one.price, other.price)
            if kind and other.name not in one.waiver and one.name not in other.waiver:
                faults.append(
                    f"items '{one.name}' ({one.price}) and '{other.name}' ({other.price}) price some of the "
                    "same thing. Drop one, or give one of them a `waiver` that names the other and says why both stand."
                )
        faults += [
            f"item '{one.name}': its waiver names '{other}', which is not an item here. Correct the name."
            for other in one.waiver
            if other not in names
        ]
    if faults:
        raise LedgerError(faults)


def matrix(items: Sequence[Valued] = ITEMS) -> pd.DataFrame:
    """Every pair of prices that imply or overlap each other, and which pairs are valued here.

    Returns
    -------
        Columns price, other, kind, both_valued, waiver.
    """
    import pandas as pd

    rows = []
    for (one, other), kind in MATRIX.items():
        first = [item for item in items if item.price == one]
        second = [item for item in items if item.price == other]
        reasons = {a.waiver.get(b.name) or b.waiver.get(a.name) or "" for a in first for b in second}
        rows.append((one, other, kind, bool(first and second), "; ".join(sorted(reasons))))
    return pd.DataFrame(rows, columns=["price", "other", "kind", "both_valued", "waiver"])
