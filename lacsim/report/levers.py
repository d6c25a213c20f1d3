"""Money levers: the saving worked out again from whole pence when prices, credit or discounting change.

Only money is worked out again, nobody lives again: the levers change what is paid for what happened. The page's script
does the same steps on the same whole numbers, so both give the same figures to the penny:

1. each amount of the ledger times its price lever, to the nearest penny;
2. times the discount factor of its year, to the nearest penny (factors are made here and sent with the page);
3. summed over the years counted, comparator less scenario, for each kind of money;
4. savings on services, where there are any, less the allowance for optimism, to the nearest penny;
5. times the share credited to coordination, to the nearest penny;
6. plus what the programme costs less (a cost is negative).

Halves go to the even penny. With the levers as the run has them, this is the run's own answer.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from lacsim import economics
from lacsim.economics.pricing import to_pence
from lacsim.economics.summary import PROGRAMME, PUBLIC_CASH, PUBLIC_PURSE
from lacsim.errors import ResultsError
from lacsim.report.narrative import MINUS

if TYPE_CHECKING:
    from lacsim.report.api import Run

Ints = npt.NDArray[np.int64]
RATES: Final = tuple(range(101))  # tenths of a per cent a year
# Which price lever moves an amount, by the group of its ledger item.
PRICE_OF_GROUP: Final = {
    "programme": "programme_percent",
    "hospital": "hospital_percent",
    "assessment_and_support": "care_percent",
    "care_homes": "care_percent",
    "client_contributions": "care_percent",
}


@dataclass(frozen=True)
class Settings:
    """Where the levers stand; whole numbers, so that both sides mean exactly the same.

    Attributes
    ----------
    credit_percent
        Share of the simulated change in services credited to coordination, 0 to 100.
    programme_percent, hospital_percent, care_percent
        Prices in per cent of the run's, 0 to 300.
    discount_tenths
        Discount rate in tenths of a per cent a year, 0 to 100.
    optimism_percent
        Taken off every saving on services, 0 to 100.
    years
        Financial years counted, from 1.
    """

    credit_percent: int = 100
    programme_percent: int = 100
    hospital_percent: int = 100
    care_percent: int = 100
    discount_tenths: int = 35
    optimism_percent: int = 0
    years: int = 5


@dataclass(frozen=True)
class Lever:
    """How one lever is shown: name of its setting, words, unit and ends."""

    name: str
    label: str
    unit: str
    low: int
    high: int
    step: int
    per: int = 1  # the setting divided by this is what readers see


@dataclass(frozen=True)
class LeverTable:
    """The ledger of the headline's pair in whole pence.

    Attributes
    ----------
    parts, prices
        Kind of money and price lever of each cell.
    before, after
        Amounts of comparator and scenario, undiscounted pence, shape (cells, futures, years).
    factors
        Discount factors by rate in tenths of a per cent, shape (101, years).
    settings
        Where the levers stand in the run itself.
    """

    parts: tuple[str, ...]
    prices: tuple[str, ...]
    futures: tuple[int, ...]
    years: tuple[str, ...]
    before: Ints
    after: Ints
    factors: npt.NDArray[np.float64]
    settings: Settings


@dataclass(frozen=True)
class Outcome:
    """What the levers give: pence, one per future, and what is shown of them.

    Attributes
    ----------
    net, cash
        Saving to the public purse, and of it cash, in pence by future; both after the programme.
    n_less
        Futures in which the scenario costs the public purse less.
    p05, p50, p95, cash_p50
        Pence, to the nearest penny.
    """

    net: Ints
    cash: Ints
    n_less: int
    p05: int
    p50: int
    p95: int
    cash_p50: int


def levers_of(run: Run) -> list[Lever]:
    """The levers with their ends, in the order they are shown."""
    years = run.plan.period.years
    return [
        Lever("credit_percent", "Share of the change that is due to coordination", "%", 0, 100, 5),
        Lever("programme_percent", "Cost of the programme, of that in the run", "%", 50, 200, 5),
        Lever("hospital_percent", "Prices of hospital care, of those in the run", "%", 0, 300, 10),
        Lever("care_percent", "Prices of social care, of those in the run", "%", 0, 300, 10),
        Lever("discount_tenths", "Discount rate a year", "%", 0, 100, 5, 10),
        Lever("optimism_percent", "Taken off every saving for optimism", "%", 0, 60, 5),
        Lever("years", "Financial years counted", "years", 1, years, 1),
    ]


def lever_table(run: Run) -> LeverTable:
    """The ledger of the headline's pair as whole pence.

    Raises
    ------
    ResultsError
        If the run has no pair to compare.
    """
    if run.pair is None:
        raise ResultsError("levers: the run has one scenario, so there is no saving to work out again. Run two.")
    scenario, against = run.pair
    costs = run.costs[run.costs["line"].isin(PUBLIC_PURSE) & run.costs["scenario"].isin([scenario, against])]
    keys = ["group", "line", "item"]
    cells = list(costs[keys].drop_duplicates().itertuples(index=False, name=None))
    futures, years = costs["future"].unique().tolist(), list(run.plan.period.year_labels)
    amounts = {
        name: to_pence(
            group.set_index([*keys, "future", "year"])["amount_gbp"]
            .reindex([(*cell, f, y) for cell in cells for f in futures for y in years])
            .to_numpy()
        ).reshape(len(cells), len(futures), len(years))
        for name, group in costs.groupby("scenario", sort=False)
    }
    parameters = run.plan.parameters
    settings = Settings(
        discount_tenths=_whole(1000.0 * parameters.number("appraisal.discount_rate"), "appraisal.discount_rate"),
        optimism_percent=_whole(
            100.0 * parameters.number("appraisal.optimism_bias_benefits"), "appraisal.optimism_bias_benefits"
        ),
        years=len(years),
    )
    return LeverTable(
        parts=tuple(PROGRAMME if group == PROGRAMME else line for group, line, _ in cells),
        prices=tuple(PRICE_OF_GROUP[group] for group, _, _ in cells),
        futures=tuple(int(f) for f in futures),
        years=tuple(years),
        before=amounts[against],
        after=amounts[scenario],
        factors=np.array([economics.discount_factors(len(years), tenths / 1000.0) for tenths in RATES]),
        settings=settings,
    )


def _whole(value: float, name: str) -> int:
    """A setting as the levers can hold it.

    Raises
    ------
    ResultsError
        If it lies between two steps of its lever.
    """
    nearest = round(value)
    if abs(value - nearest) > 1e-9 or not 0 <= nearest <= 100:
        raise ResultsError(
            f"levers: {name} lies between two steps of its lever (a tenth of a per cent for the discount rate, one per "
            "cent for optimism). Choose a rounder value to have levers in the report."
        )
    return nearest


def recalculate(table: LeverTable, settings: Settings) -> Outcome:
    """The saving of the headline's pair with the levers at some settings; see the steps above."""
    factors = table.factors[settings.discount_tenths]
    chosen = asdict(settings)
    percent = np.array([chosen[price] for price in table.prices])[:, None, None]

    def counted(amount: Ints) -> Ints:
        priced = np.rint(amount * percent / 100.0)
        return np.asarray(np.rint(priced * factors)[..., : settings.years].sum(axis=-1), np.int64)

    difference = counted(table.before) - counted(table.after)
    sums = {
        part: difference[[k for k, own in enumerate(table.parts) if own == part]].sum(axis=0) for part in PUBLIC_PURSE
    }
    for part in PUBLIC_PURSE[1:]:
        saved = sums[part]
        allowed = np.where(saved > 0, np.rint(saved * (1.0 - settings.optimism_percent / 100.0)), saved)
        sums[part] = np.rint(allowed * settings.credit_percent / 100.0).astype(np.int64)
    net = np.sum([sums[part] for part in PUBLIC_PURSE], axis=0).astype(np.int64)
    cash = np.sum([sums[part] for part in PUBLIC_CASH], axis=0).astype(np.int64)
    return Outcome(
        net=net,
        cash=cash,
        n_less=int((net > 0).sum()),
        p05=quantile(net, 0.05),
        p50=quantile(net, 0.5),
        p95=quantile(net, 0.95),
        cash_p50=quantile(cash, 0.5),
    )


