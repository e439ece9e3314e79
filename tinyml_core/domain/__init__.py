"""Nouns: what a technique, a model, a data set, an outcome is."""
