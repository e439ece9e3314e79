"""Asks for work once, does it in child processes, keeps the answers; knows nothing of models."""
