"""Boards, one TOML file each, and the arithmetic of what fits."""
