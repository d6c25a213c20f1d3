"""Scenarios: which wards have how many coordinator posts, from when; and the period that is simulated.

A scenario is a policy, nothing else: no rate and no price. Five are built in for the embedded area; any other is a
small TOML file. Ward names are checked against the area, and wards of the 2023 boundaries are explained.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lacsim.errors import ScenarioError
from lacsim.evidence import Area
from lacsim.evidence import area as find_area
from lacsim.units import did_you_mean

BUILT_IN = ("no-lac", "pilot-2", "wards-10", "wards-13", "wards-17")
HISTORY = "history"
DEFAULT = ("no-lac", "wards-10", "wards-17")
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
_MOST_POSTS = 100.0


@dataclass(frozen=True)
class Post:
    """A coordinator post in a ward: whole or part, from a day, perhaps until a day.

    Attributes
    ----------
    ward
        Ward name.
    starts
        First day of the post (for a post that is new in the period, the day the money is there: recruitment takes
        `programme.recruitment_lead_days` more).
    posts
        Whole-time equivalents, more than 0.
    ends
        First day without the post, or None.
    """

    ward: str
    starts: dt.date
    posts: float = 1.0
    ends: dt.date | None = None


@dataclass(frozen=True)
class Scenario:
    """A policy option by name: its posts, ward by ward."""

    name: str
    label: str
    posts: tuple[Post, ...]

    @property
    def wards(self) -> tuple[str, ...]:
        """Names of wards that have a post at any time, in order of first mention."""
        return tuple(dict.fromkeys(post.ward for post in self.posts))

    @property
    def n_posts(self) -> float:
        """Whole-time equivalents once every post has started (posts that end are counted too)."""
        return sum(post.posts for post in self.posts)


@dataclass(frozen=True)
class Period:
    """What is simulated: whole financial years from a first of April.

    Attributes
    ----------
    name
        `forecast` or `history`.
    starts
        First day.
    years
        Number of financial years.
    """

    name: str
    starts: dt.date
    years: int

    @property
    def ends(self) -> dt.date:
        """First day after the period."""
        return self.starts.replace(year=self.starts.year + self.years)

    def seconds(self, day: dt.date) -> int:
        """Seconds from the start of the period to the start of a day; negative before it."""
        return (day - self.starts).days * 86_400

    @property
    def horizon(self) -> int:
        """Seconds from the first day to the end."""
        return self.seconds(self.ends)

    @property
    def year_starts(self) -> list[int]:
        """Seconds at which each financial year begins, and the horizon."""
        return [self.seconds(self.starts.replace(year=self.starts.year + y)) for y in range(self.years + 1)]

    @property
    def month_starts(self) -> list[int]:
        """Seconds at which each month begins, and the horizon."""
        days = []
        for m in range(12 * self.years + 1):
            year, month = divmod(self.starts.month - 1 + m, 12)
            days.append(self.seconds(dt.date(self.starts.year + year, month + 1, 1)))
        return days

    @property
    def year_labels(self) -> list[str]:
        """Financial years in words, as 2019/20."""
        first = self.starts.year
        return [f"{first + y}/{(first + y + 1) % 100:02d}" for y in range(self.years)]


def forecast(years: int = 5) -> Period:
    """The forecast from 1 April 2019."""
    if not 1 <= years <= 40:
        msg = f"years: a forecast has 1 to 40 financial years, found {years}."
        raise ScenarioError(msg)
    return Period("forecast", dt.date(2019, 4, 1), years)


def history() -> Period:
    """What has been, from the launch in 2012 to the end of March 2019."""
    return Period("history", dt.date(2012, 4, 1), 7)


def _existing_posts(area: Area) -> list[Post]:
    """One post in each covered ward, from the earliest dated statement of coverage that can have included it."""
    pilot = area.coverage[0]
    by_then = area.coverage[1] if len(area.coverage) > 1 else pilot
    return [
        Post(ward, pilot.date if ward in pilot.wards else by_then.date)
        for ward in sorted(area.covered_2019, key=lambda w: (w not in pilot.wards, w))
    ]


def _staged(area: Area, start: dt.date) -> list[Post]:
    """Three more wards, the most deprived first, half a year apart."""
    others = area.wards[area.wards["lac_covered_2019"] == 0].sort_values("imd2019_avg_score", ascending=False)
    months = (0, 6, 12)
    return [
        Post(
            str(ward),
            dt.date(start.year + (start.month - 1 + m) // 12, (start.month - 1 + m) % 12 + 1, start.day),
        )
        for ward, m in zip(others["ward_name"], months, strict=False)
    ]


def built_in(name: str, area: Area, period: Period) -> Scenario:
    """A built-in scenario of an area.

    `wards-13` adds the three most deprived uncovered wards (average IMD 2019 score) half a year apart; `wards-17`
    adds all others on the first day of the forecast. In the history period posts are those that existed.
    """
    existing = _existing_posts(area)
    pilot = [post for post in existing if post.ward in area.coverage[0].wards]
    others = [w for w in area.ward_names if w not in area.covered_2019]
    n, total = len(existing), len(area.ward_names)
    if name == "no-lac":
        return Scenario(name, "no coordinators", ())
    if name == "pilot-2":
        return Scenario(name, f"the {len(pilot)} pilot wards", tuple(pilot))
    if name == "wards-10":
        return Scenario(name, f"{n} wards", tuple(existing))
    if name == "wards-13":
        return Scenario(name, f"{n + 3} wards, staged", tuple(existing + _staged(area, period.starts)))
    if name == "wards-17":
        return Scenario(name, f"all {total} wards", tuple(existing + [Post(w, period.starts) for w in others]))
    if name == HISTORY:
        return Scenario(name, "as it was", tuple(_history_posts(area)))
    hint = did_you_mean(name, (*BUILT_IN, HISTORY)) or f" Built in are {', '.join(BUILT_IN)}; any other is a TOML file."
    msg = f"scenario '{name}' is not known.{hint}"
    raise ScenarioError(msg)


def _history_posts(area: Area) -> list[Post]:
    """The pilot from its date; the other covered wards evenly between the pilot and the date when all were there."""
    pilot, full = area.coverage[0], area.coverage[:2][-1]
    later = [w for w in area.covered_2019 if w not in pilot.wards]
    span = (full.date - pilot.date).days
    posts = [Post(w, pilot.date) for w in area.covered_2019 if w in pilot.wards]
    for k, ward in enumerate(later, start=1):
        posts.append(Post(ward, pilot.date + dt.timedelta(days=span * k // len(later))))
    return posts


def read(path: Path, area: Area) -> Scenario:
    """A scenario from a TOML file: name, label, and a list of posts.

    Raises
    ------
    ScenarioError
        With every fault of the file: unknown keys, wards, impossible dates or posts.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except FileNotFoundError:
        msg = f"scenario file {path}: there is no such file."
        raise ScenarioError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"scenario file {path}: cannot be read as TOML ({error}). Correct the file."
        raise ScenarioError(msg) from None
    faults: list[str] = []
    known = ("name", "label", "posts")
    faults += [f"{path}: key '{key}' is not known.{did_you_mean(key, known)}" for key in content if key not in known]
    name = content.get("name", path.stem)
    if not isinstance(name, str) or not name or len(name) > 64 or not all(c.isalnum() or c in "-_" for c in name):
        faults.append(f"{path}: name must be 1 to 64 letters, digits, '-' or '_'; found {name!r}.")
    elif name in (*BUILT_IN, HISTORY):
        faults.append(f"{path}: name '{name}' is built in. Choose another.")
    posts = content.get("posts", [])
    if not isinstance(posts, list):
        faults.append(f"{path}: posts must be a list of [[posts]] tables; found {type(posts).__name__}.")
        posts = []
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if line.replace(" ", "").startswith("[[posts]]")]
    places = [f"{path}:{line}  [[posts]]" for line in lines]
    if len(places) != len(posts):  # written as one array
        places = [f"{path}: posts[{k}]" for k in range(1, len(posts) + 1)]
    read_posts = [_read_post(entry, where, area, faults) for entry, where in zip(posts, places, strict=True)]
    if faults:
        raise ScenarioError(faults)
    label = str(content.get("label", name))
    return Scenario(str(name), label, tuple(post for post in read_posts if post is not None))


