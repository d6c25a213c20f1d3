"""The closed list of units, and what a number in each unit may be.

A unit not listed here is an error with a suggestion, so that 'people per month' and 'people/month' cannot
both live in the register. This module does not convert between units.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lacsim.errors import RegisterError

Value = float | int | str | bool
Kind = Literal["share", "ratio", "rate", "time", "count", "money", "text", "switch"]

_LARGEST = 1e15


@dataclass(frozen=True)
class Unit:
    """A unit of measurement with the values it admits.

    Parameters
    ----------
    name
        The one spelling that is accepted.
    meaning
        The unit in a sentence.
    kind
        Family of the unit; shares are confined to 0 to 1, counts and times cannot be negative.
    low, high
        Smallest and largest admissible value, in the unit itself.
    """

    name: str
    meaning: str
    kind: Kind
    low: float = 0.0
    high: float = _LARGEST


def _units() -> dict[str, Unit]:
    money = {
        "£": "an amount of money",
        "£ per £1": "value returned for one pound spent",
        "£/application": "cost of one application",
        "£/assessment": "cost of one needs assessment",
        "£/attendance": "cost of one attendance",
        "£/case": "cost of one case",
        "£/child-year": "cost of one child for a year",
        "£/consultation": "cost of one consultation",
        "£/contact": "cost of one contact",
        "£/day": "cost of one day",
        "£/episode": "cost of one episode of support",
        "£/eviction": "cost of one eviction",
        "£/hour": "cost of one hour",
        "£/incident": "cost of one incident",
        "£/person": "amount for one person",
        "£/person-year": "cost of one person for a year",
        "£/post-year": "cost of one whole-time post for a year",
        "£/review": "cost of one review",
        "£/session": "cost of one session",
        "£/spell": "cost of one hospital spell (finished consultant episode)",
        "£/week": "cost of one week",
        "£/WELLBY": "value of one point of life satisfaction for one person for one year",
        "£/year": "an amount of money every year",
    }
    listed = [
        Unit("share", "a part of a whole, 0 to 1", "share", 0.0, 1.0),
        Unit("probability", "the chance of one event, 0 to 1", "share", 0.0, 1.0),
        Unit("ratio", "one quantity over another of the same unit", "ratio"),
        Unit("hazard ratio", "what a hazard is multiplied by", "ratio"),
        Unit("per person-year", "events for one person in a year", "rate"),
        Unit("per year", "proportional growth in a year; may be negative", "rate", -1.0, 1.0),
        Unit(
            "per year of age",
            "rise of a log hazard with each year of age; may be negative",
            "rate",
            -1.0,
            1.0,
        ),
        Unit("minutes", "minutes", "time"),
        Unit("hours", "hours", "time"),
        Unit("hours/week", "hours in a week", "time", 0.0, 168.0),
        Unit("hours/month", "hours in a month", "time", 0.0, 744.0),
        Unit("days", "days", "time"),
        Unit("months", "months of 365.25/12 days", "time"),
        Unit("years", "years of 365.25 days", "time"),
        Unit("people", "people", "count"),
        Unit("people/month", "people in a month", "count"),
        Unit("people/year", "people in a year", "count"),
        Unit("posts", "whole-time posts; part posts are fractions", "count"),
        Unit("places", "places, each held by one resident", "count"),
        Unit("WELLBY/person-year", "points of life satisfaction (0 to 10) for one person over a year", "count"),
        Unit("requests/year", "requests for adult social care in a year", "count"),
        Unit("wards", "wards", "count"),
        Unit("name", "one of a few names, or a label", "text"),
        Unit("switch", "true or false", "switch"),
    ]
    listed += [Unit(name, meaning, "money") for name, meaning in money.items()]
    return {unit.name: unit for unit in listed}


UNITS: dict[str, Unit] = _units()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Answer ' Did you mean …?' for the nearest known word, or nothing when none is near."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not near:
        folded = {name.casefold(): name for name in names}
        near = [folded[hit] for hit in difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)]
    return f" Did you mean '{near[0]}'?" if near else ""


def unit_named(name: str) -> Unit:
    """Look a unit up by its one accepted spelling.

    Raises
    ------
    RegisterError
        If the unit is not in the list.
    """
    if name not in UNITS:
        raise RegisterError(f"unit '{name}' is not known.{did_you_mean(name, UNITS)}")
    return UNITS[name]


def value_fault(value: object, unit: Unit, allowed: tuple[float, float] | None = None) -> str | None:
    """Say what is wrong with a value in a unit, or None when nothing is.

    Parameters
    ----------
    value
        The candidate, of any type.
    unit
        The unit it is given in.
    allowed
        The entry's own range, in the same unit; both ends are admissible.
    """
    if unit.kind == "switch":
        return None if isinstance(value, bool) else f"is a switch: needs true or false (you gave {value!r})"
    if unit.kind == "text":
        return None if isinstance(value, str) and value else f"needs a name in quotes (you gave {value!r})"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"needs a number (you gave {value!r})"
    try:
        number = float(value)
    except OverflowError:
        return f"needs a number below {_LARGEST:g} {unit.name} (you gave a far larger one)"
    if not math.isfinite(number):
        return f"needs a finite number of {unit.name}, found {number}"
    if unit.kind == "share" and not 0.0 <= number <= 1.0:
        hint = f"; {number:g} looks like a percentage. Did you mean {number / 100:g}?" if 1.0 < number <= 100.0 else ""
        return f"a {unit.name} must lie between 0 and 1{hint or f', found {number:g}'}"
    low, high = allowed or (unit.low, unit.high)
    if not low <= number <= high:
        return f"value {number:g} is outside its own range {low:g} to {high:g} {unit.name}"
    return None
