"""C09 and C10, how many coordinators: waits for a first conversation with smaller and larger teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from lacsim.report.charts.frame import Chart, empty_chart, footer_of, place_and_period, records
from lacsim.report.narrative import pounds
from lacsim.report.style import BLUES, INK, NAVY, ORANGE, WHITE_ON, bare, body, chart_style, framed_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lacsim.report.api import Run
    from lacsim.runs.scenario import Scenario

LOAD_NAME, PROMISE_NAME = "c09_wait_and_load", "c10_how_many_coordinators"
LOAD_COLUMNS = ["coordinators", "load_share", "adults_each", "wait_weeks_p50", "wait_weeks_p90", "lo", "hi"]
PROMISE_COLUMNS = ["coordinators", "promise_weeks", "futures_met", "cost_gbp"]
PROMISES: Final = (1, 2, 4, 8)
KEPT_ABOVE: Final = 90
_NOT_RUN: Final = (
    "Smaller and larger teams were not run. A run of 50 futures or more lives them too; in Python, "
    "run.with_companions() does."
)
_NOBODY: Final = "Nobody had a first conversation with a coordinator, with any team: there is no wait to show."


def waits(run: Run) -> pd.DataFrame:
    """Waits and load of every team and future: coordinators, future, p50_weeks, p90_weeks, load_share, cost_gbp.

    The option's own team is the run's last scenario, in as many futures as the other teams have.
    """
    assert run.team is not None
    own = _waits_of(run, [run.plan.scenarios[-1]])
    return pd.concat(
        [_waits_of(run.team, run.team.plan.scenarios), own[own["future"] <= run.team.plan.futures]], ignore_index=True
    )


def _waits_of(run: Run, teams: Sequence[Scenario]) -> pd.DataFrame:
    """Waits and load of some scenarios of a run."""
    posts = {s.name: round(s.n_posts, 6) for s in teams}  # parts of posts add up to a whole again
    first = run.waits[(run.waits["kind"] == "short_term_time") & run.waits["scenario"].isin(posts)]
    first = first[first["n"] > 0].copy()  # where nobody was met there is no wait to tell of
    first["coordinators"] = first["scenario"].map(posts)
    named = run.yearly[
        run.yearly["scenario"].isin(posts) & run.yearly["measure"].isin(["posts", "short_term_contacts"])
    ]
    yearly = named.groupby(["scenario", "future", "measure"], sort=False)["value"].sum().unstack("measure")  # noqa: PD010
    paid = yearly["posts"] * run.plan.scale
    expected = run.plan.parameters.number("coordination.short_term_people_per_month")
    load = yearly["short_term_contacts"] / (12.0 * paid * expected)
    money = run.summary.set_index(["scenario", "future"])["programme_gbp"]
    keys = list(zip(first["scenario"], first["future"], strict=True))
    return pd.DataFrame(
        {
            "coordinators": first["coordinators"].to_numpy(float),
            "future": first["future"].to_numpy(),
            "p50_weeks": first["p50_days"].to_numpy(float) / 7.0,
            "p90_weeks": first["p90_days"].to_numpy(float) / 7.0,
            "load_share": [float(load.loc[key]) for key in keys],
            "cost_gbp": [float(money.loc[key]) for key in keys],
        }
    )


def _by_team(run: Run) -> list[tuple[float, pd.DataFrame]]:
    """Waits of each team, the smallest first."""
    found = waits(run)
    return [(float(posts), found[found["coordinators"] == posts]) for posts in sorted(found["coordinators"].unique())]


def load_frame(run: Run) -> pd.DataFrame:
    """C09's data: one row per team, `lo` and `hi` the 5th and 95th percentile of the 9-in-10 wait over futures."""
    assert run.team is not None
    covered = set(run.team.plan.scenarios[0].wards)
    wards = run.plan.area.wards
    adults = float(wards.loc[wards["ward_name"].isin(covered), "adults18p_2017"].sum())
    rows = []
    for posts, group in _by_team(run):
        low, middle, high = np.quantile(group["p90_weeks"], [0.05, 0.5, 0.95])
        half = float(group["p50_weeks"].median())
        rows.append((posts, float(group["load_share"].median()), adults / float(posts), half, middle, low, high))
    return pd.DataFrame(rows, columns=LOAD_COLUMNS)


