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
# # Ten wards or seventeen: what differs, step by step?
#
# The main comparison, from people to money. Each chart's title is its message.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
print(r.answer.text)

# %% [markdown]
# ## What happens to people

# %%
r.chart("avoided")

# %%
r.paired[r.paired["comparator"] == "wards-10"].drop(columns="future").groupby(["scenario", "event"]).mean(
    numeric_only=True
)

# %% [markdown]
# ## Whose money, and which kind

# %%
r.chart("budgets")

# %%
r.chart("c03")

# %% [markdown]
# ## When it pays back, if it does

# %%
r.chart("payback")

# %% [markdown]
# ## Under the other readings of the evidence

# %%
for stance in ("reported", "sceptical"):
    print(stance, "·", lac.run(["wards-10", "wards-17"], p, stance=stance, **size).headline)

# %% [markdown]
# ## What you found

# %%
print(r.headline)
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
