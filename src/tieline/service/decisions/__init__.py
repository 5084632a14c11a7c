"""Decisions asked one at a time: what is the state now, and what set-points keep all limits; policies of the studies, warm."""
