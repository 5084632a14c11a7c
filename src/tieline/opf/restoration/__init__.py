"""Load restoration of an island as a program: what is decided over a window of steps, and what no decider can exceed.

plant, state      the island with its units and loads, and what it takes from step to step; one row per scenario
terms             what load is worth against generation and shedding, and limits
model_network     the tree of buses that the programs see
columns, rows     where each variable stands, and rows by terms
network_blocks    balances, voltage drops, cones of branches, limits
unit_blocks       ratings, ramps, fuel, stored energy, load
droop_blocks      one frequency, and the convex hull of the voltage droop
program           the cone program of a window, built once and refilled
exact             the same with equalities for what the cones relax
plan, no_plan     what a program came to, its gaps and prices; what to say when there is no plan
netting           charge and discharge of a plan as one injection that a battery can carry out
"""
