"""How long a model would take on a board, and how much energy: estimates from published measurements."""
