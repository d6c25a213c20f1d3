"""Social return on investment of coordination, twice over: by the model's own counterfactual, and as an analyst would.

The model's map counts only what differs between paired lives, so deadweight, displacement and attribution are already
inside its quantities. The analyst's map counts everybody supported and takes assumed shares off. Beside each other
they show how a return of four to one arises. Neither is a saving; wellbeing is valued once in each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lacsim import evidence
from lacsim.economics.impact import Outcome, Return, social_return, value_map
from lacsim.economics.items import ITEMS
from lacsim.economics.overlaps import check_overlaps
from lacsim.economics.summary import PROGRAMME, savings

if TYPE_CHECKING:
    from lacsim.results.study import Results

_STAKEHOLDER: Final = {
    "council": "Derby City Council",
    "nhs": "NHS",
    "better_care_fund": "Better Care Fund",
    "resident": "residents who pay for care",
    "society": "people supported",
}
_TRANSFER: Final = "client_contributions"


def input_gbp(costs: pd.DataFrame, scenario: str, against: str) -> float:
    """What the scenario spends more on the programme: discounted pounds, mean over futures."""
    both = costs[costs["scenario"].isin([scenario, against])]
    return 0.0 - float(savings(both, against)["programme_saving_gbp"].mean())


def model_outcomes(costs: pd.DataFrame, scenario: str, against: str) -> list[Outcome]:
    """The map by the model's own counterfactual: differences between paired lives, year by year.

    Proxies are the mean unit costs of the ledger's rows; residents' contributions, a transfer, are left out.
    """
    own = {item.name: item for item in ITEMS}
    both = costs[costs["scenario"].isin([scenario, against]) & ~costs["group"].isin([PROGRAMME, _TRANSFER])]
    n = both["future"].nunique()
    sign = np.where(both["scenario"] == against, 1.0, -1.0)
    both = both.assign(saved=sign * both["amount_gbp"] / n, less=sign * both["quantity"] / n)
    both["less"] = both["less"].where(~both.duplicated(["scenario", "future", "year", "item"]), 0.0)
    outcomes = []
    years = {year: k for k, year in enumerate(both["year"].unique())}
    for (item, year), rows in both.groupby(["item", "year"], sort=False):
        source = own[str(item)]
        quantity, amount = float(rows["less"].sum()), float(rows["saved"].sum())
        first = rows.iloc[0]
        is_value = first["line"] == "value_to_people"
        if is_value:
            quantity, amount = 0.0 - quantity, 0.0 - amount
        # the price that gives the mean amount exactly, as prices and quantities are drawn together
        quantity = quantity if quantity or not amount else 1.0
        proxy = amount / quantity if quantity else 0.0
        outcomes.append(
            Outcome(
                stakeholder=_STAKEHOLDER[first["payer"]],
                name=f"{'more' if is_value else 'less'} {item} ({year})",
                quantity=quantity,
                unit=str(first["unit"]),
                proxy_gbp=proxy,
                price=source.price,
                proxy_source=str(first["source_id"]),
                starts=years[year],
                waiver={f"less {other} ({each})": reason for other, reason in source.waiver.items() for each in years},
                note="The counterfactual is simulated; no share is taken off.",
            )
        )
    check_overlaps(outcomes)
    return outcomes


def analyst_outcomes(
    results: Results, scenario: str, against: str, *, deadweight_share: float | None = None
) -> list[Outcome]:
    """The map as an analyst without a comparison group would draw it: everybody supported, then assumed shares.

    Parameters
    ----------
    results
        Needs `.yearly` and `.plan`.
    deadweight_share
        In place of `sroi.deadweight_share`.
    """
    p = results.plan.parameters
    yearly = results.yearly

    def more(measure: str) -> pd.Series[float]:
        found = yearly[yearly["measure"] == measure].groupby(["scenario", "year"], sort=False)["value"].mean()
        each: pd.Series[float] = found[scenario] - found[against]
        return each

    lasts = round(p.number("sroi.benefit_years"))
    wellby = p.number("unit_costs.wellby")
    cited = {name: evidence.sources()[p.claim(name).source].citation for name in _ANALYST_PRICES}
    outcomes = []
    for k, (year, people) in enumerate(more("caseload_starts").items()):
        carers = people * p.number("sroi.carers_per_person")
        for who, what, quantity, unit, proxy, price, origin in (
            ("NHS and council", "services said to be avoided", people, "people", p.number("sroi.saving_per_person"),
             "sroi.saving_per_person", "simulation"),
            ("people supported", "more satisfied with life", people * p.number("sroi.wellbeing_points"), "WELLBYs",
             wellby, "unit_costs.wellby", "simulation"),
            ("carers and relatives", "more satisfied with life", carers * p.number("sroi.carer_points"), "WELLBYs",
             wellby, "unit_costs.wellby", "assumed"),
        ):  # fmt: skip
            outcomes.append(
                Outcome(
                    stakeholder=who,
                    name=f"{what} ({who}, {year})",
                    quantity=float(quantity),
                    unit=unit,
                    proxy_gbp=proxy,
                    price=price,
                    proxy_source=cited[price],
                    quantity_from=origin,  # type: ignore[arg-type]
                    deadweight=p.number("sroi.deadweight_share") if deadweight_share is None else deadweight_share,
                    displacement=p.number("sroi.displacement_share"),
                    attribution=p.number("sroi.attribution_share"),
                    drop_off=p.number("sroi.drop_off_share"),
                    years=lasts,
                    starts=k,
                )
            )
    outcomes += [
        Outcome(
            "residents of the wards", "information and advice", float(more("short_term_contacts").sum()), "contacts",
            proxy_gbp=0.0, note="No proxy was found; listed, not valued.",
        ),
        Outcome(
            "community groups", "activities led by residents", None, "activities", 0.0, quantity_from="documents",
            note="The council paper (4.4) gives no count; listed, not valued.",
        ),
    ]  # fmt: skip
    check_overlaps(outcomes)
    return outcomes


_ANALYST_PRICES: Final = ("sroi.saving_per_person", "unit_costs.wellby")


def side_by_side(results: Results, costs: pd.DataFrame, scenario: str, against: str) -> pd.DataFrame:
    """The return under both counterfactuals, and the deadweight at which the analyst's would be four, and the model's.

    Returns
    -------
        Columns counterfactual, deadweight_share, present_value_gbp, input_gbp, gross_ratio, net_ratio; rows: the
        model's own, the analyst's assumed, the analyst's with no deadweight, the deadweight that gives
        `claims.return_per_pound`, and the deadweight that gives the model's ratio. A share below 0 or above 1, or
        empty because nobody more is supported, means no deadweight does.
    """
    p = results.plan.parameters
    rate, spent = p.number("appraisal.discount_rate"), input_gbp(costs, scenario, against)
    model = social_return(model_outcomes(costs, scenario, against), spent, rate)
    assumed = social_return(analyst_outcomes(results, scenario, against), spent, rate)
    none = social_return(analyst_outcomes(results, scenario, against, deadweight_share=0.0), spent, rate)
    claimed = p.number("claims.return_per_pound")
    rows = [
        ("the model's own lives", np.nan, model),
        ("analyst's assumed deadweight", p.number("sroi.deadweight_share"), assumed),
        ("analyst, no deadweight", 0.0, none),
    ]
    for words, ratio in ((f"analyst, to reach {claimed:g} : 1", claimed), ("analyst, to reach the model", model.gross)):
        # every outcome of the analyst's map carries the same deadweight; with nobody supported there is none to take
        share = 1.0 - ratio / none.gross if none.gross else np.nan
        rows.append((words, share, Return(ratio * spent, spent)))
    return pd.DataFrame(
        [(words, share, r.present_value_gbp, r.input_gbp, r.gross, r.net) for words, share, r in rows],
        columns=["counterfactual", "deadweight_share", "present_value_gbp", "input_gbp", "gross_ratio", "net_ratio"],
    )


def how_four_to_one_arises(table: pd.DataFrame) -> str:
    """The comparison of `side_by_side` in words."""
    model, assumed, none, claim, own = (row for _, row in table.iterrows())
    share = claim["deadweight_share"]
    if 0.0 <= share <= 1.0:
        reach = f"{claim['gross_ratio']:.1f} : 1 takes a deadweight of {100.0 * share:.0f}%"
    else:
        reach = f"no deadweight gives {claim['gross_ratio']:.1f} : 1"
    if pd.isna(own["deadweight_share"]):
        return "Nobody more is supported in these futures, so an analyst's map has nothing to value."
    return (
        f"Counting everybody supported, the return is {none['gross_ratio']:.1f} : 1 with no deadweight and "
        f"{assumed['gross_ratio']:.1f} : 1 with {100.0 * assumed['deadweight_share']:.0f}%; {reach}. Counting only "
        f"what differs between paired lives it is {model['gross_ratio']:.2f} : 1, which would be a deadweight of "
        f"{100.0 * own['deadweight_share']:.0f}%. Social value is not a saving."
    )


def maps(results: Results, costs: pd.DataFrame, scenario: str, against: str) -> pd.DataFrame:
    """Both value maps in one table, with a column `counterfactual` before those of `impact.COLUMNS`."""
    rate = results.plan.parameters.number("appraisal.discount_rate")
    both = {
        "simulated": model_outcomes(costs, scenario, against),
        "assumed": analyst_outcomes(results, scenario, against),
    }
    frames = []
    for name, outcomes in both.items():
        frame = value_map(outcomes, rate)
        frame.insert(0, "counterfactual", name)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
