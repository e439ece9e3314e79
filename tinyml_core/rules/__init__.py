"""Warnings, one small coded rule each."""
