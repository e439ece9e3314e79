"""Child processes that do the work."""
