"""One file a deep look: its value and the measuring of it."""
