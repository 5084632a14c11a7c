"""A market that runs all day: what it is (`definition`), how an interval is cleared (`clear`), and who keeps time (`loop`)."""
