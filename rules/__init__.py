"""Readings to edges of level. Pure."""
