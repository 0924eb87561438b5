"""Where messages come from; only anmin touches these."""
