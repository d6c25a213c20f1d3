"""Further, smaller runs beside the main one: the other stances on the evidence, and other numbers of coordinators.

They share seed, draws and luck with the first futures of the main run, so future 7 is the same future in all of them.
They are smaller because they answer smaller questions: how far the answer turns with the stance, and how waits move
with the team. How many futures they have is said wherever they are shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lacsim.parameters.checks import STANCES
from lacsim.parameters.sampling import draw_matrix
from lacsim.results import study
from lacsim.runs.scenario import Scenario

if TYPE_CHECKING:
    from lacsim.results.study import Results
    from lacsim.runs.plan import Plan

SHARE: Final = 0.10  # of the main run's futures: nine smaller scenarios then add three tenths to a default run
FEWEST: Final = 4
# Posts as a share of those of the last scenario, made whole.
TEAM_LEVELS: Final = (0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True)
class Companions:
    """Results of the further runs, if they were made.

    Attributes
    ----------
    stances
        The headline's pair under each of the other stances.
    team
        The last scenario with fewer and more posts, or None.
    """

    stances: tuple[Results, ...] = ()
    team: Results | None = None


def fewer_futures(plan: Plan) -> int:
    """Futures of a further run."""
    return min(plan.futures, max(FEWEST, round(SHARE * plan.futures)))


def stance_plan(plan: Plan, stance: str) -> Plan:
    """The last two scenarios of a plan under another stance, with fewer futures."""
    parameters, n = plan.parameters.with_stance(stance), fewer_futures(plan)
    scenarios = plan.scenarios[-2:]
    return dataclasses.replace(
        plan, scenarios=scenarios, parameters=parameters, draws=draw_matrix(parameters, n, plan.seed)
    )


def resized(scenario: Scenario, total: float) -> Scenario:
    """A scenario with every post made larger or smaller by the same share, so that they add up to `total`."""
    share = total / scenario.n_posts
    posts = tuple(dataclasses.replace(post, posts=post.posts * share) for post in scenario.posts)
    return Scenario(f"team-{total:g}".replace(".", "-"), f"{total:g} coordinators", posts)


def team_plan(plan: Plan) -> Plan:
    """The last scenario of a plan with each of `TEAM_LEVELS` of its posts, with fewer futures."""
    own = plan.scenarios[-1].n_posts
    totals = dict.fromkeys(own if share == 1.0 else float(max(1, round(own * share))) for share in TEAM_LEVELS)
    scenarios = tuple(resized(plan.scenarios[-1], total) for total in totals)
    draws = draw_matrix(plan.parameters, fewer_futures(plan), plan.seed)
    return dataclasses.replace(plan, scenarios=scenarios, draws=draws)


def plans(plan: Plan) -> list[Plan]:
    """Every further run of a plan, the stances first; none when there is nothing to compare or to staff."""
    others = [s for s in STANCES if s != plan.parameters.stance] if len(plan.scenarios) > 1 else []
    found = [stance_plan(plan, stance) for stance in others]
    return [*found, team_plan(plan)] if plan.scenarios[-1].posts else found


def make(plan: Plan, *, jobs: int = 0, progress: Callable[[int, int], None] | None = None) -> Companions:
    """Make the further runs of a plan.

    Parameters
    ----------
    jobs
        Processes; 0 uses every usable core.
    progress
        Called with (futures done, futures in all) over all further runs.
    """
    wanted = plans(plan)
    total, done, made = sum(one.futures for one in wanted), 0, []
    for one in wanted:
        before = done

        def tell(k: int, _: int, before: int = before) -> None:
            if progress:
                progress(before + k, total)

        made.append(study.run(one, jobs=jobs, progress=tell))
        done += one.futures
    team = made.pop() if plan.scenarios[-1].posts and made else None
    return Companions(tuple(made), team)
