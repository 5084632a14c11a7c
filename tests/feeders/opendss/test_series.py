"""Reactors, faults and capacitors between buses: the engine's admittance and voltages."""

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
new load.b phases=3 bus1=b kv=12.47 kw=600 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"

ELEMENTS = {
    "capacitor": "new capacitor.k bus1=a bus2=b kvar=30000 kv=12.47",
    "capacitor by capacitance": "new capacitor.k bus1=a bus2=b cuf=900 r=0.01 xl=0.5",
    "two steps, one in": "new capacitor.k bus1=a bus2=b numsteps=2 kvar=[20000 20000] kv=12.47 states=[1 0]",
    "coupled capacitor": "new capacitor.k bus1=a bus2=b cmatrix=[900|-50 900|-50 -50 900]",
    "for another frequency": "new capacitor.k bus1=a bus2=b kvar=30000 kv=12.47 basefreq=50",
    "reactor": "new reactor.k bus1=a bus2=b r=0.1 x=0.8",
    "reactor in parallel": "new reactor.k bus1=a bus2=b r=0.1 x=0.8 rp=20",
    "sequence reactor": "new reactor.k bus1=a bus2=b z1=[0.1 0.5] z0=[0.3 1.4]",
    "reactor for another frequency": "new reactor.k bus1=a bus2=b r=0.1 x=0.8 basefreq=50",
    "coupled reactor": "new reactor.k bus1=a bus2=b rmatrix=[0.2|0.1 0.3|0.1 0.1 0.2] xmatrix=[0.9|0.3 0.8|0.3 0.3 0.9]",
    "fault as a jumper": "new fault.k phases=3 bus1=a bus2=b r=0.5",
}


@pytest.mark.parametrize("element", ELEMENTS)
def test_between_two_buses(element: str, tmp_path: Path) -> None:
    script = f"{HEAD}{ELEMENTS[element]}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("new reactor.k bus1=a bus2=b r=0 x=0", "OPENDSS.SERIES_ELEMENT"),
        (
            "new reactor.k bus1=a bus2=b z1=[0.1 0.5] z2=[0.1 0.9] z0=[0.3 1.4]",
            "OPENDSS.SERIES_ELEMENT",
        ),
        (
            "new capacitor.k bus1=a bus2=b kvar=30000 kv=12.47\n"
            "new capcontrol.c capacitor=k element=line.one type=voltage ptratio=60 onsetting=110 offsetting=130",
            "OPENDSS.CAPACITOR",
        ),
    ],
)
def test_refused_by_name(element: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}{element}{TAIL}")
    with pytest.raises(FeederError) as caught:
        load_feeder(path)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_one_that_is_open_joins_nothing(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    element = "new capacitor.k bus1=a bus2=b kvar=30000 kv=12.47 states=[0]"
    load = "\nnew load.a phases=3 bus1=a kv=12.47 kw=600"
    path.write_text(f"{HEAD}{element}{load}{TAIL}")
    feeder = load_feeder(path)
    assert [line.name for line in feeder.lines] == ["one"]
    assert "OPENDSS.OPEN_ELEMENT_DROPPED" in {note.code for note in feeder.notes}
