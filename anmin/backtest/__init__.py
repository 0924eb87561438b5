"""What rules would have said of readings that are past, measured against what really happened."""
