"""Readers of finished `.tflite` files."""