def quantile(values: Ints, share: float) -> int:
    """A quantile (linear between neighbours) of whole pence, to the nearest penny."""
    ordered = np.sort(values)
    place = (len(ordered) - 1) * share
    below = int(np.floor(place))
    above = min(below + 1, len(ordered) - 1)
    return int(np.rint(ordered[below] + (ordered[above] - ordered[below]) * (place - below)))


def to_json(table: LeverTable) -> str:
    """What the page's script needs, as JSON that can stand inside a script element."""
    content: dict[str, Any] = {
        "parts": table.parts,
        "prices": table.prices,
        "purse": PUBLIC_PURSE,
        "cash": PUBLIC_CASH,
        "before": table.before.tolist(),
        "after": table.after.tolist(),
        "factors": table.factors.tolist(),
        "settings": asdict(table.settings),
    }
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _pounds_and_pence(pence: int) -> str:
    """Whole pence as the levers show them."""
    whole = abs(pence)
    return f"{MINUS if pence < 0 else ''}£{whole // 100:,}.{whole % 100:02d}"


def context(run: Run) -> dict[str, Any]:
    """What the part of the page with the levers needs; no levers when there is no pair, or a rate between two steps."""
    try:
        table = lever_table(run)
    except ResultsError:
        return {"levers": [], "levers_json": "", "lever_values": {}}
    found = recalculate(table, table.settings)
    values: dict[str, Any] = {"n_less": found.n_less, "n": len(found.net)}
    for key in ("p05", "p50", "p95", "cash_p50"):
        pence = int(getattr(found, key))
        values |= {key: _pounds_and_pence(pence), f"{key}_pence": pence}
    now = asdict(table.settings)
    shown = [{**asdict(lever), "value": now[lever.name]} for lever in levers_of(run)]
    return {"levers": shown, "levers_json": Markup(to_json(table)), "lever_values": values}
