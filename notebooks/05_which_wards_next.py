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
# # If only some wards can be added, which come first?
#
# Each new ward's own saving, future by future. If the order changes from future to future, it is not known.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
r = lac.run(["no-lac", "wards-10", "wards-17"], p, **size)
r.chart("c11")

# %% [markdown]
# ## Best first

# %%
r.chart("c13")

# %% [markdown]
# ## How stable is the order?

# %%
from lacsim.report.charts.next_wards import rows_of, value_by_ward

values = value_by_ward(r)
rows_of(values)[["order", "ward", "cum_net_p50", "top3_futures"]]

# %% [markdown]
# ## Every ward on the same scale

# %%
r.chart("c12")

# %% [markdown]
# ## What you found

# %%
print(r.chart("c13").framed[0].get_text())
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
