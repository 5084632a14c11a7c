"""Generators of models 2 and 5, PV systems and batteries of model 2: the engine's voltages inside and outside their band."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_same_answer

from tieline.feeders import load_feeder
from tieline.feeders.findings import FeederError

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.03 mvasc3=90 mvasc1=70
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=0 c0=0 length=4 units=km normamps=400
new load.k bus1=a.1 phases=1 kv=7.2 kw=200
"""
TAIL = "\nset genmult=0.8\nset voltagebases=[12.47]\ncalcvoltagebases\n"
GENERATOR = "new generator.k bus1=a kv=12.47 kw=900 kvar=300"
UNITS = {
    "model 2": f"{GENERATOR} model=2",
    "model 2 in delta": f"{GENERATOR} model=2 conn=delta",
    "model 2 between two phases": "new generator.k bus1=a.1.2 phases=1 conn=delta kv=12.47 kw=900 model=2",
    "model 2 of two phases": "new generator.k bus1=a.1.2.3 phases=2 conn=delta kv=12.47 kw=900 model=2",
    "model 5": f"{GENERATOR} model=5",
    "model 5 in delta": f"{GENERATOR} model=5 conn=delta",
    "model 5 above its band": f"{GENERATOR} model=5 vmaxpu=1.01",
    "model 5 below its band": f"{GENERATOR} model=5 vminpu=1.09 vmaxpu=1.2",
    "pv": "new pvsystem.k bus1=a kv=12.47 kva=900 pmpp=800 kvar=100 model=2",
    "battery": "new storage.k bus1=a kv=12.47 kwrated=800 kwhrated=900 kvar=50 state=discharging model=2",
}


@pytest.mark.parametrize("unit", UNITS)
def test_the_engine_agrees(unit: str, tmp_path: Path) -> None:
    solution = assert_same_answer(f"{HEAD}{UNITS[unit]}{TAIL}", tmp_path)
    feeder = solution.network.feeder
    kind = UNITS[unit].split()[1].split(".")[0]
    assert [load.name for load in feeder.loads] == ["k", f"{kind}_k"]
    assert "OPENDSS.DER_AS_LOAD" in {note.code for note in feeder.notes}


def test_a_third_of_q_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    unit = "new generator.k bus1=a.1.2 phases=1 conn=delta kv=12.47 kw=9 kvar=3 model=5"
    path.write_text(f"{HEAD}{unit}{TAIL}")
    with pytest.raises(FeederError, match="third of its Q"):
        load_feeder(path)
