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
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
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
# M/M/c: arrivals at rate λ, c servers of rate μ. Erlang's C is the chance to wait; the mean wait follows. The tests hold both
# engines to it (`tests/verification`); here is the formula itself for 3 servers that are busy 80% of the time.

# %%
from math import factorial

load, servers = 2.4, 3
tail = load**servers / factorial(servers) * servers / (servers - load)
erlang_c = tail / (sum(load**k / factorial(k) for k in range(servers)) + tail)
print(f"chance to wait {erlang_c:.4f}; mean wait {erlang_c / (servers - load):.4f} service times")

# %% [markdown]
# ## Pounds are conserved
#
# The ledger by payer and the totals are the same pennies.

# %%
from lacsim import economics

by_line = economics.line_totals(r.costs).groupby(["scenario", "future"])["amount_gbp"].sum()
by_payer = economics.line_totals(r.costs, by=("payer",)).groupby(["scenario", "future"])["amount_gbp"].sum()
print("largest difference: £", abs(by_line - by_payer).max().round(2))

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
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
