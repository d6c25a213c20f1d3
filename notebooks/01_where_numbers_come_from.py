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
# # Where do the numbers come from, and how good are they?
#
# Every figure of the model stands in a register with its meaning, unit, range, source and the words it was taken from.
# Nothing is simulated here, except one small run at the end that shows which figures a run used.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %% [markdown]
# ## All of them

# %%
t = p.table()
t[["name", "value", "low", "high", "unit", "grade", "source"]]

# %% [markdown]
# ## How good are they?
#
# A is measured in Derby, B published for Derby, C published elsewhere, D recalled or assumed.

# %%
t[t["role"] != "claim"].groupby("grade").size()

# %% [markdown]
# ## What the two documents say, and where they contradict each other

# %%
claims = t[t["role"] == "claim"]
claims[["meaning", "value", "unit", "where", "quote"]]

# %% [markdown]
# ## Two sums that should be one
#
# The budget as printed, and the two parts it is said to have.

# %%
parts = p.number("claims.budget_better_care_fund") + p.number("claims.budget_council")
printed = p.entry("programme.core_budget").claims
print(f"The parts add to £{parts:,.0f}. Claims of the whole: {[(k, c.value) for k, c in printed.items()]}")

# %% [markdown]
# ## Figures to find out first
#
# Each assumed figure says what would change our mind; for the effects of coordination it is the same for all.

# %%
assumed = [name for name in p.names() if name.startswith("effects.") and p.claim(name).mind_changer]
print("\n".join(f"- {p.entry(name).meaning}" for name in assumed))
print("What would settle them:", *{p.claim(name).mind_changer for name in assumed}, sep="\n- ")

# %% [markdown]
# ## What you found

# %%
r = lac.run(["no-lac", "wards-17"], p, **size)
used = t[t["role"] != "claim"]
print(f"{(used['grade'] == 'D').sum()} of the {len(used)} figures a run uses are recalled or assumed.")
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
