"""The only place where a register name meets an array.

`rates_of`, `wards_of`, `population_of` and `terms_of` read parameter values by name and an area's table, and give the
model's records. A `Reader` notes every name that was read, so a test can show that no entry of the register is unused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lacsim.errors import ModelError
from lacsim.evidence import Area
from lacsim.model import stages as s
from lacsim.model.cohort import Population
from lacsim.model.rates import RATES, WARD, one_record
from lacsim.runs.scenario import Period

if TYPE_CHECKING:
    import pandas as pd

_HOURS_PER_WEEK = 168.0
_WEEKS_PER_MONTH = s.YEAR / s.WEEK / 12.0
_MONTH = s.YEAR / 12.0


class Reader:
    """Parameter values by name, which remembers what was asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.used: set[str] = set()

    def __call__(self, name: str) -> float:
        """The number of this name."""
        self.used.add(name)
        return float(self.values[name])

    def text(self, name: str) -> str:
        """The word of this name."""
        self.used.add(name)
        return str(self.values[name])

    def by_need(self, prefix: str, *, others: float | None = None) -> list[float]:
        """Values of `prefix` + need group in the order of `stages.NEEDS`; `others` stands for the reference group."""
        last = self(prefix + "other") if others is None else others
        return [self(prefix + need) for need in s.NEEDS[:-1]] + [last]


def _lognormal(mean: float, cv: float) -> tuple[float, float]:
    """Location and scale of the logarithm of a duration with this mean and coefficient of variation."""
    sigma_squared = math.log1p(cv * cv)
    return math.log(mean) - 0.5 * sigma_squared, math.sqrt(sigma_squared)


