"""Who lives in the city on the first day: every decision of the start against the register and the ward table.

Expected values are worked out here, person by person where a chance depends on what was drawn before (a frail person is likelier to be
in a care home), so each decision is held by itself. The law of what was drawn is held as a whole, and the luck of any two decisions is
held to be unrelated. No engine is run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import closed_forms as forms
import numpy as np
import pytest
from scipy import stats
from two_stage import SIZES, Size, hold
from worlds import derby, live

from lacsim.evidence import area
from lacsim.model import stages as s
from lacsim.model.frailty import FIRST_AGE, SCORE_STEP, SCORES, frailty_of_the_living
from lacsim.model.trace import GRANTED, JOINED, LEFT_QUEUE
from lacsim.parameters import params
from lacsim.results.tally import EVENTS, tally
from lacsim.runs import bind, schedule
from lacsim.runs.experiment import Future, Lived, run_future
from lacsim.runs.plan import central_plan
from lacsim.runs.scenario import forecast

RESIDENTS = 100_000
YEARS = 8
GET: Mapping[str, Any] = params("controlled").values()
WARDS = area().wards
BANDS = ("18_64", "18_64", "18_64", "65_74", "75_84", "85_plus")
_FIRST_AGE = np.array([18.0, 30.0, 45.0, 65.0, 75.0, 85.0])
_WIDTH = np.array([12.0, 15.0, 20.0, 10.0, 10.0, np.inf])


def by_need(prefix: str) -> np.ndarray:
    """Values of the register by need group, the last being the reference."""
    return np.array([float(GET.get(f"{prefix}_{need}", 1.0)) for need in s.NEEDS[:-1]] + [1.0])


def need_shares() -> np.ndarray:
    """Share of each need group by ward and by under 65 / 65 and over."""
    shares = np.zeros((len(WARDS), 2, s.N_NEEDS))
    shares[:, :, s.MENTAL_HEALTH] = GET["population.share_mental_health"]
    shares[:, :, s.LEARNING_DISABILITY] = GET["population.share_learning_disability"]
    shares[:, 0, s.PHYSICAL] = WARDS["pct_limited_a_lot_2011"] / 100.0 * GET["population.share_physical_18_64_ratio"]
    shares[:, 1, s.FRAIL] = GET["population.share_frail_65_plus"]
    shares[:, :, s.CARER] = (
        WARDS["pct_unpaid_care_50h_2011"] / 100.0 * GET["population.share_carer_ratio"]
    ).to_numpy()[:, None]
    shares[:, :, s.OTHER_NEED] = 1.0 - shares.sum(axis=2)
    return shares


def tenure_shares() -> np.ndarray:
    """Share of social, owned and private homes by ward."""
    columns = (("social_council", "social_other"), ("owned", "shared_ownership"), ("private_rent", "rent_free"))
    parts = np.column_stack([sum(WARDS[f"pct_hh_{name}_2011"] for name in names) for names in columns])
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


class Drawn(NamedTuple):
    """What was drawn, as hits with their chances and as quantiles, over everybody listed; NaN where it was not drawn."""

    hits: dict[str, tuple[np.ndarray, np.ndarray]]
    quantiles: dict[str, np.ndarray]


@lru_cache(maxsize=1)
def drawn(residents: int, seed: int) -> Drawn:
    city = derby(residents=residents, years=YEARS, seed=seed)
    people, rank = city.cohort
    ward, need, band = (people[name].astype(int) for name in ("ward", "need", "age_band"))
    here = people["stage"] != s.OUTSIDE
    arrival = np.where(here, 0, people["stay_ends"])
    age = (arrival - people["born"]) / s.YEAR
    older = (band >= 3).astype(int)
    holds, stage, wards = people["holds"], people["stage"], city.wards
    turned_18 = ~here & (np.abs(age - 18.0) < 1e-6)

    def only(chosen: np.ndarray, values: np.ndarray | float) -> np.ndarray:
        return np.where(chosen, values, np.nan)

    # Frailty: the table of those alive at an age, itself held to a closed form below, read backwards.
    population = bind.population_of(bind.Reader(GET), city.area, forecast(YEARS), residents=residents)
    table, means = frailty_of_the_living(population, np.asarray(city.wards), np.asarray(city.rates)[0])
    at = np.clip(age - FIRST_AGE, 0.0, len(table) - 1.001)
    low, part = at.astype(int), (at - at.astype(int))[:, None]
    own_law = table[low] * (1.0 - part) + table[low + 1] * part
    log_frailty = np.log(people["frailty"])
    below = (own_law <= log_frailty[:, None]).sum(axis=1).clip(1, len(SCORES) - 1) - 1
    rows = np.arange(len(people))
    left, right = own_law[rows, below], own_law[rows, below + 1]
    quantiles = {"frailty": stats.norm.cdf(SCORES[below] + SCORE_STEP * (log_frailty - left) / (right - left))}
    mean_frailty, mean_root = (np.interp(at, np.arange(len(means)), means[:, k]) for k in (0, 1))
    relative, relative_root = people["frailty"] / mean_frailty, np.sqrt(people["frailty"]) / mean_root

    # Age within the band: density 1 + tilt (2x - 1), and exponential above 85.
    tilt = population.age_tilt[ward, band]
    x = (age - _FIRST_AGE[band]) / _WIDTH[band]
    above = -np.expm1(-(age - 85.0) / float(GET["population.mean_years_above_85"]))
    in_band = (1.0 - tilt) * x + tilt * x**2
    quantiles["age"] = only(~turned_18 & (age < 108.9), np.where(band == 5, above, in_band))
    year = np.floor(arrival / s.YEAR)
    quantiles["date of arrival"] = only(~here, arrival / s.YEAR - year)

    shares, tenures = need_shares(), tenure_shares()
    hits = {f"need: {name}": ((need == k).astype(float), shares[ward, older, k]) for k, name in enumerate(s.NEEDS)}
    hits |= {
        f"tenure: {name}": ((people["tenure"] == k).astype(float), tenures[ward, k]) for k, name in enumerate(s.TENURES)
    }

    care_hr, ask_hr = by_need("residential.care_need_hr"), by_need("adult_care.asks_hr")
    mean_care, mean_ask = (np.einsum("ik,k->i", shares[ward, older], hr) for hr in (care_hr, ask_hr))
    homes = np.array([float(GET[f"residential.resident_share_{b}"]) for b in BANDS])[band]
    packages = np.array([float(GET[f"adult_care.package_share_{b}"]) for b in BANDS])[band]
    care = np.minimum(homes * relative_root * care_hr[need] / mean_care * wards["care_need_ratio"][ward], 1.0)
    in_home = here & (stage == s.RESIDENTIAL)
    hits["lives in a care home"] = (only(here, in_home), only(here, care))
    hits["council supported"] = (
        only(in_home, (holds & s.COUNCIL_SUPPORTED) != 0),
        only(in_home, GET["residential.council_supported_share"]),
    )
    hits["nursing care"] = (only(in_home, (holds & s.NURSING) != 0), only(in_home, GET["residential.nursing_share"]))

    rest = here & ~in_home
    years = age - 65.0
    admissions = GET["natural_history.sudden_admission"] + GET["natural_history.late_admission_at_65"] * np.exp(
        GET["natural_history.late_admission_slope"] * years
    )
    admissions = (
        admissions * wards["admission_ratio"][ward] * by_need("natural_history.admission_hr")[need] * people["frailty"]
    )
    starts = (
        GET["natural_history.difficulty_starts_at_65"]
        * by_need("natural_history.difficulty_hr")[need]
        * people["frailty"]
    )
    starts = starts * np.exp(GET["natural_history.difficulty_starts_slope"] * years)
    starts = starts + admissions * GET["natural_history.admission_leaves_difficulty"]
    passes = 12.0 / GET["natural_history.difficulty_mean_months"]
    difficulty = (holds & s.DIFFICULTY) != 0
    hits["in a difficulty"] = (only(rest, difficulty), only(rest, starts / (starts + passes)))
    package = (holds & s.PACKAGE) != 0
    chance = np.minimum(packages * relative * ask_hr[need] / mean_ask * wards["ask_ratio"][ward], 1.0)
    hits["on a package"] = (only(rest, package), only(rest, chance))

    ratio = np.where(difficulty, GET["natural_history.admission_hr_difficulty"], 1.0)
    ratio = ratio * np.where(package, GET["natural_history.admission_hr_package"], 1.0)
    mean_days = np.where(older == 1, GET["hospital.mean_stay_days_65_plus"], GET["hospital.mean_stay_days_18_64"])
    bed = admissions * ratio * mean_days * s.DAY / s.YEAR
    in_bed = rest & (stage == s.HOSPITAL)
    hits["in hospital"] = (only(rest, in_bed), only(rest, np.minimum(bed / np.maximum(1.0 - care, 1e-9), 1.0)))
    # What is left of a stay that is found running has the density (1 - F) / mean.
    left = people["stay_ends"] / s.DAY
    mu, log_sigma = np.vectorize(forms.lognormal_parameters)(mean_days, float(GET["hospital.stay_cv"]))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (np.log(left) - mu) / log_sigma
    quantiles["what is left of a hospital stay"] = only(
        in_bed, stats.norm.cdf(z - log_sigma) + left / mean_days * stats.norm.sf(z)
    )

    asks = GET["adult_care.asks_for_help_at_65"] / s.YEAR * wards["ask_ratio"][ward] * ask_hr[need] * people["frailty"]
    asks = (
        asks
        * np.where(difficulty, GET["adult_care.asks_hr_difficulty"], 1.0)
        * np.where(package, GET["adult_care.asks_hr_package"], 1.0)
    )
    asks = asks * np.exp(GET["adult_care.asks_for_help_slope"] * years)
    hits["waits for an assessment"] = waits_for_assessment(city, here, people, asks, admissions * ratio, care_hr, years)

    # The lottery for caseload places: an exponential time whose rate is the chance of having been introduced.
    listed = rest & np.isfinite(rank)
    weights = np.array([float(GET[f"coordination.weight_{n}"]) for n in s.NEEDS])[need]
    weights = weights * np.array([float(GET[f"coordination.weight_{t}"]) for t in s.TENURES])[people["tenure"]]
    quantiles["rank for a caseload place"] = only(listed, -np.expm1(-np.where(listed, rank, 0.0) * asks * weights))
    return Drawn({k: (np.asarray(a, float), np.asarray(b, float)) for k, (a, b) in hits.items()}, quantiles)


def waits_for_assessment(
    city: Any, here: np.ndarray, people: np.ndarray, asks: Any, admissions: Any, care_hr: Any, years: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Who waits for an assessor on the first day, and with what chance: requests times the mean of Erlang-A."""
    holds, stage = people["holds"], people["stage"]
    at_home = here & ((stage == s.COMMUNITY) | (stage == s.ASSESSMENT))
    ordinary = np.where(at_home, asks * (1.0 - GET["adult_care.share_no_formal_service"]), 0.0)
    need = GET["residential.care_need_at_65"] * np.exp(GET["residential.care_need_slope"] * years)
    need = need * city.wards["care_need_ratio"][people["ward"]] * care_hr[people["need"]] * people["frailty"]
    for held, name in ((s.DIFFICULTY, "difficulty"), (s.PACKAGE, "package")):
        need = need * np.where(holds & held, GET[f"residential.care_need_hr_{name}"], 1.0)
    share = np.array([GET[f"adult_care.hospital_needs_assessment_{b}"] for b in BANDS])[people["age_band"].astype(int)]
    urgent = np.where(at_home, need, 0.0) + np.where(at_home, admissions * share, 0.0)
    arrivals = ordinary.sum() * s.DAY + urgent.sum() * s.DAY / s.YEAR
    service, posts = 1.0 / GET["adult_care.assessment_mean_days"], schedule.assessors_of(city.terms, city.scale)
    law = forms.erlang_a_law(arrivals, service, posts, 1.0 / GET["adult_care.withdraws_after_mean_days"], 20_000)
    n = np.arange(len(law))
    days = law @ np.maximum(n - posts, 0) / (ordinary.sum() * s.DAY) + law @ np.minimum(n, posts) / arrivals
    return np.where(at_home, stage == s.ASSESSMENT, np.nan), np.where(at_home, ordinary * days * s.DAY, np.nan)


