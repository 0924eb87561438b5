"""What goes wrong with devices, their clocks and the way to us; each fault small, with its parameters."""
