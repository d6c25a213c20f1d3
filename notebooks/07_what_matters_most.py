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
# # Which assumption decides the answer?
#
# From the futures of one run: each drew its own value of every uncertain figure.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
size["futures"] = 24 if is_quick else 60
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
r.chart("tornado")

# %% [markdown]
# ## The table, with switching values

# %%
from lacsim.report import sensitivity

sensitivity.tornado_frame(r).drop(columns="label")

# %% [markdown]
# ## In words
#
# The same sentences as on the first page of the report.

# %%
from lacsim.report import money_sections

print("\n".join(money_sections.mind_changers(r)))

# %% [markdown]
# ## How much must be due to us

# %%
r.chart("c15")

# %% [markdown]
# ## What would being wrong cost?
#
# The least expected loss is the expected value of perfect information.

# %%
r.chart("c16")

# %% [markdown]
# ## What you found

# %%
print(r.chart("tornado").framed[0].get_text())
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
