"""Conductors in the air, as a forgotten "phases=1" leaves them: the engine lets them float."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opendssdirect
import pytest

from tieline.feeders import FeederError
from tieline.feeders.load import load_feeder
from tieline.feeders.loose_conductors import without_loose_conductors
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
set defaultbasefrequency=60
new circuit.c basekv=12.47 pu=1.02 bus1=src
new line.main bus1=src bus2=a phases=3 length=1 units=km r1=0.3 x1=0.6 r0=0.7 x0=1.8 c1=9 c0=4
new line.side bus1=a.2 bus2=b.2 phases=1 length=1 units=km r1=0.3 x1=0.6 c1=9
new load.end bus1=c.2 phases=1 kv=7.2 kw=300 kvar=90
"""
TAIL = "set voltagebases=[12.47]\ncalcvoltagebases\n"
SWITCH = "new line.short bus1=b.2 bus2=c.2 switch=y\n"
CABLE = "new line.short bus1=b.2 bus2=c.2 length=0.3 units=km r1=0.3 x1=0.6 r0=0.7 x0=1.8 c1=9 c0=4\n"


def written(folder: Path, *lines: str) -> Path:
    file = folder / "feeder.dss"
    file.write_text("".join((HEAD, *lines, TAIL)), encoding="utf-8")
    return file


@pytest.mark.parametrize("short", [SWITCH, CABLE])
def test_the_others_have_the_voltage_of_the_engine(short: str, tmp_path: Path) -> None:
    path = written(tmp_path, short)
    feeder = load_feeder(path)
    assert "LINE.LOOSE_CONDUCTOR" in {note.code for note in feeder.notes}
    network = Network.from_feeder(feeder)
    assert {"b.3", "c.3"}.isdisjoint(network.node_names)
    solution = solve(network, tolerance=1e-12)
    opendssdirect.Text.Command(f"redirect {path}")
    opendssdirect.Text.Command("solve tolerance=1e-12 maxiterations=1000")
    for name in ("b.2", "c.2", "a.1"):
        bus, phase = name.split(".")
        opendssdirect.Circuit.SetActiveBus(bus)
        k = list(opendssdirect.Bus.Nodes()).index(int(phase))
        parts = np.asarray(opendssdirect.Bus.Voltages()).reshape(-1, 2)[k]
        expected_pu = complex(*parts) / (12470 / np.sqrt(3))
        voltage_pu = solution.v_pu[0, network.node_index[name]]
        assert abs(voltage_pu - expected_pu) < 1e-6


def test_a_conductor_at_which_something_stands_is_refused(tmp_path: Path) -> None:
    between = "new load.between bus1=c.2.3 phases=1 kv=12.47 kw=10\n"
    with pytest.raises(FeederError, match=r"BUS\.PHASE_UNSUPPLIED"):
        load_feeder(written(tmp_path, SWITCH, between))


def test_a_feeder_without_any_is_itself() -> None:
    feeder = load_feeder("ieee13")
    assert without_loose_conductors(feeder) is feeder
