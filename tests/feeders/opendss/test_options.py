"""Options of a file that change its snapshot are followed, noted or refused; none is ignored in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_same_answer

from tieline.feeders import FeederError, load_feeder
from tieline.feeders.opendss import read_opendss
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
new circuit.options bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"


def read(text: str, folder: Path):
    path = folder / "master.dss"
    path.write_text(f"{HEAD}{text}{TAIL}")
    return read_opendss(path)


@pytest.mark.parametrize("model", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize(
    "hookup",
    ["bus1=a kv=12.47", "bus1=a kv=12.47 conn=delta", "phases=1 bus1=a.2 kv=7.2"],
)
def test_all_loads_as_impedances(model: int, hookup: str, tmp_path: Path) -> None:
    shares = "zipv=(0.3 0.3 0.5 0.2 0.3 0.4 0)" if model == 8 else ""
    load = f"new load.one {hookup} kw=900 kvar=300 model={model} {shares}"
    assert_same_answer(
        f"{HEAD}{load}\nset loadmodel=admittance loadmult=0.8{TAIL}", tmp_path
    )


REFUSED = {
    "new growthshape.g npts=2 year=[2 5] mult=[1.1 1.2]\n"
    "new load.one bus1=a kv=12.47 kw=300 growth=g\nset year=3": "OPENDSS.GROWTH_SHAPE",
    "set cktmodel=positive": "OPENDSS.POSITIVE_SEQUENCE",
    "set longlinecorrection=yes": "OPENDSS.LONG_LINES",
    "new generator.g bus1=a kv=12.47 kw=100\nset loadmodel=admittance": "OPENDSS.LOAD_MODEL_ADMITTANCE",
}


@pytest.mark.parametrize("status", ["variable", "fixed", "exempt"])
@pytest.mark.parametrize("model", [1, 2, 6])
def test_loads_grow_with_the_year(model: int, status: str, tmp_path: Path) -> None:
    """Five per cent a year are 300 x 1.05^2 = 330.75 kW in year 3."""
    load = f"new load.one bus1=a kv=12.47 kw=300 kvar=90 model={model} status={status}"
    growth = "set %growth=5\nset year=3"
    solution = assert_same_answer(f"{HEAD}{load}\n{growth}{TAIL}", tmp_path)
    (one,) = solution.network.feeder.loads
    assert one.p_kw == pytest.approx(330.75, abs=1e-9)


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_change_the_physics_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(FeederError) as caught:
        read(text, tmp_path)
    (finding,) = caught.value.findings
    assert finding.code == REFUSED[text]
    assert finding.remedy


NOTED = {
    "set controlmode=time": "OPENDSS.CONTROL_MODE",
    "set controlmode=off": "OPENDSS.CONTROL_MODE_OFF",
    "set seasonrating=yes": "OPENDSS.SEASON_RATING",
}


@pytest.mark.parametrize("text", NOTED)
def test_what_is_not_followed_is_noted(text: str, tmp_path: Path) -> None:
    assert NOTED[text] in {finding.code for finding in read(text, tmp_path).notes}


SILENT = (
    "set algorithm=newton",
    "set hour=8",
    "set normvminpu=0.9",
    "set tolerance=0.001",
)


@pytest.mark.parametrize("text", SILENT)
def test_what_changes_nothing_is_not_mentioned(text: str, tmp_path: Path) -> None:
    plain = {finding.code for finding in read("", tmp_path).notes}
    assert {finding.code for finding in read(text, tmp_path).notes} == plain


def test_a_source_of_another_frequency_feeds_the_circuit_and_is_noted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "master.dss"
    path.write_text(
        "clear\nnew circuit.c bus1=src basekv=0.4 pu=1.0 r1=0.01 x1=0\nset defaultbasefrequency=50\n"
        "new line.one bus1=src bus2=a r1=0.1 x1=0.05 c1=0 length=0.1 units=km normamps=200\n"
        "new load.one bus1=a kv=0.4 kw=10\nset voltagebases=[0.4]\ncalcvoltagebases\n"
    )
    feeder = load_feeder(path)
    codes = {finding.code for finding in feeder.notes}
    assert "OPENDSS.SOURCE_FREQUENCY" in codes
    assert "OPENDSS.BASE_OF_DEAD_BUS" not in codes
    assert solve(Network.from_feeder(feeder)).load_kva[0, 0].real == pytest.approx(10)


@pytest.mark.parametrize(
    "behind",
    [
        "",
        "mvasc3=100 mvasc1=80",
        "isc3=3000 isc1=2000",
        "z1=[1 2]",
        "puz1=[.01 .02] basemva=10",
    ],
)
def test_a_one_phase_source_has_its_self_impedance(behind: str, tmp_path: Path) -> None:
    script = f"""clear
new circuit.single phases=1 basekv=7.2 bus1=src.1 pu=1.01 {behind}
new line.l phases=1 bus1=src.1 bus2=b.1 r1=.5 x1=1 c1=10 length=2
new load.a bus1=b.1 phases=1 kv=7.2 kw=300 kvar=100
set voltagebases=[12.47]
calcvoltagebases
"""
    assert_same_answer(script, tmp_path)
