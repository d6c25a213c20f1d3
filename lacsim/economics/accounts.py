"""Residents' own accounts: which people, and which of their events and days, stand behind a difference of totals.

Two scenarios of one future are lived and every resident's priced quantities are set side by side. Quantities are
whole numbers and prices are whole pence, so the accounts add up to the ledger exactly: nothing is rounded until an
amount is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lacsim.economics import programme
from lacsim.economics.items import ITEMS, Item
from lacsim.economics.pricing import Ints, Money, amount_in_pence
from lacsim.results.quantities import PRICED, quantities
from lacsim.runs.experiment import live, make_future

if TYPE_CHECKING:
    from lacsim.runs.plan import Plan


class Accounts(NamedTuple):
    """Priced quantities of every resident under two scenarios of one future.

    Attributes
    ----------
    before, after
        Comparator and scenario: whole events and person-seconds, shape (n_years, n_people, len(PRICED)).
    ward
        Ward number of each resident.
    """

    before: Ints
    after: Ints
    ward: Ints

    def difference(self, item: Item) -> Ints:
        """Comparator minus scenario in whole events or seconds, shape (n_years, n_people)."""
        change: Ints = counts_of(item, self.before) - counts_of(item, self.after)
        return change


def counts_of(item: Item, counted: Ints) -> Ints:
    """What an item prices, from counts whose last axis is `PRICED`: the other axes, in whole events or seconds."""
    added = counted[..., [PRICED.index(m) for m in item.measures]].sum(axis=-1)
    less: Ints = added - counted[..., [PRICED.index(m) for m in item.less]].sum(axis=-1)
    return less


def accounts(plan: Plan, future: int, scenario: str, against: str) -> Accounts:
    """Live one future under two scenarios of a plan and keep every resident's priced quantities.

    Raises
    ------
    ScenarioError
        If the plan has no such future.
    """
    by_name = {option.name: option for option in plan.scenarios}
    lived = make_future(plan, future)
    values = plan.values(future)
    found = []
    ward = np.zeros(0, np.int64)
    for name in (against, scenario):
        life = live(lived, by_name[name])
        n = len(life.start)
        ward = life.start["ward"].astype(np.int64)
        found.append(
            quantities(
                life.trace,
                life.start,
                period_starts=plan.period.year_starts,
                group=np.arange(n),
                n_groups=n,
                short_stay_days=float(values["appraisal.short_stay_days"]),
                spell_days=float(values["appraisal.days_inside_spell_price"]),
            )
        )
    return Accounts(found[0], found[1], ward)


def people_behind(plan: Plan, future: int, scenario: str, against: str, items: Sequence[Item] = ITEMS) -> pd.DataFrame:
    """Every resident whose account differs between two scenarios, item by item and year by year.

    Parameters
    ----------
    plan
        With both scenarios; `lacsim trace --person` shows the events of one resident.
    future
        Number of the future, from 1.

    Returns
    -------
        Columns resident, ward, year, item, payer, line, quantity (comparator minus scenario), unit, unit_cost_gbp
        and saving_gbp, rounded to the penny in this table only; the programme's own cost belongs to nobody here.
    """
    found = accounts(plan, future, scenario, against)
    money = Money(plan, [plan.values(future)], programme.years_of(plan.period), items)
    frames = []
    for priced in money.priced:
        if priced.item.group == "programme":
            continue
        change = found.difference(priced.item)
        year, resident = np.nonzero(change)
        raw, cost = change[year, resident], priced.unit_cost[0][year]
        sign = -1 if priced.part.line == "value_to_people" else 1
        frames.append(
            pd.DataFrame(
                {
                    "resident": resident,
                    "ward": np.array(plan.area.ward_names, dtype=object)[found.ward[resident]],
                    "year": np.array(plan.period.year_labels, dtype=object)[year],
                    "item": priced.item.name,
                    "payer": priced.part.payer,
                    "line": priced.part.line,
                    "quantity": raw / priced.item.per_unit,
                    "unit": priced.item.unit,
                    "unit_cost_gbp": cost / 100.0,
                    "saving_gbp": sign * amount_in_pence(raw, cost, priced.item.per_unit) / 100.0,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["resident", "year"], kind="stable", ignore_index=True)
