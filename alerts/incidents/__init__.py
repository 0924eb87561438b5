"""What is happening, and what was decided about it."""
