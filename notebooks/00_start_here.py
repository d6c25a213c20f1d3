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
# # What does the model say, and what does one slider do?
#
# Run from top to bottom. The first cells are the same in every notebook: fetch the package, read the checked
# parameters, choose how much to run. `LACSIM_QUICK=1` shrinks the work for tests; its amounts are then not Derby's.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %% [markdown]
# ## The answer
#
# No coordinators, 10 wards and 17 wards are lived by the same residents with the same luck. The sentence below is
# computed from the difference in each future, whichever way it turns out.

# %%
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
print(r.answer.text)

# %%
r.chart("headline")

# %% [markdown]
# ## Which money is it?
#
# Cash, freed time and value to people are never added up. Cash comes first.

# %%
print("\n".join(r.answer.lines))

# %%
r.chart("budgets")

# %% [markdown]
# ## Does the team cope?

# %%
r.chart("team")

# %% [markdown]
# ## Change one figure
#
# `replace` makes a checked copy; a misspelt name or a percentage given as a share is refused at once. Here each
# coordinator has room for 50 people.

# %%
q = p.replace({"coordination.places_per_coordinator": 50})
s = lac.run(["no-lac", "wards-10", "wards-17"], q, **size)
c = lac.compare(r, s)
print(c.sentence)
c.table()

# %% [markdown]
# ## Move a slider
#
# With ipywidgets installed this shows a slider, a box for the number and a button; without it, how to get it.

# %%
try:
    shown = lac.sliders(["coordination.places_per_coordinator"], p, **size)
except lac.LacsimError as message:
    shown = message
shown

# %% [markdown]
# ## What you found

# %%
print(r.headline)
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}; with your change {s.plan.run_id}.")
