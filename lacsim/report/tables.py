"""The tables of the page, as rows of text: options, stances, assumptions, claims, value map, economist's figures.

Each function takes a run and returns what the page prints; nothing is decided here that the run does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lacsim import economics, evidence
from lacsim.errors import ResultsError
from lacsim.parameters.register import grade_of
from lacsim.report import backcast, labels
from lacsim.report.charts import loss
from lacsim.report.narrative import MINUS, people, pounds, spread_of
from lacsim.report.narrative import STANCES as STANCE_WORDS
from lacsim.units import Value

if TYPE_CHECKING:
    from lacsim.report.api import Run

OPTION_HEADS: Final = (
    "Programme cost",
    "Cash relieved, before the programme",
    "Time and places freed",
    "Public purse, net saving",
    "Value to people",
    "Pays back within the period",
    "Team, posts",
    "Risk: futures that cost more",
    "Relieved for each £1 of programme",
)
SECTIONS: Final = {
    "effects": "What coordination changes",
    "coordination": "Coordinators and their time",
    "programme": "The programme and its cost",
    "unit_costs": "Unit costs",
    "appraisal": "Appraisal",
    "natural_history": "Life without coordination",
    "adult_care": "Adult social care",
    "hospital": "Hospital",
    "residential": "Care homes",
    "population": "Population",
    "cashability": "What of an avoided cost can be taken out of a budget, and when",
    "sroi": "What an analyst of social return would assume",
}


def middle_and_range(values: Sequence[float], *, kind: str = "money") -> tuple[str, str]:
    """Middle figure and '9 in 10' range as text; no range when all futures agree."""
    spread, show = spread_of(values), pounds if kind == "money" else people
    span = "" if spread.p05 == spread.p95 else f"{show(spread.p05)} to {show(spread.p95)}"
    return show(spread.p50), span


def three_numbers(run: Run) -> list[tuple[str, str, str]]:
    """What, middle figure and range: public purse, cash alone, people on caseloads."""
    if run.pair is None:
        return []
    saved, (scenario, against) = run.differences, run.pair
    table = run.futures.set_index("scenario")["long_term_people"]
    more = (table.loc[[scenario]].to_numpy(float) - table.loc[[against]].to_numpy(float)).tolist()
    label = run.label(against)
    return [
        (f"saving to the public purse against {label}", *middle_and_range(saved["public_purse_saving_gbp"].tolist())),
        (f"of it cash, against {label}", *middle_and_range(saved["public_cash_saving_gbp"].tolist())),
        (f"more people given long-term support than with {label}", *middle_and_range(more, kind="people")),
    ]


def options(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """One row per scenario: cost in full, then what changes against the first scenario; the ratio last."""
    rows = []
    first = run.plan.scenarios[0]
    for scenario in run.plan.scenarios:
        money = run.summary[run.summary["scenario"] == scenario.name]
        mine = run.futures[run.futures["scenario"] == scenario.name]
        team = (f"{scenario.n_posts:g}", f"{len(scenario.wards)} wards")
        cells = [middle_and_range(money["programme_gbp"].tolist())]
        if scenario is first:
            cells += [("comparator", ""), *[("", "")] * 4, team, ("", ""), ("", "")]
        else:
            columns = ("cash_gbp", "freed_gbp", "net_gbp", "social_gbp")
            cells += [middle_and_range(mine[column].tolist()) for column in columns]
            cells += [_payback(run, scenario.name, first.name), team, _risk(mine), _ratio(mine)]
        rows.append((run.label(scenario.name), cells))
    return rows


def _payback(run: Run, scenario: str, against: str) -> tuple[str, str]:
    """In how many futures a scenario has paid back, and by which month half of those have."""
    months = run.payback(scenario, against)["payback_month"].dropna()
    count = f"{len(months):,} of {run.plan.futures:,} futures"
    return count, f"half of them by month {int(months.median())}" if len(months) else ""


def _risk(mine: pd.DataFrame) -> tuple[str, str]:
    """In how many futures a scenario costs the public purse more than the first."""
    dear = int((mine["net_gbp"] < 0).sum())
    return f"{dear:,} of {len(mine):,}", ""


def _ratio(mine: pd.DataFrame) -> tuple[str, str]:
    """Cash and freed time relieved for each pound the programme costs more: ratio of means, and 9 in 10 futures."""
    cost = mine["cost_gbp"].to_numpy(float)
    relieved = (mine["cash_gbp"] + mine["freed_gbp"]).to_numpy(float)
    if not cost.mean() > 0 or not (cost > 0).all():
        return "", ""
    mean = economics.ratio_of_expectations(relieved, cost)
    low, high = np.quantile(relieved / cost, [0.05, 0.95])
    return _gbp(mean), f"{_gbp(float(low))} to {_gbp(float(high))}"


def _gbp(value: float) -> str:
    """A small amount with pence."""
    return f"{MINUS if value < -0.005 else ''}£{abs(value):.2f}"


def stances(run: Run) -> list[list[str]]:
    """The headline's pair under every stance that was run, side by side."""
    if run.pair is None:
        return []
    rows = []
    for stance, one in run.stances.items():
        saved = one.savings(*run.pair)["public_purse_saving_gbp"].tolist()
        found = spread_of(saved)
        less = sum(v > 0 for v in saved)
        rows.append(
            [
                f"{stance} (this run)" if one is run else stance,
                f"{less:,} of {len(saved):,}",
                pounds(found.p50),
                f"{pounds(found.p05)} to {pounds(found.p95)}",
                STANCE_WORDS[stance],
            ]
        )
    return rows


