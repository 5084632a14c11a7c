"""Load restoration: an island without a grid, its units and its loads, decided step by step; many draws side by side.

The world: what all deciders share.
    config         horizon, worth, limits
    availability   what is to be expected of sun and wind; scenarios: what comes of it; seen: what of that a controller knows
    world          island, limits and forecast together

A step: what is decided, what the island makes of it, and when it goes dark.
    set_points     what is decided, moved inside what units can do; layout: the same as one row of numbers
    groups         scenarios that the same droop units hold; classes: an amount taken from the least important first
    relief         the exact solution, with load dropped where droop units leave their range
    step           the order of a step; bill: what it is worth

Many steps.
    episode        decide, make safe, solve, bring forward
    island_limits  what is limited, and how it moves with set-points; guarded: the island as the safety step sees it
    plan           what can be held with the energy there is, in closed form: view, figures, level and sharing are its parts
    task           the same as an environment: observe, pickup and task_costs are what is seen, decided and limited

The island's plant and state are those of `tieline.opf.restoration`, whose programs decide on them too.
"""