def _read_post(entry: Any, where: str, area: Area, faults: list[str]) -> Post | None:
    """One post of a file, or None after noting what is wrong with it."""
    if not isinstance(entry, dict):
        faults.append(f"{where}: must be a table with ward, starts and posts; found {entry!r}.")
        return None
    known = ("ward", "starts", "posts", "ends")
    before = len(faults)
    faults.extend(f"{where}: key '{key}' is not known.{did_you_mean(key, known)}" for key in entry if key not in known)
    ward, starts, ends, posts = (entry.get(k) for k in ("ward", "starts", "ends", "posts"))
    posts = 1.0 if posts is None else posts
    name = ""
    if ward is None:
        faults.append(f'{where}: needs a ward, such as ward = "{area.ward_names[0]}".')
    elif not isinstance(ward, str):
        faults.append(f"{where}: ward must be a name in quotes; found {ward!r}.")
    else:
        try:
            name = area.ward(ward)
        except ScenarioError as error:
            faults.append(f"{where}: {error}")
    for key, day in (("starts", starts), ("ends", ends)):
        if key == "ends" and day is None:
            continue
        if day is None:
            faults.append(f"{where}: needs starts, the first day of the post, such as starts = 2019-04-01.")
        elif not isinstance(day, dt.date) or isinstance(day, dt.datetime):
            faults.append(f"{where}: {key} must be a date such as 2019-04-01; found {day!r}.")
        elif not _EARLIEST <= day <= _LATEST:
            faults.append(f"{where}: {key} must lie from {_EARLIEST} to {_LATEST}; found {day}.")
    if (
        isinstance(posts, bool)
        or not isinstance(posts, (int, float))
        or not math.isfinite(posts)
        or not (0.0 < posts <= _MOST_POSTS)
    ):
        faults.append(f"{where}: posts must be more than 0 and at most {_MOST_POSTS:.0f} posts; found {posts!r}.")
    if len(faults) == before and ends is not None and ends <= starts:
        faults.append(f"{where}: ends ({ends}) must come after starts ({starts}).")
    if len(faults) > before:
        return None
    return Post(name, starts, float(posts), ends)  # type: ignore[arg-type]


def find(names: tuple[str, ...] | list[str], area: Area, period: Period) -> list[Scenario]:
    """Scenarios by built-in name or TOML file, each once, in the order given.

    Raises
    ------
    ScenarioError
        With every name that is unknown, every fault of a file, and every name that two scenarios share.
    """
    found: list[Scenario] = []
    faults: list[str] = []
    for name in names:
        path = Path(name)
        is_file = path.suffix == ".toml" or path.is_file()
        try:
            scenario = read(path, area) if is_file else built_in(name, area, period)
        except ScenarioError as why:
            faults += why.faults
            continue
        if any(other.name == scenario.name for other in found):
            faults.append(f"scenario '{scenario.name}' is given twice. Give each once, or another name in its file.")
        found.append(scenario)
    if faults:
        raise ScenarioError(faults)
    return found


def scenarios(area_name: str = "derby") -> list[Scenario]:
    """The built-in scenarios of an area for the forecast."""
    here = find_area(area_name)
    return [built_in(name, here, forecast()) for name in BUILT_IN]
