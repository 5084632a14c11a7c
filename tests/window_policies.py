"""Policies of windows that add nothing to the plan."""

from __future__ import annotations

import numpy as np

from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import Layers, WindowPolicies
from tieline.agents.window_policies.policy_key import PolicyKey
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig

CONFIG = MicrogridsConfig(case="peak-window")


def idle_policies(plant: Plant, seed: int = 0) -> WindowPolicies:
    """Networks whose output is zero."""
    eyes = Eyes(plant)
    key = PolicyKey.of(eyes, CONFIG.window_steps, CONFIG.step_h)
    means: list[Layers] = []
    for names, ratings in zip(key.inputs, key.ratings, strict=True):
        n_outputs = len(ratings) * CONFIG.window_steps
        n_plan = _plan_inputs(eyes, len(means))
        weight = np.zeros((len(names) + n_plan, n_outputs))
        means.append(((weight, np.zeros(n_outputs)),))
    provenance = {"seed": seed}
    return WindowPolicies(key, tuple(means), tuple(means), provenance)


def _plan_inputs(eyes: Eyes, agent: int) -> int:
    return len(eyes.controls[agent].p_ders) * CONFIG.window_steps