def rates_of(get: Reader, seed: int, replication: int) -> np.recarray:
    """`RATES` of one draw, shape (1,): hazards per second, ratios, shares and log-durations in seconds."""
    table = one_record(RATES)
    r = table[0]
    r.seed, r.replication = np.uint64(seed), np.uint64(replication)
    per_year = 1.0 / s.YEAR

    growth = get("adult_care.demand_growth")
    if not growth >= 0.0:
        msg = f"adult_care.demand_growth: must be at least 0 per year, found {growth:g}. Falling demand is left out."
        raise ModelError(msg)
    slopes = {
        s.DEATH: get("natural_history.death_slope"),
        s.LATE_ADMISSION: get("natural_history.late_admission_slope"),
        s.CARE_NEED: get("residential.care_need_slope"),
        s.ASKS_FOR_HELP: get("adult_care.asks_for_help_slope") + growth,
        s.DIFFICULTY_STARTS: get("natural_history.difficulty_starts_slope"),
    }
    for clock, slope in slopes.items():
        if not slope >= 0.0:
            msg = f"slope of {s.CAUSES[clock]}: a hazard may not fall with age; found {slope:g} per year, at least 0."
            raise ModelError(msg)
        r.slope[clock] = slope * per_year
    r.demand_growth = growth * per_year

    r.difficulty_starts = get("natural_history.difficulty_starts_at_65") * per_year
    r.difficulty_passes = 1.0 / (get("natural_history.difficulty_mean_months") * _MONTH)
    r.difficulty_hr = get.by_need("natural_history.difficulty_hr_", others=1.0)
    r.sudden_admission = get("natural_history.sudden_admission") * per_year
    r.late_admission = get("natural_history.late_admission_at_65") * per_year
    r.admission_hr = get.by_need("natural_history.admission_hr_", others=1.0)
    for name in ("difficulty", "package", "care_home"):
        r[f"admission_hr_{name}"] = get(f"natural_history.admission_hr_{name}")
    r.admission_leaves_difficulty = get("natural_history.admission_leaves_difficulty")
    r.death = get("natural_history.death_at_65") * get("natural_history.death_derby") * per_year
    for name in ("hospital", "care_home", "package", "difficulty"):
        r[f"death_hr_{name}"] = get(f"natural_history.death_hr_{name}")
    young, middle, old = (get(f"population.moves_away_{band}") for band in ("18_44", "45_64", "65_plus"))
    r.moves_away = np.array([young, young, middle, old, old, old]) * per_year

    r.asks_for_help = get("adult_care.asks_for_help_at_65") * per_year
    r.asks_hr = get.by_need("adult_care.asks_hr_", others=1.0)
    for name in ("difficulty", "package"):
        r[f"asks_hr_{name}"] = get(f"adult_care.asks_hr_{name}")
    r.share_no_formal_service = get("adult_care.share_no_formal_service")
    outcomes = [get(f"adult_care.outcome_{o}") for o in ("low_level", "reablement", "long_term", "other")]
    r.outcome_low_level, r.outcome_reablement, r.outcome_long_term = (o / sum(outcomes) for o in outcomes[:3])
    r.reablement_no_ongoing = get("adult_care.reablement_no_ongoing")
    under_65 = get("adult_care.hospital_needs_assessment_18_64")
    older = [get(f"adult_care.hospital_needs_assessment_{b}") for b in ("65_74", "75_84", "85_plus")]
    r.hospital_needs_assessment = [under_65] * 3 + older
    for name in ("care_home", "package", "reablement"):
        r[f"hospital_outcome_{name}"] = get(f"adult_care.hospital_outcome_{name}")
    r.assessment_mu, r.assessment_sigma = _lognormal(
        get("adult_care.assessment_mean_days") * s.DAY, get("adult_care.assessment_cv")
    )
    r.withdraws = 1.0 / (get("adult_care.withdraws_after_mean_days") * s.DAY)
    r.package_closes = get("adult_care.package_closes_per_year") * per_year
    r.package_closes_hr_18_64 = get("adult_care.package_closes_hr_18_64")
    cv = get("adult_care.arrange_cv")
    r.arrange_package_mu, r.arrange_sigma = _lognormal(get("adult_care.arrange_package_mean_days") * s.DAY, cv)
    r.arrange_care_home_mu, _ = _lognormal(get("adult_care.arrange_care_home_mean_days") * s.DAY, cv)

    cv = get("hospital.stay_cv")
    younger, r.stay_sigma = _lognormal(get("hospital.mean_stay_days_18_64") * s.DAY, cv)
    r.stay_mu = [younger, _lognormal(get("hospital.mean_stay_days_65_plus") * s.DAY, cv)[0]]
    r.beds_are_capped = get("hospital.beds") > 0
    r.care_need = get("residential.care_need_at_65") * per_year
    r.care_need_hr = get.by_need("residential.care_need_hr_", others=1.0)
    for name in ("difficulty", "package"):
        r[f"care_need_hr_{name}"] = get(f"residential.care_need_hr_{name}")
    r.council_supported_share = get("residential.council_supported_share")
    r.nursing_share = get("residential.nursing_share")
    r.care_home_places_are_capped = get("residential.places") > 0

    r.caseload_by_urgency = get.text("coordination.queue_order") == "urgency"
    for name in (
        "front_door_offer_share",
        "introduced_at_ask",
        "introduced_at_discharge",
        "introduced_at_contact",
    ):
        r[name] = get(f"coordination.{name}")
    r.introduction_weight = get.by_need("coordination.weight_")
    r.tenure_weight = [get(f"coordination.weight_{tenure}") for tenure in s.TENURES]
    r.coordination_ends = 1.0 / (get("coordination.mean_stay_days") * s.DAY)
    r.stops_waiting = 1.0 / (get("coordination.waits_mean_days") * s.DAY)
    r.gives_up_contact = 1.0 / (get("coordination.gives_up_contact_mean_days") * s.DAY)
    r.contact_mu, r.contact_sigma = _lognormal(1.0, get("coordination.short_term_minutes_cv"))

    r.effect_help_found = get("effects.front_door_help_found")
    r.effect_difficulty_passes_hr = get("effects.difficulty_passes_hr")
    r.effect_admission_hr = get("effects.admission_hr")
    r.effect_stay_ratio = get("effects.hospital_stay_ratio")
    r.effect_care_need_hr = get("effects.care_need_hr")
    r.effect_case_closes_hr = get("effects.case_closes_hr")
    r.effect_unmet_need_hr = get("effects.unmet_need_hr")
    r.effect_fades = 1.0 / (max(get("effects.carry_over_mean_days"), 1.0 / 24.0) * s.DAY)
    return table


def _gradient(ratio: float, scores: np.ndarray, weights: np.ndarray, span: float) -> np.ndarray:
    """Ward multipliers, log-linear in the deprivation score, with weighted mean 1.

    `ratio` is most v least deprived fifth of England, whose scores lie `span` points apart.
    """
    raw = np.exp(math.log(ratio) * scores / span)
    return np.asarray(raw / np.average(raw, weights=weights))


