"""Bytes to readings. Pure, except sources/."""
