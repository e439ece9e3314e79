"""Fits the latency estimator and the size of the runtime's code, and tests both on what was left out."""
