"""What went in comes out: durations and routes of a Derby trace against the register values of its plan.

Two plans, in which nothing interrupts what is measured. *Hospital*: nobody dies, moves away or comes to need a care home at home, so
every stay, assessment and arrangement that began is seen to end (but for one stay in fifty thousand that outlasts the last year).
*Home*: nobody is admitted either. Expected values come from the register's names and are worked out here, not from `runs.bind`.
Durations are held by mean, variance of the logarithm and the whole law; routes by their share; different purposes by their correlation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import closed_forms as forms
import numpy as np
import pytest
from scipy import stats
from two_stage import SIZES, Size, hold
from worlds import derby, world

from lacsim.model import compiled, rules
from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED
from lacsim.model.world import CAPACITY
from lacsim.parameters import params

RESIDENTS = 50_000
HORIZON = 5 * s.YEAR
REGISTER: Mapping[str, Any] = params("controlled").values()
STILL = {"natural_history.death_at_65": 0.0, "residential.care_need_at_65": 0.0,
         **{f"population.moves_away_{band}": 0.0 for band in ("18_44", "45_64", "65_plus")}}  # fmt: skip
HOSPITAL_PLAN = {**STILL, "effects.hospital_stay_ratio": 1.0, "coordination.introduced_at_discharge": 0.1}
HOME_PLAN = {**STILL, "natural_history.sudden_admission": 0.0, "natural_history.late_admission_at_65": 0.0,
             "effects.front_door_help_found": 0.3, "coordination.introduced_at_ask": 0.1,
             "coordination.introduced_at_contact": 0.1, "effects.difficulty_passes_hr": 1.3}  # fmt: skip


class Lived(NamedTuple):
    """A trace sorted by resident, with its start; `held` is what each resident held before each row."""

    rows: np.ndarray
    held: np.ndarray
    first_held: np.ndarray
    born: np.ndarray
    need: np.ndarray
    tenure: np.ndarray
    ward: np.ndarray
    start: Any


@lru_cache(maxsize=2)
def lived(plan: str, residents: int, seed: int) -> Lived:
    city = derby(HOSPITAL_PLAN if plan == "hospital" else HOME_PLAN, residents=residents, seed=seed)
    start = world(city, "wards-10")
    people = start.people.copy()
    rows = compiled.run(start, rules)
    rows = rows[np.argsort(rows["resident"], kind="stable")]
    same = np.append(False, rows["resident"][1:] == rows["resident"][:-1])
    held = np.where(same, np.append(0, rows["holds"][:-1]), people["holds"][rows["resident"]])
    return Lived(rows, held, people["holds"], people["born"], people["need"], people["tenure"], people["ward"], start)


def spans(rows: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of each beginning and of the end that follows it for the same resident."""
    either = np.flatnonzero(begins | ends)
    a, b = either[:-1], either[1:]
    pair = begins[a] & ends[b] & (rows["resident"][a] == rows["resident"][b])
    return a[pair], b[pair]


