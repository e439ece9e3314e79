"""What makes a smaller `.tflite`: training on, converting, quantizing, packing."""
