"""The ways out; only anmin touches these."""