def seconds(rows: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (rows["seconds"][b] - rows["seconds"][a]).astype(float)


# --- durations -----------------------------------------------------------------------------------------------------


class Law(NamedTuple):
    """A duration of the register: lognormal, or exponential when cv is 1 and `log` is false; mean in seconds."""

    mean: float
    cv: float
    log: bool = True

    def uniform(self, x: np.ndarray) -> np.ndarray:
        """The duration as its own quantile; uniform if it has this law."""
        if not self.log:
            return np.asarray(-np.expm1(-x / self.mean))
        mu, sigma = forms.lognormal_parameters(self.mean, self.cv)
        return np.asarray(stats.norm.cdf((np.log(x) - mu) / sigma))


def _days(name: str, cv: str) -> Law:
    return Law(float(REGISTER[name]) * s.DAY, float(REGISTER[cv]))


LAWS = {
    "hospital stay under 65": _days("hospital.mean_stay_days_18_64", "hospital.stay_cv"),
    "hospital stay 65 and over": _days("hospital.mean_stay_days_65_plus", "hospital.stay_cv"),
    "assessment in hospital": _days("adult_care.assessment_mean_days", "adult_care.assessment_cv"),
    "arranging a package": _days("adult_care.arrange_package_mean_days", "adult_care.arrange_cv"),
    "arranging a care home": _days("adult_care.arrange_care_home_mean_days", "adult_care.arrange_cv"),
    "assessment at home": _days("adult_care.assessment_mean_days", "adult_care.assessment_cv"),
    "contact, in mean contacts": Law(1.0, float(REGISTER["coordination.short_term_minutes_cv"])),
    "difficulty without support": Law(
        float(REGISTER["natural_history.difficulty_mean_months"]) * s.YEAR / 12.0, 1.0, log=False
    ),
}
HOSPITAL_LAWS = tuple(LAWS)[:5]


def stay_ends(rows: np.ndarray, stage: int) -> np.ndarray:
    return (rows["what"] == HAPPENED) & (rows["cause"] == s.STAY_ENDS) & (rows["left"] == stage)


class Episode(NamedTuple):
    """Hospital stays by row: admission, ready; and for those assessed: grant, assessed; and for those arranged for: done."""

    admitted: np.ndarray
    ready: np.ndarray
    granted: np.ndarray
    assessed: np.ndarray
    assessed_again: np.ndarray
    arranged: np.ndarray


def in_hospital(of: Lived) -> Episode:
    rows = of.rows
    admitted = (rows["what"] == HAPPENED) & np.isin(rows["cause"], (s.SUDDEN_ADMISSION, s.LATE_ADMISSION))
    ends = stay_ends(rows, s.HOSPITAL)
    granted = (rows["what"] == GRANTED) & (rows["cause"] == s.ASSESSOR) & (rows["left"] == s.HOSPITAL)
    a, b = spans(rows, admitted, ends | granted)
    early = rows["seconds"][a] < HORIZON - s.YEAR
    g, done = spans(rows, granted, ends | admitted)
    outcome = np.isin(rows["outcome"], (s.PACKAGE_STARTED, s.REABLED, s.REABLED_TO_PACKAGE, s.CARE_HOME_AGREED)) & ends
    x, y = spans(rows, outcome, (ends & ~outcome) | admitted)
    return Episode(a[early], b[early], g, done, x, y)


def durations(plan: str, residents: int, seed: int) -> dict[str, np.ndarray]:
    """Durations of one plan by name, in seconds (contacts in mean contacts of the ward)."""
    of = lived(plan, residents, seed)
    rows = of.rows
    if plan == "hospital":
        e = in_hospital(of)
        older = rows["seconds"][e.admitted] - of.born[rows["resident"][e.admitted]] >= 65 * s.YEAR
        treated = seconds(rows, e.admitted, e.ready)
        to_home = rows["outcome"][e.assessed_again] == s.CARE_HOME_AGREED
        arranged = seconds(rows, e.assessed_again, e.arranged)
        return {
            HOSPITAL_LAWS[0]: treated[~older],
            HOSPITAL_LAWS[1]: treated[older],
            HOSPITAL_LAWS[2]: seconds(rows, e.granted, e.assessed),
            HOSPITAL_LAWS[3]: arranged[~to_home],
            HOSPITAL_LAWS[4]: arranged[to_home],
        }
    at_home = (rows["what"] == GRANTED) & (rows["cause"] == s.ASSESSOR)
    a, b = spans(rows, at_home, stay_ends(rows, s.ASSESSMENT))
    met = (rows["what"] == GRANTED) & (rows["cause"] == s.SHORT_TERM_TIME)
    c, d = spans(rows, met, stay_ends(rows, s.SHORT_TERM))
    begins = (rows["what"] == HAPPENED) & (rows["cause"] == s.DIFFICULTY_STARTS)
    passes = (rows["what"] == HAPPENED) & (rows["cause"] == s.DIFFICULTY_PASSES)
    x, y = spans(rows, begins, passes)
    supported = (rows["holds"] & (s.CASELOAD_PLACE | s.CARRY_OVER)) != 0
    ever = np.bincount(rows["resident"], weights=supported, minlength=len(of.born)) > 0
    # Those who are never supported are those never connected, whose difficulties run their own course; two years of
    # starts and three of watching leave out one difficulty in a thousand.
    early = (rows["seconds"][x] < 2 * s.YEAR) & ~_in_covered_ward(of)[rows["resident"][x]] & ~ever[rows["resident"][x]]
    return {
        "assessment at home": seconds(rows, a, b),
        "contact, in mean contacts": seconds(rows, c, d) / _contact_seconds(of, c),
        "difficulty without support": seconds(rows, x[early], y[early]),
    }


def _in_covered_ward(of: Lived) -> np.ndarray:
    start = of.start
    return np.asarray((start.wards["posts"][start.row_of_ward] > 0.0)[of.ward])


def _contact_seconds(of: Lived, at: np.ndarray) -> np.ndarray:
    """Mean seconds of a contact in the ward of each row at its second."""
    start = of.start
    found = start.wards["contact_seconds"][start.row_of_ward][of.ward[of.rows["resident"][at]]].copy()
    for entry in start.calendar[start.calendar["what"] != CAPACITY]:
        later = (of.ward[of.rows["resident"][at]] == entry["target"]) & (of.rows["seconds"][at] >= entry["seconds"])
        found[later] = start.wards["contact_seconds"][entry["value"]]
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LAWS)
def test_realised_durations_are_those_of_the_register(name: str, size: Size, record_property: Any) -> None:
    """Mean, variance of the logarithm (of the exponential: of the duration over its mean) and whole law."""
    plan, law = "hospital" if name in HOSPITAL_LAWS else "home", LAWS[name]
    if law.log:
        mu, sigma = forms.lognormal_parameters(law.mean, law.cv)
        expected = {"mean": law.mean, "variance of logarithm": sigma**2}
    else:
        expected = {"mean": law.mean, "variance over squared mean": 1.0}

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        found = durations(plan, residents, seed)[name]
        if law.log:
            return {"mean": found, "variance of logarithm": (np.log(found) - mu) ** 2}
        return {"mean": found, "variance over squared mean": (found / law.mean - 1.0) ** 2}

    hold(record_property, measure, RESIDENTS, expected, Size(min(size.times, 4), size.seed))
    for seed, runs, limit in ((size.seed, 1, 1e-3), (size.seed + 1_000_003, 4, 5e-3)):
        found = np.concatenate([durations(plan, RESIDENTS, 10 * seed + k)[name] for k in range(runs)])
        test = stats.kstest(law.uniform(found), "uniform")
        print(f"whole law: n {len(found)}, distance {test.statistic:.4f}, p {test.pvalue:.3g}")
        if test.pvalue > limit:
            return
    pytest.fail(
        f"{name}: the law differs from the register's on fresh seeds, distance {test.statistic:.4f}, p {test.pvalue:.2g}"
    )


