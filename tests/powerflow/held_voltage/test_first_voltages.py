"""Angles of the DC power flow, by hand: across x the angle falls by P x."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import single_code, two_bus
from tieline import Network
from tieline.powerflow.held_voltage.first_voltages import dc_angles_rad
from tieline.units import base_ohm

X_PU = 0.01
P_PU = 2.0


@pytest.mark.parametrize("source_x_pu", [0.0, 1e-9, 0.02])
def test_angles_fall_from_that_of_the_source(source_x_pu: float) -> None:
    ohm = base_ohm(12.66)
    feeder = two_bus(p_kw=P_PU * 1000.0, q_kvar=0.0)
    line = replace(feeder.lines[0], code=single_code(0.0, X_PU * ohm))
    x_ohm = source_x_pu * ohm
    source = replace(feeder.source, angle_deg=25.0, x1_ohm=x_ohm, x0_ohm=x_ohm)
    network = Network.from_feeder(feeder.replace(lines=(line,), sources=(source,)))
    fixed = np.full(2, complex(np.nan))
    if source_x_pu == 0:
        fixed[0] = np.exp(1j * np.radians(25.0))
    angle = dc_angles_rad(
        network,
        network.states.as_feeder,
        np.array([P_PU * 1000.0]),
        fixed,
        network.source_current,
    )
    assert angle is not None
    at_source = np.radians(25.0) - P_PU * source_x_pu
    assert angle == pytest.approx([at_source, at_source - P_PU * X_PU], abs=1e-7)
