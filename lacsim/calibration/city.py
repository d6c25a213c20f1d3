"""The city as one run shows it, asked for by measure: rates by age band and ward, whole lives, people and places.

A run may over-represent some ages (the fit does, because older people make most of the events); weights put every
count back to the city's size, so the same measures serve a full run and a sample. Nothing here knows a target.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from lacsim.evidence import table
from lacsim.model.stages import AGE_BANDS, OUTCOMES, YEAR
from lacsim.results.lives import Lives, survival
from lacsim.results.tally import EVENTS, TIMES

DAYS_PER_YEAR: Final = YEAR / 86_400.0
ALL, UNDER_65, OVER_65 = slice(0, 6), slice(0, 3), slice(3, 6)
B18_44, B45_64, B65_74, B75_84, B85 = slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 5), slice(5, 6)
BANDS: Final = {name: slice(k, k + 1) for k, name in enumerate(AGE_BANDS)}
_ALIVE: Final = TIMES[:6]


@dataclass(frozen=True)
class City:
    """Sums of one run without coordination.

    Attributes
    ----------
    events, years
        Counts and person-years of the whole period by ward and age band, at the city's size; shapes
        (n_wards, 6, len(EVENTS)) and (n_wards, 6, len(TIMES)).
    by_year
        Person-years of each year by age band, at the city's size, shape (n_years, 6, len(TIMES)).
    lives
        What whole lives show; its `supported` is at the city's size.
    is_sample
        Whether ages were over-represented; what is not kept by age band cannot be told then.
    n_years, horizon
        Length of the period in years and in seconds.
    imd
        Deprivation score of each ward, shape (n_wards,).
    """

    events: np.ndarray
    years: np.ndarray
    by_year: np.ndarray
    lives: Lives
    is_sample: bool
    n_years: float
    horizon: int
    imd: np.ndarray

    def count(self, measure: str, bands: slice = ALL) -> float:
        """Events a year in some age bands."""
        return float(self.events[:, bands, EVENTS.index(measure)].sum() / self.n_years)

    def people(self, measure: str, bands: slice = ALL) -> float:
        """Mean number of people in some age bands in a state."""
        return float(self.years[:, bands, TIMES.index(measure)].sum() / self.n_years)

    def alive(self, bands: slice = ALL) -> float:
        """Mean number of residents in some age bands."""
        return sum(self.people(stage, bands) for stage in _ALIVE)

    def rate(self, measure: str, bands: slice, per: float) -> float:
        """Events per `per` residents and year."""
        return per * self.count(measure, bands) / self.alive(bands)

    def share(self, part: str, whole: str) -> float:
        """Events of one kind among those of another."""
        return self.count(part) / self.count(whole)

    def mean_stay(self, bands: slice) -> float:
        """Days in hospital per admission, delays included."""
        return DAYS_PER_YEAR * self.people("hospital", bands) / self.count("admissions", bands)

    def supported(self, bands: slice) -> float:
        """People with council long-term support at some time in a year, per 100,000 residents."""
        return float(1e5 * self.lives.supported[:, bands].sum() / self.lives.supported.shape[0] / self.alive(bands))

    def third_over_first(self, measure: str, bands: slice) -> float:
        """Share of some age bands who are in a state, in the third year of the period over that of its first."""
        people = self.by_year[:, bands, TIMES.index(measure)].sum(axis=1)
        alive = sum(self.by_year[:, bands, TIMES.index(stage)].sum(axis=1) for stage in _ALIVE)
        return float(people[2] / people[0] / (alive[2] / alive[0]))

    def ended(self, *outcomes: str) -> float:
        """Share of requests that ended in one of these ways; NaN in a sample."""
        total = sum(float(self.lives.outcomes[OUTCOMES.index(o)]) for o in outcomes)
        return float("nan") if self.is_sample else total / (self.count("requests") * self.n_years)

    @cached_property
    def home_survival(self) -> tuple[float, float]:
        """Share of residents 65 and over alive a year after entering a care home, and their median stay in days."""
        stays = self.lives.home_stays
        shares, median = survival(stays[stays["older"] == 1], self.horizon, [DAYS_PER_YEAR])
        return float(shares[0]), min(median, self.horizon / 86_400.0)

    def home_admissions(self) -> float:
        """Emergency admissions per person-year of care-home residents 65 and over who moved in within the period."""
        return self.lives.home_admissions / (self.lives.home_seconds / YEAR)

    def repeat_share(self, year: int) -> float:
        """Share of admissions at 65 and over, in a year (from 0), of those who had two or more in year 0."""
        high, everyone = self.lives.repeat_admissions[:, year]
        return float(high / everyone)

    def deaths_over_table(self, first: int, last: int) -> float:
        """Deaths at ages first to last over those the UK table gives for the same person-years."""
        rates = table_death_rates()
        years = self.lives.exposure / YEAR
        ages = slice(first, last + 1)
        return float(self.lives.deaths[ages].sum() / (years[ages] * rates[ages]).sum())

    def gradient(self, measure: str, per_points: float) -> float:
        """Ratio of age-standardised rates over `per_points` of the deprivation score, log-linear across wards.

        Observed over expected events of each ward (expected from the city's rates by age band), regressed on the
        score with weights in proportion to expected events.
        """
        k = EVENTS.index(measure)
        alive = self.years[:, :, : len(_ALIVE)].sum(axis=2)
        rates = self.events[:, :, k].sum(axis=0) / alive.sum(axis=0)
        expected = (alive * rates).sum(axis=1)
        observed = np.maximum(self.events[:, :, k].sum(axis=1), 0.5)
        return gradient_of(observed / expected, self.imd, expected, per_points)


def gradient_of(ratio: np.ndarray, score: np.ndarray, weights: np.ndarray, per_points: float) -> float:
    """Ratio over `per_points` of a score, from a weighted log-linear regression; all shapes (n_wards,)."""
    x = score - np.average(score, weights=weights)
    slope = float((weights * x * np.log(ratio)).sum() / (weights * x * x).sum())
    return float(np.exp(slope * per_points))


def table_death_rates() -> np.ndarray:
    """Death rates of the UK table by single year of age, mean of men and women, a person-year; shape (111,).

    From qx (chance of dying within the year) as −ln(1 − qx).
    """
    qx = table("uk_qx_2016_2018").groupby("age")["qx_mean_2016_18"].mean().sort_index().to_numpy(float)
    return np.asarray(-np.log1p(-np.minimum(qx[:111], 0.999)))
