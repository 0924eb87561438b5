"""What is wrong with the devices themselves: a class of its own beside incidents, never an emergency."""