@pytest.mark.parametrize("size", SIZES)
def test_shares_of_the_first_day_are_those_of_the_register(size: Size, record_property: Any) -> None:
    """Hits over chances, person by person; 1 is expected."""

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        found = {}
        for name, (hit, chance) in drawn(residents, seed).hits.items():
            known = np.isfinite(hit) & np.isfinite(chance)
            mean = chance[known].mean()
            found[name] = 1.0 + (hit[known] - chance[known]) / mean if mean > 0.0 else 1.0 + hit[known]
        return found

    expected = dict.fromkeys(drawn(RESIDENTS, 1).hits, 1.0)
    hold(record_property, measure, RESIDENTS, expected, Size(min(size.times, 4), size.seed))


QUANTILES = ("age", "frailty", "date of arrival", "what is left of a hospital stay", "rank for a caseload place")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", QUANTILES)
def test_what_is_drawn_for_the_first_day_has_its_law(name: str, size: Size) -> None:
    for seed, runs, limit in ((size.seed, 1, 1e-3), (size.seed + 1_000_003, 4, 5e-3)):
        found = np.concatenate([drawn(RESIDENTS, 10 * seed + k).quantiles[name] for k in range(runs)])
        found = found[np.isfinite(found)]
        test = stats.kstest(found, "uniform")
        print(f"{name}: n {len(found)}, distance {test.statistic:.4f}, p {test.pvalue:.3g}")
        if test.pvalue > limit:
            return
    pytest.fail(f"{name}: another law on fresh seeds, distance {test.statistic:.4f}, p {test.pvalue:.2g}")


