"""Physics, as far as a detector can tell."""
