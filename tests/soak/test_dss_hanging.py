"""Phases that nothing feeds and that only the charging of lines holds: both programs find the same, but for the engine's leak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from soak.dss.compare import AGREES, DIFFERS, REFUSED, compare
from soak.dss.script import Script
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
set defaultbasefrequency=60
new circuit.c basekv=12.47 pu=1.02 bus1=src
new load.a bus1=src phases=3 kv=12.47 kw=300 kvar=90"""
TAIL = "set voltagebases=[0.48 12.47]\ncalcvoltagebases"

CABLE = "length=2 units=km r1=0.3 x1=0.6 r0=0.7 x0=1.8 c1=9 c0=4"
SWITCH = "new line.sw phases=3 bus1=src bus2=b switch=y\nopen line.sw 1"
"""It brings no phase to bus b, but joins the three by its capacitances."""

ONE_PHASE = f"new line.one phases=1 bus1=src.1 bus2=b.1 {CABLE}"
TWO_PHASES = f"new line.two phases=2 bus1=src.1.2 bus2=b.1.2 {CABLE}"
ONWARD = f"new line.on phases=3 bus1=b.1.2.3 bus2=d.1.2.3 {CABLE}"
LOAD = "new load.d bus1=d.1 phases=1 kv=7.2 kw=50"
DELTA_LOAD = "new load.d bus1=d phases=3 conn=delta kv=12.47 kw=50 model=2"
CAPACITOR = "new capacitor.k bus1=d.2 phases=1 kv=7.2 kvar=10"
WYE = "new transformer.t phases=3 windings=2 buses=[d e] conns=[wye wye] kvs=[12.47 0.48] kvas=[100 100] xhl=5"
DELTA = WYE.replace("[wye wye]", "[delta wye]")
SECONDARY = (
    "new transformer.t phases=1 buses=[src.1 b.1] kvs=[7.2 0.277] kvas=[25 25] xhl=3"
)


def circuit(*blocks: str) -> Script:
    return Script(HEAD, blocks, TAIL)


@pytest.mark.parametrize(
    "blocks",
    [
        (SWITCH, ONE_PHASE),
        (SWITCH, TWO_PHASES),
        (SWITCH, ONE_PHASE, ONWARD, LOAD),
        (SWITCH, ONE_PHASE, ONWARD, LOAD, CAPACITOR),
        (SWITCH, ONE_PHASE, ONWARD, DELTA_LOAD),
        (SWITCH, ONE_PHASE, ONWARD, LOAD, WYE),
        (SWITCH, ONE_PHASE, ONWARD, LOAD, DELTA),
        (SWITCH, "open line.sw 2", ONE_PHASE, ONWARD),
        (ONE_PHASE, ONWARD, LOAD),
        (TWO_PHASES, ONWARD, LOAD),
        (SECONDARY, ONWARD, LOAD.replace("7.2", "0.277")),
    ],
)
def test_phases_in_the_air_have_the_voltage_of_the_engine(
    blocks: tuple[str, ...], tmp_path: Path
) -> None:
    outcome = compare(circuit(*blocks), tmp_path, "off")
    assert outcome.verdict == AGREES, outcome.detail


def test_without_its_leak_the_engine_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soak.dss.leaks.LEAK_S", 0.0)
    assert compare(circuit(SWITCH, ONE_PHASE), tmp_path, "off").verdict == DIFFERS


def test_a_phase_in_the_air_has_the_voltage_of_its_capacitances(tmp_path: Path) -> None:
    """No charge on phases 2 and 3: (C_s + C_m) v = -C_m v_1, with C_s and C_m from c1 = 1.1 and c0 = 1.0 of a switch."""
    file = tmp_path / "circuit.dss"
    file.write_text(circuit(SWITCH, ONE_PHASE).text)
    network = Network.from_feeder(load_feeder(file))
    v_pu = solve(network, tolerance=1e-12).v_pu[0]
    between = (1.0 - 1.1) / 3
    of_itself = (2 * 1.1 + 1.0) / 3
    fed, *hanging = v_pu[network.nodes("b.1", "b.2", "b.3")]
    expected = -between / (of_itself + between) * fed
    assert np.abs(np.array(hanging) - expected).max() < 1e-9


@pytest.mark.parametrize("device", [CAPACITOR, DELTA_LOAD, WYE])
def test_a_device_on_a_forgotten_phase_is_refused(device: str, tmp_path: Path) -> None:
    outcome = compare(circuit(ONE_PHASE, ONWARD, device), tmp_path, "off")
    assert outcome.verdict == REFUSED
    assert "BUS.PHASE_UNSUPPLIED" in outcome.detail
