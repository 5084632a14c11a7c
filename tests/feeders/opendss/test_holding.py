"""Generators of model 3 and 7, several and ideal sources: voltages as OpenDSS has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.feeders.trial import try_file

HEAD = """clear
set defaultbasefrequency=60
new circuit.holding bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.9 x0=1.8 length=8 units=km normamps=400
new load.one bus1=a kv=12.47 kw=1900 pf=0.9
new load.two bus1=a.1 phases=1 kv=7.2 kw=300 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"

MACHINE = "new generator.g bus1=a kv=12.47 kw=500 kva=800 model=3 vpu=1.01"
OTHER = "new vsource.other bus1=b basekv=12.47 pu=1.0 angle=-1 mvasc3=100 mvasc1=80"

TEXTS = {
    "holds": f"{MACHINE} maxkvar=1900 minkvar=-1900",
    "at its limit": f"{MACHINE} maxkvar=200 minkvar=-200",
    "at its limit and below its band": f"{MACHINE} maxkvar=90 minkvar=-90 vminpu=1.005",
    "inverter": "new generator.g bus1=a kv=12.47 kw=500 kvar=90 kva=800 model=7",
    "two sources": f"{OTHER}\nnew line.two bus1=a bus2=b r1=0.3 x1=0.6 length=2 units=km",
    "two parts": f"{OTHER}\nnew load.b bus1=b kv=12.47 kw=100",
    "ideal": "edit vsource.source model=ideal",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_voltages(tmp_path: Path, text: str) -> None:
    file = tmp_path / "holding.dss"
    file.write_text(HEAD + text + TAIL)
    trial = try_file(str(file))
    assert trial.end == "solved", trial.reason
    assert trial.held_pu is not None
    assert trial.held_pu < 2e-8
