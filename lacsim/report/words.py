"""Words of the report that no result changes: what is not known, limits, roles, glossary."""

from __future__ import annotations

from typing import Final

NOT_KNOWN: Final = (
    "No controlled study of local area coordination was found. The sizes of its effects are borrowed from other "
    "schemes, taken from the two documents at their word, or assumed, as the stance says.",
    "Which lives are like Derby's: rates of admission, care and difficulty are national or recalled where no local "
    "figure was found. The grade of each is in the assumptions.",
    "What a difficulty costs outside health and social care (housing, police, work) is not priced here.",
    "Low-level support, reviews and direct payments have no unit cost that was found, so they are not priced.",
    "Freed time and places are valued at average cost. Whether a budget can be cut is for its holder to say.",
)
LIMITS: Final = (
    "The size of the effect of coordination is an assumption under every stance. No run can confirm it.",
    "Nobody outside the authors has checked this analysis for this decision yet.",
    "Wards are those of 2002 to 2023; no table from them to today's was found.",
    "Care leavers and people under 18 are not in it.",
    "One straight line through the futures says which assumption matters; it can miss figures that work together.",
)
ROLES: Final = (
    ("Commissioner of the analysis", "that the question is the right one, and that limits are accepted"),
    ("Analyst", "that the work was done as described, and its checks passed"),
    ("Analytical assurer", "that method, data and results were checked by someone who did not make them"),
    ("Approver", "that it is fit for the decision it is put to"),
)
GLOSSARY: Final = (
    ("Admission", "An emergency stay in hospital."),
    ("Aqua Book", "The government's guidance on producing analysis that can be trusted."),
    (
        "Avoided",
        "Not needed because of coordination. Avoided is not saved: a bed that is free still has to be paid for.",
    ),
    ("Better Care Fund (BCF)", "A budget that the council and the NHS plan together; it pays 59% of the coordinators."),
    ("Cash", "Money that can be taken out of a budget."),
    ("Caseload", "The people a coordinator walks alongside for longer, each with a place."),
    ("Comparator", "The option that another is compared with."),
    ("Discounting", "Counting a pound of a later year for less than a pound of this year, 3.5% less a year."),
    ("Draw", "One value for every uncertain figure, taken from the range of each."),
    ("Formal assessment", "The council's assessment of needs under the Care Act 2014."),
    ("Freed time and places", "Staff time, beds and places that someone else can use; not cash."),
    (
        "Future",
        "One draw with one fate of luck, lived under every option. Futures are numbered and can be lived again.",
    ),
    ("Introduction", "Someone is introduced to a coordinator for longer support."),
    ("Local Area Coordination (LAC)", "A coordinator in a neighbourhood, alongside people before and at a crisis."),
    ("MASH", "The multi-agency safeguarding hub."),
    ("Middle figure", "Half of the futures lie above it and half below: the median."),
    ("9 in 10", "From the 5th to the 95th percentile of the futures: one in twenty lies below and one above."),
    ("Optimism bias", "An allowance for the fact that benefits are usually expected to be larger than they turn out."),
    ("Public purse", "Council and NHS together, cash and freed time less the programme; not residents' own money."),
    ("Reablement", "Some weeks of help at home to get used to daily life again."),
    ("Short-term support", "A conversation or a few, with information and advice, without a place on a caseload."),
    ("SROI", "Social return on investment: the value of outcomes to everyone, for each pound put in."),
    ("Stance", "A choice among the sources for how much coordination changes: controlled, reported or sceptical."),
    ("Switching value", "The value of one figure at which the answer turns."),
    ("WELLBY", "One point of life satisfaction, on a scale of 0 to 10, for one person for one year."),
)
