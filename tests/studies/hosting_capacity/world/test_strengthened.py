"""What-ifs on impedance: a second circuit halves what PV sees of the lines, and a stronger grid what it sees of the source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import Feeder, load_feeder
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.strengthened import (
    with_circuits,
    with_source_divided,
)
from tieline.studies.hosting_capacity.world.variants import variants
from tieline.studies.shell import run_study


def behind_impedance(feeder: Feeder) -> Feeder:
    """The feeder behind a source of 1 + 2j ohm."""
    source = replace(feeder.source, r1_ohm=1.0, x1_ohm=2.0, r0_ohm=1.0, x0_ohm=2.0)
    return feeder.replace(sources=(source,))


def test_two_circuits_are_two_lines_side_by_side() -> None:
    feeder = load_feeder("ieee13")
    doubled = solve(Network.from_feeder(with_circuits(feeder, 2)), controls="off")
    twins = [
        replace(line, name=f"{line.name}_twin")
        for line in feeder.lines
        if not line.is_switch
    ]
    beside = feeder.replace(lines=(*feeder.lines, *twins))
    expected = solve(Network.from_feeder(beside), controls="off")
    assert doubled.v_pu == pytest.approx(expected.v_pu, abs=1e-9)


def test_two_circuits_carry_twice_the_current() -> None:
    feeder = two_bus()
    line = replace(feeder.lines[0], rating_a=50.0)
    (stronger,) = with_circuits(feeder.replace(lines=(line,)), 2).lines
    assert stronger.rating_a == 100.0
    assert stronger.code.r_ohm_per_km == ((0.25,),)


def test_half_the_impedance_of_the_source_halves_its_drop() -> None:
    feeder = behind_impedance(two_bus())
    drops = [
        1 - solve(Network.from_feeder(one)).vm_pu[0, 0]
        for one in (feeder, with_source_divided(feeder, 2))
    ]
    assert drops[0] / drops[1] == pytest.approx(2.0, rel=0.05)


def test_the_source_is_asked_about_only_where_it_has_an_impedance() -> None:
    config = HostingCapacityConfig()
    ideal = {variant.key for variant in variants(config, two_bus())}
    behind = {variant.key for variant in variants(config, behind_impedance(two_bus()))}
    assert behind - ideal == {"stronger-source"}
    assert "stronger-lines" in ideal


def test_capacity_is_inverse_to_the_impedance() -> None:
    """Eq. 3.3 of the thesis, at one bus with an ideal source and no load: half the impedance, twice the PV."""
    result = run_study(
        "hosting-capacity",
        feeder=two_bus(1000.0, 0.0, r_ohm=8.0, x_ohm=0.1),
        placement="uniform",
        light_load_pct=0.0,
        max_pct=400.0,
        limits="high-voltage-only",
    )
    capacity_pct = result.tables["what_if"].set_index("variant")["hosting_capacity_pct"]
    assert capacity_pct["stronger-lines"] / capacity_pct["base"] == pytest.approx(
        2.0, rel=0.02
    )
    assert np.isfinite(capacity_pct).all()
