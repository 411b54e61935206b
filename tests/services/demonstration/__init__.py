"""What a demonstration of the wing holds."""
