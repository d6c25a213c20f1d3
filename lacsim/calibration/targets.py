"""What Derby looks like without coordination: the published rates the model is held next to.

Each target names a row of the base-rate table (its value, range, grade and source travel with it), a factor that
takes England to Derby where the row is England's, and the model's own measure on the same definition. Nothing here is
fitted; `lacsim.calibration.check_rates` shows the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lacsim.evidence import table
from lacsim.model.stages import AGE_BANDS, YEAR
from lacsim.results.tally import EVENTS, TIMES

_ALIVE = TIMES[:6]
_DAYS_PER_YEAR = YEAR / 86_400.0


class City:
    """Sums of one no-coordination run by age band, asked for by measure name.

    Parameters
    ----------
    events, years
        Shapes (6, len(EVENTS)) and (6, len(TIMES)): counts and person-years of the whole period.
    n_years
        Length of the period in years.
    """

    def __init__(self, events: np.ndarray, years: np.ndarray, n_years: float) -> None:
        self.events, self.years, self.n_years = events, years, n_years

    def count(self, measure: str, bands: slice) -> float:
        """Events a year in some age bands."""
        return float(self.events[bands, EVENTS.index(measure)].sum() / self.n_years)

    def people(self, measure: str, bands: slice) -> float:
        """Mean number of people in some age bands in a state."""
        return float(self.years[bands, TIMES.index(measure)].sum() / self.n_years)

    def alive(self, bands: slice) -> float:
        """Mean number of residents in some age bands."""
        return sum(self.people(stage, bands) for stage in _ALIVE)


ALL, UNDER_65, OVER_65 = slice(0, 6), slice(0, 3), slice(3, 6)
B18_44, B45_64, B65_74, B75_84, B85 = slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 5), slice(5, 6)
BANDS: Final = {name: slice(k, k + 1) for k, name in enumerate(AGE_BANDS)}


def _rate(measure: str, bands: slice, per: float) -> Callable[[City], float]:
    """Events per `per` residents and year."""
    return lambda city: per * city.count(measure, bands) / city.alive(bands)


def _support(bands: slice) -> Callable[[City], float]:
    """People with council long-term support at some time in a year, per 100,000: mean number plus half the starts."""

    def measure(city: City) -> float:
        held = sum(city.people(m, bands) for m in ("package_at_home", "council_residential", "council_nursing"))
        started = sum(city.count(m, bands) for m in ("packages_started", "council_care_home_entries"))
        return 1e5 * (held + 0.5 * started) / city.alive(bands)

    return measure


def _mean_stay(bands: slice) -> Callable[[City], float]:
    """Days in hospital per admission, delays included."""
    return lambda city: _DAYS_PER_YEAR * city.people("hospital", bands) / city.count("admissions", bands)


def _residents(bands: slice, measures: tuple[str, ...]) -> Callable[[City], float]:
    """Mean number of people in care homes."""
    return lambda city: sum(city.people(m, bands) for m in measures)


def _share(part: str, whole: str) -> Callable[[City], float]:
    """Share of events of one kind among those of another."""
    return lambda city: city.count(part, ALL) / city.count(whole, ALL)


@dataclass(frozen=True)
class Target:
    """One published rate and the model's measure of the same thing.

    Attributes
    ----------
    group, name, unit
        Where it is shown, what it is, and its unit.
    row
        Key in the base-rate table.
    factor
        Register names whose product takes the row to Derby (empty = the row is Derby's own).
    measure
        The model's value from a run without coordination.
    note
        What differs in definition, if anything.
    """

    group: str
    name: str
    unit: str
    row: str
    factor: tuple[str, ...]
    measure: Callable[[City], float]
    note: str = ""


_DERBY_ADMISSIONS = ("natural_history.admission_derby",)
_DERBY_REQUESTS = ("adult_care.request_derby",)
_DERBY_DEATHS = ("natural_history.death_derby",)
_COUNCIL = ("council_residential", "council_nursing")
_ANY_HOME = (*_COUNCIL, "own_residential", "own_nursing")

TARGETS: Final = (
    *(
        Target(
            "emergency admissions",
            f"aged {name}",
            "per 1,000 a year",
            f"emergency_admissions_{row}",
            _DERBY_ADMISSIONS,
            _rate("admissions", bands, 1e3),
        )
        for name, row, bands in (
            ("18-44", "18_44", B18_44),
            ("45-64", "45_64", B45_64),
            ("65-74", "65_74", B65_74),
            ("75-84", "75_84", B75_84),
            ("85+", "85plus", B85),
            ("65+", "65plus", OVER_65),
        )
    ),
    Target(
        "emergency admissions",
        "readmitted within 30 days",
        "share",
        "readmission_30_day",
        (),
        _share("readmissions_30_days", "admissions"),
    ),
    Target(
        "hospital stays",
        "mean stay, adults",
        "days",
        "los_emergency_all_ages",
        (),
        _mean_stay(ALL),
        "target is for all ages",
    ),
    Target("hospital stays", "mean stay, 65+", "days", "los_emergency_65plus", (), _mean_stay(OVER_65)),
    Target(
        "hospital stays",
        "delayed days",
        "per 100,000 adults a year",
        "dtoc_days",
        (),
        lambda city: 1e5 * _DAYS_PER_YEAR * city.people("delayed_in_hospital", ALL) / city.alive(ALL),
        "England 2016-17, all causes; the model's delays wait for an assessment or for care to be arranged",
    ),
    Target(
        "requests for support",
        "aged 18-64",
        "per 100,000 a year",
        "asc_requests_18_64",
        _DERBY_REQUESTS,
        _rate("requests", UNDER_65, 1e5),
    ),
    Target(
        "requests for support",
        "aged 65+",
        "per 100,000 a year",
        "asc_requests_65plus",
        _DERBY_REQUESTS,
        _rate("requests", OVER_65, 1e5),
    ),
    Target(
        "requests for support",
        "all adults, Derby",
        "per 100,000 a year",
        "asc_requests_all_derby",
        (),
        _rate("requests", ALL, 1e5),
    ),
    Target(
        "requests for support",
        "from hospital",
        "share",
        "share_requests_from_hospital_discharge",
        (),
        _share("requests_from_hospital", "requests"),
    ),
    Target(
        "long-term support",
        "aged 18-64",
        "per 100,000 in a year",
        "long_term_support_during_year_18_64",
        (),
        _support(UNDER_65),
    ),
    Target(
        "long-term support",
        "aged 65-74",
        "per 100,000 in a year",
        "long_term_support_65_74",
        (),
        _support(B65_74),
    ),
    Target(
        "long-term support",
        "aged 75-84",
        "per 100,000 in a year",
        "long_term_support_75_84",
        (),
        _support(B75_84),
    ),
    Target(
        "long-term support",
        "aged 85+",
        "per 100,000 in a year",
        "long_term_support_85plus",
        (),
        _support(B85),
    ),
    Target(
        "long-term support",
        "aged 65+",
        "per 100,000 in a year",
        "long_term_support_during_year_65plus",
        (),
        _support(OVER_65),
    ),
    Target(
        "care homes",
        "council-supported entries, 65+",
        "per 100,000 a year",
        "permanent_care_home_admission_65plus_derby",
        (),
        _rate("council_care_home_entries", OVER_65, 1e5),
    ),
    Target(
        "care homes",
        "council-supported entries, 18-64",
        "per 100,000 a year",
        "permanent_care_home_admission_18_64_derby",
        (),
        _rate("council_care_home_entries", UNDER_65, 1e5),
    ),
    Target(
        "care homes",
        "council-supported residents",
        "people",
        "care_home_residents_council_derby",
        (),
        _residents(ALL, _COUNCIL),
    ),
    Target(
        "care homes",
        "residents 65+ in any home",
        "people",
        "care_home_residents_older_derby",
        (),
        _residents(OVER_65, _ANY_HOME),
        "printed as more than 1,300",
    ),
    *(
        Target(
            "deaths",
            f"aged {name}",
            "per person-year",
            f"mortality_{row}",
            _DERBY_DEATHS,
            _rate("deaths", BANDS[name], 1.0),
        )
        for name, row in (
            ("18-29", "18_29"),
            ("30-44", "30_44"),
            ("45-64", "45_64"),
            ("65-74", "65_74"),
            ("75-84", "75_84"),
            ("85+", "85plus"),
        )
    ),
)


def base_rate(row: str) -> dict[str, object]:
    """One row of the base-rate table: low, central and high value (may be missing), area, year, grade and source."""
    rates = table("base_rates").set_index("measure")
    return {str(k): v for k, v in rates.loc[row].to_dict().items()}
