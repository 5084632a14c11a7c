"""Agents agree on an update in the evening peak: as the central step, with the multipliers sent; a bad graph is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from agreed_update import agreed

from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.studies.microgrids.ways.agreement import UpdateAgreement

pytest.importorskip("jax")


def test_agents_find_the_central_step(peak_agreement: UpdateAgreement) -> None:
    agreement = peak_agreement
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
