"""What the page says about social return, break-even, financial years and net benefit, as rows of text.

Everything is computed by `lacsim.economics`; what this run has not made says which command makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lacsim.economics.break_even import PURSE_WORDS
from lacsim.economics.equivalents import equivalents
from lacsim.economics.sroi import how_four_to_one_arises
from lacsim.economics.value_of_information import acceptability, evpi, expected_loss, net_benefits
from lacsim.errors import LedgerError
from lacsim.report import asked, sensitivity
from lacsim.report.narrative import MINUS, pounds

if TYPE_CHECKING:
    from lacsim.report.api import Run

_SHARES: Final = ("deadweight", "displacement", "attribution", "drop_off")
_YEAR_PARTS: Final = ("programme", "council_cash", "nhs_cash", "capacity_released", "public_purse")
_MOST_SHOWN: Final = 24
_MOST_SOLVED: Final = 3


def context(run: Run) -> dict[str, Any]:
    """What the page needs: these sections' rows and sentences, and what would change our mind."""
    if run.pair is None:
        return {"money_sections": None, "mind_changers": []}
    needed = needed_in_words(run)
    told = {**_social(run), **_break_even(run), "needed": needed, "years": _years(run), "benefit": _benefit(run)}
    return {"money_sections": told, "mind_changers": mind_changers(run, needed)}


def _number(value: float, digits: int = 2) -> str:
    """A plain number with a true minus sign; empty when missing."""
    return "" if pd.isna(value) else f"{value:,.{digits}f}".replace("-", MINUS)


def _per_cent(value: float) -> str:
    return "inside the quantity" if pd.isna(value) else f"{100 * value:.0f}%".replace("-", MINUS)


def _deadweight(share: float, *, is_model: bool) -> str:
    """Deadweight as the table shows it; a share that cannot be is said to be none."""
    if is_model:
        return "simulated"
    return _per_cent(share) if 0.0 <= share <= 1.0 else "none does it"


def _social(run: Run) -> dict[str, Any]:
    """Both social returns side by side, how the claimed one arises, and both value maps."""
    assert run.pair is not None
    try:
        table = run.social_return(*run.pair)
    except LedgerError as why:
        return {
            "social": [],
            "social_words": f"No social return is formed: {why.faults[0]}",
            "map_simulated": [],
            "map_assumed": [],
        }
    social = [
        [
            str(row["counterfactual"]),
            _deadweight(row["deadweight_share"], is_model=k == 0),
            pounds(row["present_value_gbp"]),
            pounds(row["input_gbp"]),
            f"{_number(row['gross_ratio'])} : 1",
            f"{_number(row['net_ratio'])} : 1",
        ]
        for k, row in enumerate(table.to_dict("records"))
    ]
    together = all_years(run.value_map(*run.pair))
    maps = {
        f"map_{name}": [_map_row(row, with_shares=name == "assumed") for row in mine.to_dict("records")]
        for name, mine in together.groupby("counterfactual", sort=False)
    }
    return {"social": social, "social_words": how_four_to_one_arises(table), **maps}


def _map_row(row: dict[Any, Any], *, with_shares: bool) -> list[str]:
    """One outcome of a value map; the model's own has its shares in the quantity already."""
    shares = [_per_cent(row[name]) for name in _SHARES] if with_shares else []
    return [
        str(row["stakeholder"]),
        str(row["outcome"]),
        _number(row["quantity"], 1),
        str(row["unit"]) if row["quantity_from"] == "simulation" else f"{row['unit']}, {row['quantity_from']}",
        pounds(row["proxy_gbp"]),
        *shares,
        pounds(row["present_value_gbp"]),
    ]


def all_years(value_map: pd.DataFrame) -> pd.DataFrame:
    """The value maps with the years of an outcome together: quantities and values added, one unit's worth their mean.

    The mean is weighted by quantity, so a rise in one year and a fall in another do not make a unit seem dear.
    """
    named = value_map.assign(
        outcome=value_map["outcome"].str.replace(r" \((?:[^()]*, )?\d{4}/\d\d\)$", "", regex=True),
        weight=value_map["quantity"].abs().fillna(0.0),
    )
    named["worth"] = named["proxy_gbp"] * named["weight"]
    keys = ["counterfactual", "stakeholder", "outcome", "unit", "quantity_from"]
    groups = named.groupby(keys, sort=False)
    total = groups[["weight", "worth", "present_value_gbp"]].sum()
    total["quantity"] = groups["quantity"].sum(min_count=1)
    plain = groups["proxy_gbp"].mean()
    total["proxy_gbp"] = (total["worth"] / total["weight"].where(total["weight"] > 0.0)).fillna(plain)
    total[list(_SHARES)] = groups[list(_SHARES)].first()
    return total.reset_index()


