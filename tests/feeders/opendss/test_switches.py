"""A switch stands where its control holds it when a snapshot starts, whatever commands opened or closed it before."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from opendss_engine import assert_same_answer, solved_by_engine

from tieline.feeders import load_feeder

HEAD = """clear
new circuit.tie bus1=hv basekv=115 pu=1.02 mvasc3=2000 mvasc1=1500
new transformer.station buses=[hv src] conns=[delta wye] kvs=[115 12.47] kvas=[5000 5000] xhl=7
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new line.tie bus1=a bus2=b switch=y normamps=400
"""
TAIL = """
new load.near bus1=a kv=12.47 kw=90 pf=0.9
new load.far bus1=b kv=12.47 kw=900 pf=0.9
set voltagebases=[115 12.47]
calcvoltagebases
"""
CONTROLS = {
    "swtcontrol": "switchedobj=line.tie switchedterm=1",
    "recloser": "monitoredobj=line.tie monitoredterm=1",
    "relay": "monitoredobj=line.one monitoredterm=1 switchedobj=line.tie switchedterm=2",
}
STATES = (
    *("", "normal=open", "normal=closed", "action=open", "state=open", "state=closed"),
    *(
        "normal=open state=closed",
        "normal=closed state=open",
        "action=open normal=closed",
        "normal=closed action=open",
    ),
)
LOCKED = (
    "normal=open lock=yes",
    "state=open lock=yes",
    "action=open lock=yes",
    "normal=closed lock=yes",
)
COMMANDS = (
    ("", ""),
    ("open line.tie 1\n", ""),
    ("", "open line.tie 1\n"),
    ("", "close line.tie 1\n"),
    ("", "open line.tie 2\n"),
)


def script(control: str, commands: tuple[str, str]) -> str:
    before, after = commands
    return f"{HEAD}{before}{control}{TAIL}{after}"


def cases() -> list[tuple[str, str]]:
    plain = list(product(CONTROLS, STATES))
    return plain + [("swtcontrol", states) for states in LOCKED]


@pytest.mark.parametrize(("kind", "states"), cases())
def test_state_is_the_engines(kind: str, states: str, tmp_path: Path) -> None:
    control = f"new {kind}.k {CONTROLS[kind]} {states}"
    for commands in COMMANDS:
        path = tmp_path / "master.dss"
        path.write_text(script(control, commands))
        engine = solved_by_engine(path)
        engine.Circuit.SetActiveElement("line.tie")
        is_open = any(engine.CktElement.IsOpen(terminal, 1) for terminal in (1, 2))
        tie = next(line for line in load_feeder(path).lines if line.name == "tie")
        assert tie.closed != is_open, commands


@pytest.mark.parametrize("state", ["open", "closed"])
def test_voltages_behind_a_tie(state: str, tmp_path: Path) -> None:
    """Also where the file's own bases were guessed while the bus had no voltage."""
    control = f"new swtcontrol.k {CONTROLS['swtcontrol']} normal={state}"
    solution = assert_same_answer(script(control, ("open line.tie 1\n", "")), tmp_path)
    at_b = solution.vm_pu[0, solution.network.node_index["b.1"]]
    assert at_b == 0.0 if state == "open" else at_b > 0.9


def test_a_fuse_that_is_normally_open(tmp_path: Path) -> None:
    control = "new fuse.k monitoredobj=line.tie monitoredterm=1 normal=(open open open)"
    solution = assert_same_answer(script(control, ("", "")), tmp_path)
    assert solution.vm_pu[0, solution.network.node_index["b.1"]] == 0.0
