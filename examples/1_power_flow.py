"""
A batch of power flows
======================

How do losses and the lowest voltage of a feeder grow with its load?
"""

import numpy as np

from tieline import Network, load_feeder, solve

# %%
# A feeder is what the utility knows; a network holds the arrays that a solver needs. One call solves a row for each scenario.

network = Network.from_feeder(load_feeder("ieee123"))
scale = np.linspace(0.5, 1.25, 4)
solution = solve(network, load_scale=scale[:, None])

for factor, loss_kw, v_pu in zip(scale, solution.loss_kw, solution.vm_pu, strict=True):
    print(
        f"load x {factor:.2f}: loss {loss_kw:6.1f} kW, lowest voltage {v_pu.min():.4f} pu"
    )

# %%
# The feeder with the lowest voltage of each bus, over all four scenarios:

lowest = solution.plot("lowest")

# %%
# A solve without scenarios is that of the feeder as it stands.

print(f"loss at nominal load: {solve(network).loss_kw[0]:.1f} kW")
