"""Autotransformers: the engine's admittance and voltages, with taps, a tertiary and equal voltages."""

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
"""
LOADS = """
new load.b phases=1 bus1=b.1 kv=2.4 kw=100 pf=0.9
new load.c phases=3 bus1=b kv=4.16 kw=300 pf=0.95
set voltagebases=[12.47 4.16 2.4]
calcvoltagebases
"""
TWO = "new autotrans.t phases=3 windings=2 buses=[src b] kvs=[12.47 4.16] kvas=[1000 1000] xhx=3 %loadloss=0.4"
THREE = (
    "new autotrans.t phases=3 windings=3 buses=[src b d] conns=[series wye delta] kvs=[12.47 4.16 2.4] "
    "kvas=[1000 1000 500] xhx=3 xht=9 xxt=7 %rs=[0.2 0.3 0.5]\nnew load.d phases=3 bus1=d kv=2.4 kw=100 conn=delta"
)
UNITS = {
    "two windings": TWO,
    "core": f"{TWO} %noloadloss=0.3 %imag=0.8",
    "taps": f"{TWO} taps=[1.05 0.97] %noloadloss=0.3",
    "tertiary": THREE,
    "for another frequency": f"{TWO} basefreq=50 %imag=1",
    "one phase": (
        "new line.bc bus1=src.2.3 bus2=b.2.3 phases=2 r1=300 x1=600 c1=0 c0=0\n"
        "new autotrans.t phases=1 windings=2 buses=[src.1 b.1] kvs=[7.2 2.4] kvas=[100 100] xhx=3"
    ),
}


@pytest.mark.parametrize("unit", UNITS)
def test_the_engine_agrees(unit: str, tmp_path: Path) -> None:
    script = f"{HEAD}{UNITS[unit]}{LOADS}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


def test_equal_voltages(tmp_path: Path) -> None:
    script = (
        f"{HEAD}new autotrans.t phases=3 windings=2 buses=[src b] kvs=[12.47 12.47] kvas=[1000 1000] xhx=3\n"
        "new load.c phases=3 bus1=b kv=12.47 kw=300\nset voltagebases=[12.47]\ncalcvoltagebases\n"
    )
    assert_same_answer(script, tmp_path)


def test_a_tap_that_a_control_moves_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    control = "new regcontrol.r transformer=t winding=2 vreg=120 ptratio=20"
    path.write_text(f"{HEAD}{TWO}\n{control}{LOADS}")
    with pytest.raises(FeederError) as caught:
        load_feeder(path)
    assert [f.code for f in caught.value.findings] == ["OPENDSS.AUTOTRANSFORMER"]
