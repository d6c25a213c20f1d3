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
# # How do I try a scenario of my own?
#
# A scenario is a list of posts: ward, first day, how much of a post. Change the text below and run on.

# %%
# ruff: noqa: D100, B018
import os

import lacsim as lac

is_quick = os.environ.get("LACSIM_QUICK", "0") not in ("", "0")
size = {"futures": 4, "residents": 4_000, "jobs": 1} if is_quick else {"futures": 20}
p = lac.params()  # checks everything, prints nothing

# %%
from pathlib import Path

text = """
name  = "two-halves"
label = "two half posts"

[[posts]]
ward   = "Spondon"
starts = 2019-04-01
posts  = 0.5

[[posts]]
ward   = "Oakwood"
starts = 2019-10-01
posts  = 0.5
"""
file = Path("two-halves.toml")
_ = file.write_text(text, encoding="utf-8")

# %% [markdown]
# ## Run it beside the others

# %%
r = lac.run(["no-lac", str(file)], p, **size)
print(r.headline)

# %%
r.chart("headline")

# %% [markdown]
# ## A ward that does not exist is explained

# %%
wrong = Path("wrong.toml")
wrong.write_text(text.replace("Spondon", "Sinfyn").replace("two-halves", "wrong"), encoding="utf-8")
try:
    lac.run(["no-lac", str(wrong)], p, **size)
except lac.LacsimError as message:
    print(message)

# %% [markdown]
# ## A new rule or stage
#
# That is Python in `lacsim/model`: see `docs/how_to_add_a_rule.md` for the seven steps and the tests that hold both engines
# together.

# %% [markdown]
# ## What you found

# %%
print(r.answer.text)
print(f"Stance: {p.stance}; lacsim run {r.plan.run_id}.")
