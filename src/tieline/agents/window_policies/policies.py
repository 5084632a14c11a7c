"""`WindowPolicies`: the policies of all microgrids as plain NumPy; what a training leaves behind.

    action of agent n = mean network of n (its inputs),      set-points = plan + unit x action    (`envs.microgrids.set_points`)

The spread that it learned with is kept, and not drawn from: it was there for the trust region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tieline.agents.policy import Plain
from tieline.agents.window_policies.inputs import AgentInputs, Eyes
from tieline.agents.window_policies.policy_key import PolicyKey
from tieline.envs.microgrids.set_points import SetPoints, departed
from tieline.envs.microgrids.windows import Windows
from tieline.typing import FloatArray

Layer = tuple[FloatArray, FloatArray]
Layers = tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class WindowPolicies:
    """Policies, one per microgrid.

    Attributes:
        key: what they were made for.
        means: weight (in, out) and bias (out,) of each layer of each mean network; ReLU between layers.
        spreads: the same of the networks of the spread.
        provenance: where they come from, plain values.
    """

    key: PolicyKey
    means: tuple[Layers, ...]
    spreads: tuple[Layers, ...]
    provenance: Mapping[str, Plain] = field(default_factory=dict)

    def wish(self, eyes: Eyes, windows: Windows) -> SetPoints:
        """Set-points that all agents wish in windows, unclipped."""
        inputs = eyes.see(windows)
        return wished(eyes, inputs, self.means)


def wished(eyes: Eyes, inputs: AgentInputs, means: Sequence[Layers]) -> SetPoints:
    """Set-points of mean networks."""
    actions = []
    # every network has the inputs of its own agent alone, so that agents could decide apart
    for layers, of_agent in zip(means, inputs.of_agents, strict=True):
        action = network_output(layers, of_agent)
        actions.append(action)
    return departed(inputs.base, eyes.controls, actions)


def network_output(layers: Layers, inputs: FloatArray) -> FloatArray:
    """(window, input) to (window, output)."""
    *hidden, (last_weight, last_bias) = layers
    activity = inputs
    for weight, bias in hidden:
        activity = np.maximum(activity @ weight + bias, 0.0)
    return activity @ last_weight + last_bias
