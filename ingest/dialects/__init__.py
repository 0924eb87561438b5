"""One module per foreign dialect."""
