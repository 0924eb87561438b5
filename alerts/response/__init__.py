"""Who acts, and when."""
