"""Agents agree on an update in the evening peak: as the central step, with the multipliers sent; a bad graph is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from window_policies import idle_policies

from tieline.agents.window_policies.policies import WindowPolicies
from tieline.agents.window_policies.policy_file import save_window_policies
from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.studies.microgrids.cases import make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.agreement import UpdateAgreement, agree_on_update
from tieline.studies.microgrids.ways.decide import Panel

pytest.importorskip("jax")


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


def test_agents_find_the_central_step(plant: Plant, tmp_path: Path) -> None:
    agreement = agreed(plant, tmp_path, graph="complete")
    # limits of the peak are broken by the plan beyond what an update mends: of the largest reach, in a recovery
    assert abs(agreement.metrics["consensus_vs_central"]) <= 5e-3
    assert agreement.metrics["consensus_violation"] <= 1e-2
    assert agreement.metrics["consensus_silent"] == 0
    table = agreement.multipliers
    assert set(table["agent"]) == {f"mg{number}" for number in range(1, 6)}
    assert (table["multiplier"] >= 0).all()
    last = table[table["round"] == table["round"].max()]
    spread = last.groupby("constraint")["multiplier"].agg(np.ptp)
    # agents agree in the end, after they did not
    assert spread.max() < 0.2 * table["multiplier"].max()


def test_a_graph_that_does_not_fit_the_microgrids_is_named(
    plant: Plant, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="agents 1, 2; 3; 4; 5 never hear"):
        agreed(plant, tmp_path, graph="1-2")