@pytest.mark.parametrize("size", SIZES)
def test_no_two_decisions_of_the_first_day_share_luck(size: Size, record_property: Any) -> None:
    """Correlation of quantiles, and of hits less their chances, for every pair that one resident can have; 0 is expected.

    A pair is left out where fewer than 20 residents are expected to have both: the mean of so few is not normal.
    """

    def both(residents: int, seed: int) -> Iterator[tuple[str, np.ndarray, float]]:
        of = drawn(residents, seed)
        columns = {name: math.sqrt(12.0) * (u - 0.5) for name, u in of.quantiles.items()}
        chances = {name: np.ones(len(u)) for name, u in of.quantiles.items()}
        for name, (hit, chance) in of.hits.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                columns[name] = (hit - chance) / np.sqrt(chance * (1.0 - chance))
            chances[name] = np.minimum(chance, 1.0 - chance)
        for a, b in combinations(columns, 2):
            if a.split(":")[0] == b.split(":")[0]:
                continue  # two answers of one decision
            product = columns[a] * columns[b]
            known = np.isfinite(product)
            yield f"{a} and {b}", product[known], float((chances[a] * chances[b])[known].sum())

    expected = {name: 0.0 for name, _, residents in both(RESIDENTS, 1) if residents >= 20.0}

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        return {name: product for name, product, _ in both(residents, seed) if name in expected}

    assert len(expected) > 80
    hold(record_property, measure, RESIDENTS, expected, Size(min(size.times, 4), size.seed))


