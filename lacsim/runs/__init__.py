"""Runs: scenarios, binding of parameters to arrays, futures, and where they are run."""
