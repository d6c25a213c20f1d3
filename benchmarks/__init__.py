"""Measurements of speed, scale and common random numbers; `python -m benchmarks` prints them all.

Nothing here is imported by `lacsim`, and nothing at import time here needs more than the standard library, so that the
peers' models run in an environment of their own.
"""
