"""Set-points of a three-phase island are those that OpenDSS sees, with the droop units as sources at the voltages that were
found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import opendssdirect
import pytest
from island_cases import droop_units, ieee123_island

from tieline.feeders.elements import Generator
from tieline.feeders.opendss.writer import opendss_script
from tieline.powerflow.island import IslandSolution, make_island, solve_island

SOURCE_OHM = 1e-6
"""OpenDSS inverts the impedance of a source; this one drops a millionth of a volt at 10 A."""


def _asked(solution: IslandSolution) -> tuple[dict[str, complex], complex, complex]:
    """Voltages [kV] that OpenDSS finds, and what its first and its further sources deliver [kVA]."""
    island = solution.island
    feeder = island.network.feeder
    engine: Any = opendssdirect.dss.NewContext()
    first, *others = island.units.buses
    for command in opendss_script(feeder).splitlines():
        engine.Text.Command(command)
    kv = feeder.bus(first).kv_ll
    v_pu = solution.v_unit_pu[0]
    angle_deg = np.degrees(solution.angle_rad[0])
    z = f"r1={SOURCE_OHM} x1={SOURCE_OHM} r0={SOURCE_OHM} x0={SOURCE_OHM}"
    engine.Text.Command(f"edit vsource.source pu={v_pu[0]:.15g} angle=0 {z}")
    for k, bus in enumerate(others, start=1):
        engine.Text.Command(
            f"new vsource.unit{k} bus1={bus}.1.2.3 basekv={kv} pu={v_pu[k]:.15g} angle={angle_deg[k]:.15g} {z}"
        )
    engine.Text.Command("set tolerance=1e-12 maxiterations=500 controlmode=off")
    engine.Solution.Solve()
    assert engine.Solution.Converged()
    parts = np.array(engine.Circuit.AllBusVolts()) / 1e3
    names = engine.Circuit.AllNodeNames()
    voltages = dict(zip(names, parts[0::2] + 1j * parts[1::2], strict=True))
    delivered = []
    for name in engine.Vsources.AllNames():
        engine.Circuit.SetActiveElement(f"vsource.{name}")
        powers = np.array(engine.CktElement.Powers()).reshape(-1, 2)[:3].sum(axis=0)
        delivered.append(-complex(*powers))
    return voltages, delivered[0], sum(delivered[1:])


@pytest.mark.parametrize("buses", [("67",), ("67", "108")])
def test_three_phase_island_behind_a_switch(buses: tuple[str, ...]) -> None:
    """The part of IEEE 123 behind sw4 with its regulator bank, a turbine that is told what to deliver, one or two droop units."""
    feeder = ieee123_island()
    kv = feeder.bus("97").kv_ll / 3**0.5
    turbine = Generator(
        "turbine", "97", (1, 2, 3, 0), "wye", kv, 300.0, p_kw=200.0, q_kvar=80.0
    )
    feeder = feeder.replace(generators=(turbine,), load_model="zip")
    units = droop_units(*buses, p_set_kw=400.0, f_droop=np.arange(1.0, len(buses) + 1))
    solution = solve_island(make_island(feeder, units))
    voltages, first_kva, further_kva = _asked(solution)
    network = solution.island.network
    assert {name.lower() for name in voltages} == set(network.node_names)
    for name, v_kv in voltages.items():
        node = network.node_index[name.lower()]
        v_pu = v_kv / network.node_kv[node]
        assert abs(v_pu - solution.flow.v_pu[0, node]) < 1e-6, name
    kva = solution.p_kw[0] + 1j * solution.q_kvar[0]
    assert first_kva == pytest.approx(kva[0], rel=1e-4)
    assert further_kva == pytest.approx(kva[1:].sum(), rel=1e-4)
