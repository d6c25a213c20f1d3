"""What has been said about coordination in Derby, each claim on its own definition, and what the model gives for it.

A claim is a published sentence with a number or a direction. Counts (A) may have been fitted and then confirm nothing;
claims of benefit (B) and other models' outputs (C) are never fitted. The money in `Facts` is priced elsewhere and
handed in: this module knows definitions, verdicts and conflicts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lacsim.parameters import params


@dataclass(frozen=True)
class Facts:
    """What one draw under one stance gives for every claim.

    Attributes
    ----------
    saving_12_gbp
        Health and social care avoided by two coordinators in the first 12 months, at unit cost, the programme's own
        cost not taken off.
    people_12, people
        Residents with a caseload place in those 12 months, and in ten wards to January 2019.
    contacts
        Short-term contacts for each coordinator and month.
    closed, closed_12
        Share of known cases closed, by the two readings of `Programme`.
    formal_avoided
        Formal assessments avoided in the history, against the same lives without coordinators.
    cost_year_gbp
        Cost of ten coordinators in one year.
    benefit_10_gbp, cost_10_gbp, benefit_17_gbp, cost_17_gbp
        Three years from 2019: services avoided and value to people, and programme cost, in 10 and in 17 wards.
    wellby_10_gbp, wellby_per_year
        Of the ten wards' benefit the part that is value to people, and the gain per supported year it rests on.
    mean_stay_days, case_closes_hr, minutes_each
        Parameters of the draw: time on a caseload; effect on closing; minutes a contact may take if each coordinator
        is to have 190 a month in the hours left by long-term work.
    """

    saving_12_gbp: float
    people_12: float
    people: float
    contacts: float
    closed: float
    closed_12: float
    formal_avoided: float
    cost_year_gbp: float
    benefit_10_gbp: float
    cost_10_gbp: float
    benefit_17_gbp: float
    cost_17_gbp: float
    wellby_10_gbp: float
    wellby_per_year: float
    mean_stay_days: float
    case_closes_hr: float
    minutes_each: float


@dataclass(frozen=True)
class Claim:
    """One published claim.

    Attributes
    ----------
    claim_id, text, source
        Name, the claim in words, and where it stands.
    claimed
        The number, in `unit`; for a claim of direction the least value that makes it true.
    unit
        £, people, share, £ per £1 …
    definition
        What the model counts for it.
    standing
        A count, B claim of benefit, C another model's output.
    use
        fitted, looked at, or comparator only.
    measure
        The model's value.
    is_direction
        Whether any value above `claimed` makes it true.
    believe
        What one would have to believe, from the middle draw and the claimed value.
    note
        What a reader should know.
    """

    claim_id: str
    text: str
    source: str
    claimed: float
    unit: str
    definition: str
    standing: str
    use: str
    measure: Callable[[Facts], float]
    believe: Callable[[Facts, float], str]
    is_direction: bool = False
    note: str = ""


def _times(value: Callable[[Facts], float]) -> Callable[[Facts, float], str]:
    """The effects of the stance would have to be so many times as large."""

    def believe(facts: Facts, claimed: float) -> str:
        found = value(facts)
        if found <= 0.0:
            return "under no multiple of this stance's effects: they cost more than they avoid"
        return f"only if all its effects together avoided {claimed / found:,.0f} times as much"

    return believe


def _stay(facts: Facts, claimed: float) -> str:
    return f"only if coordination.mean_stay_days is about {facts.mean_stay_days * facts.people / claimed:,.0f}"


def _closes(value: Callable[[Facts], float]) -> Callable[[Facts, float], str]:
    def believe(facts: Facts, claimed: float) -> str:
        share = min(max(value(facts), 1e-6), 1.0 - 1e-6)
        needed = facts.case_closes_hr * math.log(1.0 - claimed) / math.log(1.0 - share)
        return f"only if effects.case_closes_hr ≥ {needed:.1f}"

    return believe


def _contacts(facts: Facts, claimed: float) -> str:
    del claimed
    if facts.minutes_each <= 0.0:
        return "not in the hours of a post: long-term work leaves none"
    return f"only if coordination.short_term_people_per_month ≥ 190 and short_term_minutes ≤ {facts.minutes_each:.0f}"


def _wellby(net: float) -> Callable[[Facts, float], str]:
    def believe(facts: Facts, claimed: float) -> str:
        missing = (claimed + net) * facts.cost_10_gbp - (facts.benefit_10_gbp - facts.wellby_10_gbp)
        if facts.wellby_10_gbp <= 0.0:
            return "only if value to people, none in this stance, made up all of it"
        needed = facts.wellby_per_year * missing / facts.wellby_10_gbp
        sign = "≥" if needed > facts.wellby_per_year else "≤"  # a stance may give more than was claimed
        return f"only if effects.wellbys_per_supported_year {sign} {needed:.2f}"

    return believe


def _nothing(facts: Facts, claimed: float) -> str:
    del facts, claimed
    return ""


def _gross(facts: Facts) -> float:
    return facts.benefit_10_gbp / facts.cost_10_gbp


def _number(name: str, claim: str) -> float:
    return float(params(fitted=False).entry(name).claims[claim].value)


_PAPER: Final = "council paper of 5 February 2019, "


def claims() -> list[Claim]:
    """Every claim, in the order of the evidence."""
    saving = _number("claims.first_year_saving", "diverted")
    people = _number("claims.first_year_people", "reported")
    posts = _number("claims.first_year_coordinators", "reported")
    months = _number("claims.first_year_saving_months", "eight")
    avoided = (
        "health and social care avoided by two coordinators in {} from April 2012, all payers, at unit cost in 2018/19 "
        "prices, programme not taken off"
    )
    return [
        Claim("saving_12", "two coordinators avoided health and social care worth", _PAPER + "4.8, 7.1", saving, "£",
              avoided.format("12 months"), "B", "looked at", lambda f: f.saving_12_gbp,
              _times(lambda f: f.saving_12_gbp),
              note="“Suggested”, “costs/savings”, first 50 people, no comparison group, not cash."),
        Claim("saving_8", "the same in eight months", "a council news item", saving, "£", avoided.format("8 months"),
              "B", "looked at", lambda f: f.saving_12_gbp * months / 12.0,
              _times(lambda f: f.saving_12_gbp * months / 12.0), note="The page was not recorded."),
        Claim("saving_person", "the same for each person", _PAPER + "7.1", saving / people, "£ a person",
              "the 12 months' amount over the people supported in them", "B", "looked at",
              lambda f: f.saving_12_gbp / f.people_12, _times(lambda f: f.saving_12_gbp / f.people_12),
              note="£800,000 over 50 people."),
        Claim("saving_coordinator", "the same for each coordinator", _PAPER + "4.8", saving / posts, "£ a coordinator",
              "the 12 months' amount over two coordinators", "B", "looked at",
              lambda f: f.saving_12_gbp / posts, _times(lambda f: f.saving_12_gbp / posts),
              note="£800,000 over two coordinators."),
        Claim("sroi_gross", "social value for each £1, gross", "press release 2016; " + _PAPER + "7.1 (400%)",
              _number("claims.return_per_pound", "gross"), "£ per £1",
              "three years of ten coordinators: services avoided and value to people, over programme cost", "C",
              "comparator only", _gross, _wellby(0.0),
              note="A forecast by another model; a target would make this model agree with itself."),
        Claim("sroi_net", "return on each £1 as 3:1", _PAPER + "4.9",
              _number("claims.return_per_pound", "three_to_one"),
              "£ per £1", "as above, less the £1", "C", "comparator only", lambda f: _gross(f) - 1.0, _wellby(1.0),
              note="3:1 net is 4:1 gross: the same analysis."),
        Claim("sroi_400", "“400% return” read as over and above the cost", _PAPER + "7.1",
              _number("claims.return_per_pound", "percent_net") - 1.0, "£ per £1", "as above, less the £1", "C",
              "comparator only", lambda f: _gross(f) - 1.0, _wellby(1.0), note="4:1 gross is a 300% return, not 400%."),
        Claim("closed_by_end", "known cases closed, of those introduced in the last 12 months", _PAPER + "4.6",
              _number("claims.case_closed_share", "printed"), "share",
              "people with an open case when introduced in the last 12 months whose case closed by the end", "A",
              "looked at", lambda f: f.closed, _closes(lambda f: f.closed),
              note="No denominator is printed; with 40 people 35% to 65%. Many cases close anyway."),
        Claim("closed_12", "known cases closed within 12 months of introduction", _PAPER + "4.6",
              _number("claims.case_closed_share", "printed"), "share",
              "people with an open case when introduced whose case closed within 12 months", "A", "looked at",
              lambda f: f.closed_12, _closes(lambda f: f.closed_12), note="The other reading of the same sentence."),
        Claim("people", "long-term connections from 2012 to January 2019", _PAPER + "4.1",
              _number("claims.long_term_people", "connections"), "people",
              "residents with a caseload place at any time to the end of January 2019", "A", "fitted",
              lambda f: f.people, _stay),
        Claim("people_12", "people in the first 12 months", _PAPER + "7.1", people, "people",
              "residents with a caseload place in the first 12 months of two coordinators", "A", "fitted",
              lambda f: f.people_12, _nothing),
        Claim("contacts_team", "short-term support to 190 people a month, if the team's", _PAPER + "4.3",
              _number("coordination.short_term_people_per_month", "team"), "a month for each coordinator",
              "short-term contacts begun, for each coordinator and month, last year of the history", "A", "fitted",
              lambda f: f.contacts, _nothing),
        Claim("contacts_each", "short-term support to 190 people a month, if each one's", _PAPER + "4.3",
              _number("coordination.short_term_people_per_month", "each"), "a month for each coordinator",
              "the same", "A", "looked at", lambda f: f.contacts, _contacts,
              note="About nine each working day, 2.6 times all Derby's requests; the reported stance runs it so."),
        Claim("budget", "core budget 2018-19", _PAPER + "4.7", _number("programme.core_budget", "printed"), "£ a year",
              "cost of ten coordinators with management in a year, 2018/19 prices", "A", "looked at",
              lambda f: f.cost_year_gbp, _nothing,
              note="The printed parts add up to £525,968: two digits are swapped. The register's price rests on it."),
        Claim("more_at_17", "value would increase further at 17 wards", "press release 2016; " + _PAPER + "4.9", 0.0,
              "£",
              "three years: services avoided and value to people in 17 wards, more than in 10", "B", "looked at",
              lambda f: f.benefit_17_gbp - f.benefit_10_gbp, _nothing, is_direction=True,
              note="In total; for each £1 it is another question (next line)."),
        Claim("more_per_pound_at_17", "the same for each £1", "the wording allows it", 0.0, "£ per £1",
              "gross ratio in 17 wards, less that in 10", "B", "looked at",
              lambda f: f.benefit_17_gbp / f.cost_17_gbp - f.benefit_10_gbp / f.cost_10_gbp, _nothing,
              is_direction=True),
        Claim("formal", "a significant number would have presented for more formal assessments", _PAPER + "4.1", 0.0,
              "assessments", "formal assessments avoided to March 2019, against the same lives without coordinators",
              "B",
              "looked at", lambda f: f.formal_avoided, _nothing, is_direction=True,
              note="“A significant number” of 1,400; no number is printed."),
    ]  # fmt: skip


def verdict_of(claim: Claim, draws: Sequence[Facts]) -> str:
    """Reproduced, not reproduced, or reproduced only if something; from the draws of one stance."""
    values = np.array([claim.measure(facts) for facts in draws])
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    if claim.is_direction:
        share = float((values > claim.claimed).mean())
        word = "reproduced" if share >= 0.95 else "not reproduced" if share <= 0.05 else "cannot be told"
        return f"{word} (true in {share:.0%} of futures)"
    if low <= claim.claimed <= high:
        return "reproduced"
    centre = draws[int(np.argmin(np.abs(values - middle)))]
    condition = claim.believe(centre, claim.claimed)
    return (
        f"reproduced {condition}"
        if condition.startswith("only if")
        else f"not reproduced{', ' * bool(condition)}{condition}"
    )


def claims_frame(draws: dict[str, list[Facts]]) -> pd.DataFrame:
    """One row for each claim and stance.

    Parameters
    ----------
    draws
        Facts of every draw by stance.

    Returns
    -------
        Columns claim_id, stance, text, source, claimed, unit, definition, standing, use, model_p05, model_p50,
        model_p95, verdict, note, claimed_text, model_text.
    """
    rows = []
    for claim in claims():
        for stance, facts in draws.items():
            low, middle, high = np.quantile([claim.measure(f) for f in facts], [0.05, 0.5, 0.95])
            rows.append(
                {
                    "claim_id": claim.claim_id,
                    "stance": stance,
                    "text": claim.text,
                    "source": claim.source,
                    "claimed": claim.claimed,
                    "unit": claim.unit,
                    "definition": claim.definition,
                    "standing": {"A": "A count", "B": "B claim", "C": "C another model"}[claim.standing],
                    "use": claim.use,
                    "model_p05": low,
                    "model_p50": middle,
                    "model_p95": high,
                    "verdict": verdict_of(claim, facts),
                    "note": claim.note,
                    "claimed_text": "more" if claim.is_direction else in_unit(claim.claimed, claim.unit),
                    "model_text": _range_text(low, middle, high, claim.unit),
                }
            )
    return pd.DataFrame(rows)


def _range_text(low: float, middle: float, high: float, unit: str) -> str:
    """The middle with its unit, and the ends of the range without one unless they are shares."""
    bare = unit if unit == "share" else ""
    return f"{in_unit(middle, unit)} ({in_unit(low, bare)} to {in_unit(high, bare)})"


def in_unit(value: float, unit: str) -> str:
    """A number as a reader would write it, with its unit."""
    digits = (
        f"{abs(value):,.0f}"
        if abs(value) >= 100
        else f"{abs(value):,.1f}"
        if abs(value) >= 10
        else f"{abs(value):,.2f}"
    )
    sign = "−" if value < 0 and float(digits.replace(",", "")) != 0 else ""
    if unit.startswith("£"):
        return f"{sign}£{digits}{unit[1:]}"
    if unit == "share":
        return f"{sign}{100 * abs(value):.0f}%"
    return f"{sign}{digits} {unit}".strip()


def conflicts_frame(draws: dict[str, list[Facts]]) -> pd.DataFrame:
    """Pairs of claims that cannot both hold for one size of effect, by node-splitting.

    For each pair the printed ratio stands beside the ratio the model gives over its draws: if one set of effects made
    both claims true, the two ratios would agree. p is twice the smaller share of draws on one side of the printed ratio
    (stances pooled, each draw one vote; draws whose sign is not positive count as below).

    Returns
    -------
        Columns pair, first, second, published_ratio, model_ratio (median), p, verdict.

    Source
    ------
    Presanis et al. (2013), doi 10.1214/13-STS426.
    """
    p = params(fitted=False)
    budget, per_year = _number("programme.core_budget", "printed"), 4.0
    social = float(p.entry("claims.first_year_saving_per_person").claims["social_value"].value)
    facts = [f for found in draws.values() for f in found]
    three = _number("claims.return_per_pound", "three_to_one")
    pairs = [
        ("a person", "£16,000 saved in a year", f"£{social:,.0f} of social value (4 × budget / 500 people)",
         16_000.0 / social,
         [f.saving_12_gbp / f.people_12 / (f.benefit_10_gbp / 3.0 / 500.0) for f in facts if f.benefit_10_gbp > 0]),
        ("a coordinator", "£400,000 saved in a year", f"£{per_year * budget / 10:,.0f} of social value (4 × budget/10)",
         400_000.0 / (per_year * budget / 10.0),
         [f.saving_12_gbp / 2.0 / (f.benefit_10_gbp / 3.0 / 10.0) for f in facts if f.benefit_10_gbp > 0]),
        ("a return", "4:1 gross", "3:1", 4.0 / three,
         [_gross(f) / (_gross(f) - 1.0) for f in facts if _gross(f) > 1.0]),
    ]  # fmt: skip
    rows = []
    for name, first, second, printed, ratios in pairs:
        found = np.array(ratios)
        above = float((found >= printed).mean()) if len(found) else math.nan
        p_value = min(1.0, 2.0 * min(above, 1.0 - above)) if len(found) else math.nan
        if name == "a return":
            verdict = "no conflict: 4:1 gross is 3:1 net"
        elif not len(found):
            verdict = "cannot be told: no draw has a benefit"
        elif p_value < 0.01:
            verdict = "conflict: never pooled"
        else:
            verdict = "no conflict shown"
        middle = float(np.median(found)) if len(found) else math.nan
        rows.append((name, first, second, printed, middle, p_value, verdict))
    columns = ["pair", "first", "second", "published_ratio", "model_ratio", "p", "verdict"]
    return pd.DataFrame(rows, columns=columns)
