"""Readers of SavedModels."""