def shown(value: Value) -> str:
    """A parameter's value as text."""
    if isinstance(value, (bool, str)):
        return {True: "on", False: "off"}[value] if isinstance(value, bool) else value
    return f"{value:,.6g}".replace("-", MINUS)


def _rounded(value: float) -> str:
    """The end of a range to four figures, without powers of ten."""
    text = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return text.replace("-", MINUS)


def assumptions(run: Run) -> list[dict[str, Any]]:
    """Every number the run used by section of the register, with range, source, quoted words and rival claims."""
    table = run.plan.parameters.table()
    table = table[table["role"] != "claim"]
    groups: dict[str, list[dict[str, str]]] = {}
    for row in table.to_dict("records"):
        is_fixed = pd.isna(row["low"]) or row["low"] == row["high"]
        spread = "" if is_fixed else f"{_rounded(row['low'])} to {_rounded(row['high'])}"
        entry = run.plan.parameters.entry(row["name"])
        rivals = [f"{shown(c.value)} ({key})" for key, c in entry.claims.items() if key != row["claim"]]
        groups.setdefault(row["name"].split(".", 1)[0], []).append(
            {
                "name": row["name"],
                "meaning": row["meaning"],
                "value": shown(row["value"]),
                "range": spread,
                "unit": row["unit"],
                "grade": "chosen" if row["overridden"] else row["grade"],
                "source": row["source"],
                "where": row["where"],
                "quote": row["quote"],
                "rivals": "; ".join(rivals),
            }
        )
    order = [*[s for s in SECTIONS if s in groups], *[s for s in groups if s not in SECTIONS]]
    return [{"title": SECTIONS.get(s, s.replace("_", " ")), "rows": groups[s]} for s in order]


def claims(run: Run) -> list[list[str]]:
    """Published claims that are kept beside the model: meaning, figure, unit, source with place, quoted words."""
    known = evidence.sources()
    rows = []
    for name in run.plan.parameters.names():
        entry = run.plan.parameters.entry(name)
        if entry.role != "claim":
            continue
        for claim in entry.claims.values():
            source = f"{known[claim.source].citation}; {claim.where}"
            rows.append([entry.meaning, shown(claim.value), entry.unit, source, claim.quote or ""])
    return rows


def past_claims(run: Run) -> tuple[list[list[str]], str]:
    """Rows of the stored claims under the run's stance, and a sentence when they are stale or there are none."""
    try:
        found = backcast.stored()
    except ResultsError:
        return [], f"The model's own figures for these claims are not stored here. Make them with: {backcast.COMMAND}"
    own = found.table[found.table["stance"] == run.plan.parameters.stance].fillna("")
    fitted = own["use"].eq("fitted").map({True: "; used in the fit, so no confirmation", False: ""})
    verdicts = [labels.in_words(run.plan.parameters, text) for text in own["verdict"]]
    own = own.assign(verdict=verdicts + fitted)
    columns = ["text", "claimed_text", "model_text", "verdict", "note"]
    return own[columns].astype(str).to_numpy().tolist(), found.stale