def _avoided(each: float) -> str:
    """How many a coordinator avoids in a year."""
    if abs(each) < 0.05:
        return "as good as none is avoided"
    return f"it {'avoids' if each > 0 else 'adds'} {abs(each):.1f}"


def needed_in_words(run: Run) -> list[str]:
    """What a coordinator would have to avoid in a year for each purse to be even; empty without more posts."""
    if run.pair is None:
        return []
    try:
        table = equivalents(run.results, run.costs, *run.pair)
    except LedgerError:
        return []
    return [
        f"{row['in_words']} Here {_avoided(float(row['avoided_now']))}."
        for row in table.to_dict("records")
        if not pd.isna(row["needed"])
    ]


def mind_changers(run: Run, needed: list[str] | None = None) -> list[str]:
    """What would turn the answer: values solved for if they were asked for, else the line through the futures.

    The last sentence is what a coordinator would have to avoid for the public purse to be even, one of the sentences
    of `needed_in_words`, which are worked out unless they are given.
    """
    solved: list[str] = []
    found = run.asked.get(asked.BREAK_EVEN)
    if found is not None:
        mine = found[(found["purse"] == "public_purse") & found["within_evidence"].astype(bool)]
        solved = [str(words) for words in mine["in_words"].head(_MOST_SOLVED)]
    every = needed_in_words(run) if needed is None else needed
    purse = [words for words in every if words.startswith(f"For {PURSE_WORDS['public_purse']} a ")]
    return [*(solved or sensitivity.mind_changers(run)), *purse[:1]]


def _break_even(run: Run) -> dict[str, Any]:
    """Values at which the option stops paying, those some source admits first, and the events needed."""
    found = run.asked.get(asked.BREAK_EVEN)
    told: dict[str, Any] = {"break_even_command": asked.command("break_even", run.plan)}
    if found is None:
        return {**told, "break_even": None, "break_even_rest": 0}
    with_value = found.dropna(subset="break_even").sort_values("within_evidence", ascending=False, kind="stable")
    rows = [
        [
            str(row["in_words"]),
            "yes" if row["within_evidence"] else "no",
            pounds(row["residual_gbp"])
            + ("" if pd.isna(row["error_gbp"]) else f" (± {pounds(row['error_gbp']).removeprefix('£')})"),
        ]
        for row in with_value.head(_MOST_SHOWN).to_dict("records")
    ]
    return {**told, "break_even": rows, "break_even_rest": len(found) - len(rows)}


def _years(run: Run) -> list[list[str]]:
    """The pair's saving in each financial year: real by part, and the public purse in money of the year."""
    from lacsim.economics.appraisal import financial_years

    assert run.pair is not None
    scenario, against = run.pair
    costs = run.costs[run.costs["scenario"].isin([scenario, against])]
    table = financial_years(costs, run.plan, against)
    real = table.pivot_table(index="year", columns="part", values="real_gbp", sort=False)
    nominal = table.pivot_table(index="year", columns="part", values="nominal_gbp", sort=False)
    amounts = np.column_stack([real[list(_YEAR_PARTS)].to_numpy(float), nominal["public_purse"].to_numpy(float)])
    return [[str(year), *map(pounds, row)] for year, row in zip(real.index, amounts.tolist(), strict=True)]


def _benefit(run: Run) -> list[list[str]]:
    """Net benefit of each option against the first at no value of a WELLBY and at the one used."""
    used = run.plan.parameters.number("unit_costs.wellby")
    rows = []
    for threshold in (0.0, used):
        names = [scenario.name for scenario in run.plan.scenarios]
        values = net_benefits(run.results, run.costs, threshold)[names].to_numpy(float)
        best, loss = acceptability(values), expected_loss(values)
        for k, name in enumerate(names):
            more = values[:, k] - values[:, 0]
            low, high = np.quantile(more, [0.05, 0.95])
            rows.append(
                [
                    run.label(name),
                    f"£{threshold:,.0f}",
                    "comparator" if k == 0 else pounds(float(more.mean())),
                    "" if k == 0 else f"{pounds(float(low))} to {pounds(float(high))}",
                    f"{100 * best[k]:.0f} in 100",
                    pounds(float(loss[k])),
                    pounds(evpi(values)),
                ]
            )
    return rows