# --- routes -----------------------------------------------------------------------------------------------------------


def home_routes(of: Lived) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Which way each went and the share of the register, at home."""
    rows, held, get = of.rows, of.held, {**REGISTER, **HOME_PLAN}
    happened, out = rows["what"] == HAPPENED, rows["outcome"]
    covered = _in_covered_ward(of)[rows["resident"]]
    asks = happened & (rows["cause"] == s.ASKS_FOR_HELP)
    triaged = happened & np.isin(out, (s.SIGNPOSTED, s.TO_ASSESSMENT))
    assessed = stay_ends(rows, s.ASSESSMENT)
    contact = stay_ends(rows, s.SHORT_TERM) & (rows["because"] == s.ASKS_FOR_HELP)
    # `because` names the new request once a contact has led to one, which is the same clock.
    ways = [get[f"adult_care.outcome_{o}"] for o in ("low_level", "reablement", "long_term", "other")]
    reabled = np.isin(out, (s.REABLED, s.REABLED_TO_PACKAGE))
    found = {
        "signposted": (out == s.SIGNPOSTED)[triaged],
        "met by the coordinator first": (out == s.MET_BY_COORDINATOR)[asks & covered],
        "help found": (out == s.HELP_FOUND)[contact],
        "assessed: low level": (out == s.LOW_LEVEL)[assessed],
        "assessed: reablement": reabled[assessed],
        "assessed: package": (out == s.PACKAGE_STARTED)[assessed],
        "assessed: other": (out == s.OTHER_SUPPORT)[assessed],
        "reablement ends well": (out == s.REABLED)[assessed & reabled],
    }
    expected = {
        "signposted": get["adult_care.share_no_formal_service"],
        "met by the coordinator first": get["coordination.front_door_offer_share"],
        "help found": get["effects.front_door_help_found"],
        "assessed: low level": ways[0] / sum(ways),
        "assessed: reablement": ways[1] / sum(ways),
        "assessed: package": ways[2] / sum(ways),
        "assessed: other": ways[3] / sum(ways),
        "reablement ends well": get["adult_care.reablement_no_ongoing"],
    }
    # Introductions: each has a chance of its own by need and tenure; counted over the chances, 1 is expected.
    need = np.array([get[f"coordination.weight_{n}"] for n in s.NEEDS])[of.need[rows["resident"]]]
    tenure = np.array([get[f"coordination.weight_{t}"] for t in s.TENURES])[of.tenure[rows["resident"]]]
    free = covered & ((held & (s.CASELOAD_PLACE | s.ON_WAITING_LIST | s.CARE_HOME)) == 0)
    listed = (rows["holds"] & s.ON_WAITING_LIST) != 0
    at = {
        "ask": asks & triaged,
        "contact": stay_ends(rows, s.SHORT_TERM) & np.isin(out, (s.ADVICE_GIVEN, s.HELP_FOUND)),
    }
    for where, chosen in at.items():
        chance = np.minimum(get[f"coordination.introduced_at_{where}"] * need * tenure, 1.0)[chosen & free]
        found[f"introduced at {where}"] = 1.0 + (listed[chosen & free] - chance) / chance.mean()
        expected[f"introduced at {where}"] = 1.0
    return {k: np.asarray(v, float) for k, v in found.items()}, expected


def hospital_routes(of: Lived) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Which way each went and the share of the register, in hospital and into care homes."""
    rows, held, get, e = of.rows, of.held, {**REGISTER, **HOSPITAL_PLAN}, in_hospital(of)
    out = rows["outcome"]
    ready = e.ready[np.isin(out[e.ready], (s.WENT_HOME, s.READY_TO_LEAVE))]
    age = (rows["seconds"] - of.born[rows["resident"]]) / s.YEAR
    undecided = ready[(held[ready] & (s.OPEN_REQUEST | s.NEEDS_CARE_HOME)) == 0]
    found, expected = {}, {}
    for band, low, high in (("18_64", 0, 65), ("65_74", 65, 75), ("75_84", 75, 85), ("85_plus", 85, 200)):
        who = undecided[(age[undecided] >= low) & (age[undecided] < high)]
        found[f"needs an assessment, {band}"] = out[who] == s.READY_TO_LEAVE
        expected[f"needs an assessment, {band}"] = get[f"adult_care.hospital_needs_assessment_{band}"]
    well = ready[(held[ready] & s.DIFFICULTY) == 0]
    found["leaves with a difficulty"] = (rows["holds"][well] & s.DIFFICULTY) != 0
    expected["leaves with a difficulty"] = get["natural_history.admission_leaves_difficulty"]
    assessed = e.assessed[(held[e.assessed] & s.NEEDS_CARE_HOME) == 0]
    older = age[assessed] >= 65
    home, package, again = (get[f"adult_care.hospital_outcome_{o}"] for o in ("care_home", "package", "reablement"))
    found["older: care home agreed"] = (out[assessed] == s.CARE_HOME_AGREED)[older]
    expected["older: care home agreed"] = home
    found["package from hospital"] = out[assessed] == s.PACKAGE_STARTED
    expected["package from hospital"] = package
    reabled = np.isin(out[assessed], (s.REABLED, s.REABLED_TO_PACKAGE))
    found["reablement from hospital"] = reabled
    expected["reablement from hospital"] = again
    found["reablement from hospital ends well"] = (out[assessed] == s.REABLED)[reabled]
    expected["reablement from hospital ends well"] = get["adult_care.reablement_no_ongoing"]
    need = np.array([get[f"coordination.weight_{n}"] for n in s.NEEDS])[of.need[rows["resident"]]]
    tenure = np.array([get[f"coordination.weight_{t}"] for t in s.TENURES])[of.tenure[rows["resident"]]]
    known = s.CASELOAD_PLACE | s.ON_WAITING_LIST | s.CARE_HOME | s.NEEDS_CARE_HOME
    free = ready[_in_covered_ward(of)[rows["resident"][ready]] & ((held[ready] & known) == 0)]
    chance = np.minimum(get["coordination.introduced_at_discharge"] * need * tenure, 1.0)[free]
    found["introduced at discharge"] = 1.0 + (((rows["holds"][free] & s.ON_WAITING_LIST) != 0) - chance) / chance.mean()
    expected["introduced at discharge"] = 1.0
    entered = out == s.CARE_HOME_ENTERED
    found["council supported"] = (rows["holds"][entered] & s.COUNCIL_SUPPORTED) != 0
    expected["council supported"] = get["residential.council_supported_share"]
    found["nursing"] = (rows["holds"][entered] & s.NURSING) != 0
    expected["nursing"] = get["residential.nursing_share"]
    return {k: np.asarray(v, float) for k, v in found.items()}, expected


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("plan", ["home", "hospital"])
def test_realised_routes_are_those_of_the_register(plan: str, size: Size, record_property: Any) -> None:
    routes = home_routes if plan == "home" else hospital_routes
    expected = routes(lived(plan, RESIDENTS, 1))[1]

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        return routes(lived(plan, residents, seed))[0]

    hold(record_property, measure, RESIDENTS, expected, Size(min(size.times, 4), size.seed))


