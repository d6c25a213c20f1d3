"""What whole lives show: counted by hand from small traces, and against the tally on a real one."""

from __future__ import annotations

import numpy as np
import pytest

from lacsim.model import stages as s
from lacsim.model.trace import GRANTED, HAPPENED, TRACE
from lacsim.results.lives import HOME_STAY, follow, survival
from lacsim.runs.experiment import START

DAY, YEAR = s.DAY, s.YEAR
YEARS = [0, YEAR, 2 * YEAR]


def start(*people: tuple[float, int, int]) -> np.ndarray:
    """People by (age, stage, holds) on the first day."""
    rows = np.zeros(len(people), START)
    for row, (age, stage, holds) in zip(rows, people, strict=True):
        row["born"], row["stage"], row["holds"] = -int(age * YEAR), stage, holds
    return rows


def trace(*rows: tuple[float, int, int, int, int, int]) -> np.ndarray:
    """Rows by (day, resident, cause, left, entered, holds afterwards), all of them happened."""
    table = np.zeros(len(rows), TRACE)
    for row, (day, resident, cause, left, entered, holds) in zip(table, rows, strict=True):
        row["seconds"], row["resident"], row["what"], row["cause"] = int(day * DAY), resident, HAPPENED, cause
        row["left"], row["entered"], row["holds"] = left, entered, holds
    return table


def test_deaths_and_years_lived_are_counted_at_the_age_they_fall_in() -> None:
    lived = follow(
        trace((100.0, 0, s.DEATH, s.COMMUNITY, s.DIED, 0)),
        start((70.5, s.COMMUNITY, 0), (40.0, s.COMMUNITY, 0)),
        year_starts=YEARS,
    )
    assert lived.deaths[70] == 1
    assert lived.deaths.sum() == 1
    assert lived.exposure[70] == 100 * DAY
    assert lived.exposure[[40, 41, 42]].tolist() == [YEAR, YEAR, 0]


def test_a_person_supported_over_new_year_counts_once_in_each_year() -> None:
    rows = trace(
        (300.0, 0, s.STAY_ENDS, s.ASSESSMENT, s.COMMUNITY, s.PACKAGE),
        (310.0, 0, s.CASE_CLOSED, s.COMMUNITY, s.COMMUNITY, 0),
        (320.0, 0, s.STAY_ENDS, s.ASSESSMENT, s.COMMUNITY, s.PACKAGE),
        (400.0, 0, s.CASE_CLOSED, s.COMMUNITY, s.COMMUNITY, 0),
    )
    lived = follow(rows, start((80.0, s.COMMUNITY, 0)), year_starts=YEARS)
    assert lived.supported[:, 4].tolist() == [1, 1]
    assert lived.supported.sum() == 2


def test_someone_supported_throughout_counts_in_every_year() -> None:
    lived = follow(trace(), start((80.0, s.COMMUNITY, s.PACKAGE)), year_starts=YEARS)
    assert lived.supported[:, 4].tolist() == [1, 1]


def test_repeat_admissions_are_those_of_people_with_two_or_more_in_the_first_year() -> None:
    visits = [(10.0, 0), (50.0, 0), (60.0, 1), (400.0, 0), (500.0, 1), (510.0, 2)]
    rows = trace(
        *((day, who, s.LATE_ADMISSION, s.COMMUNITY, s.HOSPITAL, 0) for day, who in visits),
    )
    lived = follow(rows, start(*[(75.0, s.COMMUNITY, 0)] * 2, (50.0, s.COMMUNITY, 0)), year_starts=YEARS)
    assert lived.repeat_admissions.tolist() == [[2, 1], [3, 2]]  # the third is not yet 65


def test_care_home_stays_tell_who_died_and_who_is_still_there() -> None:
    held = s.CARE_HOME | s.COUNCIL_SUPPORTED
    rows = trace(
        (10.0, 0, s.STAY_ENDS, s.ASSESSMENT, s.RESIDENTIAL, held),
        (20.0, 1, s.STAY_ENDS, s.ASSESSMENT, s.RESIDENTIAL, s.CARE_HOME),
        (110.0, 0, s.DEATH, s.RESIDENTIAL, s.DIED, 0),
    )
    lived = follow(rows, start(*[(85.0, s.ASSESSMENT, 0)] * 2), year_starts=YEARS)
    stays = lived.home_stays
    assert stays["left"].tolist() == [110 * DAY, -1]
    assert stays["died"].tolist() == [1, 0]
    assert stays["council"].tolist() == [1, 0]
    assert lived.home_seconds == 100 * DAY + 2 * YEAR - 20 * DAY


def test_admissions_from_care_homes_are_those_of_people_who_moved_in_within_the_period() -> None:
    home = s.CARE_HOME
    rows = trace(
        (20.0, 1, s.STAY_ENDS, s.ASSESSMENT, s.RESIDENTIAL, home),
        (30.0, 0, s.LATE_ADMISSION, s.RESIDENTIAL, s.HOSPITAL, home),  # there since before the first day
        (40.0, 1, s.LATE_ADMISSION, s.RESIDENTIAL, s.HOSPITAL, home),
        (50.0, 1, s.STAY_ENDS, s.HOSPITAL, s.RESIDENTIAL, home),
        (60.0, 0, s.DEATH, s.HOSPITAL, s.DIED, 0),
    )
    lived = follow(rows, start((85.0, s.RESIDENTIAL, home), (85.0, s.ASSESSMENT, 0)), year_starts=YEARS)
    assert lived.home_admissions == 1
    assert lived.home_seconds == 2 * YEAR - 20 * DAY


def test_survival_is_that_of_kaplan_and_meier() -> None:
    stays = np.zeros(4, HOME_STAY)
    stays["left"] = [10 * DAY, 20 * DAY, 30 * DAY, -1]
    stays["died"] = [1, 0, 1, 0]
    shares, median = survival(stays, 100 * DAY, [5.0, 15.0, 40.0])
    assert shares == pytest.approx([1.0, 0.75, 0.375])
    assert median == 30.0


def test_an_introduction_keeps_what_was_known_and_when_the_case_closed() -> None:
    listed, place = s.ON_WAITING_LIST, s.CASELOAD_PLACE
    rows = trace(
        (10.0, 0, s.ASKS_FOR_HELP, s.COMMUNITY, s.COMMUNITY, s.PACKAGE | listed),
        (12.0, 1, s.ASKS_FOR_HELP, s.COMMUNITY, s.ASSESSMENT, s.OPEN_REQUEST | listed),
        (40.0, 0, s.CASE_CLOSED, s.COORDINATION, s.COORDINATION, place),
        (90.0, 0, s.COORDINATION_ENDS, s.COORDINATION, s.COMMUNITY, s.CARRY_OVER),
        (95.0, 0, s.ASKS_FOR_HELP, s.COMMUNITY, s.COMMUNITY, listed),
    )
    rows = np.insert(rows, 2, rows[0])
    rows[2]["seconds"], rows[2]["what"], rows[2]["cause"] = 20 * DAY, GRANTED, s.CASELOAD
    rows[2]["entered"], rows[2]["holds"] = s.COORDINATION, s.PACKAGE | place
    found = follow(rows, start((70.0, 0, s.PACKAGE), (70.0, 0, 0)), year_starts=YEARS).introduced
    assert found["resident"].tolist() == [0, 1]
    assert found["known"].tolist() == [s.PACKAGE, 0]
    assert found["closed"].tolist() == [40 * DAY, -1]
    assert found["place"].tolist() == [20 * DAY, -1]
    assert found["places"].tolist() == [1, 0]
