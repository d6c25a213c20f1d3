"""Prices over time: discount factors, price years and deflators.

Two different things are kept apart: a deflator restates one year's money in another year's prices, a discount
factor says how much less a later year counts. Nothing here adds amounts up.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from lacsim import evidence
from lacsim.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lacsim.parameters import Parameters

Index = Literal["gdp", "nhs", "social_care"]
INDEX_COLUMNS: dict[Index, str] = {
    "gdp": "f_gdp_to_1819",
    "nhs": "f_nhscii_to_1819",
    "social_care": "f_pss_to_1819",
}
# Last year of each Green Book band, and its rate over the rate of the first band (3.5%, 3.0%, 2.5%).
_BANDS = ((30, 1.0), (75, 6.0 / 7.0), (125, 5.0 / 7.0))
LAST_YEAR = _BANDS[-1][0]


def discount_factor(years_after_first: int, rate: float) -> float:
    """What one pound of a later year counts for in the first year.

    Parameters
    ----------
    years_after_first
        Whole years after the first year, 0 to 125; the first year itself (0) is not discounted.
    rate
        Yearly rate of years 1 to 30 as a share, `appraisal.discount_rate`. Years 31 to 75 use six sevenths of
        it and years 76 to 125 five sevenths: 3.5%, 3.0% and 2.5% at the Green Book's rate.

    Raises
    ------
    LedgerError
        If the year lies outside the schedule or the rate is negative.

    Source
    ------
    HM Treasury, The Green Book, table 6.1.

    Examples
    --------
    >>> round(discount_factor(1, 0.035), 6)
    0.966184
    """
    if not 0 <= years_after_first <= LAST_YEAR:
        raise LedgerError(
            f"discount factor: year {years_after_first} after the first lies outside the schedule, 0 to "
            f"{LAST_YEAR} years. Shorten the period."
        )
    if not rate >= 0.0:
        raise LedgerError(f"appraisal.discount_rate: must be 0 or more a year, found {rate}. Correct the rate.")
    factor, begins = 1.0, 0
    for ends, part in _BANDS:
        factor /= (1.0 + rate * part) ** max(0, min(years_after_first, ends) - begins)
        begins = ends
    return factor


def discount_factors(n_years: int, rate: float) -> npt.NDArray[np.float64]:
    """Discount factors of consecutive financial years, the first being 1; shape (n_years,)."""
    return np.array([discount_factor(year, rate) for year in range(n_years)])


@cache
def _factors(index: Index) -> dict[str, float]:
    """Factor to 2018/19 prices by financial year, for the years an index has."""
    table = evidence.table("price_indices")
    column = table[INDEX_COLUMNS[index]]
    return {
        str(year): float(factor) for year, factor in zip(table["fin_year"], column, strict=True) if np.isfinite(factor)
    }


def to_price_year(amount_gbp: float, from_year: str, to_year: str, *, index: Index = "gdp") -> float:
    """An amount of one financial year's money in the prices of another.

    Parameters
    ----------
    amount_gbp
        Pounds in the prices of `from_year`.
    from_year, to_year
        Financial years, written 2018/19.
    index
        `gdp` (whole economy), `nhs` (pay and prices) or `social_care` (adult social care pay and prices).

    Raises
    ------
    LedgerError
        If the index, or one of the years, is not in the evidence table.

    Source
    ------
    Evidence table `price_indices`.
    """
    if index not in INDEX_COLUMNS:
        raise LedgerError(f"price index '{index}' is not known. Use {', '.join(INDEX_COLUMNS)}.")
    factors = _factors(index)
    for year in (from_year, to_year):
        if year not in factors:
            raise LedgerError(
                f"price index '{index}' has no figure for {year}; evidence table price_indices has "
                f"{min(factors)} to {max(factors)}. Choose a year or an index that is there."
            )
    return amount_gbp * factors[from_year] / factors[to_year]


def nominal_factor(price_year: str, in_year: str, inflation: float) -> float:
    """What a pound of `price_year` is in the money of another financial year.

    Parameters
    ----------
    price_year, in_year
        Financial years, written 2018/19.
    inflation
        Yearly growth of prices after the last year of evidence table `price_indices`
        (`appraisal.inflation`), as a share.

    Source
    ------
    GDP deflator of evidence table `price_indices`.
    """
    known = _factors("gdp")
    last = max(known)
    beyond = max(0, int(in_year[:4]) - int(last[:4]))
    return to_price_year(1.0, price_year, min(in_year, last)) * (1.0 + inflation) ** beyond


def check_price_years(parameters: Parameters, names: Iterable[str]) -> None:
    """Refuse unit costs that are not all in the prices of the ledger.

    An overridden unit cost is taken to be in the price year of the claim it replaces.

    Parameters
    ----------
    parameters
        Register and stance; the ledger's price year is `appraisal.price_year`.
    names
        Register names of the unit costs that will be added up.

    Raises
    ------
    LedgerError
        With every unit cost whose price year differs or is not given.
    """
    ledger_year = str(parameters["appraisal.price_year"])
    faults = []
    for name in sorted(set(names)):
        year = parameters.claim(name).price_year
        if year is None:
            faults.append(
                f"{name} has no price year and the ledger is in {ledger_year}; give its claim a `price_year`."
            )
        elif year != ledger_year:
            faults.append(
                f"{name} is in {year} prices and the ledger is in {ledger_year}; deflate it with "
                "prices.to_price_year before adding."
            )
    if faults:
        raise LedgerError(faults)
