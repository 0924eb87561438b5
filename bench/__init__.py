"""Measured figures, each beside its peer: `make bench` runs them all."""
