"""Readers of Keras files."""
