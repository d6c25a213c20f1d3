"""How the answer moves with each assumption: a straight line through the futures that were run.

Figures enter one regression of the public purse's saving on their draws one by one, each time the one that goes
together best with what the others leave unexplained, until the best is no better than luck would give among a hundred
and more figures. The next best are shown too, each by itself and marked as not told from chance. A slope at the 5th
and 95th percentile of a figure says how far the saving moves; where the line crosses nothing is the switching value.
The line is a summary of these futures, not a new run; `lacsim break-even` solves for the value and tries it again,
and where that was done its values are shown instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim.parameters.register import grade_of
from lacsim.report import asked
from lacsim.report.influence import LUCK_Z, can_move

if TYPE_CHECKING:
    from lacsim.report.api import Run

COLUMNS: Final = [
    "parameter", "label", "low", "high", "net_low_gbp", "net_high_gbp", "switching_value", "grade", "is_clear",
]  # fmt: skip
MOST: Final = 10
FEWEST_FUTURES: Final = 20


def tornado_frame(run: Run, most: int = MOST) -> pd.DataFrame:
    """C14's data, the figure that moves the saving furthest first; empty with fewer than 20 futures.

    Columns parameter, label, low, high (5th and 95th percentile, in the figure's unit), net_low_gbp, net_high_gbp (mean
    saving there), switching_value (in the unit, empty when outside the figure's allowed range), grade, is_clear.
    """
    if run.pair is None or run.plan.futures < FEWEST_FUTURES or not run.plan.draws.names:
        return pd.DataFrame(columns=COLUMNS)
    net = run.differences["public_purse_saving_gbp"].to_numpy(float)
    draws = run.plan.draws
    able = can_move(draws.names, people_only=False)
    values = np.asarray(draws.values)
    order, n_clear = chosen(values[:, able], net, min(most, len(net) // 4, len(able)))
    order = [able[k] for k in order]
    centre, size = values[:, order].mean(axis=0), values[:, order].std(axis=0)
    slopes = _slopes((values[:, order] - centre) / size, net, n_clear)
    rows = []
    for k, column in enumerate(order):
        name = draws.names[column]
        low, high = run.plan.parameters.low_high(name) or (0.0, 0.0)
        at = [float(net.mean() + slopes[k] * (end - centre[k]) / size[k]) for end in (low, high)]
        turn = float(centre[k] - net.mean() / slopes[k] * size[k]) if slopes[k] else np.nan
        entry, claim = run.plan.parameters.entry(name), run.plan.parameters.claim(name)
        allowed = entry.range is not None and float(entry.range[0]) <= turn <= float(entry.range[1])
        shown = turn if allowed and k < n_clear else np.nan
        rows.append((name, entry.meaning, low, high, *at, shown, grade_of(claim), k < n_clear))
    frame = _with_solved(run, pd.DataFrame(rows, columns=COLUMNS))
    reach = (frame["net_high_gbp"] - frame["net_low_gbp"]).abs()
    return frame.iloc[np.argsort(-reach.to_numpy(), kind="stable")].reset_index(drop=True)


def _with_solved(run: Run, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with switching values that were solved for (`lacsim break-even`) in place of the line's."""
    solved = run.asked.get(asked.BREAK_EVEN)
    if solved is None:
        return frame
    mine = solved[solved["purse"] == "public_purse"].set_index("parameter")["break_even"]
    known = frame["parameter"].isin(mine.index)
    turn = frame["parameter"].map(mine).where(known, frame["switching_value"])
    return frame.assign(switching_value=turn.astype(float))


def chosen(values: np.ndarray, net: np.ndarray, n_terms: int) -> tuple[list[int], int]:
    """Columns of the draws in the order they enter, and how many of them are told from chance.

    A figure is told from chance if it goes together with what is left by more than `LUCK_Z` standard errors at its
    turn.
    """
    size = values.std(axis=0)
    scaled = np.divide(values - values.mean(axis=0), size, out=np.zeros_like(values), where=size > 0)
    order: list[int] = []
    rest = net - net.mean()
    n_clear = None
    while len(order) < n_terms:
        together = np.abs(scaled.T @ rest) / np.sqrt(len(net) * max(float(rest @ rest), 1e-300))
        together[order] = -1.0
        best = int(np.argmax(together))
        if together[best] <= 0.0:
            break
        if n_clear is None and together[best] * np.sqrt(len(net) - len(order) - 1) <= LUCK_Z:
            n_clear = len(order)
        order.append(best)
        if n_clear is None:
            x = np.column_stack([np.ones(len(net)), scaled[:, order]])
            rest = net - x @ np.linalg.lstsq(x, net, rcond=None)[0]
    return order, len(order) if n_clear is None else n_clear


def _slopes(x: np.ndarray, net: np.ndarray, n_clear: int) -> np.ndarray:
    """Slope of each standardised figure: those told from chance together, the others one by one on what is left."""
    both = np.column_stack([np.ones(len(net)), x[:, :n_clear]])
    solved = np.linalg.lstsq(both, net, rcond=None)[0]
    rest = net - both @ solved
    return np.concatenate([solved[1:], x[:, n_clear:].T @ rest / len(net)])


def credit_frame(run: Run, shares: np.ndarray | None = None) -> pd.DataFrame:
    """C15's data: the saving if only a share of the simulated change is due to coordination; columns of the chart."""
    at = np.linspace(0.0, 1.0, 21) if shares is None else shares
    programme, services = parts_of_net(run)
    rows = []
    for share in at:
        low, middle, high = np.quantile(programme + share * services, [0.05, 0.5, 0.95])
        rows.append((float(share), low, middle, high))
    return pd.DataFrame(rows, columns=["credit_share", "p05", "p50", "p95"])


def parts_of_net(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Saving on the programme (negative when it costs more) and on services, one per future, discounted pounds."""
    programme = run.differences["programme_saving_gbp"].to_numpy(float)
    return programme, run.differences["public_purse_saving_gbp"].to_numpy(float) - programme


def break_even_share(run: Run) -> float | None:
    """Share of the simulated change that must be due to coordination for the middle future to break even.

    Above 1: the change would have to be that many times as large. None: services cost more, so no share breaks even.
    """
    programme, services = parts_of_net(run)
    middle = float(np.median(services))
    return float(-np.median(programme)) / middle if middle > 0 else None


def mind_changers(run: Run, most: int = 3) -> list[str]:
    """What would turn the answer, in sentences: switching values first, else how far the answer is from turning."""
    if run.pair is None:
        return []
    net = float(np.median(run.differences["public_purse_saving_gbp"].to_numpy(float)))
    turn = "save money" if net < 0 else "cost more"
    frame = tornado_frame(run)
    said = []
    turning = frame[frame["switching_value"].notna()]
    for row in turning.head(most).to_dict("records"):
        name, value, label = str(row["parameter"]), float(row["switching_value"]), str(row["label"]).rstrip(".")
        now = run.plan.parameters.number(name)
        way, unit = "above" if value > now else "below", run.plan.parameters.entry(name).unit
        inside = "inside" if float(row["low"]) <= value <= float(row["high"]) else "outside"
        said.append(
            f"{run.label(run.pair[0])} would {turn} if this were {way} {value:.3g} {unit}, where {now:.3g} is used "
            f"({inside} the range we think likely): {label[0].lower()}{label[1:]}."
        )
    share = break_even_share(run)
    if len(said) < most:
        said.append(_share_sentence(share))
    if len(said) < most and turning.empty:
        said.append(
            "No single assumption, moved over its allowed range by itself, turns the answer in the line through these "
            "futures."
        )
    return said[:most]


def _share_sentence(share: float | None) -> str:
    """How far from break-even the services are, in one sentence."""
    if share is None:
        return "Services cost more, not less, in the middle future, so no larger effect of the same kind breaks even."
    if share > 1:
        return f"What services are relieved of would have to be {share:.1f} times as large to pay for the programme."
    return f"Break-even needs {100 * share:.0f} in 100 of the simulated change to be due to coordination."
