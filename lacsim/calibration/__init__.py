"""Calibration: published targets, the fit, the model next to them, and the claims made for coordination."""
