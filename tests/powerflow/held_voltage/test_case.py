"""Where Newton's method begins: beside a held voltage, with next to no impedance between, no power of a fault is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import single_code, two_bus_holding
from tieline import Network
from tieline.feeders.elements import Bus, Line
from tieline.powerflow.held_voltage.case import JointCase
from tieline.units import S_BASE_KVA, base_ohm

TIE_PU = 1e-6
HELD_PU = 1.1


def test_the_start_fits_the_held_voltages() -> None:
    """At 1 pu beside 1.1 pu the tie would miss 0.1 / 1e-6 = 1e5 pu; the load is one."""
    feeder = two_bus_holding(held_v_pu=HELD_PU)
    tie = single_code(0.0, TIE_PU * base_ohm(12.66), "tie")
    load = feeder.loads[0]
    beside = feeder.replace(
        buses=(*feeder.buses, Bus("c", (1,), 12.66)),
        lines=(*feeder.lines, Line("bc", "b", "c", (1,), (1,), tie)),
        loads=(replace(load, bus="c"),),
    )
    network = Network.from_feeder(beside)
    unit = beside.generators[0]
    case = JointCase(
        network,
        network.states.as_feeder,
        np.array([load.p_kw, -unit.p_kw]),
        np.array([load.q_kvar, 0.0]),
        np.ones(1, dtype=complex),
        use_band=False,
    )
    start = next(case.starts())
    assert abs(start[1:]) == pytest.approx(HELD_PU, abs=1e-5)
    missing = np.abs(case.residual(start, np.zeros(1)))
    # what is missing at the holder is its own reactive power
    assert missing[2] * S_BASE_KVA < np.hypot(load.p_kw, load.q_kvar)
