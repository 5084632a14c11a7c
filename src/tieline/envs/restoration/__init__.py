"""Islands step by step: what is decided, what the island makes of it, and when it goes dark.

set_points   what is decided in a step, moved inside what the units can do
classes      an amount taken from the least important first
relief       the exact solution, with load dropped where droop units leave their range
step         the order of a step, and the rule of a dead island

The island's plant and state are those of `tieline.opf.restoration`, whose programs decide on them too.
"""
