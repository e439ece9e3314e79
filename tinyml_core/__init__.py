"""TinyML Lab."""
