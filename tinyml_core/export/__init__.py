"""Model files in other forms."""
