"""Techniques, one file each."""