def wards_of(get: Reader, area: Area) -> np.recarray:
    """`WARD` records with nothing of coordination in them, one per ward in code order."""
    table = area.wards
    adults: np.ndarray = table["adults18p_2017"].to_numpy(float)
    morbidity = table["acute_morbidity_2015_17_index"].to_numpy(float)
    local = np.power(
        morbidity / np.average(morbidity, weights=adults), get("natural_history.admission_deprivation_power")
    )
    local /= np.average(local, weights=adults)
    scores = table["imd2019_avg_score"].to_numpy(float)
    span = get("population.imd_points_between_fifths")
    wards = np.zeros(len(table), WARD).view(np.recarray)
    wards.contact_seconds = 1.0
    wards.new_difficulty_ratio = wards.step_ratio[:, 0] = 1.0
    wards.others_asks_hr = 1.0
    wards.admission_ratio = get("natural_history.admission_derby") * local
    wards.ask_ratio = get("adult_care.request_derby") * _gradient(
        get("adult_care.request_deprivation_ratio"), scores, adults, span
    )
    wards.care_need_ratio = _gradient(get("residential.care_need_deprivation_ratio"), scores, adults, span)
    return wards


def tenure_shares(wards: pd.DataFrame) -> np.ndarray:
    """Share of each tenure by ward from its households, shape (n_wards, 3); columns as in `stages.TENURES`."""
    social = wards["pct_hh_social_council_2011"] + wards["pct_hh_social_other_2011"]
    owned = wards["pct_hh_owned_2011"] + wards["pct_hh_shared_ownership_2011"]
    private = wards["pct_hh_private_rent_2011"] + wards["pct_hh_rent_free_2011"]
    households = np.column_stack([social, owned, private])
    return np.asarray(households / households.sum(axis=1, keepdims=True))


def population_of(get: Reader, area: Area, period: Period, *, residents: int | None = None) -> Population:
    """Counts and shares for the cohort.

    Parameters
    ----------
    residents
        Number of adults on the first day, spread over wards and age bands in proportion (largest remainders); None
        takes the area's own count: mid-2017 for a forecast, the census of 2011 for the history.
    """
    table = area.wards
    adults: np.ndarray
    if period.name == "history":
        parts = table[["a18_29_2017", "a30_44_2017"]].to_numpy(float)
        under_45 = table["c11_18_44"].to_numpy(float)
        first = np.floor(under_45 * parts[:, 0] / parts.sum(axis=1) + 0.5)
        columns = ["c11_45_64", "c11_65_74", "c11_75_84", "c11_85plus"]
        adults = np.column_stack([first, under_45 - first, table[columns].to_numpy(float)])
    else:
        columns = ["a18_29_2017", "a30_44_2017", "a45_64_2017", "a65_74_2017", "a75_84_2017", "a85p_2017"]
        adults = table[columns].to_numpy(float)
    scale = 1.0 if residents is None else float(residents / adults.sum())
    counts = _whole_people(adults * scale, residents)

    young, middle, old = (get(f"population.moves_away_{band}") for band in ("18_44", "45_64", "65_plus"))
    moves = np.array([young, young, middle, old, old, old]) * get("population.inflow_ratio")
    turning = (table["pop2017"] - table["adults18p_2017"]).to_numpy(float) / 18.0 * get("population.turning_18")
    arrivals = np.column_stack([adults * moves, turning]) * scale

    limited = table["pct_limited_a_lot_2011"].to_numpy(float) / 100.0
    carers = table["pct_unpaid_care_50h_2011"].to_numpy(float) / 100.0 * get("population.share_carer_ratio")
    need = np.zeros((len(table), 2, s.N_NEEDS))
    need[:, :, s.MENTAL_HEALTH] = get("population.share_mental_health")
    need[:, :, s.LEARNING_DISABILITY] = get("population.share_learning_disability")
    need[:, 0, s.PHYSICAL] = limited * get("population.share_physical_18_64_ratio")
    need[:, 1, s.FRAIL] = get("population.share_frail_65_plus")
    need[:, :, s.CARER] = carers[:, None]
    need[:, :, s.OTHER_NEED] = np.maximum(1.0 - need.sum(axis=2), 0.0)

    bands = ("18_64", "65_74", "75_84", "85_plus")
    homes = [get(f"residential.resident_share_{band}") for band in bands]
    packages = [get(f"adult_care.package_share_{band}") for band in bands]
    return Population(
        adults=counts,
        arrivals_per_year=arrivals,
        age_tilt=_age_tilt(adults),
        need_share=need,
        tenure_share=tenure_shares(table),
        care_home_share=np.array([homes[0]] * 3 + homes[1:]),
        package_share=np.array([packages[0]] * 3 + packages[1:]),
        years_above_85=get("population.mean_years_above_85"),
        frailty_sigma=get("population.frailty_sigma"),
    )


