"""DERs inside and outside their voltage band, and what the snapshot makes of their state: the engine's voltages and powers."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from opendss_engine import (
    assert_same_answer,
    node_voltages,
    solved_by_engine,
    worst_difference_pu,
)

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
new circuit.band bus1=src basekv=12.47 pu=1.0 mvasc3=100 mvasc1=80
new line.one bus1=src bus2=a r1=0.6 x1=1.2 r0=1.5 x0=3 length=2 units=km normamps=400
new load.one bus1=a.1 phases=1 kv=7.2 kw=400 pf=0.9 vminpu=0.8
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"

UNITS = {
    "generator": "generator.g kw=900 kvar=200",
    "generator of fixed Q": "generator.g kw=900 kvar=200 model=4",
    "pv": "pvsystem.g kva=1000 pmpp=900 kvar=150",
    "discharging": "storage.g kva=1000 kwrated=900 kw=900 kvar=150 state=discharging",
    "charging": "storage.g kva=1000 kwrated=900 kw=-900 kvar=150 state=charging %stored=50",
    "idling": "storage.g kva=1000 kwrated=900 kvar=150 state=idling",
}
ONE_BRANCH_DELTA = "phases=1 bus1=a.2.3 kv=12.47 conn=delta"
"""Outside its band the engine gives it a third of its power: a jump, so that at the edge there may be no solution."""

HOOKUPS = (
    "phases=3 bus1=a kv=12.47",
    "phases=3 bus1=a kv=12.47 conn=delta",
    "phases=1 bus1=a.2 kv=7.2",
    ONE_BRANCH_DELTA,
    "phases=2 bus1=a.1.2 kv=12.47",
    "phases=2 bus1=a.1.2 kv=14.4",
)
BANDS = (
    "",
    "vminpu=1.1 vmaxpu=1.2",
    "vminpu=0.8 vmaxpu=0.9",
    "vminpu=0.99 vmaxpu=1.01",
)


@pytest.mark.parametrize(("unit", "hookup"), list(product(UNITS, HOOKUPS)))
def test_inside_and_outside_the_band(unit: str, hookup: str, tmp_path: Path) -> None:
    bands = BANDS[:3] if hookup == ONE_BRANCH_DELTA else BANDS
    scripts = [f"{HEAD}new {UNITS[unit]} {hookup} {band}{TAIL}" for band in bands]
    solutions = [assert_same_answer(script, tmp_path) for script in scripts]
    assert any(solution.outside_band[0, 1] for solution in solutions)


@pytest.mark.parametrize("model", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("band", ["vminpu=1.05", "vminpu=0.8 vmaxpu=0.9"])
def test_loads_of_every_model_outside_their_band(
    model: int, band: str, tmp_path: Path
) -> None:
    load = f"new load.g bus1=a kv=12.47 kw=700 kvar=300 model={model} {band}"
    solution = assert_same_answer(f"{HEAD}{load}{TAIL}", tmp_path)
    assert solution.outside_band[0, 1] == (model != 2)


def test_without_the_band_a_pv_keeps_its_power(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}new {UNITS['pv']} {HOOKUPS[0]} {BANDS[1]}{TAIL}")
    network = Network.from_feeder(load_feeder(path))
    assert solve(network, load_model="zip").der_kva[0, 0] == pytest.approx(
        900 + 150j, rel=1e-6
    )
    assert solve(network).der_kva[0, 0].real < 800


@pytest.mark.parametrize(
    "text",
    [
        "generator.g bus1=a kv=12.47 kw=300 kvar=30 dispmode=loadlevel dispvalue=90",
        "generator.g bus1=a kv=12.47 kw=300 kvar=30 model=4\nset genmult=0.5",
        "storage.g bus1=a kv=12.47 kva=400 kwrated=300 pf=0.9 state=charging %idlingkw=5",
        "storage.g bus1=a kv=12.47 kva=400 kwrated=300 pf=0.9 state=discharging %stored=10 %idlingkw=5",
        "storage.g bus1=a kv=12.47 kva=400 kwrated=300 pf=0.9 state=discharging %stored=60 %discharge=20",
        "pvsystem.g bus1=a kv=12.47 kva=400 pmpp=300 pf=0.9 irradiance=0.02 %cutin=10 %cutout=10",
    ],
)
def test_state_decides_what_it_injects(text: str, tmp_path: Path) -> None:
    assert_same_answer(f"{HEAD}new {text}{TAIL}", tmp_path)


def test_balanced_currents_are_noted_where_they_differ(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(f"{HEAD}new {UNITS['pv']} {HOOKUPS[0]} balanced=yes{TAIL}")
    feeder = load_feeder(path)
    assert "OPENDSS.BALANCED_DROPPED" in {finding.code for finding in feeder.notes}
    solution = solve(Network.from_feeder(feeder), controls="off")
    assert (
        worst_difference_pu(solution, node_voltages(solved_by_engine(path))).max()
        > 1e-5
    )


DEEP_BANDS = (
    "",
    "vminpu=0.85 vlowpu=0.3",
    "vminpu=0.3 vlowpu=0.7",
    "vminpu=0 vlowpu=0",
)


@pytest.mark.parametrize("model", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("band", DEEP_BANDS)
@pytest.mark.parametrize("source_pu", [0.4, 0.65])
def test_loads_of_every_model_at_very_low_voltage(
    model: int, band: str, source_pu: float, tmp_path: Path
) -> None:
    """Vlowpu, 0.5 unless the file says otherwise, may lie below and above Vminpu."""
    load = f"new load.g bus1=a kv=12.47 kw=200 kvar=80 model={model} {band}"
    low = HEAD.replace("pu=1.0", f"pu={source_pu}").replace("vminpu=0.8", "model=2")
    assert_same_answer(f"{low}{load}{TAIL}", tmp_path)


@pytest.mark.parametrize("unit", UNITS)
def test_one_branch_of_a_delta_to_ground(unit: str, tmp_path: Path) -> None:
    """OpenDSS leaves it a third of its power outside the band, as between two phases."""
    tie = "phases=1 bus1=a.2 kv=7.2 conn=delta"
    for band in ("", "vminpu=1.1 vmaxpu=1.2", "vminpu=0.8 vmaxpu=0.9"):
        assert_same_answer(f"{HEAD}new {UNITS[unit]} {tie} {band}{TAIL}", tmp_path)
