"""What devices are told to do, by a person or by a plan, and what they did."""
