"""One file a model; each defines `MODEL`."""
