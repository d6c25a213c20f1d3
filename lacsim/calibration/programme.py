"""Coordination as it was, 2012 to March 2019, on the definitions of the council paper, and the figures beside it.

Who was met, supported, and had a case closed in a run of the history. Counts (grade A) may be fitted: they say how many
people passed through and who they were. What coordination changed for them is in no count, and is not fitted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from lacsim.model import stages as s
from lacsim.model.streams import KNOWN_TO_MASH, uniform
from lacsim.parameters import params
from lacsim.results.lives import Lives
from lacsim.runs.experiment import Lived
from lacsim.runs.plan import Plan

COUNTED: Final = dt.date(2019, 2, 1)  # "2012 to January 2019"
_YEAR_ONE: Final = 365 * s.DAY  # twelve months from 1 April 2012, and the days of a post with fewer places


@dataclass(frozen=True)
class Programme:
    """One run of the history, as the council paper would count it.

    Attributes
    ----------
    people
        Residents with a caseload place at any time to January 2019.
    people_first_year
        Those with a place in the first 12 months, of the coordinators who began on the first day: later ones joined
        within the year and are not in the printed figure.
    caseload
        Residents with a place on the last day, for each coordinator whose first year is over.
    contacts
        Short-term contacts for each coordinator and month, in the last year.
    mean_age, mental_health, older, social_rent, owner, private_rent, known_to_mash
        Of those with a place on the last day: age in years, and shares. Known to MASH is a mark by luck with the
        register's share; nothing in a life depends on it.
    known, closed, closed_12
        Residents with an open case when introduced in the last 12 months; the share of them whose case was closed by
        the end (reading 1); the share of all known when introduced at any time whose case closed within 12 months,
        everyone having had 12 months (reading 2).
    coordinator_years
        Post-years worked to January 2019.
    """

    people: float
    people_first_year: float
    caseload: float
    contacts: float
    mean_age: float
    mental_health: float
    older: float
    social_rent: float
    owner: float
    private_rent: float
    known_to_mash: float
    known: float
    closed: float
    closed_12: float
    coordinator_years: float


def programme_of(plan: Plan, life: Lived, lives: Lives, contacts_last_year: float, scale: float = 1.0) -> Programme:
    """Count one run of the history.

    Parameters
    ----------
    contacts_last_year
        Short-term contacts in the last financial year.
    scale
        Residents simulated as a share of the covered wards' adults; counts are put back to full size.
    """
    period, scenario = plan.period, life.scenario
    counted, horizon = period.seconds(COUNTED), period.horizon
    found = lives.introduced
    has_place = found["place"] >= 0
    people = life.world.people
    began = [p.ward for p in scenario.posts if period.seconds(p.starts) <= 0]  # the coordinators whose year was counted
    in_first_wards = np.isin(np.array(plan.area.ward_names)[people["ward"][found["resident"]]], began)
    held = (people["holds"] & s.CASELOAD_PLACE) != 0
    age, need, tenure = (horizon - people["born"][held]) / s.YEAR, people["need"][held], people["tenure"][held]
    mature = sum(p.posts for p in scenario.posts if period.seconds(p.starts) <= horizon - s.YEAR)
    years = sum(p.posts * max(0, counted - max(period.seconds(p.starts), 0)) / s.YEAR for p in scenario.posts)
    recent = (found["known"] != 0) & (found["at"] >= horizon - s.YEAR)
    long_ago = (found["known"] != 0) & (found["at"] < horizon - s.YEAR)
    within = (found["closed"] >= 0) & (found["closed"] - found["at"] <= s.YEAR)
    n = max(int(held.sum()), 1)
    return Programme(
        people=float((has_place & (found["place"] < counted)).sum()) / scale,
        people_first_year=float((has_place & in_first_wards & (found["place"] < _YEAR_ONE)).sum()) / scale,
        caseload=float(held.sum()) / scale / max(mature, 1e-9),
        contacts=contacts_last_year / scale / 12.0 / max(mature, 1e-9),
        mean_age=float(age.sum() / n),
        mental_health=float((need == s.MENTAL_HEALTH).sum() / n),
        older=float((need == s.FRAIL).sum() / n),
        social_rent=float((tenure == s.SOCIAL_RENT).sum() / n),
        owner=float((tenure == s.OWNER).sum() / n),
        private_rent=float((tenure == s.PRIVATE_RENT).sum() / n),
        known_to_mash=float(_known_to_mash(plan, life, np.flatnonzero(held)).sum() / n),
        known=float(recent.sum()) / scale,
        closed=float((found["closed"][recent] >= 0).sum() / max(int(recent.sum()), 1)),
        closed_12=float(within[long_ago].sum() / max(int(long_ago.sum()), 1)),
        coordinator_years=years,
    )


def _known_to_mash(plan: Plan, life: Lived, residents: np.ndarray) -> np.ndarray:
    """Whether each of these residents, supported by a coordinator, is known to the safeguarding hub."""
    rates = life.world.rates[0]
    share = plan.parameters.number("population.share_known_to_mash_supported")
    own = [uniform(int(rates["seed"]), int(rates["replication"]), int(i), KNOWN_TO_MASH, 0) for i in residents]
    return np.array(own, float) < share


@dataclass(frozen=True)
class Count:
    """A published count of the programme beside the model's.

    Attributes
    ----------
    name, unit
        What it is, and its unit.
    claim
        Register name of the figure, or of its entry with the claim after a colon.
    scale
        What the printed figure is multiplied by.
    measure
        The model's value.
    spread
        Standard deviation of the logarithm the fit allows; None = looked at only.
    why
        What the spread rests on, or why it is not in the fit.
    note
        Why the model misses it, where it does.
    """

    name: str
    unit: str
    claim: str
    scale: float
    measure: Callable[[Programme], float]
    spread: float | None
    why: str
    note: str = ""


_SUM = 1.0 / 0.98  # the four printed tenures add up to 98%
COUNTS: Final = (
    Count("long-term people to January 2019", "people", "claims.long_term_people", 1.0, lambda g: g.people, 0.036,
          "“approximately 1,400”: 1,300 to 1,500 by our judgement",
          "central values take the middle of each number by itself, and lose what holds them together in the fit"),
    Count("people in the first 12 months", "people", "claims.first_year_people", 1.0,
          lambda g: g.people_first_year, 0.15, "50 people of the first two coordinators; the luck of 50"),
    Count("people at one time, mature coordinator", "people", "coordination.places_per_coordinator:derby_2017", 1.0,
          lambda g: g.caseload, 0.15, "“about 40”; 25 in the first year, 62.5 at full capacity"),
    Count("short-term contacts a month, if 190 is the team's", "per coordinator",
          "coordination.short_term_people_per_month:team", 1.0, lambda g: g.contacts, 0.15,
          "approximately 190 for ten coordinators"),
    Count("short-term contacts a month, if 190 is each one's", "per coordinator",
          "coordination.short_term_people_per_month:each", 1.0, lambda g: g.contacts, None,
          "cannot be so in a model fitted to the other reading",
          "each coordinator would see nine people every working day, and the city 2.6 times all requests there are; "
          "the reported stance runs it so"),
    Count("average age of people supported", "years", "claims.mean_age_supported", 1.0, lambda g: g.mean_age, 0.03,
          "printed as 60; about 400 people"),
    Count("with mental-health needs", "share", "claims.share_supported_mental_health", 1.0,
          lambda g: g.mental_health, 0.08, "38% of about 400 people, and a difference of definition"),
    Count("older people", "share", "claims.share_supported_older", 1.0, lambda g: g.older, 0.12,
          "25% of about 400 people; the model's older and frail",
          "“older people” is a label of the service, the model's group is people of 65 and over who are frail; some "
          "the paper counts as older have other needs in the model"),
    Count("renting from council or association", "share", "claims.share_supported_council_tenant", 0.63 / 0.39 * _SUM,
          lambda g: g.social_rent, 0.05, "39% + 24%, taken to a sum of 100%"),
    Count("owning their home", "share", "claims.share_supported_owner", _SUM, lambda g: g.owner, 0.10,
          "31%, taken to a sum of 100%"),
    Count("renting privately", "share", "claims.share_supported_private_tenant", _SUM, lambda g: g.private_rent, 0.30,
          "4% of about 400 people"),
    Count("known to the safeguarding hub (MASH)", "share", "population.share_known_to_mash_supported", 1.0,
          lambda g: g.known_to_mash, None, "by construction, so no evidence",
          "a mark by luck with this share, on which nothing in a life depends"),
    Count("case closed by the end, introduced in the last 12 months", "share", "claims.case_closed_share", 1.0,
          lambda g: g.closed, None, "informs only ordinary closure times effect, and effects are not fitted",
          "a case in the model closes after 2.7 years on average, so few close within months; no denominator is "
          "printed, and a case may be closed administratively while support goes on"),
    Count("case closed within 12 months of introduction", "share", "claims.case_closed_share", 1.0,
          lambda g: g.closed_12, None, "the other reading of the same sentence",
          "the controlled stance closes cases no faster than other studies found; half within a year needs a closing "
          "rate some three times as high (lacsim claims)"),
)  # fmt: skip


def printed(count: Count) -> float:
    """The published figure, in the unit of the count."""
    name, _, claim = count.claim.partition(":")
    entry = params(fitted=False).entry(name)
    value: Any = entry.claims[claim or entry.use].value
    return float(value) * count.scale


def log_counts(programme: Programme) -> np.ndarray:
    """Logarithm of every count, shape (len(COUNTS),)."""
    return np.asarray(np.log(np.maximum([count.measure(programme) for count in COUNTS], 1e-9)))
