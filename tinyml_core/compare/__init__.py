"""What is asked of variants, and what is told of them."""