def promise_frame(run: Run) -> pd.DataFrame:
    """C10's data: in how many of 100 futures a team keeps each promise for 9 in 10 people, and what it costs."""
    rows = []
    for posts, group in _by_team(run):
        for promise in PROMISES:
            met = round(100 * float((group["p90_weeks"] <= promise).mean()))
            rows.append((posts, promise, met, float(group["cost_gbp"].median())))
    return pd.DataFrame(rows, columns=PROMISE_COLUMNS)


def in_weeks(weeks: float) -> str:
    """A wait in words: days below one week, else weeks with one decimal."""
    days = round(7 * weeks)
    if days == 0:
        return "under a day"
    if weeks < 1:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{weeks:.1f} weeks"


def load_title(posts: list[float], wait: list[float], today: float) -> str:
    """The message: what fewer coordinators do to the wait, against the option's own number."""
    if len(posts) < 2:
        return "Not modelled: waits with fewer or more coordinators"
    fewest, own = wait[0], wait[posts.index(today)] if today in posts else wait[len(posts) // 2]
    if fewest <= own + 1 / 7:
        return f"Half as many coordinators would not lengthen the wait of {in_weeks(own)}"
    longest = in_weeks(fewest)
    longest = longest if longest.startswith("under") else f"up to {longest}"
    return f"With {posts[0]:g} coordinators, 9 in 10 wait {longest}; with {today:g}, {in_weeks(own)}"


def draw_load_frame(run: Run, frame: pd.DataFrame, today: float, n: int) -> Chart:
    """Draw C09 from its frame; `today` is the option's own number of coordinators."""
    wait = frame["wait_weeks_p90"].tolist()
    title = load_title(frame["coordinators"].tolist(), wait, today)
    subtitle = f"Wait for a first conversation that 9 in 10 people do not exceed, {place_and_period(run)}"
    footer = footer_of(
        run,
        "Line: middle figure; band: 9 in 10 futures. The same wards with fewer or more posts; whoever gives up "
        "waiting is "
        "not counted. Lists and waits are those of the model, not borrowed from elsewhere.",
        sources=("coordination.",),
        n=n,
    )
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=0.7, right=0.35, top=0.25, bottom=0.75))
        x = frame["coordinators"].to_numpy(float)
        axes.fill_between(x, frame["lo"], frame["hi"], color=NAVY, alpha=0.2, lw=0)
        axes.plot(x, wait, color=NAVY, lw=2.6, marker="o", markersize=7)
        highest = 1.25 * max(float(frame["hi"].max()), 0.2)
        axes.set_ylim(0, highest)
        pad = 0.06 * float(x.max() - x.min())
        axes.set_xlim(x.min() - pad, x.max() + pad)
        for row in records(frame):
            axes.annotate(
                in_weeks(row.wait_weeks_p90), (row.coordinators, row.wait_weeks_p90), xytext=(0, 9),
                textcoords="offset points", ha="center", va="bottom", fontsize=12, zorder=5,
                fontweight="bold" if row.coordinators == today else "normal",
                bbox={"fc": "white", "ec": "none", "alpha": 0.85, "pad": 1.5},
            )  # fmt: skip
        if today in frame["coordinators"].tolist():
            axes.axvline(today, color=ORANGE, lw=1.6, linestyle=(0, (4, 2)), zorder=0)
            axes.text(today, 1.02, "the option", transform=axes.get_xaxis_transform(), ha="center", fontsize=12)
        labels = [f"{r.coordinators:g}\n{r.adults_each:,.0f}" for r in records(frame)]
        axes.set_xticks(x, labels, fontsize=12)
        axes.set_xlabel("coordinators, and adults of the covered wards for each")
        axes.set_ylabel("weeks", fontsize=12)
    told = "; ".join(
        f"{r.coordinators:g} coordinators {in_weeks(r.wait_weeks_p90)} ({in_weeks(r.lo)} to {in_weeks(r.hi)})"
        for r in records(frame)
    )
    description = f"Line with a band of the wait that 9 in 10 people do not exceed, by number of coordinators. {told}."
    return Chart(LOAD_NAME, figure, frame, title, subtitle, description, footer)


