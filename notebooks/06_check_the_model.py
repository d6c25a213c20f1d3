# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does the model do what it says?
#
# Enough futures, a start that has settled, a queue against its closed form, and nothing lost.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
r = lac.run(["wards-10", "wards-17"], p, **size)
r.results.checks

# %% [markdown]
# ## Enough futures?

# %%
r.chart("d1")

# %% [markdown]
# ## Settled in?

# %%
r.chart("d2")

# %% [markdown]
# ## A queue with a known answer
#
# M/M/c: customers come at random to c places and stay for exponential times. Erlang's C says how many wait, and how long. The
# engine that lives the city lives so many copies of such a queue, by the small rule set the tests use
# (`tests/verification/theory_rules.py`). Times are in mean stays; 1 in 20 simulated figures should lie beyond 2 standard errors.

# %%
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.append(str(Path(lac.__file__).parents[1] / "tests" / "verification"))
from closed_forms import mmc, mmc_law
from theory_worlds import UNIT, Queue, drawn_from, exponential, live
from trace_reading import waits
from two_stage import per_system

copies, found = 60 if is_quick else 1_500, []
for places, load in ((3, 2.4), (10, 8.0), (10, 9.0)):
    exact = mmc(load, 1.0, places)
    start = drawn_from(mmc_law(load, 1.0, places, places + 400))
    queue = Queue({(0, 0): load}, [places], [exponential(1.0)], 40.0, start)
    rows, system, _ = live(queue.world(copies, 1))
    asked = waits(rows, 0, queue.horizon)
    came = asked.asked > 0  # those who were there at the start asked before
    took, of = (asked.ended - asked.asked)[came] / UNIT, system[asked.resident[came]]
    for what, values, answer in (("share who wait", took > 0, exact["share_wait"]), ("mean wait", took, exact["wait"])):
        sums, counts = np.bincount(of, values, copies), np.bincount(of, minlength=copies)
        each = per_system(sums, counts, answer)
        error = each.std(ddof=1) / copies**0.5
        found.append((places, load / places, what, answer, each.mean(), error, (each.mean() - answer) / error))
columns = ["places", "busy_share", "what", "erlang_c", "simulated", "standard_error", "errors_apart"]
theory = pd.DataFrame(found, columns=columns).round(4)
theory

# %% [markdown]
# ## People are conserved
#
# Everyone who was there or came is there, has died or has moved away: the first table says so for people and for their time, to
# the second. Deaths are counted twice, as moves between stages and as events of a year.

# %%
moves = r.results.flows.query("to_stage == 'died'").groupby(["scenario", "future"])["people"].sum()
events = r.yearly.query("measure == 'deaths'").groupby(["scenario", "future"])["value"].sum()
print(
    f"deaths: {int(events.sum()):,} events, {int(moves.sum()):,} moves; largest difference {abs(moves - events).max():.0f}"
)

# %% [markdown]
# ## Pounds are conserved
#
# In every row of the ledger quantity × unit cost is the amount, rounded once to the penny, and totals by line and by payer are the
# same pennies.

# %%
from lacsim import economics

by_row = abs(r.costs["quantity"] * r.costs["unit_cost_gbp"] - r.costs["amount_gbp"]).max()
by_line = economics.line_totals(r.costs).groupby(["scenario", "future"])["amount_gbp"].sum()
by_payer = economics.line_totals(r.costs, by=("payer",)).groupby(["scenario", "future"])["amount_gbp"].sum()
print(
    f"largest difference: £{by_row:.3f} in {len(r.costs):,} rows, £{abs(by_line - by_payer).max():.2f} between totals"
)

# %% [markdown]
# ## Two engines
#
# `lacsim identity` compares them record by record; the tables are the same too.

# %%
tiny = {"futures": 1, "residents": 1_000, "years": 1, "jobs": 1}
same = lac.run("wards-17", p, engine="simpy", **tiny).yearly.equals(lac.run("wards-17", p, **tiny).yearly)
print("same tables from both engines:", same)

# %% [markdown]
# ## What you found

# %%
print("checks passed:", bool(r.results.checks["passed"].all()))
print(
    f"queues: {(abs(theory['errors_apart']) < 2).sum()} of {len(theory)} figures within 2 standard errors of Erlang's"
)
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
