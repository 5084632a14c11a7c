"""The world: which microgrids there are, what their devices can do, what the day brings, the published cases."""