def promise_title(frame: pd.DataFrame) -> str:
    """The message: the smallest team that keeps the strictest promise any team keeps."""
    kept = frame[frame["futures_met"] >= KEPT_ABOVE]
    if frame.empty:
        return "Not modelled: how many coordinators a promise needs"
    if kept.empty:
        return f"No team tried keeps a promise of {max(PROMISES)} weeks in {KEPT_ABOVE} of 100 futures"
    strictest = int(kept["promise_weeks"].min())
    smallest = float(kept[kept["promise_weeks"] == strictest]["coordinators"].min())
    weeks = "1 week" if strictest == 1 else f"{strictest} weeks"
    return f"{smallest:g} coordinators are enough to promise a first conversation within {weeks}"


def draw_promise_frame(run: Run, frame: pd.DataFrame, n: int) -> Chart:
    """Draw C10 from its frame."""
    title = promise_title(frame)
    subtitle = f"Futures in 100 in which 9 in 10 people wait no longer than promised, {place_and_period(run)}"
    footer = footer_of(
        run,
        f"Framed: the smallest team of those tried that keeps the promise in at least {KEPT_ABOVE} of 100 "
        f"futures. Cost: the "
        f"programme over the period, discounted. {n} futures are few: a cell can be off by {round(100 / n)} or more.",
        sources=("coordination.", "programme."),
        n=n,
    )
    teams = sorted(frame["coordinators"].unique())
    with chart_style():
        figure = framed_figure(title, subtitle, footer)
        axes = figure.add_axes(body(left=2.6, right=0.5, top=0.35, bottom=0.05))
        bare(axes)
        axes.set_xlim(0, len(PROMISES))
        axes.set_ylim(len(teams), 0)
        for row in records(frame):
            r, c = teams.index(row.coordinators), PROMISES.index(int(row.promise_weeks))
            fill = BLUES[min(int(row.futures_met / 20.0001), len(BLUES) - 1)]
            axes.add_patch(Rectangle((c + 0.03, r + 0.06), 0.94, 0.88, fc=fill, ec="white"))
            own = frame[(frame["promise_weeks"] == row.promise_weeks) & (frame["futures_met"] >= KEPT_ABOVE)]
            if len(own) and own["coordinators"].min() == row.coordinators:
                axes.add_patch(Rectangle((c + 0.05, r + 0.1), 0.9, 0.8, fc="none", ec=ORANGE, lw=3))
            axes.text(
                c + 0.5, r + 0.5, f"{row.futures_met:.0f}", ha="center", va="center", fontsize=14,
                color="white" if fill in WHITE_ON else INK,
            )  # fmt: skip
        for c, promise in enumerate(PROMISES):
            weeks = "1 week" if promise == 1 else f"{promise} weeks"
            axes.text(c + 0.5, -0.08, weeks, ha="center", va="bottom", fontsize=12, fontweight="bold")
        costs = frame.groupby("coordinators")["cost_gbp"].first()
        for r, posts in enumerate(teams):
            axes.text(-0.08, r + 0.36, f"{posts:g} coordinators", ha="right", va="center", fontsize=12)
            axes.text(-0.08, r + 0.66, pounds(float(costs[posts])), ha="right", va="center", fontsize=11)
    told = "; ".join(
        f"{posts:g} coordinators "
        + ", ".join(
            f"{r.promise_weeks} week{'s' * (r.promise_weeks != 1)} {r.futures_met:.0f}"
            for r in records(frame[frame["coordinators"] == posts])
        )
        for posts in teams
    )
    description = f"Grid of teams by promised wait; each cell is futures in 100 that keep the promise. {told}."
    return Chart(PROMISE_NAME, figure, frame, title, subtitle, description, footer)


def draw_load(run: Run) -> Chart:
    """Draw C09 for the run's last scenario."""
    frame = pd.DataFrame(columns=LOAD_COLUMNS) if run.team is None else load_frame(run)
    if run.team is None or frame.empty:
        why = _NOT_RUN if run.team is None else _NOBODY
        return empty_chart(run, LOAD_NAME, load_title([], [], 0.0), why, LOAD_COLUMNS)
    return draw_load_frame(run, frame, round(run.plan.scenarios[-1].n_posts, 6), run.team.plan.futures)


def draw_promise(run: Run) -> Chart:
    """Draw C10 for the run's last scenario."""
    frame = pd.DataFrame(columns=PROMISE_COLUMNS) if run.team is None else promise_frame(run)
    if run.team is None or frame.empty:
        why = _NOT_RUN if run.team is None else _NOBODY
        return empty_chart(run, PROMISE_NAME, promise_title(frame), why, PROMISE_COLUMNS)
    return draw_promise_frame(run, frame, run.team.plan.futures)
