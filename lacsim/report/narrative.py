"""The answer in words: computed from differences future by future, with a branch for every way it may turn out.

Money is rounded to two significant figures, ranges are the middle half and 9 in 10 of futures, and no hedging words
are used. Nothing here reads files or draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lacsim.errors import ResultsError
from lacsim.runs.scenario import HISTORY

if TYPE_CHECKING:
    import pandas as pd

    from lacsim.runs.scenario import Scenario

Branch = Literal["saves", "costs more", "too close to call", "no difference", "not modelled"]
SAVES_ABOVE, COSTS_BELOW, FEW_FUTURES = 0.60, 0.40, 50
MINUS = "−"
LONGEST_LABEL = 24
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

STANCES: Final = {
    "controlled": "effects centred on the nearest controlled studies, with no effect included",
    "reported": "the two documents taken at their word",
    "sceptical": "the adverse end of the evidence",
}
# Lines of money in the order they are told: what can be banked first. (column, what it is, what it is not)
LINES: Final = (
    (
        "council_cash_saving_gbp",
        "Cash the council can take out of a budget",
        "before the cost of the programme",
    ),
    ("nhs_cash_saving_gbp", "Cash the NHS can take out of a budget", "before the cost of the programme"),
    ("capacity_released_saving_gbp", "Time and places freed, at average cost", "freed is not cash"),
    ("resident_cash_saving_gbp", "What residents pay themselves", "no part of the public purse"),
    ("value_to_people_gain_gbp", "Value to people", "never added to the money above"),
)
PUBLIC_PURSE: Final = (
    "The public purse is council and NHS cash plus time and places freed at average cost, less the cost of the "
    "programme (its Better Care Fund share included). What residents pay themselves and value to people are not in it."
)


def pounds(value: float) -> str:
    """Money in words, to two significant figures with a true minus sign: £1.3 million, −£310,000, £46."""
    if not math.isfinite(value):
        raise ResultsError(
            f"an amount of money must be a finite number of pounds, found {value}. Check the unit costs."
        )
    size = abs(value)
    if size < 0.5:
        return "£0"
    digits = 1 - math.floor(math.log10(size))
    size = round(size, digits)
    sign = MINUS if value < 0 else ""
    for name, unit in (("billion", 1e9), ("million", 1e6)):
        if size >= unit:
            scaled = size / unit
            return f"{sign}£{scaled:.1f} {name}" if scaled < 10 else f"{sign}£{scaled:,.0f} {name}"
    return f"{sign}£{size:,.0f}"


def people(value: float) -> str:
    """A whole number of people or events, with a true minus sign and commas."""
    whole = round(value)
    return f"{MINUS if whole < 0 else ''}{abs(whole):,}"


def years_in_words(years: int) -> str:
    """A number of years as in 'five years'."""
    word = _NUMBERS[years] if years < len(_NUMBERS) else str(years)
    return f"{word} year{'' if years == 1 else 's'}"


def short_label(scenario: Scenario) -> str:
    """A scenario as it is named inside a sentence: '17 wards', 'no coordinators'; long names are cut."""
    if scenario.name == HISTORY:
        return "coordination as it was"
    label = scenario.label.removeprefix("all ").removeprefix("the ").replace(", staged", " (staged)")
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def chance_range(count: int, n: int) -> tuple[int, int]:
    """Wilson 95% interval of a share, in whole per hundred: what other luck could have shown.

    Source
    ------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    if n < 1 or not 0 <= count <= n:
        raise ResultsError(f"a share of futures needs 0 to n of n futures, found {count} of {n}. Check the run.")
    z = 1.959963984540054
    share = count / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return round(100 * max(0.0, centre - half)), round(100 * min(1.0, centre + half))


def branch_of(differences: Sequence[float]) -> Branch:
    """Which story the futures tell; positive differences are savings."""
    n = len(differences)
    if n == 0:
        return "not modelled"
    if all(value == 0 for value in differences):
        return "no difference"
    share = sum(value > 0 for value in differences) / n
    if share > SAVES_ABOVE:
        return "saves"
    return "costs more" if share < COSTS_BELOW else "too close to call"


def at_least_in(counts: Sequence[int], n: int) -> str:
    """In how many futures each of some things happens: the count of one, the smallest of several."""
    return f"in {'' if len(counts) == 1 else 'at least '}{min(counts):,} of {n:,} futures"


@dataclass(frozen=True)
class Spread:
    """Middle figure with the middle half and 9 in 10 of futures around it."""

    p05: float
    p25: float
    p50: float
    p75: float
    p95: float


def spread_of(values: Sequence[float]) -> Spread:
    """Quantiles of one figure over futures (linear between neighbours)."""
    import numpy as np

    if len(values) == 0:
        raise ResultsError("a range needs at least one future, found none. Run the scenario first.")
    return Spread(*(float(q) for q in np.quantile(np.asarray(values, float), [0.05, 0.25, 0.5, 0.75, 0.95])))


def range_in_words(values: Sequence[float], noun: str = "") -> str:
    """'The middle figure is …; 9 in 10 futures lie between … and …', with a note when the sign turns."""
    spread = spread_of(values)
    middle = f"{noun} of {pounds(spread.p50)}" if noun else pounds(spread.p50)
    text = f"The middle figure is {middle}"
    if len(values) > 1:
        text += f"; 9 in 10 futures lie between {pounds(spread.p05)} and {pounds(spread.p95)}"
    return text + "."


