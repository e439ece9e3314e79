"""Readers of data, and cures for what does not fit."""
