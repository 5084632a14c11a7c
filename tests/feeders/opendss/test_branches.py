"""Reactors, faults and capacitors on one bus: the engine's admittance and voltages, whatever their phases are."""

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

WHOLE = {
    "fault to ground": "new fault.k phases=1 bus1=a.2 r=20",
    "solid fault of three phases": "new fault.k phases=3 bus1=a r=5",
    "fault between phases": "new fault.k phases=1 bus1=a.1 bus2=a.3 r=30",
    "delta reactor": "new reactor.k phases=3 bus1=a conn=delta kv=12.47 kvar=300",
    "reactor for another frequency": "new reactor.k bus1=a kv=12.47 kvar=300 basefreq=50",
}
SPLIT = {
    "neutral at a phase": "new reactor.k phases=2 bus1=a.1.2 bus2=a.3.3 r=9 x=90",
    "two conductors at one node": "new capacitor.k phases=2 bus1=a.1.1 bus2=a.2.0 kv=12.47 kvar=300",
    "ends at one node": "new fault.k phases=2 bus1=a.1.2 bus2=a.1.3 r=50",
    "two-phase delta reactor": "new reactor.k phases=2 bus1=a.1.2.3 conn=delta kv=12.47 kvar=300",
    "two-phase delta to ground": "new reactor.k phases=2 bus1=a.1.2 conn=delta kv=12.47 kvar=300",
    "two-phase delta capacitor": "new capacitor.k phases=2 bus1=a.1.2.3 conn=delta kv=12.47 kvar=300",
    "fault with a matrix": "new fault.k phases=2 bus1=a.1.2 gmatrix=[0.02|-0.01 0.03]",
    "chain of faults": "new fault.k phases=2 bus1=a.1.2 bus2=a.2.3 r=50",
    "coupled reactor": "new reactor.k bus1=a rmatrix=[9|1 8|1 1 9] xmatrix=[90|30 80|30 30 90]",
    "coupled parallel reactor": "new reactor.k bus1=a parallel=yes rmatrix=[900|10 800|10 10 900] xmatrix=[90|3 80|3 3 90]",
    "sequence reactor": "new reactor.k bus1=a z1=[9 90] z0=[30 200]",
    "neutrals apart": "new reactor.k phases=3 bus1=a.1.2.3 bus2=a.4.5.0 r=9 x=90\nnew reactor.n phases=2 bus1=a.4.5 r=5 x=0",
    "coupled capacitor": "new capacitor.k bus1=a cmatrix=[9|-1 8|-1 -1 9]",
    "filter with resistance": "new capacitor.k bus1=a kv=12.47 kvar=300 r=3 xl=20",
    "delta behind a reactor": "new capacitor.k bus1=a conn=delta kv=12.47 kvar=300 xl=20",
}


@pytest.mark.parametrize("element", [*WHOLE, *SPLIT])
def test_on_one_bus(element: str, tmp_path: Path) -> None:
    script = f"{HEAD}{(WHOLE | SPLIT)[element]}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize("element", WHOLE)
def test_equal_phases_are_one_shunt(element: str, tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}{WHOLE[element]}{TAIL}")
    assert [shunt.name for shunt in load_feeder(path).shunts] == ["k"]


def test_branches_are_named_by_their_nodes(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}{SPLIT['fault with a matrix']}{TAIL}")
    feeder = load_feeder(path)
    assert [shunt.name for shunt in feeder.shunts] == ["k_1_0", "k_2_0", "k_1_2"]


def test_a_reactor_without_impedance_is_the_only_finding(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}new reactor.k bus1=a r=0 x=0{TAIL}")
    with pytest.raises(FeederError) as caught:
        load_feeder(path)
    assert [f.code for f in caught.value.findings] == ["OPENDSS.SHUNT_ELEMENT"]
    assert caught.value.findings[0].component == "reactor k"
