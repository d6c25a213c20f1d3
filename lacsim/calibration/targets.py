"""What Derby looks like without coordination: published figures, their spread, and the model's own measure of each.

A target names a row of the base-rate table or a claim of the register, so its value, range, grade and source travel
with it; a factor takes England to Derby where the row is England's. Those with `spread` are used by the fit and never
count as confirmation; the others are only looked at. All are counts or official rates (grade A: may be fitted), some
with a shape by age that is recalled and therefore given a wide spread. Claims of benefit are in `claims.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

import numpy as np

from lacsim.calibration.city import (
    ALL,
    B18_44,
    B45_64,
    B65_74,
    B75_84,
    B85,
    BANDS,
    DAYS_PER_YEAR,
    OVER_65,
    UNDER_65,
    City,
    gradient_of,
)
from lacsim.evidence import area, table
from lacsim.parameters import params

Z95: Final = 1.6448536269514722


@dataclass(frozen=True)
class Target:
    """One published figure and the model's measure of the same thing.

    Attributes
    ----------
    group, name, unit
        Where it is shown, what it is, and its unit.
    row
        Key in the base-rate table, or register name of a claim, or `derived:` with a value worked out here.
    factor
        Register names whose product takes the row to Derby (empty = the row is Derby's own).
    measure
        The model's value from a run without coordination.
    spread
        Standard deviation of the logarithm that the fit allows between model and figure: error of the figure,
        difference of definition, of year and of place. None = not in the fit.
    why
        What the spread rests on, or why the target is not in the fit.
    note
        What differs in definition, or why the model cannot meet it.
    """

    group: str
    name: str
    unit: str
    row: str
    factor: tuple[str, ...]
    measure: Callable[[City], float]
    spread: float | None = None
    why: str = ""
    note: str = ""


_DERBY_ADMISSIONS = ("natural_history.admission_derby",)
_DERBY_REQUESTS = ("adult_care.request_derby",)
_DERBY_DEATHS = ("natural_history.death_derby",)
_COUNCIL = ("council_residential", "council_nursing")
_ANY_HOME = (*_COUNCIL, "own_residential", "own_nursing")
_FIFTHS_APART = 45.0  # points of the score between the fifths of England: population.imd_points_between_fifths
_RECALLED = "the table's range, a recalled shape"
_BALANCE = "no trend is printed; a run should start in balance"
_HOMES = (
    "the record contradicts itself: 245 entries a year of 801 days each are about 540 older residents, about 800 "
    "are counted; the fit lies between"
)
_REPEATS = (
    "today's 306 admissions in 1,000 people of 65 and over and 13.8% readmitted within 30 days give about a third even "
    "if all older people were alike; without the risk a difficulty brings and with almost no frailty the fit's sample "
    "gives 38% and then 12%, but only 3% readmitted within 30 days: this model does not give both"
)
_FRAILTY = (
    "the frail die first, so from 85 on the death rate rises less with age in the model than in the table, and above "
    "95 hardly"
)
_SUPPORT = (
    "need is taken to grow with age at one pace; the published figures rise threefold from 65-74 to 75-84 and again "
    "to 85+, on a recalled shape, and the requests they come from rise less"
)
_BY_HAND = "no range is printed; a judgement"


def _events(measure: str, bands: slice, per: float) -> Callable[[City], float]:
    return lambda city: city.rate(measure, bands, per)


def _residents(bands: slice, measures: tuple[str, ...]) -> Callable[[City], float]:
    return lambda city: sum(city.people(m, bands) for m in measures)


def _ended(*outcomes: str) -> Callable[[City], float]:
    return lambda city: city.ended(*outcomes)


def _deaths(first: int, last: int) -> Callable[[City], float]:
    return lambda city: city.deaths_over_table(first, last)


TARGETS: Final = (
    *(
        Target(
            "emergency admissions", f"aged {name}", "per 1,000 a year", f"emergency_admissions_{row}",
            _DERBY_ADMISSIONS, _events("admissions", bands, 1e3), spread, why,
        )
        for name, row, bands, spread, why in (
            ("18-44", "18_44", B18_44, 0.13, _RECALLED),
            ("45-64", "45_64", B45_64, 0.11, _RECALLED),
            ("65-74", "65_74", B65_74, 0.10, _RECALLED),
            ("75-84", "75_84", B75_84, 0.08, _RECALLED),
            ("85+", "85plus", B85, 0.085, _RECALLED),
            ("65+", "65plus", OVER_65, 0.035, "the table's range, 240 to 262"),
        )
    ),
    Target(
        "emergency admissions", "readmitted within 30 days", "share", "readmission_30_day", (),
        lambda city: city.share("readmissions_30_days", "admissions"), 0.06,
        "12.5% in 2013-14 to 14%; England, all ages",
    ),
    Target(
        "emergency admissions", "over 45 points of deprivation, wards of Derby", "ratio", "derived:ward_gradient", (),
        lambda city: city.gradient("admissions", _FIFTHS_APART), 0.06, "17 wards; " + _BY_HAND,
        "the acute morbidity index of the wards, regressed as the model's admissions are",
    ),
    Target(
        "emergency admissions", "most over least deprived fifth, England", "ratio",
        "gradient_emergency_admissions_Q1_Q5", (), lambda city: city.gradient("admissions", _FIFTHS_APART), None,
        "Derby's own wards are fitted instead", "Derby's wards differ more than England's fifths do",
    ),
    Target(
        "repeat admissions", "share by those 65+ with two or more, index year", "share",
        "claims.high_user_share_index_year", (), lambda city: city.repeat_share(0), 0.20, _BY_HAND,
        "printed for an earlier England; " + _REPEATS,
    ),
    Target(
        "repeat admissions", "the year after, over the index year", "ratio", "derived:repeat_decay_1", (),
        lambda city: city.repeat_share(1) / city.repeat_share(0), 0.20, "38% to under 10%; " + _BY_HAND,
        "regression to the mean with no coordinator anywhere; " + _REPEATS,
    ),
    Target(
        "repeat admissions", "the year after", "share", "claims.high_user_share_next_year", (),
        lambda city: city.repeat_share(1), None, "its ratio to the index year is fitted",
        "printed as under 10%; " + _REPEATS,
    ),
    Target(
        "repeat admissions", "five years on", "share", "claims.high_user_share_five_years_on", (),
        lambda city: city.repeat_share(5) if city.n_years > 5.5 else math.nan, None, "the fit's runs are too short",
        "printed as just over 3%; " + _REPEATS,
    ),
    Target(
        "hospital stays", "mean stay, adults", "days", "los_emergency_all_ages", (),
        lambda city: city.mean_stay(ALL), 0.08, "5.0 to 5.8 by definition; " + _BY_HAND, "target is for all ages",
    ),
    Target(
        "hospital stays", "mean stay, 65+", "days", "los_emergency_65plus", (),
        lambda city: city.mean_stay(OVER_65), 0.08, "the table's range, 6.8 to 8.8",
    ),
    Target(
        "hospital stays", "delayed days", "per 100,000 adults a year", "dtoc_days", (),
        lambda city: 1e5 * DAYS_PER_YEAR * city.people("delayed_in_hospital") / city.alive(), 0.20,
        "14.4 beds in 2016-17, 10.2 in mid-2018",
        "England, all causes; the model's delays wait for an assessment or for care to be arranged",
    ),
    Target(
        "requests for support", "aged 18-64", "per 100,000 a year", "asc_requests_18_64", _DERBY_REQUESTS,
        _events("requests", UNDER_65, 1e5), 0.20, "councils record very differently; " + _BY_HAND,
    ),
    Target(
        "requests for support", "aged 65+", "per 100,000 a year", "asc_requests_65plus", _DERBY_REQUESTS,
        _events("requests", OVER_65, 1e5), 0.20, "councils record very differently; " + _BY_HAND,
    ),
    Target(
        "requests for support", "all adults, Derby", "per 100,000 a year", "asc_requests_all_derby", (),
        _events("requests", ALL, 1e5), 0.03, "a count of Derby's, 8,920 in 2015-16; the year differs",
    ),
    *(
        Target(
            "requests for support", f"aged {name}", "per 100,000 a year", f"asc_requests_{row}", _DERBY_REQUESTS,
            _events("requests", bands, 1e5), 0.20, "the table's shape is assumed; " + _BY_HAND,
        )
        for name, row, bands in (("65-74", "65_74", B65_74), ("75-84", "75_84", B75_84), ("85+", "85plus", B85))
    ),
    Target(
        "requests for support", "from hospital", "share", "share_requests_from_hospital_discharge", (),
        lambda city: city.share("requests_from_hospital", "requests"), 0.12, "England; " + _BY_HAND,
    ),
    *(
        Target(
            "outcome of requests", name, "share of requests", row, (), _ended(*outcomes), None,
            "the register's shares drive it: looked at, not fitted", note,
        )
        for name, row, outcomes, note in (
            ("no formal service", "derived:no_formal_service", ("signposted", "no_service"),
             "31% signposted + 28% no service, England 2014-15"),
            ("ongoing low-level", "outcome_ongoing_low_level", ("low_level",),
             "hospital requests never end so in the model, and they are a fifth of all; and requests that are "
             "withdrawn or end in death or moving count in the total"),
            ("short-term to maximise independence", "outcome_stmax", ("reabled", "reabled_to_package"),
             "after a hospital stay more people are reabled in the model than the printed mean of all requests"),
            ("long-term", "outcome_long_term", ("package_started", "care_home_entered"),
             "care homes of all payers, as the council is asked before it is known who pays; "
             "a need for a home is a request that always ends so"),
        )
    ),
    *(
        Target(
            "long-term support", f"aged {name}", "per 100,000 in a year", row, (), measure, spread, why, _SUPPORT,
        )
        for name, row, measure, spread, why in (
            ("18-64", "long_term_support_during_year_18_64", lambda city: city.supported(UNDER_65), 0.08,
             "England; " + _BY_HAND),
            ("65-74", "long_term_support_65_74", lambda city: city.supported(B65_74), 0.15, _RECALLED),
            ("75-84", "long_term_support_75_84", lambda city: city.supported(B75_84), 0.10, _RECALLED),
            ("85+", "long_term_support_85plus", lambda city: city.supported(B85), 0.075, _RECALLED),
            ("65+", "long_term_support_during_year_65plus", lambda city: city.supported(OVER_65), 0.06,
             "England; " + _BY_HAND),
        )
    ),
    *(
        Target(
            "long-term support", f"packages at {name}, third year over first", "ratio", "derived:balance", (),
            partial(City.third_over_first, measure="package_at_home", bands=bands), spread, _BALANCE,
            "share of the age band; packages of the first day and those that entries and closures keep differ",
        )
        for name, bands, spread in (("65-74", B65_74, 0.08), ("75-84", B75_84, 0.06), ("85+", B85, 0.06))
    ),
    Target(
        "care homes", "council-supported entries, 65+", "per 100,000 a year",
        "permanent_care_home_admission_65plus_derby", (), _events("council_care_home_entries", OVER_65, 1e5), 0.055,
        "the table's range, 550 to 660",
    ),
    Target(
        "care homes", "council-supported entries, 18-64", "per 100,000 a year",
        "permanent_care_home_admission_18_64_derby", (), _events("council_care_home_entries", UNDER_65, 1e5), None,
        "about 34 people a year, too few in the fit's sample",
    ),
    Target(
        "care homes", "council-supported residents", "people", "care_home_residents_council_derby", (),
        _residents(ALL, _COUNCIL), 0.05, "printed as about 1,045",
        _HOMES,
    ),
    Target(
        "care homes", "residents 65+ in any home", "people", "care_home_residents_older_derby", (),
        _residents(OVER_65, _ANY_HOME), 0.07, _BY_HAND, "printed as more than 1,300",
    ),
    *(
        Target(
            "care homes", f"residents {name}, third year over first", "ratio", "derived:balance", (),
            partial(City.third_over_first, measure="residential", bands=bands), spread, _BALANCE,
            "share of the age band; residents of the first day and those that entries and deaths keep differ",
        )
        for name, bands, spread in (("65-74", B65_74, 0.08), ("75-84", B75_84, 0.06), ("85+", B85, 0.06))
    ),
    Target(
        "care homes", "alive one year after entry, 65+", "share", "derived:home_survival", (),
        lambda city: city.home_survival[0], 0.07, "one provider's homes, deaths 2008-10; " + _BY_HAND,
        _HOMES,
    ),
    Target(
        "care homes", "median length of stay, 65+", "days", "care_home_los_median", (),
        lambda city: city.home_survival[1], 0.15, "one provider's homes, deaths 2008-10; " + _BY_HAND,
        "545 days for council-funded residents of three councils; " + _HOMES,
    ),
    Target(
        "care homes", "emergency admissions per resident-year", "per person-year",
        "care_home_emergency_admissions_residential", (), lambda city: city.home_admissions(), 0.12,
        "1.04 residential, 0.87 nursing",
        "residents new to the home, as the study's; it followed them for months and the model for years, in which the "
        "frailest die",
    ),
    *(
        Target(
            "deaths", f"aged {first}-{last}", "ratio to UK table", "derived:deaths", _DERBY_DEATHS,
            _deaths(first, last), spread, why, note,
        )
        for first, last, spread, why, note in (
            (18, 44, None, "few deaths; not in the fit",
             "the young die of accidents and suicide, which a curve that doubles every eight years does not know"),
            (45, 64, 0.06, "official table; Derby factor 1.04 to 1.10", ""),
            (65, 74, 0.04, "official table; Derby factor 1.04 to 1.10", ""),
            (75, 84, 0.04, "official table; Derby factor 1.04 to 1.10", ""),
            (85, 94, 0.06, "official table, men and women alike; more women live to these ages", _FRAILTY),
            (95, 110, None, "few deaths; not in the fit", _FRAILTY),
        )
    ),
)  # fmt: skip
__all__ = ["BANDS", "TARGETS", "Target", "base_rate", "fitted", "published"]


@cache
def _rates() -> Mapping[str, dict[str, Any]]:
    rates = table("base_rates").set_index("measure")
    return {str(name): {str(k): v for k, v in row.items()} for name, row in rates.to_dict("index").items()}


def base_rate(row: str) -> dict[str, Any]:
    """One row of the base-rate table: low, central and high value (may be missing), area, year, grade and source."""
    return _rates()[row]


def _derived(name: str) -> dict[str, Any]:
    """A figure worked out from the evidence, with the same keys as a row of the base-rate table."""
    p = params()
    if name == "ward_gradient":
        wards = area().wards
        index = wards["acute_morbidity_2015_17_index"].to_numpy(float)
        adults = wards["adults18p_2017"].to_numpy(float)
        central = gradient_of(index, wards["imd2019_avg_score"].to_numpy(float), adults, _FIFTHS_APART)
        return _row(central, "C", "acute morbidity index of Derby's 17 wards on IMD 2019 score, log-linear, 45 points")
    if name == "repeat_decay_1":
        central = p.number("claims.high_user_share_next_year") / p.number("claims.high_user_share_index_year")
        return _row(central, "A", "Roland 2005: under 10% the next year over 38% in the index year")
    if name == "no_formal_service":
        central = base_rate("outcome_universal_or_signposted")["central"] + base_rate("outcome_no_service")["central"]
        return _row(central, "A", "HSCIC Oct 2015: 31% + 28%; 57% in 2015-16")
    if name == "home_survival":
        return _row(0.55, "A", "Forder & Fernandez 2011: 55% survive the first year")
    if name == "balance":
        return _row(1.0, "D", "an assumption: stocks stay level, as people of 65 and over hardly changed in number")
    return _row(1.0, "A", "UK qx 2016-18, mean of men and women; ratio to the table on the model's own ages")


def _row(central: float, grade: str, source: str) -> dict[str, Any]:
    return {"low": math.nan, "central": central, "high": math.nan, "grade": grade, "source_or_basis": source}


def published(target: Target) -> dict[str, Any]:
    """The figure of a target taken to Derby: low, central, high, grade, source_or_basis.

    Factors are those of the evidence (the claim's own value), never fitted ones: a target may not move with the fit.
    """
    p = params()
    if target.row.startswith("derived:"):
        row = _derived(target.row.removeprefix("derived:"))
    elif target.row.startswith("claims."):
        row = _row(p.number(target.row), "A", p.claim(target.row).where)
    else:
        row = base_rate(target.row)
    factor = float(np.prod([float(p.claim(name).value) for name in target.factor]))
    taken = {k: float(row[k]) * factor for k in ("low", "central", "high")}
    return {**taken, "grade": row["grade"], "source_or_basis": row["source_or_basis"]}


def fitted() -> list[Target]:
    """Targets the fit uses, in order."""
    return [target for target in TARGETS if target.spread is not None]
