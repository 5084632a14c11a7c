"""Where limits break: the exact search, and estimates beside it."""
