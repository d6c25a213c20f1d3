"""The committee paper: numbered paragraphs under the headings of the council's own paper of 5 February 2019.

Each sentence that states a result is computed from the run and has a branch for every way it may turn out. What the run
cannot know (consultation, legal advice, other business) is left as a line for the author and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lacsim.report import money_sections, tables
from lacsim.report.charts import avoided, tiles
from lacsim.report.narrative import Branch, people, years_in_words
from lacsim.report.words import NOT_KNOWN

if TYPE_CHECKING:
    from lacsim.report.api import Run

HEADINGS: Final = (
    "Purpose",
    "Recommendation",
    "Reasons",
    "Supporting information",
    "Public/stakeholder engagement",
    "Other options",
    "Financial and value for money issues",
    "Legal implications",
    "Other significant implications",
    "Background papers",
)


def recommendation(branch: Branch, scenario: str, against: str) -> str:
    """What the board may be asked to note or decide, for each way the futures may turn out."""
    if branch == "saves":
        return (
            f"To note that {scenario} is expected to cost the public purse less than {against}, subject to the "
            f"limits below, "
            "and to agree who measures whether it does."
        )
    if branch == "costs more":
        return (
            f"To note that {scenario} is expected to cost the public purse more than {against}, and to decide "
            f"whether what "
            "it gives to people is worth the difference."
        )
    if branch == "too close to call":
        return (
            f"To note that the evidence does not say whether {scenario} costs more or less than {against}, and "
            f"to consider a "
            "staged start with measurement."
        )
    if branch == "no difference":
        return f"To note that {scenario} and {against} cost the public purse the same."
    return f"To note that {scenario} was not compared with another option."


def paper(run: Run) -> list[tuple[str, list[str]]]:
    """Headings with their paragraphs, in the order of `HEADINGS`."""
    answer = run.answer
    place, years = run.plan.area.name, years_in_words(run.plan.period.years)
    scenario = run.label(run.plan.scenarios[-1].name)
    against = run.label(run.pair[1]) if run.pair else "another option"
    texts = (
        [
            f"To tell the board what covering {scenario} of {place} with Local Area Coordination would cost, "
            f"avoid and demand "
            f"of the team over {years}, and how sure that is.",
        ],
        [recommendation(answer.branch, scenario, against)],
        [answer.text, *_stance_sentences(run), *money_sections.mind_changers(run)],
        _supporting(run),
        ["To be completed by the author: who was consulted on this proposal, and what they said."],
        [_option_sentence(label, cells) for label, cells in tables.options(run)],
        [*answer.lines, "The kinds of money above are different things and are never added to each other."],
        [
            "The Care Act 2014 requires the council to prevent, reduce or delay needs for care and support and "
            "to carry out "
            "assessments. Legal advice on this proposal is to be added by the author.",
        ],
        [*NOT_KNOWN, "Equalities, risk and other implications are to be completed by the author."],
        [
            f"Report of lacsim run {run.plan.run_id} with its charts, assumptions and tables. Derby City "
            f"Council, Adults and "
            "Health Scrutiny Review Board, 5 February 2019, item 9.",
        ],
    )
    return [(head, [t for t in paragraphs if t]) for head, paragraphs in zip(HEADINGS, texts, strict=True)]


def _stance_sentences(run: Run) -> list[str]:
    """The answer under the other stances, one sentence each."""
    return [
        f"Under the {stance} reading of the evidence ({reading}), it costs less in {less} futures; the middle saving "
        f"is {middle} (9 in 10: {span})."
        for stance, less, middle, span, reading in tables.stances(run)
        if not stance.endswith("(this run)")
    ]


def _option_sentence(label: str, cells: list[tuple[str, str]]) -> str:
    """One option of the table in a sentence."""
    start = f"{label[0].upper()}{label[1:]}: programme {cells[0][0]}"
    if cells[1][0] == "comparator":
        return f"{start}; what the other options are compared with."
    return (
        f"{start}; cash relieved {cells[1][0]}, time and places freed {cells[2][0]}, net saving to the public purse "
        f"{cells[3][0]}{f' ({cells[3][1]})' if cells[3][1] else ''}; pays back in {cells[5][0]}; {cells[6][0]} posts."
    )


def _supporting(run: Run) -> list[str]:
    """What the run says about people, team and wards."""
    scenario = run.plan.scenarios[-1]
    mine = run.futures[run.futures["scenario"] == scenario.name]
    years = run.plan.period.years
    said = [
        f"With {run.label(scenario.name)}, {people(float(mine['introductions_people'].median()) / years)} "
        f"people a year are "
        f"introduced to a coordinator and {people(float(mine['long_term_people'].median()) / years)} begin "
        f"longer support.",
        f"{people(scenario.n_posts)} posts in {len(scenario.wards)} wards. {tiles.about_boundaries(run)}",
    ]
    if run.pair is not None:
        found = avoided.changes(run)
        own = found[found["scenario"] == scenario.name]
        fewer = {m: int((own[own["measure"] == m]["change"] < 0).sum()) for m in avoided.TITLE_MEASURES}
        said.append(f"{avoided.title_of(run.label(scenario.name), run.plan.futures, fewer)}.")
    return said
