"""Judging: which cases violate, how likely that is at each level, what one change gains, and the estimate beside it."""
