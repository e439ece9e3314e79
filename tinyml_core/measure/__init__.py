"""What is measured of a .tflite."""
