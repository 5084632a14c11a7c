"""Lines that are open at one end or both: the engine's voltages, and the whole line again once a study closes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_same_answer

from tieline.feeders import load_feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
new circuit.cables bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new line.two bus1=src bus2=b r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=1 units=km normamps=400
new line.tie bus1=a bus2=b r1=0.2 x1=0.1 r0=0.6 x0=0.4 c1=300 c0=250 length=8 units=km normamps=300
new load.a bus1=a.1 phases=1 kv=7.2 kw=300 pf=0.9
new load.b bus1=b kv=12.47 kw=600 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"
SWITCHED = "new swtcontrol.k switchedobj=line.tie switchedterm=2 normal=open"
COMMANDS = {
    "from": "open line.tie 1",
    "to": "open line.tie 2",
    "both": "open line.tie 1\nopen line.tie 2",
}


@pytest.mark.parametrize(("end", "command"), [*COMMANDS.items(), ("to", SWITCHED)])
def test_charging_of_an_open_cable(end: str, command: str, tmp_path: Path) -> None:
    solution = assert_same_answer(f"{HEAD}{command}{TAIL}", tmp_path)
    tie = solution.network.feeder.lines[2]
    assert (tie.closed, tie.open_end) == (False, end)
    kvar = solution.branch_table().set_index("name").loss_kvar["tie"]
    assert (kvar < -100) == (end != "both")
    assert solution.loss_kvar[0] == pytest.approx(
        solution.branch_table().loss_kvar.sum()
    )


def test_a_study_that_closes_it_has_the_whole_cable(tmp_path: Path) -> None:
    closed = assert_same_answer(f"{HEAD}{TAIL}", tmp_path)
    path = tmp_path / "open.dss"
    path.write_text(f"{HEAD}{COMMANDS['to']}{TAIL}")
    network = Network.from_feeder(load_feeder(path))
    both = solve(
        network, line_closed=[[1, 1, 1], [1, 1, 0]], controls="off", tolerance=1e-11
    )
    assert both.v_pu[0] == pytest.approx(closed.v_pu[0], abs=1e-10)
    assert abs(both.v_pu[1] - closed.v_pu[0]).max() > 1e-3


@pytest.mark.parametrize("end", COMMANDS)
def test_it_is_written_as_it_was_read(end: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "master.dss", tmp_path / "copy.dss"
    path.write_text(f"{HEAD}{COMMANDS[end]}{TAIL}")
    feeder = load_feeder(path)
    copy.write_text(opendss_script(feeder) + TAIL)
    assert load_feeder(copy).lines[2].open_end == end


MODELS = """clear
new circuit.alike basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new linecode.c nphases=3 r1=0.3 x1=0.6 r0=0.8 x0=1.8 units=km normamps=300
new wiredata.w gmr=0.0244 diam=0.721 rac=0.306 radunits=in gmrunits=ft runits=mi normamps=530
new linespacing.s nconds=3 nphases=3 x=[-4 -1 3] h=[28 28 28] units=ft
new linegeometry.g nconds=3 nphases=3 spacing=s wires=[w w w]
new load.p bus1=p.1 phases=1 kv=7.2 kw=300 pf=0.9
"""


@pytest.mark.parametrize(
    "model", ["linecode=c", "geometry=g", "spacing=s wires=[w w w]"]
)
def test_a_line_made_like_another(model: str, tmp_path: Path) -> None:
    """The engine gives it the matrices, not the name of what they came from."""
    first = f"new line.one bus1=sourcebus bus2=a {model} length=2 units=km"
    second = "new line.two like=one bus1=a bus2=p length=3"
    solution = assert_same_answer(f"{MODELS}{first}\n{second}{TAIL}", tmp_path)
    assert [line.name for line in solution.network.feeder.lines] == ["one", "two"]