def _age_tilt(adults: np.ndarray) -> np.ndarray:
    """Slope of the age distribution within each band, from the density of its neighbours, within -1 to 1.

    With x from 0 to 1 across a band the density is proportional to 1 + tilt (2x - 1). Flat at both ends.
    """
    mids, widths = np.array([24.0, 37.5, 55.0, 70.0, 80.0]), np.array([12.0, 15.0, 20.0, 10.0, 10.0])
    density = adults[:, :5] / widths
    tilt = np.zeros_like(adults)
    slope = (density[:, 2:] - density[:, :-2]) / (mids[2:] - mids[:-2])
    tilt[:, 1:4] = np.clip(slope * widths[1:4] / (2.0 * np.maximum(density[:, 1:4], 1e-9)), -1.0, 1.0)
    tilt[:, 4] = tilt[:, 3]
    return tilt


def _whole_people(expected: np.ndarray, total: int | None) -> np.ndarray:
    """Whole numbers nearest to the expected ones that add up to the total (largest remainders)."""
    down = np.ascontiguousarray(np.floor(expected))
    short = round(float((expected.sum() if total is None else total) - down.sum()))
    order = np.argsort(-(expected - down), axis=None, kind="stable")[:short]
    down.ravel()[order] += 1
    return down.astype(np.int64)


class Terms(NamedTuple):
    """What a coordinator post means in time, places and demand.

    Attributes
    ----------
    direct_hours_per_week
        Working hours for people, of one whole post, after leave, vacancies and community work.
    hours_per_place_per_week
        Working hours one long-term person takes.
    places, first_year_places
        Places of one mature post, and of a post in its first `first_year_days`.
    least_short_term_share
        Share of direct hours that is always kept for short-term contacts.
    contact_hours
        Mean working hours of one short-term contact.
    advice_per_person_year
        Asks for advice per adult and year in a covered ward.
    """

    direct_hours_per_week: float
    hours_per_place_per_week: float
    places: float
    first_year_places: float
    first_year_days: float
    least_short_term_share: float
    contact_hours: float
    advice_per_person_year: float
    recruitment_lead_days: float
    ward_fall_per_year: float
    ward_fall_most: float
    displacement_hr: float
    waiting_at_start: float
    assessor_posts: float
    beds: float
    care_home_places: float


def terms_of(get: Reader, area: Area) -> Terms:
    """Capacity and demand of one whole coordinator post, and the size of the city's pools."""
    hours = get("coordination.contracted_hours_per_week")
    for away in ("leave_share", "vacancy_share", "community_and_team_share"):
        hours *= 1.0 - get(f"coordination.{away}")
    covered = area.wards[area.wards["lac_covered_2019"] == 1]
    per_post = covered["adults18p_2017"].sum() / len(covered)
    contacts = get("coordination.short_term_people_per_month") * 12.0
    return Terms(
        direct_hours_per_week=hours,
        hours_per_place_per_week=get("coordination.long_term_hours_per_month") / _WEEKS_PER_MONTH,
        places=get("coordination.places_per_coordinator"),
        first_year_places=get("coordination.first_year_places"),
        first_year_days=get("coordination.first_year_days"),
        least_short_term_share=get("coordination.least_short_term_share"),
        contact_hours=get("coordination.short_term_minutes") / 60.0,
        advice_per_person_year=contacts * get("coordination.advice_share") / per_post,
        recruitment_lead_days=get("programme.recruitment_lead_days"),
        ward_fall_per_year=get("effects.ward_difficulty_fall_per_coordinator_year"),
        ward_fall_most=get("effects.ward_difficulty_fall_most"),
        displacement_hr=get("effects.displacement_hr"),
        waiting_at_start=get("coordination.waiting_at_start"),
        assessor_posts=get("adult_care.assessor_posts"),
        beds=get("hospital.beds"),
        care_home_places=get("residential.places"),
    )
