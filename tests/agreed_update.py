"""An update of quiet policies in the evening peak, agreed on by the agents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from window_policies import idle_policies

from tieline.agents.window_policies.policies import WindowPolicies
from tieline.agents.window_policies.policy_file import save_window_policies
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.agreement import UpdateAgreement, agree_on_update
from tieline.studies.microgrids.ways.decide import Panel


def agreed(plant: Plant, folder: Path, **values: str) -> UpdateAgreement:
    """Of policies that follow the plan, with little noise."""
    policies = idle_policies(plant)
    spreads = tuple(
        tuple((weight, np.full_like(bias, np.log(0.005))) for weight, bias in layers)
        for layers in policies.spreads
    )
    quiet: WindowPolicies = replace(policies, spreads=spreads)
    save_window_policies(quiet, folder / "policy-seed0.safetensors")
    config = MicrogridsConfig(
        case="peak-window",
        policy=str(folder),
        **values,  # type: ignore[arg-type]
    )
    return agree_on_update(Panel(plant, config), make_days(plant, config))
