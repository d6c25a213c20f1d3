"""What must hold of an entry beyond its shape: ranges, spreads, sources, quotations and reasons.

Every function answers with a list of faults in words; nothing here raises or stops at the first fault.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping

from lacsim import evidence
from lacsim.parameters.entries import (
    Beta,
    Claim,
    Entry,
    Fixed,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Spread,
    Uniform,
)
from lacsim.units import UNITS, Unit, Value, did_you_mean, value_fault

STANCES = ("reported", "controlled", "sceptical")
DEFAULT_STANCE = "controlled"
_BANDS = ("18_64", "65_74", "75_84", "85_plus")
AT_MOST_ONE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "outcomes of an assessment in hospital",
        tuple(f"adult_care.hospital_outcome_{outcome}" for outcome in ("care_home", "package", "reablement")),
    ),
    ("main needs", ("population.share_mental_health", "population.share_learning_disability")),
    ("main needs at 65 and over", ("population.share_mental_health", "population.share_frail_65_plus")),
    *(
        (
            f"places of residents aged {band}",
            (f"residential.resident_share_{band}", f"adult_care.package_share_{band}"),
        )
        for band in _BANDS
    ),
)
_PRICE_YEAR = re.compile(r"^(19|20)\d\d/\d\d$")
_EXACT = 'If the value is exact, use `spread = {family = "fixed"}`.'


def _pair_faults(spread: Lognormal | Beta, first: tuple[str, str]) -> list[str]:
    given = {name for name in (*first, "low", "high") if getattr(spread, name) is not None}
    if given in (set(first), {"low", "high"}):
        return []
    return [
        f"a {spread.family} spread needs {first[0]} and {first[1]}, or low and high; found {sorted(given)}. {_EXACT}"
    ]


def _order_fault(what: str, *ends: float) -> list[str]:
    if all(left < right for left, right in itertools.pairwise(ends)):
        return []
    return [f"{what}, found {', '.join(f'{end:g}' for end in ends)}. {_EXACT}"]


def spread_faults(spread: Spread, unit: Unit) -> list[str]:
    """Faults of a spread's own numbers, in the entry's unit."""
    numbers = [float(n) for n in spread.model_dump(exclude={"family"}, exclude_none=True).values()]
    if not all(math.isfinite(n) for n in numbers):
        return [f"every number of a spread must be finite, found {numbers}. {_EXACT}"]
    faults: list[str] = []
    if isinstance(spread, (Normal, Gamma, Beta)) and spread.se is not None and spread.se <= 0:
        faults.append(f"standard error must be greater than 0 {unit.name}, found {spread.se:g}. {_EXACT}")
    if isinstance(spread, Gamma) and spread.mean <= 0:
        faults.append(f"the mean of a gamma spread must be greater than 0 {unit.name}, found {spread.mean:g}. {_EXACT}")
    if isinstance(spread, Lognormal):
        faults += _pair_faults(spread, ("median", "ratio"))
        if spread.low is not None and spread.high is not None:
            faults += _order_fault("a lognormal spread needs 0 < low < high", 0.0, spread.low, spread.high)
        if spread.median is not None and spread.median <= 0:
            faults.append(f"the median of a lognormal spread must be above 0, found {spread.median:g}. {_EXACT}")
        if spread.ratio is not None and spread.ratio <= 1:
            faults.append(f"the ratio of a lognormal spread must be above 1, found {spread.ratio:g}. {_EXACT}")
    if isinstance(spread, Beta):
        faults += _pair_faults(spread, ("mean", "se"))
        if spread.mean is not None and spread.se is not None:
            if not 0 < spread.mean < 1:
                faults.append(f"the mean of a beta spread must lie between 0 and 1, found {spread.mean:g}. {_EXACT}")
            elif spread.se**2 >= spread.mean * (1 - spread.mean):
                faults.append(f"a beta spread of mean {spread.mean:g} cannot have se {spread.se:g}: too wide. {_EXACT}")
        if spread.low is not None and spread.high is not None:
            faults += _order_fault("a beta spread needs 0 < low < high < 1", 0.0, spread.low, spread.high, 1.0)
    if isinstance(spread, Uniform):
        faults += _order_fault("a uniform spread needs low < high", spread.low, spread.high)
    if isinstance(spread, Pert) and not (spread.low <= spread.mode <= spread.high and spread.low < spread.high):
        ends = f"{spread.low:g}, {spread.mode:g}, {spread.high:g}"
        faults.append(f"a pert spread needs low <= mode <= high and low < high, found {ends}. {_EXACT}")
    return faults


def _bounds(spread: Spread) -> tuple[float, float] | None:
    if isinstance(spread, (Uniform, Pert)):
        return float(spread.low), float(spread.high)
    return None


def range_faults(entry: Entry, unit: Unit) -> list[str]:
    """Faults of the range or choices an entry declares."""
    if unit.kind in ("text", "switch"):
        return [f"a {unit.name} has no range. Remove `range`."] if entry.range is not None else []
    if entry.range is None:
        return ["needs `range = [low, high]`, the values a user may set. Add it."]
    low, high = (float(end) for end in entry.range)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        return [f"range must be two finite numbers in order, found {low:g} and {high:g} {unit.name}."]
    if not (unit.low <= low and high <= unit.high):
        return [f"range {low:g} to {high:g} exceeds what {unit.name} admits, {unit.low:g} to {unit.high:g}."]
    return []


def _source_faults(claim: Claim) -> list[str]:
    known = evidence.sources()
    if claim.source not in known:
        hint = did_you_mean(claim.source, known)
        return [f"source '{claim.source}' is not in sources.toml.{hint} Add it there or correct the name."]
    if claim.quote is None:
        return []
    if not known[claim.source].document:
        return [f"quotes words of '{claim.source}', which is not stored. Store the document or drop the quote."]
    if not evidence.quote_stands(claim.source, claim.quote):
        return [f"the quoted words “{claim.quote}” do not stand in '{claim.source}'. Copy them from the stored text."]
    return []


def _reason_faults(claim: Claim, unit: Unit) -> list[str]:
    faults: list[str] = []
    invented = claim.source in ("modelling-assumption", "recalled-unverified")
    if claim.kind == "derived" and not claim.derivation:
        faults.append("is derived but shows no arithmetic. Add `derivation`.")
    if claim.kind == "assumed" and not claim.mind_changer:
        faults.append("is assumed but does not say what would change our mind. Add `mind_changer`.")
    if (claim.kind == "assumed" or invented) and claim.grade not in (None, "D"):
        faults.append(f"is assumed or recalled, so its grade is D, found {claim.grade}. Remove `grade`.")
    if invented and claim.kind not in ("assumed", "elicited"):
        faults.append(f"cites '{claim.source}', so its kind is assumed, found {claim.kind}. Correct one of them.")
    if unit.kind == "money" and claim.price_year is None:
        faults.append('is money without a price year. Add `price_year = "2018/19"` or the year it is in.')
    if claim.price_year is not None and not _PRICE_YEAR.match(claim.price_year):
        faults.append(f"price_year must look like 2018/19, found '{claim.price_year}'.")
    return faults


def claim_faults(entry: Entry, claim: Claim, unit: Unit) -> list[str]:
    """Faults of one claim: value, spread, source, quotation and reasons."""
    allowed = (float(entry.range[0]), float(entry.range[1])) if entry.range is not None else None
    fault = value_fault(claim.value, unit, allowed)
    faults = [fault] if fault else []
    if entry.choices is not None and claim.value not in entry.choices:
        hint = did_you_mean(str(claim.value), entry.choices)
        faults.append(f"must be one of {', '.join(entry.choices)}; found {claim.value!r}.{hint}")
    if unit.kind in ("text", "switch") and not isinstance(claim.spread, Fixed):
        faults.append(f"a {unit.name} cannot be uncertain by a number. {_EXACT}")
    own = spread_faults(claim.spread, unit)
    ends = _bounds(claim.spread)
    if not own and ends and allowed and not (allowed[0] <= ends[0] and ends[1] <= allowed[1]):
        span = f"{ends[0]:g} to {ends[1]:g}"
        own = [f"spread {span} goes beyond the range {allowed[0]:g} to {allowed[1]:g} {unit.name}. Widen one."]
    return faults + own + _source_faults(claim) + _reason_faults(claim, unit)


def entry_faults(entry: Entry) -> list[tuple[str | None, str]]:
    """All faults of an entry, each with the claim it belongs to (None for the entry itself)."""
    faults: list[tuple[str | None, str]] = []
    if entry.use not in entry.claims:
        hint = did_you_mean(entry.use, entry.claims)
        faults.append((None, f"use names '{entry.use}', which is not among its claims.{hint}"))
    for stance, mapped in entry.stances.items():
        if stance not in STANCES:
            faults.append(
                (
                    None,
                    f"'{stance}' is not a stance.{did_you_mean(stance, STANCES)} Use {', '.join(STANCES)}.",
                )
            )
        if mapped not in entry.claims:
            hint = did_you_mean(mapped, entry.claims)
            faults.append((None, f"stance '{stance}' reads claim '{mapped}', which does not exist.{hint}"))
    if entry.unit not in UNITS:
        faults.append((None, f"unit '{entry.unit}' is not known.{did_you_mean(entry.unit, UNITS)}"))
        return faults
    unit = UNITS[entry.unit]
    faults += [(None, fault) for fault in range_faults(entry, unit)]
    for name, claim in entry.claims.items():
        faults += [(name, fault) for fault in claim_faults(entry, claim, unit)]
    return faults


def together_faults(values: Mapping[str, Value]) -> list[str]:
    """Faults of values that are each in range but cannot stand together: shares of one whole above 1."""
    faults: list[str] = []
    for whole, names in AT_MOST_ONE:
        if not all(name in values for name in names):
            continue
        total = sum(float(values[name]) for name in names)
        if total > 1.0 + 1e-9:
            parts = ", ".join(f"{name} {float(values[name]):g}" for name in names)
            faults.append(f"{whole} add up to {total:g}, more than 1: {parts}. Lower one of them.")
    return faults
