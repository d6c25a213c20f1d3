"""Calibration: published targets, and the model next to them."""
