"""Islands step by step: what is decided, what the island makes of it, and when it goes dark.

plant        the island, its units and its loads; the same in every scenario
state        fuel, stored energy, last powers, load that is on; one row per scenario
set_points   what is decided in a step, moved inside what the units can do
classes      an amount taken from the least important first
relief       the exact solution, with load dropped where droop units leave their range
step         the order of a step, and the rule of a dead island
"""
