"""The smallest impedance: by hand, and what a network makes of smaller ones."""

from __future__ import annotations

import numpy as np
import pytest

from builders import single_code, two_bus
from tieline.feeders.elements import Bus, Line
from tieline.feeders.feeder import Feeder
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.network import Network
from tieline.powerflow import solve

SQRT_EPS = 1.4901161193847656e-08


def test_it_goes_down_with_the_load_from_one_mva() -> None:
    assert smallest_impedance_pu(two_bus(100.0, 0.0)) == SQRT_EPS
    assert smallest_impedance_pu(two_bus(30e3, 40e3)) == pytest.approx(SQRT_EPS / 50)


@pytest.mark.parametrize("ohm", [1e-7, 1e-10, 1e-14, 1e-18, 1e-100])
def test_a_busbar_costs_no_digits(ohm: float) -> None:
    short, long = (
        solve(Network.from_feeder(two_bus()), tolerance=1e-12),
        solve(Network.from_feeder(_with_busbar(ohm)), tolerance=1e-12),
    )
    assert long.v_pu[0, [0, 2]] == pytest.approx(short.v_pu[0], abs=1.6e-8)
    assert long.source_kva[0] == pytest.approx(short.source_kva[0], abs=1e-4)
    assert long.source_kva[0] == pytest.approx(
        long.load_kva[0, 0] + long.element_loss_kva[0].sum(), abs=1e-4
    )


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_chain_of_couplers_at_high_load(count: int) -> None:
    """1.6 GVA, each coupler of 1e-12 pu raised to 1.5e-8 of the voltage at that load."""
    buses = tuple(Bus(f"b{k}", (1,), 110.0) for k in range(count + 1))
    lines = tuple(
        Line(
            f"l{k}", f"b{k}", f"b{k + 1}", (1,), (1,), single_code(1e-12, 0.0, f"l{k}")
        )
        for k in range(count)
    )
    feeder = two_bus().replace(buses=buses, lines=lines)
    source, load = feeder.sources[0], feeder.loads[0]
    feeder = feeder.replace(
        sources=(type(source)("grid", "b0", (1,), 110.0),),
        loads=(type(load)("load", f"b{count}", (1, 0), "wye", 110.0, 1.6e6, 0.0),),
    )
    solution = solve(Network.from_feeder(feeder))
    assert 1 - solution.vm_pu.min() == pytest.approx(count * SQRT_EPS, rel=0.05)
    assert solution.source_kva[0].real == pytest.approx(
        1.6e6, rel=1.1e-7 + count * SQRT_EPS
    )


def _with_busbar(ohm: float) -> Feeder:
    """`two_bus` with a busbar of that resistance before its line."""
    feeder = two_bus()
    busbar = Line("bar", "a", "mid", (1,), (1,), single_code(ohm, 0.0, "bar"))
    line = feeder.lines[0]
    beyond = Line("ab", "mid", "b", (1,), (1,), line.code, line.length_km)
    return feeder.replace(
        buses=(feeder.buses[0], Bus("mid", (1,), 12.66), feeder.buses[1]),
        lines=(busbar, beyond),
    )


def test_both_ends_of_a_busbar_have_one_voltage() -> None:
    solution = solve(Network.from_feeder(_with_busbar(1e-14)), tolerance=1e-12)
    assert np.abs(solution.v_pu[0, 0] - solution.v_pu[0, 1]) < 2e-8
