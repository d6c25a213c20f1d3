"""What the ledger prices: one declarative table from measures of the results to unit costs of the register.

Each item says what is counted, in which unit, at which price, who pays and what kind of money it is.
Assumptions that a reader might not share stand beside the item as `note`. Left out, because no unit cost was
found: low-level support, safeguarding enquiries and direct payments; left out, because the model does not
have them: reviews of plans and social work outside assessment. Short-term contacts have no price of their
own: coordinators' time is the programme cost. The care-leaver strand is not modelled, so it has no price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from lacsim.model import stages as s

Payer = Literal["council", "nhs", "better_care_fund", "resident", "society"]
Line = Literal["council_cash", "nhs_cash", "resident_cash", "capacity_released", "value_to_people"]
Group = Literal[
    "programme", "hospital", "assessment_and_support", "care_homes", "client_contributions", "value_to_people"
]
Treatment = Literal["by_share", "programme", "cash", "contribution", "own_money", "value"]

LINES: Final[tuple[Line, ...]] = (
    "council_cash",
    "nhs_cash",
    "resident_cash",
    "capacity_released",
    "value_to_people",
)
# The money that leaves a payer's budget. The Better Care Fund's share is counted with NHS cash: the fund is a
# pool whose minimum contribution is NHS money (an assumption; the payer column keeps it apart).
CASH_LINE: Final[dict[Payer, Line]] = {
    "council": "council_cash",
    "nhs": "nhs_cash",
    "better_care_fund": "nhs_cash",
    "resident": "resident_cash",
}
POST_PARTS: Final = 1_000_000  # a post-year, and a year of membership, in whole millionths


@dataclass(frozen=True)
class Item:
    """One thing that is priced.

    Attributes
    ----------
    name
        What a reader of the ledger sees.
    group
        What it belongs to; `programme` is what is spent on coordination itself.
    measures
        Measures that are added up: of `results.quantities`, or of `programme` for the programme's own items.
    unit
        Unit of the quantity.
    price
        Register name of the unit cost.
    treatment
        How the amount is divided: `by_share` (the payer's cash and capacity, by what the register says can be
        taken out of a budget), `programme` (Better Care Fund and council), `cash` (the payer's in full),
        `contribution` (a transfer from residents to the council), `own_money` (the resident's cash) or `value`
        (to people; not a cost).
    payer
        Who pays when the amount is not divided between payers.
    less
        Measures that are taken off.
    per_unit
        Whole events, seconds or millionths of a post-year in one unit of the quantity.
    factor_name
        Register name of a number the unit cost is multiplied by, or None.
    waiver
        Why this item may stand beside others it overlaps with, as `{name of the other: reason}`.
    note
        An assumption to be aware of.
    """

    name: str
    group: Group
    measures: tuple[str, ...]
    unit: str
    price: str
    treatment: Treatment = "by_share"
    payer: Payer = "council"
    less: tuple[str, ...] = ()
    per_unit: int = 1
    factor_name: str | None = None
    waiver: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def cashable_share(price: str) -> str:
    """Register name of the share of a unit cost that can be taken out of a budget."""
    return f"cashability.{price.partition('.')[2]}_share"


def cashable_lag(price: str) -> str:
    """Register name of the years until it can."""
    return f"cashability.{price.partition('.')[2]}_lag_years"


def _weeks(
    name: str,
    group: Group,
    measures: tuple[str, ...],
    price: str,
    *,
    treatment: Treatment = "by_share",
    payer: Payer = "council",
    note: str = "",
) -> Item:
    """An item counted in weeks, from person-seconds."""
    return Item(name, group, measures, "weeks", price, treatment, payer=payer, per_unit=s.WEEK, note=note)


_SELF_FUNDED = (
    "Priced at the council's rate; self-funders are said to pay about 40% more, so this is an understatement."
)
_ALL_ARRIVE = "Every admission is taken to come by ambulance through A&E: a ceiling, as a GP sends some in."
_CONTRIBUTION = "A share of the gross cost of council-arranged care; the two rows add up to nothing."
_BEYOND = (
    "Only delayed days after those the price of a spell covers (appraisal.days_inside_spell_price) are counted, so no "
    "day is paid for twice."
)

_PROGRAMME: Final = (
    Item(
        "coordinators", "programme", ("posts_filled",), "post-years", "programme.cost_per_coordinator", "programme",
        per_unit=POST_PARTS, note="Posts with somebody in them: after recruitment, less vacancies.",
    ),
    Item(
        "vacant coordinator posts", "programme", ("posts_vacant",), "post-years", "programme.cost_per_coordinator",
        "programme", per_unit=POST_PARTS, factor_name="programme.vacant_post_paid_share",
        note="New posts until recruitment is over, and vacancies; priced at the share that is spent all the same.",
    ),
    Item(
        "manager", "programme", ("managers",), "post-years", "programme.cost_per_manager", "programme",
        per_unit=POST_PARTS, note="One while there is any post, more above programme.coordinators_per_manager.",
    ),
    Item(
        "network membership", "programme", ("memberships",), "years", "programme.network_membership", "cash",
        per_unit=POST_PARTS, note="Paid in full by the council in every year with a post.",
    ),
)  # fmt: skip
_HOSPITAL: Final = (
    Item(
        "emergency stay, short", "hospital", ("short_stays",), "spells", "unit_costs.nel_short", payer="nhs",
        note="Short or long by the whole stay with its delay (appraisal.short_stay_days).",
    ),
    Item(
        "emergency stay, long", "hospital", ("admissions",), "spells", "unit_costs.nel_long", payer="nhs",
        less=("short_stays",),
        note="Counted in the year of admission; a stay that is not over when the period ends counts as long.",
    ),
    Item(
        "A&E attendance, admitted", "hospital", ("admissions",), "attendances", "unit_costs.ae_admitted",
        payer="nhs", note=_ALL_ARRIVE,
    ),
    Item(
        "ambulance", "hospital", ("admissions",), "incidents", "unit_costs.ambulance", payer="nhs",
        note=_ALL_ARRIVE,
    ),
    Item(
        "delayed day in hospital", "hospital", ("delayed_beyond_price",), "days", "unit_costs.dtoc_day",
        payer="nhs", per_unit=s.DAY,
        waiver={"emergency stay, short": "A short stay has no day beyond those its price covers.",
                "emergency stay, long": _BEYOND},
        note=_BEYOND,
    ),
)  # fmt: skip
_COUNCIL: Final = (
    Item(
        "needs assessment", "assessment_and_support", ("assessments",), "assessments",
        "unit_costs.assessment",
    ),
    Item(
        "reablement", "assessment_and_support", ("reablement_episodes",), "episodes", "unit_costs.reablement",
    ),
    _weeks(
        "home-care package", "assessment_and_support", ("package_at_home",), "unit_costs.homecare_weekall",
        note="All ages at one price. Whoever is kept out of a care home with a package costs this instead.",
    ),
    _weeks(
        "residential care, council", "care_homes", ("council_residential",), "unit_costs.residential_week",
    ),
    _weeks("nursing care, council", "care_homes", ("council_nursing",), "unit_costs.nursing_week"),
    _weeks(
        "NHS-funded nursing care", "care_homes", ("council_nursing", "own_nursing"), "unit_costs.fnc_week",
        payer="nhs",
    ),
)  # fmt: skip
_RESIDENTS: Final = (
    _weeks(
        "residential care, self-funded", "care_homes", ("own_residential",), "unit_costs.residential_week",
        treatment="own_money", payer="resident", note=_SELF_FUNDED,
    ),
    _weeks(
        "nursing care, self-funded", "care_homes", ("own_nursing",), "unit_costs.nursing_week",
        treatment="own_money", payer="resident", note=_SELF_FUNDED,
    ),
    _weeks(
        "contribution to home care", "client_contributions", ("package_at_home",),
        "unit_costs.homecare_weekall", treatment="contribution", note=_CONTRIBUTION,
    ),
    _weeks(
        "contribution to residential care", "client_contributions", ("council_residential",),
        "unit_costs.residential_week", treatment="contribution", note=_CONTRIBUTION,
    ),
    _weeks(
        "contribution to nursing care", "client_contributions", ("council_nursing",),
        "unit_costs.nursing_week", treatment="contribution", note=_CONTRIBUTION,
    ),
    Item(
        "wellbeing of people supported", "value_to_people", ("caseload",), "person-years", "unit_costs.wellby",
        "value", payer="society", per_unit=s.YEAR, factor_name="effects.wellbys_per_supported_year",
        note="WELLBYs in a year with a place times the value of one. Never a saving, and the only value put on how "
        "people feel.",
    ),
)  # fmt: skip
ITEMS: Final[tuple[Item, ...]] = (*_PROGRAMME, *_HOSPITAL, *_COUNCIL, *_RESIDENTS)
