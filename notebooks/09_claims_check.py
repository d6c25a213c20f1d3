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
# # Do past claims agree with the model on their own definitions?
#
# The model is run over the years 2012 to 2019 as the service grew. No claimed saving or return is an input of it. Counts of
# people are: the fit of the coordinators' work used them, so where they agree nothing is confirmed.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
from lacsim.report.api import Run
from lacsim.results import study
from lacsim.runs.plan import make_plan
from lacsim.runs.scenario import history

jobs = size.pop("jobs", 0)
plan = make_plan(["no-lac", "history"], p, period=history(), **size)
r = Run(study.run(plan, jobs=jobs))

# %% [markdown]
# ## About 1,400 people with long-term support, 2012 to early 2019

# %%
people = r.futures[r.futures["scenario"] == "history"]["long_term_people"] / plan.scale
low, high = people.quantile([0.05, 0.95])
print(
    f"claimed {p.number('claims.long_term_people'):,.0f}; model {people.median():,.0f}, 9 in 10 {low:,.0f} to {high:,.0f}"
)

# %% [markdown]
# ## £800,000 from two coordinators in the first twelve months
#
# The like-for-like figure is what services cost less in the first year with two posts, the programme not taken off.

# %%
from lacsim import economics

first = economics.savings(r.costs, "no-lac", by=("year",))
first = first[first["year"] == "2012/13"]
saved = (first["public_purse_saving_gbp"] - first["programme_saving_gbp"]) / plan.scale
print(f"claimed £{p.number('claims.first_year_saving'):,.0f}; model £{saved.median():,.0f}")

# %% [markdown]
# ## £4 of social value for every £1
#
# A forecast of social value, not of savings. The model keeps value to people apart and adds it to nothing.

# %%
value = r.summary.set_index("scenario").loc["history"]
ratio = value["value_to_people_gain_gbp"].mean() / value["programme_gbp"].mean()
print(
    f"claimed £{p.number('claims.return_per_pound'):g}; model £{ratio:.2f} of value to people for each £1 of programme"
)

# %% [markdown]
# ## What you found

# %%
print("Claims are shown as printed; every claim under each stance: lacsim claims.")
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
