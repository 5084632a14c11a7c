"""The agents of the published cases, a window of theirs, and policies that add a constant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tieline import load_feeder
from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import Layers, WindowPolicies
from tieline.agents.window_policies.policy_key import PolicyKey
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import make_plant
from tieline.envs.microgrids.windows import DayStack, Windows

CONFIG = MicrogridsWorldConfig()

Constant = Callable[[float], WindowPolicies]


@pytest.fixture(scope="session")
def eyes() -> Eyes:
    """Of the agents of the 33-bus feeder with five microgrids."""
    return Eyes(make_plant(load_feeder("ieee33-microgrids"), CONFIG))


@pytest.fixture(scope="session")
def peak(eyes: Eyes) -> Windows:
    """The window that begins at 17 h."""
    stack = DayStack.of([day_of_shapes(eyes.plant, CONFIG)])
    first = np.zeros(1, dtype=np.int64)
    return stack.windows(first, first + 68, 4, stack.start(5))


@pytest.fixture(scope="session")
def constant(eyes: Eyes, peak: Windows) -> Constant:
    """Policies of one linear layer that add the same to all numbers, whatever is seen."""

    def policies(bias: float) -> WindowPolicies:
        layers: list[Layers] = []
        inputs = eyes.see(peak).of_agents
        for seen, control in zip(inputs, eyes.controls, strict=True):
            n_numbers = 4 * control.n_numbers
            weight = np.zeros((seen.shape[1], n_numbers))
            layers.append(((weight, np.full(n_numbers, bias)),))
        key = PolicyKey.of(eyes, 4, 0.25)
        return WindowPolicies(key, tuple(layers), tuple(layers), {"seed": 3})

    return policies
