"""From posts to places: what each ward can do from which second on, and the world one scenario lives in.

A post has working hours. Long-term people take some of them, the rest is time for short-term contacts; so places and
contacts share one budget and cannot both grow. New posts start after recruitment and have fewer places in their first
year. This module makes calendar entries; it decides nothing about residents.
"""

from __future__ import annotations

import math

import numpy as np

from lacsim.evidence import Area
from lacsim.model import stages as s
from lacsim.model.rates import WARD
from lacsim.model.world import CALENDAR, CAPACITY, CONDITIONS, QUIETLY, World
from lacsim.runs.bind import Terms
from lacsim.runs.scenario import Period, Post, Scenario

UNLIMITED = 1 << 40
_CLEARLY = 1e-6  # a fall by less might be lost in the rounding of a date
_HOURS_PER_WEEK = s.WEEK // s.HOUR


def working_from(post: Post, period: Period, terms: Terms) -> int:
    """Second at which a post is at work: its own date if it was there before the period, else after recruitment."""
    at = period.seconds(post.starts)
    if at < 0 or period.name == "history":
        return at
    return at + int(terms.recruitment_lead_days * s.DAY)


def _until(post: Post, period: Period) -> int:
    return s.NEVER if post.ends is None else period.seconds(post.ends)


def caseload_places(posts: list[tuple[int, float]], at: int, terms: Terms, scale: float) -> int:
    """Whole caseload places of a ward at a second, from (second at work, posts) of those at work.

    Never more than the hours allow once the least share for short-term contacts is kept.
    """
    places, hours = 0.0, 0.0
    for since, fte in posts:
        first_year = at - since < terms.first_year_days * s.DAY
        places += fte * (terms.first_year_places if first_year else terms.places)
        hours += fte * terms.direct_hours_per_week
    if terms.hours_per_place_per_week > 0.0:
        places = min(places, (1.0 - terms.least_short_term_share) * hours / terms.hours_per_place_per_week)
    whole = math.floor(places * scale + 1e-9)
    return max(whole, 1) if places * scale > 0.0 and scale < 1.0 else whole


def contact_seconds(posts: list[tuple[int, float]], places: float, terms: Terms) -> float:
    """Mean time from the start to the end of one short-term contact: working hours spread over the week.

    One place of short-term time stands for all hours the ward's coordinators have left after long-term work.
    """
    hours = sum(fte for _, fte in posts) * terms.direct_hours_per_week
    left = max(hours - places * terms.hours_per_place_per_week, terms.least_short_term_share * hours)
    return terms.contact_hours * s.HOUR * _HOURS_PER_WEEK / left


def posts_before(ward: str, scenario: Scenario, period: Period, terms: Terms) -> list[tuple[int, float]]:
    """(Second at work, whole-time equivalents) of the posts at work in a ward before the period began."""
    spans = [
        (working_from(post, period, terms), _until(post, period), post.posts)
        for post in scenario.posts
        if post.ward == ward
    ]
    return [(since, fte) for since, until, fte in spans if since < 0 < until]


