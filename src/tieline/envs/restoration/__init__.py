"""Load restoration: an island without a grid, its units and its loads, decided step by step; many draws side by side.

The world: what all deciders share.
    config         horizon, worth, limits
    availability   what is to be expected of sun and wind; scenarios: what comes of it; seen: what of that a controller knows
    world          island, limits and forecast together

What is done with it, from one step to many.
    step/          a step: what is decided, what the island makes of it, what it is worth
    safety/        the same step with set-points moved to the nearest that keep all limits
    plan/          what can be held to the end with the energy there is, in closed form
    episode        decide, make safe, solve, bring forward
    task           the same as an environment: observe, pickup and task_costs are what is seen, decided and limited

The island's plant and state are those of `tieline.opf.restoration`, whose programs decide on them too.
"""
