"""A step of an island, solved exactly.

set_points     what is decided, moved inside what units can do
groups         scenarios that the same droop units hold
relief         the exact solution, with load dropped where droop units leave their range; classes: by weight
island_step    the order of a step, and the state after it
bill           what a step is worth
"""
