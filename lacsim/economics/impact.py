"""The arithmetic of social return on investment, for any value map: impact, drop-off, present value, ratio.

Impact = quantity × proxy × (1 − deadweight) × (1 − displacement) × (1 − attribution), less each later year by the
drop-off. The order of factors does not matter; a quantity may be negative. Where quantities come from is the business
of `lacsim.economics.sroi`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from lacsim.economics.prices import discount_factor
from lacsim.economics.ratios import gross_ratio, net_ratio
from lacsim.errors import LedgerError

Origin = Literal["simulation", "documents", "assumed"]
_SHARES = ("deadweight", "displacement", "attribution", "drop_off")
COLUMNS = (
    "stakeholder", "outcome", "quantity", "unit", "quantity_from", "proxy_gbp", "proxy_source", "deadweight",
    "displacement", "attribution", "drop_off", "years", "impact_gbp", "present_value_gbp", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One row of a value map.

    Attributes
    ----------
    stakeholder, name
        Who experiences what.
    quantity
        How much in the first year, in `unit`; None when nobody has counted it, and then it is not valued.
    proxy_gbp
        Pounds for one unit.
    price
        Register name of the proxy, for the check of double counting.
    proxy_source
        Source of the proxy in words.
    quantity_from
        `simulation`, `documents` or `assumed`.
    deadweight, displacement, attribution
        Shares that would have happened anyway, moved elsewhere, or are due to others.
    drop_off
        Share lost in each later year.
    years
        Years the outcome lasts, the first included.
    starts
        Year in which it starts, 0 the first.
    waiver
        Why it may stand beside others it overlaps with, by their name.
    note
        What a reader should know.
    """

    stakeholder: str
    name: str
    quantity: float | None
    unit: str
    proxy_gbp: float
    price: str = ""
    proxy_source: str = ""
    quantity_from: Origin = "simulation"
    deadweight: float = 0.0
    displacement: float = 0.0
    attribution: float = 0.0
    drop_off: float = 0.0
    years: int = 1
    starts: int = 0
    waiver: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1 and periods below one year."""
        faults = [
            f"outcome '{self.name}': {key} must lie between 0 and 1, found {getattr(self, key):g}. Give a share."
            for key in _SHARES
            if not 0.0 <= getattr(self, key) <= 1.0
        ]
        if self.years < 1:
            faults.append(f"outcome '{self.name}': must last 1 year or more, found {self.years}. Give whole years.")
        if faults:
            raise LedgerError(faults)

    @property
    def impact_gbp(self) -> float:
        """Impact of the first year in pounds."""
        kept = (1.0 - self.deadweight) * (1.0 - self.displacement) * (1.0 - self.attribution)
        return 0.0 if self.quantity is None else self.quantity * self.proxy_gbp * kept

    def impacts_gbp(self) -> list[float]:
        """Impact of every year it lasts, in pounds."""
        return [self.impact_gbp * (1.0 - self.drop_off) ** year for year in range(self.years)]

    def present_value_gbp(self, rate: float, *, year_end: bool = False) -> float:
        """Discounted pounds: the first year in full, or every year from its end with `year_end`."""
        return sum(
            impact * discount_factor(self.starts + year + int(year_end), rate)
            for year, impact in enumerate(self.impacts_gbp())
        )


@dataclass(frozen=True)
class Return:
    """What a value map comes to, under its names: pounds, then pounds for each pound."""

    present_value_gbp: float
    input_gbp: float

    @property
    def net_present_value_gbp(self) -> float:
        """What is left when the input is paid back."""
        return self.present_value_gbp - self.input_gbp

    @property
    def gross(self) -> float:
        """Value for each pound put in."""
        return gross_ratio(self.present_value_gbp, self.input_gbp)

    @property
    def net(self) -> float:
        """Value left for each pound put in, once it is paid back."""
        return net_ratio(self.present_value_gbp, self.input_gbp)


def social_return(outcomes: Sequence[Outcome], input_gbp: float, rate: float, *, year_end: bool = False) -> Return:
    """The return of a value map.

    Parameters
    ----------
    input_gbp
        Present value of what was put in.
    rate
        Yearly discount rate as a share.
    """
    return Return(sum(o.present_value_gbp(rate, year_end=year_end) for o in outcomes), input_gbp)


def value_map(outcomes: Sequence[Outcome], rate: float, *, year_end: bool = False) -> pd.DataFrame:
    """The value map as a table, one row for each outcome; columns `COLUMNS`."""
    rows = [
        (
            o.stakeholder, o.name, o.quantity, o.unit, o.quantity_from, o.proxy_gbp, o.proxy_source, o.deadweight,
            o.displacement, o.attribution, o.drop_off, o.years, o.impact_gbp,
            o.present_value_gbp(rate, year_end=year_end), o.note,
        )
        for o in outcomes
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
