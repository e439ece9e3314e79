"""Charts, one file each: tidy frame in, alt.Chart out."""
