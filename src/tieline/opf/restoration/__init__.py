"""Load restoration of an island as a program: what is decided over a window of steps, and what no decider can exceed.

plant        the island, its units and its loads; the same in every scenario
state        fuel, stored energy, last powers, load that is on, frequency; one row per scenario
"""