# --- clocks that run at one pace --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_clocks_ring_as_often_as_the_time_they_ran_allows(size: Size, record_property: Any) -> None:
    """Rings less hazard times time at risk have mean zero whatever ends the watch; over their mean, 1 is expected."""
    get = {**REGISTER, **HOME_PLAN}
    month = s.YEAR / 12.0

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        of = lived("home", residents, seed)
        rows, n = of.rows, len(of.born)
        resident = np.concatenate([np.arange(n), rows["resident"]])
        order = np.argsort(resident, kind="stable")
        resident = resident[order]
        held = np.concatenate([of.first_held, rows["holds"]])[order].astype(np.int64)
        begin = np.concatenate([np.zeros(n, np.int64), rows["seconds"]])[order]
        end = np.append(begin[1:], HORIZON)
        end[np.append(resident[1:] != resident[:-1], True)] = HORIZON
        span = (end - begin).astype(float)
        supported = (held & (s.CASELOAD_PLACE | s.CARRY_OVER)) != 0
        pace = np.where(supported, get["effects.difficulty_passes_hr"], 1.0)
        clocks = {
            s.DIFFICULTY_PASSES: ((held & s.DIFFICULTY) != 0)
            * pace
            / (get["natural_history.difficulty_mean_months"] * month),
            s.COORDINATION_ENDS: ((held & s.CASELOAD_PLACE) != 0) / (get["coordination.mean_stay_days"] * s.DAY),
            s.EFFECT_FADES: ((held & s.CARRY_OVER) != 0) / (get["effects.carry_over_mean_days"] * s.DAY),
            s.STOPS_WAITING: ((held & s.ON_WAITING_LIST) != 0) / (get["coordination.waits_mean_days"] * s.DAY),
        }
        found = {}
        for clock, hazard in clocks.items():
            rings = np.bincount(rows["resident"][(rows["what"] == HAPPENED) & (rows["cause"] == clock)], minlength=n)
            due = np.bincount(resident, weights=hazard * span, minlength=n)
            found[s.CAUSES[clock]] = 1.0 + (rings - due) / due.mean()
        return found

    clocks = (s.DIFFICULTY_PASSES, s.COORDINATION_ENDS, s.EFFECT_FADES, s.STOPS_WAITING)
    expected = {s.CAUSES[clock]: 1.0 for clock in clocks}
    hold(record_property, measure, RESIDENTS, expected, Size(min(size.times, 4), size.seed))


