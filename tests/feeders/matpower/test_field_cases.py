"""Small cases that real files led to, with what MATPOWER 8.1 gives for them: right, or refused with a code and a remedy."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies.config import make_config
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.shell import run_study

run = partial(run_study, "optimal-power-flow", None)

VOLTAGES: dict[str, list[float]] = {
    "m04a_block_comment_base": [0.963457],
    "m04b_block_comment_branch": [0.963457],
    "m05_if_nargin": [0.963457],
    "m07_after_return": [0.963457],
    "m18a_type2_no_gen": [1.014982, 1.012524],
    "m28a_numeric_columns": [1.017963, 1.016996],
    "m28b_set_vmin": [1.014982],
    "m28c_row_over_two_lines": [1.014982, 1.012524],
    "m28d_nan_rating": [1.014982, 1.012524],
    "m28f_dot_operator": [1.016779, 1.015514],
}
"""Voltage at bus 2 and on [pu]."""

OPTIMA = {"m02_opf_pmax": (500.0, 155.48), "m23_rate_a": (None, 211.09)}
"""P of the generator [kW] and cost per hour by runopf."""


@pytest.fixture
def folder(shared_dir: Path) -> Path:
    """Where the cases are."""
    return shared_dir / "field-cases" / "other"


@pytest.mark.parametrize("case", VOLTAGES)
def test_voltages(folder: Path, case: str) -> None:
    solution = solve(
        Network.from_feeder(load_feeder(folder / f"{case}.m")), tolerance=1e-10
    )
    vm_pu = np.abs(solution.v_pu[0])[1 : 1 + len(VOLTAGES[case])]
    np.testing.assert_allclose(vm_pu, VOLTAGES[case], atol=1e-6, rtol=0)


@pytest.mark.parametrize("case", OPTIMA)
def test_optima(folder: Path, case: str) -> None:
    """With the limits and costs of the file, on which nothing is said here."""
    p_kw, cost = OPTIMA[case]
    metrics = run(
        make_config(OptimalPowerFlowConfig, {"feeder": str(folder / f"{case}.m")})
    ).metrics
    assert metrics["ac_cost_per_h"] == pytest.approx(cost, abs=0.02)
    if p_kw is not None:
        assert metrics["ders_kw"] == pytest.approx(p_kw, abs=0.1)


def test_a_bus_that_holds_its_voltage(folder: Path) -> None:
    """MATPOWER's voltages and losses, the power of generator and source less what is consumed (1.8 MW)."""
    solution = solve(
        Network.from_feeder(load_feeder(folder / "m18c_pv_bus.m")), tolerance=1e-10
    )
    vm_pu = np.abs(solution.v_pu[0])
    np.testing.assert_allclose(vm_pu, [1.02, 1.007174, 1.0], atol=1e-6, rtol=0)
    assert solution.loss_kw[0] == pytest.approx(50.571, abs=1e-3)
