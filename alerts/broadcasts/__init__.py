"""Who is told, in which words, on which way."""
