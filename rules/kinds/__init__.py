"""One small module per rule kind."""
