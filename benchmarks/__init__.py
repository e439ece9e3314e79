"""Speed and memory, measured side by side with the usual way: `make bench`."""
