"""The checks of a feeder, by what they look at. Each takes a feeder and yields findings; `problems.py` runs them all."""
