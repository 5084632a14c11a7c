"""The neutral as a node of its own: at every kind of device, at star points behind an impedance, along the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_network_agrees, assert_same_answer

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new transformer.t phases=3 windings=2 buses=[src b.1.2.3.4] conns=[delta wye] kvs=[12.47 0.48] kvas=[500 500] xhl=4
new line.four phases=4 bus1=b.1.2.3.4 bus2=h.1.2.3.4 length=0.2 units=km normamps=400
~ rmatrix=[0.2|0.05 0.2|0.05 0.05 0.2|0.05 0.05 0.05 0.2] xmatrix=[0.3|0.1 0.3|0.1 0.1 0.3|0.1 0.1 0.1 0.3]
~ cmatrix=[9|0 9|0 0 9|0 0 0 9]
new reactor.earth phases=1 bus1=b.4 r=2 x=0.5
new load.one phases=1 bus1=h.1.4 kv=0.277 kw=20 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47 0.48]\ncalcvoltagebases\n"
DEVICES = {
    "load": "new load.k bus1=h.1.2.3.4 kv=0.48 kw=60 pf=0.95",
    "load in one phase": "new load.k phases=1 bus1=h.2.4 kv=0.277 kw=20 model=2",
    "generator": "new generator.k bus1=h.1.2.3.4 kv=0.48 kw=60 kvar=10",
    "generator of model 4": "new generator.k bus1=h.1.2.3.4 kv=0.48 kw=60 kvar=10 model=4",
    "generator in one phase": "new generator.k phases=1 bus1=h.3.4 kv=0.277 kw=20",
    "pv": "new pvsystem.k bus1=h.1.2.3.4 kv=0.48 kva=60 pmpp=50",
    "pv in one phase": "new pvsystem.k phases=1 bus1=h.1.4 kv=0.277 kva=20 pmpp=20",
    "battery": "new storage.k phases=1 bus1=h.2.4 kv=0.277 kwrated=10 kwhrated=20 state=charging",
    "capacitor": "new capacitor.k bus1=h.1.2.3 bus2=h.4.4.4 kv=0.48 kvar=30",
    "reactor": "new reactor.k bus1=h.1.2.3 bus2=h.4.4.4 kv=0.48 kvar=30",
    "fault to neutral": "new fault.k phases=1 bus1=h.1 bus2=h.4 r=4",
    "neutral earthed twice": "new reactor.k phases=1 bus1=h.4 r=9",
}
STARS = {
    "resistor": "wdg=2 rneut=3 xneut=0",
    "coil": "wdg=2 rneut=0 xneut=5",
    "solid": "wdg=2 rneut=0 xneut=0",
    "open": "wdg=2 rneut=-1",
}


@pytest.mark.parametrize("device", DEVICES)
def test_devices(device: str, tmp_path: Path) -> None:
    script = f"{HEAD}{DEVICES[device]}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize("star", STARS)
def test_star_points(star: str, tmp_path: Path) -> None:
    script = f"{HEAD}edit transformer.t {STARS[star]}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


def test_a_reactor_with_curves_has_the_values_at_the_frequency(tmp_path: Path) -> None:
    curve = "new xycurve.c npts=2 xarray=[50 60] yarray=[1 1.3]"
    reactor = "new reactor.k bus1=src kv=12.47 r=9 x=90 rcurve=c lcurve=c"
    script = f"{HEAD}{curve}\n{reactor}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)
