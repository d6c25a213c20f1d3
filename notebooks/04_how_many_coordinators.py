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
# # How many coordinators are enough?
#
# The 17 wards with fewer and more posts. What is asked for stays the same, so the wait tells.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
r = lac.run(["wards-17"], p, **size).with_companions(jobs=1 if is_quick else 0)
print(r.team.plan.futures, "futures of each team")

# %% [markdown]
# ## The wait for a first conversation

# %%
r.chart("waits")

# %% [markdown]
# ## Which promise can be kept

# %%
r.chart("promise")

# %% [markdown]
# ## Does the list grow?

# %%
r.chart("team")

# %% [markdown]
# ## The numbers behind it

# %%
from lacsim.report.charts.load import load_frame

load_frame(r)

# %% [markdown]
# ## What you found

# %%
print(r.chart("promise").framed[0].get_text())
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}; teams: lacsim run {r.team.plan.run_id}.")