# --- purposes are independent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_ranks_of_different_purposes_are_not_correlated(size: Size, record_property: Any) -> None:
    """12 (u - 1/2)(v - 1/2) of two quantiles has the rank correlation as its mean; 0 is expected."""

    def stay_quantiles(of: Lived, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        older = of.rows["seconds"][a] - of.born[of.rows["resident"][a]] >= 65 * s.YEAR
        took = seconds(of.rows, a, b)
        young, old = LAWS[HOSPITAL_LAWS[0]].uniform(took), LAWS[HOSPITAL_LAWS[1]].uniform(took)
        return np.where(older, old, young)

    def together(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.asarray(12.0 * (u - 0.5) * (v - 0.5))

    def measure(residents: int, seed: int) -> dict[str, np.ndarray]:
        of = lived("hospital", residents, seed)
        rows, e = of.rows, in_hospital(of)
        stay = dict(zip(e.ready.tolist(), stay_quantiles(of, e.admitted, e.ready).tolist(), strict=True))
        # The grant that follows "ready" for the same resident, and the arrangement that follows the assessment.
        ready = np.zeros(len(rows), bool)
        ready[e.ready] = True
        granted = np.zeros(len(rows), bool)
        granted[e.granted] = True
        a, b = spans(rows, ready, granted)
        length = dict(zip(e.granted.tolist(), seconds(rows, e.granted, e.assessed).tolist(), strict=True))
        assessed = dict(zip(e.assessed.tolist(), seconds(rows, e.granted, e.assessed).tolist(), strict=True))
        law = LAWS["assessment in hospital"]
        first = np.array([stay[i] for i in a.tolist()])
        second = law.uniform(np.array([length[i] for i in b.tolist() if i in length]))
        kept = np.array([i in length for i in b.tolist()])
        linked = np.array([i in assessed for i in e.assessed_again.tolist()])
        x, y = e.assessed_again[linked], e.arranged[linked]
        home = rows["outcome"][x] == s.CARE_HOME_AGREED
        took = seconds(rows, x, y)
        arranged = np.where(home, LAWS[HOSPITAL_LAWS[4]].uniform(took), LAWS[HOSPITAL_LAWS[3]].uniform(took))
        before = law.uniform(np.array([assessed[i] for i in x.tolist()]))
        quantile = stay_quantiles(of, e.admitted, e.ready)
        who = rows["resident"][e.ready]
        again = np.flatnonzero(who[1:] == who[:-1])
        triage = rows["outcome"][e.ready] == s.READY_TO_LEAVE
        older = rows["seconds"][e.ready] - of.born[who] >= 85 * s.YEAR
        share = float(REGISTER["adult_care.hospital_needs_assessment_85_plus"])
        route = (triage[older] - share) / math.sqrt(share * (1.0 - share))
        return {
            "stay and its assessment": together(first[kept], second),
            "assessment and arranging": together(before, arranged),
            "one stay and the next": together(quantile[again], quantile[again + 1]),
            "stay and whether an assessment is needed, 85 and over": math.sqrt(12.0) * (quantile[older] - 0.5) * route,
        }

    names = ("stay and its assessment", "assessment and arranging", "one stay and the next",
             "stay and whether an assessment is needed, 85 and over")  # fmt: skip
    hold(record_property, measure, RESIDENTS, dict.fromkeys(names, 0.0), Size(min(size.times, 4), size.seed))
