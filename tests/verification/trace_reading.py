"""What the theory tests read from a trace: stays in a state, waits for a place, numbers at an instant, cost over time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lacsim.model.trace import CHANGED, GRANTED, HAPPENED, JOINED, LEFT_QUEUE


class Stays(NamedTuple):
    """One row for each stay of a resident in a stage, seconds; the last ends at the horizon."""

    resident: np.ndarray
    stage: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Waits(NamedTuple):
    """One row for each time a place was asked for, seconds; `served` is false for those who left or still wait."""

    resident: np.ndarray
    asked: np.ndarray
    ended: np.ndarray
    served: np.ndarray


def stays(rows: np.ndarray, first_stage: np.ndarray, horizon: int) -> Stays:
    """All stays, from the stages at the start and the rows that change one."""
    moved = rows[np.isin(rows["what"], (HAPPENED, GRANTED, CHANGED)) & (rows["left"] != rows["entered"])]
    n = len(first_stage)
    resident = np.concatenate([np.arange(n), moved["resident"]])
    start = np.concatenate([np.zeros(n, np.int64), moved["seconds"]])
    stage = np.concatenate([first_stage, moved["entered"]])
    order = np.argsort(resident, kind="stable")
    resident, start, stage = resident[order], start[order], stage[order]
    end = np.full(len(start), horizon)
    same = resident[1:] == resident[:-1]
    end[:-1][same] = start[1:][same]
    return Stays(resident, stage, start, end)


def waits(rows: np.ndarray, kind: int, horizon: int) -> Waits:
    """All requests for a place of one kind, with when each was granted or given up."""
    about = rows[(rows["cause"] == kind) & np.isin(rows["what"], (JOINED, GRANTED, LEFT_QUEUE))]
    about = about[np.argsort(about["resident"], kind="stable")]
    before = np.zeros(len(about), bool)
    before[1:] = (about["what"][:-1] == JOINED) & (about["resident"][1:] == about["resident"][:-1])
    asks = (about["what"] == JOINED) | ((about["what"] == GRANTED) & ~before)
    after = np.append(before[1:], False)  # the next row answers this one
    answer = np.where(after, np.arange(len(about)) + 1, np.arange(len(about)))[asks]
    ended = np.where(about["what"][answer] == JOINED, horizon, about["seconds"][answer])
    return Waits(about["resident"][asks], about["seconds"][asks], ended, about["what"][answer] == GRANTED)


def number_in(found: Stays, stage: int, at: int, group: np.ndarray, n_groups: int) -> np.ndarray:
    """How many residents of each group are in a stage at an instant."""
    here = (found.stage == stage) & (found.start <= at) & (at < found.end)
    return np.bincount(group[found.resident[here]], minlength=n_groups).astype(float)


def time_in(found: Stays, stage: int, until: int, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Person-seconds of each group in a stage before an instant."""
    here = found.stage == stage
    seconds = np.clip(np.minimum(found.end[here], until) - found.start[here], 0, None)
    return np.bincount(group[found.resident[here]], weights=seconds.astype(float), minlength=n_groups)


def value_of(
    found: Stays, per_year: np.ndarray, n: int, *, year: float, until: float, discount: float = 0.0
) -> np.ndarray:
    """Each resident's integral of a rate by stage up to `until` years, discounted continuously at `discount` a year."""
    start, end = np.minimum(found.start / year, until), np.minimum(found.end / year, until)
    weight = end - start if discount == 0.0 else (np.exp(-discount * start) - np.exp(-discount * end)) / discount
    return np.bincount(found.resident, weights=per_year[found.stage] * weight, minlength=n)
