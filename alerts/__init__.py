"""Edges to promises to people. Pure, except channels/."""
