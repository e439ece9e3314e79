"""Variants side by side: what is asked of them, what each number of a row is called and how it is shown, and what is told of them."""