def research(run: Run) -> list[list[str]]:
    """Assumed figures about the effect of coordination, and what would settle each."""
    rows = []
    for name in run.plan.parameters.names():
        claim = run.plan.parameters.claim(name)
        if name.startswith("effects.") and grade_of(claim) == "D":
            entry = run.plan.parameters.entry(name)
            rows.append([entry.meaning, shown(run.plan.parameters[name]), entry.unit, claim.mind_changer or ""])
    return rows


def grades(run: Run) -> tuple[int, int]:
    """Number of figures of grade D, and of all figures the run used."""
    used = [n for n in run.plan.parameters.names() if run.plan.parameters.entry(n).role != "claim"]
    poor = [n for n in used if n not in run.plan.parameters.overrides and grade_of(run.plan.parameters.claim(n)) == "D"]
    return len(poor), len(used)


TRACKED: Final = (
    ("people on caseloads", "monthly", "caseload"),
    ("people waiting for a coordinator's place", "monthly", "waiting_list"),
    ("new long-term places taken up", "flows", "coordination"),
    ("formal assessments begun", "flows", "assessment"),
)
TRACKER_HEADS: Final = ("month", "measure", "p05", "p50", "p95", "observed")


def tracker(run: Run) -> pd.DataFrame:
    """What the last scenario is expected to show each month, 9 in 10 futures, with an empty column for what happens."""
    scenario = run.plan.scenarios[-1].name
    futures = range(1, run.plan.futures + 1)
    months = run.results.month_labels
    every = pd.MultiIndex.from_product([months, futures], names=["month", "future"])
    parts = []
    for words, table, key in TRACKED:
        if table == "monthly":
            own = run.monthly[(run.monthly["scenario"] == scenario) & (run.monthly["measure"] == key)]
            value = own.set_index(["month", "future"])["value"]
        else:
            own = run.flows[(run.flows["scenario"] == scenario) & (run.flows["to_stage"] == key)]
            if key == "coordination":
                own = own[own["from_stage"] != "hospital"]
            value = own.groupby(["month", "future"])["people"].sum()
        grouped = value.reindex(every, fill_value=0).groupby(level="month", sort=False)
        parts.append(
            pd.DataFrame(
                {
                    "measure": words,
                    "p05": grouped.quantile(0.05),
                    "p50": grouped.median(),
                    "p95": grouped.quantile(0.95),
                }
            ).reset_index()
        )
    found = pd.concat(parts, ignore_index=True).assign(observed="")
    numbers = ["p05", "p50", "p95"]
    found[numbers] = found[numbers].round(1)
    return found[list(TRACKER_HEADS)]


def acceptability(run: Run) -> tuple[tuple[str, ...], list[list[str]]]:
    """Heads and rows: in how many of 100 futures each option is best, at some values of a WELLBY."""
    frame = loss.loss_frame(run, (0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0, 30_000.0))
    names = [s.name for s in run.plan.scenarios]
    wide = frame.pivot_table(index="threshold_gbp", columns="scenario", values="prob_best")[names]
    rows = [
        [f"£{at:,.0f}", *[f"{100 * v:.0f}" for v in row]] for at, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return ("A WELLBY is worth", *[run.label(name) for name in names]), rows


def cost_and_effect(run: Run) -> list[list[str]]:
    """Mean extra cost and WELLBYs of each option against the first, and their ratio where both are more."""
    if run.pair is None:
        return []
    wellbys, cost = loss.outcomes(run)
    rows = []
    for k, scenario in enumerate(run.plan.scenarios[1:], start=1):
        extra, gained = cost[:, k] - cost[:, 0], wellbys[:, k] - wellbys[:, 0]
        ratio = pounds(extra.mean() / gained.mean()) if extra.mean() > 0 and gained.mean() > 0 else "not formed"
        low, high = np.quantile(gained, [0.05, 0.95])
        money = f"{pounds(float(extra.mean()))} ({middle_and_range(extra.tolist())[1]})"
        people_gain = f"{gained.mean():,.0f} ({low:,.0f} to {high:,.0f})".replace("-", MINUS)
        rows.append([run.label(scenario.name), money, people_gain, ratio])
    return rows
