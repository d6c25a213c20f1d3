"""Further, smaller runs beside the main one: the other stances on the evidence, and other numbers of coordinators.

They share seed, draws and luck with the first futures of the main run, so future 7 is the same future in all of them.
They are smaller because they answer smaller questions: how far the answer turns with the stance, and how waits move
with the team. How many futures they have is said wherever they are shown. What the main run has lived already, its own
team, is not lived again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lacsim.errors import FuturesError, ResultsError
from lacsim.parameters.checks import STANCES
from lacsim.parameters.sampling import draw_matrix
from lacsim.report.manifest import option_of, scenario_of
from lacsim.results.store import Store, loaded, packed_results
from lacsim.results.study import Failure, Results, live_block
from lacsim.runs.backends import Lost, Stop, backend_for, run_blocks
from lacsim.runs.scenario import Scenario

if TYPE_CHECKING:
    from lacsim.results.study import Kept
    from lacsim.runs.backends import Block
    from lacsim.runs.plan import Plan

SHARE: Final = 0.10  # of the main run's futures: eight smaller scenarios then add a quarter to a default run
FEWEST: Final = 4
# Posts as a share of those of the last scenario, made whole.
TEAM_LEVELS: Final = (0.5, 0.75, 1.25, 1.5)
TEAM: Final = "team"
FILE_STEM: Final = "beside-"
KILLED: Final = "its process was killed, perhaps for want of memory"


@dataclass(frozen=True)
class Companions:
    """Results of the further runs, if they were made.

    Attributes
    ----------
    stances
        The headline's pair under each of the other stances.
    team
        The last scenario with fewer and more posts, or None. With as many posts it is in the main run.
    """

    stances: tuple[Results, ...] = ()
    team: Results | None = None

    def by_name(self) -> dict[str, Results]:
        """Each of them by the name its file has: the stance, or `team`."""
        named = {found.plan.parameters.stance: found for found in self.stances}
        return named if self.team is None else {**named, TEAM: self.team}


def fewer_futures(plan: Plan) -> int:
    """Futures of a further run."""
    return min(plan.futures, max(FEWEST, round(SHARE * plan.futures)))


def stance_plan(plan: Plan, stance: str) -> Plan:
    """The last two scenarios of a plan under another stance, with fewer futures."""
    return _with(plan, plan.scenarios[-2:], stance)


def _with(plan: Plan, scenarios: tuple[Scenario, ...], stance: str, n: int = 0) -> Plan:
    """A plan with other scenarios, stance and number of futures, and with its own draws."""
    parameters = plan.parameters if stance == plan.parameters.stance else plan.parameters.with_stance(stance)
    draws = draw_matrix(parameters, n or fewer_futures(plan), plan.seed)
    return dataclasses.replace(plan, scenarios=scenarios, parameters=parameters, draws=draws)


def resized(scenario: Scenario, total: float) -> Scenario:
    """A scenario with every post made larger or smaller by the same share, so that they add up to `total`."""
    share = total / scenario.n_posts
    posts = tuple(dataclasses.replace(post, posts=post.posts * share) for post in scenario.posts)
    return Scenario(f"team-{total:g}".replace(".", "-"), f"{total:g} coordinators", posts)


def team_plan(plan: Plan) -> Plan:
    """The last scenario of a plan with each of `TEAM_LEVELS` of its posts, with fewer futures."""
    own = plan.scenarios[-1].n_posts
    totals = dict.fromkeys(float(max(1, round(own * share))) for share in TEAM_LEVELS)
    scenarios = tuple(resized(plan.scenarios[-1], total) for total in totals if round(total - own, 6))
    return _with(plan, scenarios, plan.parameters.stance)


def plans(plan: Plan, *, teams: bool = True) -> dict[str, Plan]:
    """Every further run of a plan by name, the stances first; none when there is nothing to compare or to staff.

    Parameters
    ----------
    teams
        Whether other numbers of coordinators are wanted.
    """
    others = [s for s in STANCES if s != plan.parameters.stance] if len(plan.scenarios) > 1 else []
    found = {stance: stance_plan(plan, stance) for stance in others}
    return {**found, TEAM: team_plan(plan)} if teams and plan.scenarios[-1].posts else found


def together(made: Mapping[str, Results]) -> Companions:
    """Results by name as companions."""
    return Companions(tuple(found for name, found in made.items() if name != TEAM), made.get(TEAM))


def make(
    plan: Plan,
    *,
    teams: bool = True,
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
    folder: Path | None = None,
    elsewhere: Sequence[Path] = (),
    stop: Stop | None = None,
) -> Companions:
    """Make the further runs of a plan.

    In this order: futures that are saved are read; all others are lived, those of every further run in one go, so that
    no process waits for the end of one run; then each run is put together.

    Parameters
    ----------
    teams
        Whether other numbers of coordinators are wanted.
    jobs
        Processes; 0 uses every usable core.
    progress
        Called with (futures done, futures in all) over all further runs.
    folder
        Where finished futures are saved; nowhere if not given.
    elsewhere
        Files of other runs whose futures may be the same.
    stop
        When asked to stop, futures under way are finished and saved, then `Stopped` is raised.

    Raises
    ------
    FuturesError
        With the futures that failed, after all others are finished and saved.
    """
    wanted = plans(plan, teams=teams)
    stores = {name: Store(folder / name, one) for name, one in wanted.items()} if folder is not None else {}
    done: dict[str, dict[int, list[Kept]]] = {name: {} for name in wanted}
    done |= {name: store.load(elsewhere) for name, store in stores.items()}
    # the longest first, so that all processes end together
    order = sorted(wanted, key=lambda name: -len(wanted[name].scenarios))
    tasks = [(name, n) for name in order for n in range(1, wanted[name].futures + 1) if n not in done[name]]
    total = sum(one.futures for one in wanted.values())
    failed: list[tuple[str, Failure]] = []
    if tasks:
        shared = [(wanted[name], number) for name, number in tasks]
        blocks = [range(k, k + 1) for k in range(len(tasks))]
        for block, lived in run_blocks(_live, shared, blocks, backend_for(jobs, len(tasks)), stop=stop):
            name, number = tasks[block[0]]
            if isinstance(lived, list):
                done[name][number] = lived
                if stores:
                    stores[name].save([number], [lived])
            else:
                failed.append((name, Failure(number, KILLED) if isinstance(lived, Lost) else lived))
            if progress:
                progress(sum(map(len, done.values())), total)
    if failed:
        raise _failures(failed)
    return together(
        {name: Results(one, [done[name][n] for n in range(1, one.futures + 1)]) for name, one in wanted.items()}
    )


def _live(shared: Sequence[tuple[Plan, int]], block: Block) -> list[Kept] | Failure:
    """One future of one further run."""
    plan, number = shared[block[0]]
    (lived,) = live_block(plan, [number])
    return lived


def _failures(failed: Sequence[tuple[str, Failure]]) -> FuturesError:
    """Which futures of which further runs failed, and the first reason."""
    named = ", ".join(f"{one.number} of '{name}'" for name, one in failed)
    error = FuturesError(
        f"smaller runs beside the main one: future {named} failed ({failed[0][1].reason}). "
        "All other futures are done; the same command tries again."
    )
    error.details = "\n".join(f"'{name}', future {one.number}: {one.details or one.reason}" for name, one in failed)
    return error


def file_name(name: str) -> str:
    """File of a further run in the folder of its main run."""
    return f"{FILE_STEM}{name}.part"


def write(beside: Companions, folder: Path) -> list[dict[str, Any]]:
    """Write each further run into the folder of its main run, and tell of each what makes its plan again."""
    told = []
    for name, found in beside.by_name().items():
        (folder / file_name(name)).write_bytes(packed_results(found))
        told.append(
            {
                "name": name,
                "file": file_name(name),
                "stance": found.plan.parameters.stance,
                "futures": found.plan.futures,
                "params_sha256": found.plan.parameters.sha256,
                "options": [option_of(scenario) for scenario in found.plan.scenarios],
            }
        )
    return told


def read(where: Path, manifest: Mapping[str, Any], plan: Plan) -> Companions:
    """The further runs in the folder of a finished run; none if it was made without.

    Raises
    ------
    ResultsError
        If a file is missing or damaged, or the register no longer gives its parameters.
    """
    found = {}
    for entry in manifest.get("beside", []):
        scenarios = tuple(scenario_of(option) for option in entry["options"])
        one = _with(plan, scenarios, str(entry["stance"]), int(entry["futures"]))
        if one.parameters.sha256 != entry["params_sha256"]:
            path = where / entry["file"]
            raise ResultsError(f"results: {path} rests on a register that is no longer this one. Run again to make it.")
        found[str(entry["name"])] = loaded(where / entry["file"], one)
    return together(found)
