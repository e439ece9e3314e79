"""Models and data that somebody brings: read in an isolated process, kept by content, and from then on as good as the zoo's."""
