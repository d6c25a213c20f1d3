"""The tally equals a slow, obvious recomputation from the same trace, number for number."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
import pytest
from worlds import City, derby, plain_rates, resident, town, world

from lacsim.model import compiled, rules
from lacsim.model import stages as s
from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE, TRACE
from lacsim.results.tally import EVENTS, MONTHLY, TIMES, Tally, tally
from lacsim.runs.scenario import Post, Scenario

SHORT_STAY_DAYS = 2.0
CUTS = Scenario(
    "cuts",
    "posts that end",
    (
        Post("Arboretum", dt.date(2013, 1, 1), 2.0, dt.date(2020, 7, 1)),
        Post("Alvaston", dt.date(2013, 1, 1), 1.0, dt.date(2020, 12, 31)),
        Post("Sinfin", dt.date(2013, 1, 1), 1.0),
    ),
)
VALUES = {
    "coordination.front_door_offer_share": 0.8,
    "coordination.introduced_at_ask": 0.4,
    "coordination.introduced_at_discharge": 0.2,
    "coordination.places_per_coordinator": 15.0,
    "coordination.short_term_minutes": 300.0,
    "adult_care.assessor_posts": 300.0,
    "adult_care.assessment_mean_days": 6.0,
    "adult_care.hospital_outcome_care_home": 0.3,
    "natural_history.late_admission_at_65": 0.2,
    "effects.front_door_help_found": 0.9,
}
KINDS_OF_OUTCOME = {
    s.SIGNPOSTED: "signposted",
    s.LOW_LEVEL: "low_level_support",
    s.REABLED: "reablement_episodes",
    s.REABLED_TO_PACKAGE: "reablement_episodes",
    s.HELP_FOUND: "help_found",
}
KINDS_OF_CAUSE = {
    s.SUDDEN_ADMISSION: "admissions",
    s.LATE_ADMISSION: "admissions",
    s.DEATH: "deaths",
    s.MOVES_AWAY: "departures",
    s.ARRIVES: "arrivals",
    s.ASKS_FOR_HELP: "asks_for_help",
    s.ASKS_FOR_ADVICE: "asks_for_advice",
    s.DIFFICULTY_STARTS: "difficulties",
    s.CASE_CLOSED: "packages_closed",
}
KINDS_OF_GRANT = {s.ASSESSOR: "assessments", s.SHORT_TERM_TIME: "short_term_contacts", s.CASELOAD: "caseload_starts"}
PROGRAMME = s.CASELOAD_PLACE | s.ON_WAITING_LIST


class Piece(NamedTuple):
    """A stretch of one life in which nothing changed."""

    start: int
    end: int
    stage: int
    holds: int
    delayed: bool
    for_assessor: bool
    for_contact: bool


class Slow:
    """Counts of one trace with dictionaries, resident by resident."""

    def __init__(self, rows: np.ndarray, people: np.ndarray, years: list[int], months: list[int]) -> None:
        self.people, self.years, self.months = people, years, months
        self.events: Counter[tuple[int, int, int, str]] = Counter()
        self.tenures: Counter[tuple[int, str]] = Counter()
        self.seconds: Counter[tuple[int, int, int, str]] = Counter()
        self.monthly: Counter[tuple[int, int, str]] = Counter()
        self.flows: Counter[tuple[int, int, int]] = Counter()
        self.waits: list[tuple[int, int, int, int]] = []
        lives: dict[int, list[np.void]] = defaultdict(list)
        for row in rows:
            lives[int(row["resident"])].append(row)
        for resident_number in range(len(people)):
            self.one_life(resident_number, lives[resident_number])

    def band(self, who: int, at: int) -> int:
        age = (at - int(self.people["born"][who])) // s.YEAR
        return sum(age >= start for start in s.AGE_BAND_STARTS[1:])

    def count(self, who: int, at: int, what: str) -> None:
        year = sum(at >= start for start in self.years[1:])
        self.events[year, int(self.people["ward"][who]), self.band(who, at), what] += 1
        self.tenures[int(self.people["tenure"][who]), what] += 1

    def one_life(self, who: int, rows: list[np.void]) -> None:
        stage, holds = int(self.people["stage"][who]), int(self.people["holds"][who])
        delayed = for_assessor = for_contact = False
        since, admitted, home = 0, None, None
        joined: dict[int, int] = {}
        for row in rows:
            at, what, cause, outcome = (int(row[k]) for k in ("seconds", "what", "cause", "outcome"))
            entered, held = int(row["entered"]), int(row["holds"])
            piece = Piece(since, at, stage, holds, delayed, for_assessor, for_contact)
            # --- the state after this row
            if what in (JOINED, GRANTED, LEFT_QUEUE):
                for_assessor = what == JOINED if cause == s.ASSESSOR else for_assessor
                for_contact = what == JOINED if cause == s.SHORT_TERM_TIME else for_contact
            delayed = entered == s.HOSPITAL and (delayed or (what == HAPPENED and outcome == s.READY_TO_LEAVE))
            if (entered, held, delayed, for_assessor, for_contact) != piece[2:]:
                self.spend(who, piece)
                since = at
            # --- events
            if entered != stage:
                self.flows[sum(at >= m for m in self.months[1:]), stage, entered] += 1
            if stage == s.HOSPITAL != entered:
                if admitted is not None and at - admitted <= SHORT_STAY_DAYS * s.DAY:
                    self.count(who, admitted, "short_stays")
                home = at
            if what == HAPPENED:
                if cause in KINDS_OF_CAUSE:
                    self.count(who, at, KINDS_OF_CAUSE[cause])
                if cause in (s.SUDDEN_ADMISSION, s.LATE_ADMISSION):
                    admitted = at
                    if home is not None and at - home <= 30 * s.DAY:
                        self.count(who, at, "readmissions_30_days")
            if what in (HAPPENED, CHANGED):
                if outcome in KINDS_OF_OUTCOME:
                    self.count(who, at, KINDS_OF_OUTCOME[outcome])
                if outcome in (s.SIGNPOSTED, s.TO_ASSESSMENT, s.READY_TO_LEAVE) or (what, cause) == (
                    HAPPENED,
                    s.CARE_NEED,
                ):
                    self.count(who, at, "requests")
                if outcome == s.READY_TO_LEAVE:
                    self.count(who, at, "requests_from_hospital")
            if what == GRANTED and cause in KINDS_OF_GRANT:
                self.count(who, at, KINDS_OF_GRANT[cause])
            new, gone = held & ~holds, holds & ~held
            if new & s.PACKAGE:
                self.count(who, at, "packages_started")
            if new & s.CARE_HOME:
                self.count(who, at, "care_home_entries")
                if held & s.COUNCIL_SUPPORTED:
                    self.count(who, at, "council_care_home_entries")
            if held & PROGRAMME and not holds & PROGRAMME:
                self.count(who, at, "introductions")
            if gone & s.CASELOAD_PLACE:
                self.count(who, at, "caseload_ends")
            if gone & s.ON_WAITING_LIST and not held & PROGRAMME:
                self.count(who, at, "gave_up_waiting")
            if what == JOINED:
                joined[cause] = at
            elif what in (GRANTED, LEFT_QUEUE):
                self.waits.append((who, cause, at - joined.pop(cause, at), int(what == GRANTED)))
            stage, holds = entered, held
        self.spend(who, Piece(since, self.years[-1], stage, holds, delayed, for_assessor, for_contact))

    def spend(self, who: int, piece: Piece) -> None:
        """Add a stretch to every kind of time it counts for; the age is the one when it or its year began."""
        if piece.stage in (s.DIED, s.OUTSIDE):
            return
        ward = int(self.people["ward"][who])
        kinds = {s.STAGES[piece.stage]}
        if piece.holds & s.PACKAGE and piece.stage <= s.ASSESSMENT:
            kinds.add("package_at_home")
        if piece.holds & s.CARE_HOME:
            payer = "council" if piece.holds & s.COUNCIL_SUPPORTED else "own"
            kinds.add(f"{payer}_{'nursing' if piece.holds & s.NURSING else 'residential'}")
        for holds, kind in (
            (piece.delayed, "delayed_in_hospital"),
            (piece.holds & s.CASELOAD_PLACE, "caseload"),
            (piece.holds & s.ON_WAITING_LIST, "waiting_list"),
            (piece.holds & s.DIFFICULTY, "in_difficulty"),
            (piece.holds & (s.CASELOAD_PLACE | s.CARRY_OVER), "supported"),
            (piece.for_assessor, "waiting_for_assessor"),
            (piece.for_contact, "waiting_for_contact"),
        ):
            if holds:
                kinds.add(kind)
        for year, (start, end) in enumerate(zip(self.years, self.years[1:], strict=False)):
            begin, stop = max(start, piece.start), min(end, piece.end)
            if begin < stop:
                for kind in kinds:
                    self.seconds[year, ward, self.band(who, begin), kind] += stop - begin
        for month, (start, end) in enumerate(zip(self.months, self.months[1:], strict=False)):
            begin, stop = max(start, piece.start), min(end, piece.end)
            if begin < stop:
                for kind in kinds & set(MONTHLY):
                    self.monthly[month, ward, kind] += stop - begin


def _as_counter(array: np.ndarray, names: tuple[str, ...]) -> Counter[tuple[int | str, ...]]:
    return Counter({(*map(int, cell[:-1]), names[cell[-1]]): int(array[tuple(cell)]) for cell in np.argwhere(array)})


def _tally(city: City, rows: np.ndarray, people: np.ndarray) -> Tally:
    return tally(
        rows, people, year_starts=city.period.year_starts, month_starts=city.period.month_starts,
        n_wards=len(city.wards), short_stay_days=SHORT_STAY_DAYS,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["wards-17", "no-lac", CUTS], ids=["wards-17", "no-lac", "cuts"])
def counted(request: pytest.FixtureRequest) -> tuple[Tally, Slow, np.ndarray, np.ndarray]:
    """A trace of 4,000 residents over two years, counted fast and slowly."""
    city = derby(VALUES, residents=4_000, years=2, seed=21)
    rows = compiled.run(world(city, request.param), rules)
    people = world(city, request.param).people
    slow = Slow(rows, people, city.period.year_starts, city.period.month_starts)
    return _tally(city, rows, people), slow, rows, people


def test_every_count_of_events_equals_the_slow_one(counted: tuple[Tally, Slow, np.ndarray, np.ndarray]) -> None:
    fast, slow, _, _ = counted
    found = _as_counter(fast.events, EVENTS)
    assert found == slow.events, {
        k: (found[k], slow.events[k]) for k in found | slow.events if found[k] != slow.events[k]
    }


def test_counts_by_tenure_equal_the_slow_ones(counted: tuple[Tally, Slow, np.ndarray, np.ndarray]) -> None:
    fast, slow, _, _ = counted
    assert _as_counter(fast.tenures, EVENTS) == slow.tenures


def test_person_time_equals_the_slow_one_to_the_second(counted: tuple[Tally, Slow, np.ndarray, np.ndarray]) -> None:
    fast, slow, _, _ = counted
    assert _as_counter(fast.seconds, TIMES) == slow.seconds
    assert _as_counter(fast.monthly, MONTHLY) == slow.monthly


def test_moves_and_waits_equal_the_slow_ones(counted: tuple[Tally, Slow, np.ndarray, np.ndarray]) -> None:
    fast, slow, _, _ = counted
    assert {tuple(map(int, c)): int(fast.flows[tuple(c)]) for c in np.argwhere(fast.flows)} == slow.flows
    waits = [tuple(int(w[k]) for k in ("resident", "kind", "seconds", "granted")) for w in fast.waits]
    assert sorted(waits) == sorted(slow.waits)
    assert len(waits) > 100


def test_time_in_the_six_stages_is_all_the_time_that_people_are_here(
    counted: tuple[Tally, Slow, np.ndarray, np.ndarray],
) -> None:
    fast, _, rows, people = counted
    horizon = 2 * 365 * s.DAY + s.DAY  # 2019/20 has a leap day
    happened = rows[rows["what"] == HAPPENED]
    begin = np.where(people["stage"] == s.OUTSIDE, horizon, 0)
    end = np.full(len(people), horizon)
    arrived = happened[happened["cause"] == s.ARRIVES]
    begin[arrived["resident"]] = arrived["seconds"]
    gone = happened[np.isin(happened["cause"], (s.DEATH, s.MOVES_AWAY))]
    end[gone["resident"]] = gone["seconds"]
    assert fast.seconds[..., :6].sum() == (end - begin).sum()


def test_the_trace_above_has_nearly_every_event(counted: tuple[Tally, Slow, np.ndarray, np.ndarray]) -> None:
    fast, _, _, people = counted
    programme = {"short_term_contacts", "help_found", "introductions", "caseload_starts", "caseload_ends",
                 "gave_up_waiting", "asks_for_advice"}  # fmt: skip
    missing = {name for k, name in enumerate(EVENTS) if not fast.events[..., k].any()}
    assert missing <= (set() if (people["wants"][:, s.CASELOAD]).any() else programme), missing


def test_an_empty_trace_counts_nothing_but_the_time_of_those_who_are_there() -> None:
    people = np.concatenate([resident(age=40.0), resident(age=90.0, stage=s.RESIDENTIAL, holds=s.CARE_HOME)])
    found = tally(
        np.empty(0, TRACE), people, year_starts=[0, 1_000], month_starts=[0, 400, 1_000], n_wards=1, short_stay_days=1.0
    )
    assert not found.events.any()
    assert len(found.waits) == 0
    assert found.seconds[0, 0, 1, s.COMMUNITY] == 1_000
    assert found.seconds[0, 0, 5, s.RESIDENTIAL] == 1_000
    assert found.monthly[:, 0, MONTHLY.index("residential")].tolist() == [400, 600]


def test_a_stay_is_short_up_to_and_including_the_limit() -> None:
    """One resident, one admission after 1,000 s, home after exactly two days, by a trace made of one life."""
    for days, expected in ((2.0, 1), (2.0 + 1.0 / s.DAY, 0)):
        rates = plain_rates(stay_mu=[np.log(days * s.DAY)] * 2)
        make = resident(stage=s.COMMUNITY)
        make[0].due[s.SUDDEN_ADMISSION] = 1_000.0
        rates[0].sudden_admission = 1e-30
        here = town(make, rates, horizon=s.WEEK)
        rows = compiled.run(here, rules)
        assert (rows["entered"] == s.HOSPITAL).sum() == 1
        found = tally(
            rows, make, year_starts=[0, s.WEEK], month_starts=[0, s.WEEK], n_wards=1, short_stay_days=SHORT_STAY_DAYS
        )
        assert found.events[..., EVENTS.index("short_stays")].sum() == expected
        assert found.seconds[..., s.HOSPITAL].sum() == round(days * s.DAY)