def test_frailty_of_the_living_is_that_of_survivors_where_one_hazard_kills() -> None:
    """Without hospital, care homes and packages the density at 18 times exp(-sqrt(z) H) is exact."""
    city = derby(residents=2_000, years=2, seed=1)
    population = bind.population_of(bind.Reader(GET), city.area, forecast(2), residents=2_000)
    none = np.zeros(6)
    alone = population._replace(care_home_share=none, package_share=none)
    rates = np.array(city.rates)
    for name in ("sudden_admission", "late_admission", "difficulty_starts"):
        rates[name] = 0.0
    table, means = frailty_of_the_living(alone, np.asarray(city.wards), rates[0])
    sigma, slope = population.frailty_sigma, float(rates["slope"][0, s.DEATH]) * s.YEAR
    z = np.exp(sigma * (x := np.linspace(-9.0, 9.0, 20_001)) - 0.5 * sigma**2)
    for age in (18, 40, 65, 80, 95):
        spent = float(rates["death"][0]) * s.YEAR / slope * (math.exp(slope * (age - 65)) - math.exp(slope * (18 - 65)))
        weights = stats.norm.pdf(x) * np.exp(-np.sqrt(z) * spent)
        weights /= weights.sum()
        assert means[age - 18] == pytest.approx([weights @ z, weights @ np.sqrt(z)], rel=0.01), age
        median = np.interp(0.5, np.cumsum(weights), np.log(z))
        assert table[age - 18, len(SCORES) // 2] == pytest.approx(median, abs=0.02), age


def test_a_city_without_coordinators_starts_near_what_it_becomes() -> None:
    """Admissions and deaths of older people do not drift from the first year on; nobody warms the city up."""
    plan = central_plan(["no-lac"], residents=100_000)

    def counted(future: Future, lives: Iterator[Lived]) -> tuple[np.ndarray, np.ndarray]:
        life, period = next(lives), plan.period
        found = tally(
            life.trace,
            life.start,
            year_starts=period.year_starts,
            month_starts=period.month_starts,
            n_wards=len(WARDS),
            short_stay_days=1.0,
        )
        alive = found.seconds.sum(axis=1)[:, 3:, :6].sum(axis=(1, 2)) / s.YEAR
        events = found.events.sum(axis=1)[:, 3:].sum(axis=1)
        return events[:, [EVENTS.index("admissions"), EVENTS.index("deaths")]], alive

    events, alive = run_future(plan, 1, counted)
    rates = events / alive[:, None]
    print("admissions and deaths per 1,000 aged 65 or over, by year:", (1e3 * rates).round(1).tolist())
    assert rates[0] == pytest.approx(rates[2:].mean(axis=0), rel=0.06)


def test_the_queue_for_an_assessor_starts_at_the_length_it_keeps() -> None:
    """With a fifth too few assessors the queue lives on people giving up: the first half-year is like the years after it.

    One queue wanders by a fifth within a season, so six cities are taken together; requests grow by 2% a year.
    """
    slow = {"adult_care.assessment_mean_days": 3.0, "adult_care.withdraws_after_mean_days": 90.0}
    months = np.arange(36) * s.YEAR // 12 + 1
    waiting = np.zeros(len(months))
    for seed in range(5, 11):
        rows = live(derby(slow, residents=60_000, years=3, seed=seed), "no-lac")
        rows = rows[(rows["cause"] == s.ASSESSOR) & np.isin(rows["what"], (JOINED, GRANTED, LEFT_QUEUE))]
        order = np.lexsort((np.arange(len(rows)), rows["resident"]))
        what, resident = rows["what"][order], rows["resident"][order]
        was_queued = np.append(False, (what[:-1] == JOINED) & (resident[1:] == resident[:-1]))
        change = np.zeros(len(rows))
        change[order] = (what == JOINED) * 1.0 - ((what != JOINED) & was_queued)
        waiting += np.cumsum(change)[np.searchsorted(rows["seconds"], months) - 1] / 6.0
    print("people waiting for an assessor by month:", waiting.round(1).tolist())
    assert waiting[:6].mean() == pytest.approx(waiting[6:].mean(), rel=0.2)
    assert waiting[6:].mean() > 50.0
