"""Deltas of two phases are open: two branches that meet in a phase."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_network_agrees, assert_same_answer

from tieline.feeders import load_feeder
from tieline.feeders.opendss.writer import opendss_script

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=0 c0=0 length=2 units=km normamps=400
"""
TAIL = "\nset voltagebases=[12.47 0.48]\ncalcvoltagebases\n"
PLACE = "phases=2 conn=delta bus1=a.1.2.3 kv=12.47"
DEVICES = {
    **{
        f"load of model {model}": f"new load.k {PLACE} kw=300 pf=0.9 model={model}"
        for model in (1, 2, 5)
    },
    "load outside its band": f"new load.k {PLACE} kw=300 pf=0.9 vmaxpu=1.01",
    "load from the third phase": "new load.k phases=2 conn=delta bus1=a.3.1.2 kv=12.47 kw=300",
    "load to ground": "new load.k phases=2 conn=delta bus1=a.1.2 kv=7.2 kw=300",
    "generator": f"new generator.k {PLACE} kw=300 kvar=40",
    "generator outside its band": f"new generator.k {PLACE} kw=300 kvar=40 vmaxpu=1.01",
    "pv": f"new pvsystem.k {PLACE} kva=300 pmpp=250 irradiance=1",
    "storage": f"new storage.k {PLACE} kwrated=200 kwhrated=400 state=discharging",
}
UNITS = {
    "wye to delta": "conns=[wye delta] buses=[a.1.2.0 b.1.2.3]",
    "delta to wye": "conns=[delta wye] buses=[a.1.2.3 b.1.2.0]",
    "delta to wye that leads": "conns=[delta wye] buses=[a.1.2.3 b.1.2.0] leadlag=lead",
    "delta to delta": "conns=[delta delta] buses=[a.1.2.3 b.1.2.3]",
}


@pytest.mark.parametrize("device", DEVICES)
def test_devices(device: str, tmp_path: Path) -> None:
    assert_same_answer(f"{HEAD}{DEVICES[device]}{TAIL}", tmp_path)


@pytest.mark.parametrize("unit", UNITS)
def test_transformers(unit: str, tmp_path: Path) -> None:
    script = (
        f"{HEAD}new transformer.t phases=2 windings=2 {UNITS[unit]} kvs=[12.47 0.48] kvas=[100 100] xhl=4\n"
        f"new load.b phases=1 bus1=b.1.2 kv=0.48 kw=20\n{TAIL}"
    )
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


def test_it_is_written_as_it_was_read(tmp_path: Path) -> None:
    script = f"{HEAD}{DEVICES['load of model 1']}{TAIL}"
    first = assert_same_answer(script, tmp_path)
    written = opendss_script(first.network.feeder) + TAIL
    again = assert_same_answer(written, tmp_path)
    assert again.v_pu == pytest.approx(first.v_pu, abs=1e-9)
    (load,) = load_feeder(tmp_path / "master.dss").loads
    assert (load.nodes, load.connection) == ((1, 3, 2), "wye")
