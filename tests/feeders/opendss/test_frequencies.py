"""Elements whose data are for another frequency than the circuit's: X grows with it, as the engine has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_network_agrees, assert_same_answer

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=50
new circuit.c bus1=src basekv=11 pu=1.02 mvasc3=200 mvasc1=150
"""
TAIL = """
new load.b phases=3 bus1=b kv=11 kw=600 pf=0.9
new load.c phases=1 bus1=b.1 kv=6.35 kw=200 pf=0.9
set voltagebases=[11]
calcvoltagebases
"""
CODE = "r1=0.1 x1=0.3 r0=0.2 x0=0.9 c1=10 c0=5"
LINE = "new line.k bus1=src bus2=b linecode=z"
LINES = {
    "code": f"new linecode.z nphases=3 {CODE} basefreq=60 units=km\n{LINE} length=3 units=km",
    "code in miles": f"new linecode.z nphases=3 {CODE} basefreq=60 units=mi\n{LINE} length=3000 units=m",
    "of its own": f"new line.k bus1=src bus2=b {CODE} basefreq=60 length=3 units=km",
    "without unit": f"new line.k bus1=src bus2=b {CODE} basefreq=60 length=3",
    "without earth": f"new line.k bus1=src bus2=b {CODE} basefreq=60 length=3 rg=0 xg=0",
}
UNIT = "phases=3 windings=2 buses=[src b] kvs=[11 11] kvas=[1000 1000] xhl=6 %imag=2 %noloadloss=0.5 basefreq=60"


@pytest.mark.parametrize("line", LINES)
def test_lines(line: str, tmp_path: Path) -> None:
    script = f"{HEAD}{LINES[line]}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize(
    "more", ["", "xrconst=yes", "rneut=3 xneut=5 wdg=2 bus=b.1.2.3.4"]
)
def test_transformers(more: str, tmp_path: Path) -> None:
    script = f"{HEAD}new transformer.k {UNIT} {more}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize("source_hz", [50, 60])
def test_sources(source_hz: int, tmp_path: Path) -> None:
    """The engine has no voltage at all until its source is told the circuit's frequency."""
    head = HEAD.replace("basekv=11", f"basekv=11 basefreq={source_hz} frequency=50")
    script = f"{head}{LINES['of its own']}{TAIL}"
    assert_network_agrees(script, tmp_path)
    assert_same_answer(script, tmp_path)