@dataclass(frozen=True)
class Answer:
    """The answer to 'does this scenario cost the public purse less than that one?'.

    Attributes
    ----------
    branch
        Which story the futures tell.
    headline
        The one sentence.
    money
        Middle figure and range.
    caution
        How much the count of futures could differ by luck of the draw.
    stance
        Where the size of the effect comes from.
    lines
        One sentence for each kind of money, cashable first.
    n, n_less
        Futures, and futures in which the scenario costs less.
    """

    branch: Branch
    headline: str
    money: str = ""
    caution: str = ""
    stance: str = ""
    lines: tuple[str, ...] = ()
    n: int = 0
    n_less: int = 0

    @property
    def text(self) -> str:
        """Headline, range and caution as one paragraph."""
        return " ".join(part for part in (self.headline, self.money, self.caution, self.stance) if part)


def stance_sentence(stance: str) -> str:
    """Where the size of the effect comes from, in one sentence."""
    meaning = STANCES.get(stance, "a choice among the sources")
    return (
        f"How much coordination changes is not fitted to data: it comes from the {stance} stance on the evidence "
        f"({meaning})."
    )


def caution_sentence(count: int, n: int) -> str:
    """What the count could have been with other luck; few futures are not for quoting."""
    low, high = chance_range(count, n)
    if n < FEW_FUTURES:
        noun = "future" if n == 1 else "futures"
        return f"{n} {noun}: fine for a look, too few to quote ({count} of {n} could be {low} to {high} in 100)."
    return f"With {n:,} futures, {count:,} of {n:,} could be {low} to {high} in 100."


def headline_sentence(
    branch: Branch, scenario: str, against: str, years: int, *, n: int, n_less: int, n_more: int
) -> str:
    """The one sentence of a modelled pair."""
    over, out_of = f"over {years_in_words(years)}", f"of {n:,} simulated future{'' if n == 1 else 's'}"
    if branch == "no difference":
        return f"In all {n:,} simulated futures, {scenario} costs the public purse the same as {against} {over}."
    if branch == "costs more":
        return f"In {n_more:,} {out_of}, {scenario} costs the public purse more than {against} {over}."
    sentence = f"n {n_less:,} {out_of}, {scenario} costs the public purse less than {against} {over}."
    return ("Too close to call: i" if branch == "too close to call" else "I") + sentence


def cash_sentence(cash: Sequence[float], scenario: str, against: str) -> str:
    """How many futures save when only cash counts, the programme's own cost taken off."""
    n, n_less = len(cash), sum(v > 0 for v in cash)
    return (
        f"Counting cash alone, with nothing for freed time, {scenario} costs less than {against} in {n_less:,} "
        f"of {n:,} futures; the middle figure is {pounds(spread_of(cash).p50)} after paying for the programme."
    )


def programme_sentence(extra_gbp: float, against: str) -> str:
    """What the programme itself costs more or less than the comparator's."""
    if round(extra_gbp) == 0:
        return f"The programme itself costs the same as with {against}."
    word = "more" if extra_gbp > 0 else "less"
    return f"The programme itself costs {pounds(abs(extra_gbp))} {word} than with {against}."


def not_modelled(scenario: str, against: str = "") -> Answer:
    """The answer when there is nothing to compare with."""
    if against:
        return Answer("not modelled", f"{scenario} against {against} was not modelled: the run has only one of them.")
    return Answer(
        "not modelled",
        f"Not modelled: {scenario} was run alone, so there is nothing to compare it with. "
        "Run it together with another scenario.",
    )


def part_sentence(residents: int | None, place: str) -> str:
    """A warning that only some of the residents were simulated; nothing when all were."""
    if residents is None:
        return ""
    return f"{residents:,} adults were simulated, not all of {place}'s, so amounts are not those of {place}."


def answer(
    differences: pd.DataFrame, scenario: str, against: str, *, years: int, stance: str, part: str = ""
) -> Answer:
    """The answer for one pair of scenarios.

    Parameters
    ----------
    differences
        One row per future: the columns of `lacsim.economics.savings`; savings are positive.
    scenario, against
        Short labels of the scenario and of what it is compared with.
    years
        Financial years.
    stance
        Stance on the evidence.
    part
        From `part_sentence`; said with the caution.
    """
    purse = [float(v) for v in differences["public_purse_saving_gbp"]]
    branch = branch_of(purse)
    if branch == "not modelled":
        return not_modelled(scenario, against)
    n, n_less, n_more = len(purse), sum(v > 0 for v in purse), sum(v < 0 for v in purse)
    dearer = branch == "costs more"
    is_cost = spread_of(purse).p50 < 0
    money = range_in_words([-v for v in purse] if is_cost else purse, "an extra cost" if is_cost else "a saving")
    caution = caution_sentence(n_more if dearer else n_less, n)
    if branch == "no difference":
        money = caution = ""
    elif MINUS in money:
        money += f" A minus sign means {'a saving' if is_cost else 'an extra cost'}."
    lines = [cash_sentence([float(v) for v in differences["public_cash_saving_gbp"]], scenario, against)]
    lines.append(programme_sentence(-spread_of(differences["programme_saving_gbp"].tolist()).p50, against))
    for column, what, caveat in LINES:
        text = range_in_words([float(v) for v in differences[column]])
        lines.append(f"{what} ({caveat}): {text[0].lower()}{text[1:]}")
    return Answer(
        branch=branch,
        headline=headline_sentence(branch, scenario, against, years, n=n, n_less=n_less, n_more=n_more),
        money=money,
        caution=f"{caution} {part}".strip(),
        stance=stance_sentence(stance),
        lines=tuple(lines),
        n=n,
        n_less=n_less,
    )
