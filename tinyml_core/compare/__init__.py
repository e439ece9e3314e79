"""Variants side by side: what each number of a row is called, how it is worked out, and how it is shown."""