def ward_timeline(
    ward: str, scenario: Scenario, period: Period, terms: Terms, scale: float
) -> list[tuple[int, tuple[float, float, float, float], int]]:
    """(second, (posts, contact seconds, new-difficulty ratio, others' asks ratio), places) for one ward.

    The first entry holds at second 0; every other is a change within the period. Community capacity is counted once a
    year, on the day a post has been at work for another whole year.
    """
    spans = [
        (working_from(post, period, terms), _until(post, period), post.posts)
        for post in scenario.posts
        if post.ward == ward
    ]
    days = {0}
    for since, until, _ in spans:
        days.update((since, until, since + int(terms.first_year_days * s.DAY)))
        days.update(since + k * s.YEAR for k in range(1, 60) if terms.ward_fall_per_year > 0.0)
    timeline: list[tuple[int, tuple[float, float, float, float], int]] = []
    for at in sorted(day for day in days if 0 <= day < period.horizon):
        working = [(since, fte) for since, until, fte in spans if since <= at < until]
        posts = sum(fte for _, fte in working)
        years = sum(fte * (max(0, min(at, until) - since) // s.YEAR) for since, until, fte in spans if since <= at)
        ratio = max(1.0 - terms.ward_fall_most, (1.0 - terms.ward_fall_per_year) ** years)
        places = caseload_places(working, at, terms, scale)
        seconds = contact_seconds(working, places / scale, terms) / scale if posts > 0.0 else 1.0
        entry = (posts, seconds, ratio, terms.displacement_hr**posts), places
        if not timeline or timeline[-1][1:] != entry:
            timeline.append((at, *entry))
    return timeline


def assessors_of(terms: Terms, scale: float) -> int:
    """Whole posts that assess a share `scale` of the area's adults: at least one."""
    return max(1, round(terms.assessor_posts * scale))


def make_world(
    people: np.ndarray,
    rank: np.ndarray,
    wards: np.ndarray,
    rates: np.ndarray,
    *,
    members: tuple[np.ndarray, np.ndarray],
    area: Area,
    scenario: Scenario,
    period: Period,
    terms: Terms,
    scale: float = 1.0,
) -> World:
    """The world of one scenario: its people, ward records over time, pools and the calendar.

    Parameters
    ----------
    people, rank
        People and their rank for caseload places, from `lacsim.model.cohort.make`; people are changed: those who are
        first in rank get the caseload places of day one.
    wards
        `WARD` records without coordination, shape (n_wards,).
    members
        Residents by ward, from `lacsim.model.world.members_by_ward`.
    scale
        Residents modelled as a share of the area's adults; pools shrink alike (at least one place each).
    """
    n_wards = len(wards)
    records: list[np.ndarray] = []
    calendar: list[tuple[int, int, int, int]] = []
    first_pool = np.array([0, n_wards, 2 * n_wards, 2 * n_wards + 1, 2 * n_wards + 2])
    capacity = np.zeros(2 * n_wards + 3, np.int64)
    capacity[2 * n_wards :] = [
        assessors_of(terms, scale),
        max(1, round(terms.beds * scale)) if terms.beds > 0 else UNLIMITED,
        max(1, round(terms.care_home_places * scale)) if terms.care_home_places > 0 else UNLIMITED,
    ]
    of_ward, first_member = members
    row_of_ward = np.zeros(n_wards, np.int64)
    for w, name in enumerate(area.ward_names):
        for at, (posts, seconds, ratio, others), places in ward_timeline(name, scenario, period, terms, scale):
            record = np.zeros((), WARD)
            record[()] = wards[w]
            record["posts"], record["contact_seconds"] = posts, seconds
            record["new_difficulty_ratio"], record["others_asks_hr"] = ratio, others
            record["advice_hazard"] = terms.advice_per_person_year / s.YEAR if posts > 0.0 else 0.0
            if at == 0:
                row_of_ward[w] = len(records)
                capacity[w], capacity[n_wards + w] = int(posts > 0.0), places
                here = of_ward[first_member[w] : first_member[w + 1]]
                there = posts_before(name, scenario, period, terms)  # a post that starts now starts with nobody
                held = min(places, caseload_places(there, 0, terms, scale))
                waiting = round(terms.waiting_at_start * sum(fte for _, fte in there) * scale)
                _fill_caseload(people, rank, here, held, waiting)
            before = records[-1] if at > 0 else wards[w]  # residents were made in a ward without coordination
            cover = any(record[f] != before[f] for f in ("posts", "advice_hazard", "others_asks_hr"))
            capacity_moved = record["new_difficulty_ratio"] != before["new_difficulty_ratio"]
            record["changed"] = s.COVER_CHANGED * cover + s.CAPACITY_CHANGED * capacity_moved
            record["cover"] = before["cover"] + cover
            for field in ("advice_hazard", "others_asks_hr"):
                record[f"{field}_before"] = before[field]
            is_quiet = _remember_steps(record, before, at)
            if at > 0:
                calendar += [
                    (at, QUIETLY if is_quiet else CONDITIONS, w, len(records)),
                    (at, CAPACITY, w, int(posts > 0.0)),
                    (at, CAPACITY, n_wards + w, places),
                ]
            records.append(record)
    if terms.beds > 0:
        _hold(people, people["stage"] == s.HOSPITAL, s.BED)
    if terms.care_home_places > 0:
        _hold(people, (people["holds"] & s.CARE_HOME) != 0, s.CARE_HOME_PLACE)
    return World(
        people=people,
        wards=np.array(records, WARD),
        rates=np.asarray(rates),
        row_of_ward=row_of_ward,
        first_pool=first_pool,
        by_ward=np.array(s.KIND_IS_BY_WARD, np.int64),
        capacity=capacity,
        calendar=np.array(sorted(calendar, key=lambda entry: entry[0]), CALENDAR),
        horizon=period.horizon,
        members=of_ward,
        first_member=first_member,
        n_urgencies=s.N_URGENCIES,
    )


def _remember_steps(record: np.ndarray, before: np.ndarray, at: int) -> bool:
    """Note in a ward's record when its own capacity changed and to what; returns whether residents need not be told.

    They need not where only places or the length of a contact changed, which nobody's dates depend on, and where it
    only made difficulties rarer: then no date comes sooner, and whoever reaches the old date or anything else before it
    looks at all that was noted (`rules.meet_steps`). A record remembers the last `N_STEPS` ratios, the one before
    the first change that is still to be met among them, so everyone is told once in `N_STEPS - 1` changes.
    """
    for field in ("steps", "step_at", "step_ratio"):
        record[field] = before[field]
    if not record["changed"] & s.CAPACITY_CHANGED:
        return not record["changed"]
    record["steps"] += 1
    k = int(record["steps"]) % s.N_STEPS
    record["step_at"][k], record["step_ratio"][k] = at, record["new_difficulty_ratio"]
    fell = record["new_difficulty_ratio"] < (1.0 - _CLEARLY) * before["new_difficulty_ratio"]
    has_room = record["steps"] % (s.N_STEPS - 1) != 0
    return bool(has_room and fell and not record["changed"] & s.COVER_CHANGED)


def _hold(people: np.ndarray, who: np.ndarray, kind: int) -> None:
    """Give a capped place to everyone who is already in one on the first day, even beyond its number."""
    people["wants"][who, kind] = 1
    people["has"][who, kind] = s.HOLDING


def _fill_caseload(people: np.ndarray, rank: np.ndarray, here: np.ndarray, places: int, waiting: int) -> None:
    """Give the caseload places of day one to those first in rank, and put the next on the waiting list."""
    wanted = min(places + waiting, len(here))
    if wanted == 0:
        return
    first = here[np.argpartition(rank[here], wanted - 1)[:wanted]]
    order = first[np.lexsort((first, rank[first]))]
    order = order[np.isfinite(rank[order])]
    held, listed = order[:places], order[places : places + waiting]
    people["wants"][order[: places + waiting], s.CASELOAD] = 1
    people["has"][held, s.CASELOAD] = s.HOLDING
    people["holds"][held] |= s.CASELOAD_PLACE
    people["stage"][held] = s.COORDINATION
    people["urgency"][listed, s.CASELOAD] = s.ORDINARY
    people["holds"][listed] |= s.ON_WAITING_LIST
