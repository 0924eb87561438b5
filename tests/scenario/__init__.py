"""Stories told on a virtual timeline, through the whole pure core."""
