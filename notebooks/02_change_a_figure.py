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
# # What happens when one figure changes?
#
# `replace` makes a checked copy of the parameters; the old ones stay as they are. Both runs live the same lives with the same
# luck, so what differs is the figure.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %% [markdown]
# ## Before

# %%
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
print(r.headline)

# %% [markdown]
# ## Change it
#
# A misspelt name, a wrong type or a percentage given as a share is refused at once.

# %%
q = p.replace({"coordination.mean_stay_days": 300})
try:
    p.replace({"coordination.mean_stay_day": 300})
except lac.LacsimError as message:
    print(message)

# %% [markdown]
# ## After, and what moved

# %%
s = lac.run(["no-lac", "wards-10", "wards-17"], q, **size)
c = lac.compare(r, s)
print(c.sentence)
c.table()

# %% [markdown]
# ## Keep it
#
# `q.to_toml()` is a file that `lacsim run --params` reads; this is its line of the figure that was changed.

# %%
print("\n".join(line for line in q.to_toml().splitlines() if "fixed = true" in line and "mean_stay" in line))

# %% [markdown]
# ## What you found

# %%
print(s.headline)
print(f"Before: lacsim run {r.plan.run_id}; after: lacsim run {s.plan.run_id}.")
