"""The map against single power flows of feeders of their own, against `connect`, and what is refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

from builders import cut_off, two_bus
from tieline import Feeder, load_feeder, run_study, solve
from tieline.errors import InputError
from tieline.powerflow import Solution
from tieline.studies.hosting_capacity_map.config import HostingCapacityMapConfig
from tieline.studies.result import Result

SAMPLE = ("1", "9r", "33", "66", "83", "114")
"""Buses of one and of three phases, near and far, behind three regulators."""

LOADS = (0.3, 1.0)
LOW_PU, HIGH_PU = 0.95, 1.05
UNTOLD = 1e-3

RESOLUTION_PCT = 0.5


@pytest.fixture(scope="module")
def feeder() -> Feeder:
    return load_feeder("ieee123")


@pytest.fixture(scope="module")
def mapped(feeder: Feeder) -> Result:
    return run_study("hosting-capacity-map", feeder=feeder, buses=",".join(SAMPLE))


def row_of(result: Result, bus: str) -> Any:
    return result.tables["buses"].set_index("bus").loc[bus]


def breaks(base: Solution, plant: Solution) -> bool:
    """Whether a plant breaks a limit, written down without anything of the study."""
    before = base.vm_pu[0]
    after = plant.vm_pu[0]
    high = np.maximum(HIGH_PU, before + UNTOLD * HIGH_PU)
    low = np.minimum(LOW_PU, before - UNTOLD * LOW_PU)
    is_live = before > 0
    kv_ll = base.network.node_kv * 3**0.5
    largest_step = np.where(kv_ll <= 1, 0.05, 0.03)
    beyond = (after > high) | (after < low) | (np.abs(after - before) > largest_step)
    load_pct = plant.loading_pct[0]
    allowed_pct = np.maximum(100, base.loading_pct[0] + 100 * UNTOLD)
    # NaN, no rating, is beyond nothing
    return bool((beyond & is_live).any() or (load_pct > allowed_pct).any())


def brute_force_kw(feeder: Feeder, bases: list[Solution], bus: str) -> float:
    """Plain bisection from nothing to the peak load; a network of its own for every plant."""
    low, high = 0.0, feeder.peak_load_kw
    while high - low > max(0.05, 0.001 * high):
        middle = (low + high) / 2
        with_plant = feeder.with_pv(bus, kw=middle)
        broken = False
        for share, base in zip(LOADS, bases, strict=True):
            taps = base.taps[0]
            plant = solve(with_plant, load_scale=share, taps=taps, controls="off")
            broken = broken or breaks(base, plant)
        low, high = (low, middle) if broken else (middle, high)
    return low


@pytest.mark.parametrize("bus", SAMPLE)
def test_a_bus_takes_what_brute_force_finds(
    feeder: Feeder, mapped: Result, bus: str
) -> None:
    bases = [solve(feeder, load_scale=share) for share in LOADS]
    row = row_of(mapped, bus)
    exact_kw = brute_force_kw(feeder, bases, bus)
    # the steps of both bisections
    step_kw = max(0.1, RESOLUTION_PCT / 100 * exact_kw) + max(0.05, 0.001 * exact_kw)
    assert row["capacity_kw"] == pytest.approx(exact_kw, abs=step_kw)


@pytest.mark.parametrize("values", [{}, {"kind": "load"}, {"controls": "feeder"}])
def test_the_map_says_what_connect_says(feeder: Feeder, values: dict[str, Any]) -> None:
    buses = run_study("hosting-capacity-map", feeder=feeder, buses="66,83", **values)
    of_map = row_of(buses, "83")
    kw = float(of_map["capacity_kw"])
    # 200 kW stand in no ladder of the map, so both searches look at other sizes
    single = run_study("connect", feeder=feeder, bus="83", kw=200.0, **values)
    assert single.number("capacity_kw") == pytest.approx(kw, rel=0.011)
    assert single.metrics["binding_limit"] == of_map["limit"]
    assert single.metrics["binding_at"] == of_map["at"]
    assert single.metrics["binding_situation"] == of_map["situation"]


def test_the_smallest_of_the_limits_is_the_capacity(mapped: Result) -> None:
    buses = mapped.tables["buses"]
    by_limit = [
        name
        for name in map(str, buses)
        if name.endswith("_kw") and name != "capacity_kw"
    ]
    smallest = buses[by_limit].min(axis=1)
    ended = ~buses["is_least"]
    assert (buses.loc[ended, "capacity_kw"] == smallest[ended]).all()
    for _, row in buses[ended].iterrows():
        assert row[f"{row['limit'].replace('-', '_')}_kw"] == row["capacity_kw"]


def test_metrics_and_file_say_what_the_table_says(mapped: Result) -> None:
    buses = mapped.tables["buses"]
    metrics = mapped.metrics
    assert metrics["buses"] == len(SAMPLE)
    assert metrics["lowest_kw"] == buses["capacity_kw"].min()
    ends = [mapped.number(name) for name in metrics if name.startswith("ends_")]
    assert sum(ends) + mapped.number("buses_unlimited") == len(SAMPLE)
    rows = list(csv.DictReader(io.StringIO(mapped.files["buses.csv"].decode())))
    assert [row["bus"] for row in rows] == buses["bus"].tolist()
    assert float(rows[0]["capacity_kw"]) == pytest.approx(
        buses["capacity_kw"].iloc[0], rel=1e-5
    )


def test_every_bus_but_the_source_is_asked() -> None:
    feeder = load_feeder("ieee13")
    result = run_study("hosting-capacity-map", feeder=feeder, resolution_pct=20)
    names = {bus.name for bus in feeder.buses} - {feeder.source.bus}
    assert set(result.tables["buses"]["bus"]) == names


@pytest.mark.parametrize(
    ("buses", "message"),
    [
        ("83,nowhere,nobody", "nobody"),
        ("150", "is the source of feeder 'ieee123'"),
        ("96.1", "Bus '96' has phases 2, not 1"),
    ],
)
def test_places_that_cannot_be_are_said(
    feeder: Feeder, buses: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        run_study("hosting-capacity-map", feeder=feeder, buses=buses)
    assert message in str(caught.value)


def test_names_of_buses_are_a_list_or_a_text() -> None:
    assert HostingCapacityMapConfig(buses="83, 66").buses == ("83", "66")  # type: ignore[arg-type]


def test_a_feeder_without_a_place_for_a_plant_is_refused() -> None:
    with pytest.raises(InputError, match="no bus with voltage but its source"):
        run_study("hosting-capacity-map", feeder=cut_off(two_bus(), "b"))
