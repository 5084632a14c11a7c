"""A plant at a bus: the situations it is judged in, what breaks, and how much fits; for every study that asks about places."""
