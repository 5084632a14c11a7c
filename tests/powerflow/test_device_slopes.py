"""Slopes of device currents are those that differences of the currents show, ZIP and banded, all phases and two."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import Network, load_feeder, solve
from tieline.powerflow.device_slopes import device_slopes
from tieline.powerflow.devices import across_pu, branch_power_kva
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA


@pytest.mark.parametrize("use_band", [False, True])
def test_by_differences(use_band: bool) -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    solution = solve(network, load_scale=np.array([[0.5], [1.0], [1.6]]))
    rng = np.random.default_rng(0)
    dv = rng.normal(size=solution.v_pu.shape) + 1j * rng.normal(
        size=solution.v_pu.shape
    )

    def current(step: float) -> ComplexArray:
        v_pu = solution.v_pu + step * dv
        kva = branch_power_kva(
            network, v_pu, solution.state, solution.p_kw, solution.q_kvar, use_band
        )
        return np.conj(kva / S_BASE_KVA / across_pu(network.devices, v_pu))

    slopes = device_slopes(
        network.devices,
        solution.v_pu,
        solution.p_kw,
        solution.q_kvar,
        use_band=use_band,
    )
    dd = across_pu(network.devices, dv)
    change = slopes.slope * dd + slopes.turn * np.conj(dd)
    step = 1e-6
    difference = (current(step) - current(-step)) / (2 * step)
    np.testing.assert_allclose(change, difference, atol=1e-7)
