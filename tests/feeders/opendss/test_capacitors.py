"""Capacitor banks by kvar or capacitance, with a reactor in series, in steps, for another frequency."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_network_agrees, assert_same_answer

from tieline.feeders import load_feeder
from tieline.feeders.findings import FeederError

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=0 c0=0 length=2 units=km normamps=400
new load.a phases=3 bus1=a kv=12.47 kw=600 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"

BANKS = {
    "capacitance": ("cuf=10", 586.22458),
    "tuned": ("cuf=10 xl=20 r=0", 634.029262),
    "for another frequency": ("kvar=600 basefreq=50", 720.0),
    "two steps, one in": (
        "numsteps=2 kvar=[300 300] xl=[10 10] r=[0 0] states=[1 0]",
        611.803209,
    ),
}
CONTROL = "\nnew capcontrol.c capacitor=k element=line.one type=voltage ptratio=60 onsetting=110 offsetting=130"


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_of_equal_phases(bank: str, tmp_path: Path) -> None:
    properties, kvar = BANKS[bank]
    script = f"{HEAD}new capacitor.k bus1=a kv=12.47 {properties}{TAIL}"
    assert_network_agrees(script, tmp_path)
    solution = assert_same_answer(script, tmp_path)
    (capacitor,) = solution.network.feeder.capacitors
    assert capacitor.kvar == pytest.approx(kvar, abs=1e-4)


def test_a_tuned_bank_can_be_switched(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    bank = "new capacitor.k bus1=a kv=12.47 cuf=10 xl=20 r=0"
    path.write_text(f"{HEAD}{bank}{CONTROL}{TAIL}")
    assert [c.capacitor for c in load_feeder(path).capacitor_controls] == ["k"]


def test_a_filter_with_resistance_cannot_be_switched(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    bank = "new capacitor.k bus1=a kv=12.47 cuf=10 r=1 xl=20"
    path.write_text(f"{HEAD}{bank}{CONTROL}{TAIL}")
    with pytest.raises(FeederError, match="only a bank of equal phases"):
        load_feeder(path)
