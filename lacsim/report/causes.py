"""A difference between two runs, split by what was changed: each change alone, and what they do together.

The run before is lived again with one change at a time, with the same futures; what the changes do beyond the sum of
their own effects is shown as a line of its own and not shared out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lacsim.errors import ResultsError
from lacsim.parameters.sampling import draw_matrix
from lacsim.results import study

if TYPE_CHECKING:
    from lacsim.parameters import Parameters
    from lacsim.report.api import Run
    from lacsim.report.comparison import Comparison

MOST_CAUSES: Final = 8
_MEASURE: Final = "public_purse_saving_gbp"


def causes(both: Comparison, *, jobs: int = 0) -> pd.DataFrame:
    """Columns cause and saving_gbp: how far each change alone moves the middle saving, and all of them together.

    Raises
    ------
    ResultsError
        If something other than stance and parameters was changed, or more than eight things were.
    """
    old, new = both.before.plan, both.after.plan
    if (old.seed, old.futures, old.residents, old.period, old.scenarios) != (
        new.seed,
        new.futures,
        new.residents,
        new.period,
        new.scenarios,
    ):
        raise ResultsError(
            "compare: a difference can be split by cause only between runs with the same scenarios, seed, futures, "
            "residents and years. Run one of them again with those of the other."
        )
    steps = _steps(old.parameters, new.parameters)
    if len(steps) > MOST_CAUSES:
        raise ResultsError(f"compare: {len(steps)} things were changed; at most {MOST_CAUSES} can be split by cause.")
    first, last = _middle(both.before), _middle(both.after)
    rows = []
    for name, parameters in steps.items():
        plan = replace(old, parameters=parameters, draws=draw_matrix(parameters, old.futures, old.seed))
        rows.append((name, _middle(type(both.before)(study.run(plan, jobs=jobs))) - first))
    rows.append(("together, beyond each alone", last - first - sum(moved for _, moved in rows)))
    rows.append(("all", last - first))
    return pd.DataFrame(rows, columns=["cause", "saving_gbp"])


def _steps(old: Parameters, new: Parameters) -> dict[str, Parameters]:
    """The parameters before with each change alone, by the name of the change."""
    steps = {}
    if old.stance != new.stance:
        steps[f"stance {new.stance}"] = old.with_stance(new.stance)
    for name in dict.fromkeys([*old.overrides, *new.overrides]):
        if old.overrides.get(name) == new.overrides.get(name):
            continue
        kept = {key: value for key, value in old.overrides.items() if key != name}
        plain = type(old)(old.register, old.stance, {})
        set_here = {**kept, **({name: new.overrides[name]} if name in new.overrides else {})}
        steps[name] = plain.replace(set_here) if set_here else plain
    return steps


def _middle(run: Run) -> float:
    """Median saving of the public purse of the headline's pair, in pounds."""
    return float(run.differences[_MEASURE].median())
