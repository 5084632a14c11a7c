"""A feeder written as an OpenDSS script and solved by OpenDSS has our voltages: every bundled feeder, and random ones."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import opendssdirect
import pytest

from builders import random_feeder
from tieline.feeders import Feeder, library_names, load_feeder
from tieline.feeders.elements import (
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Bus,
    Load,
    Pv,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve


def voltages_by_opendss(feeder: Feeder, controls: str) -> dict[str, complex]:
    """Node voltages [kV] that OpenDSS finds."""
    engine: Any = opendssdirect.dss.NewContext()
    for command in opendss_script(feeder).splitlines():
        engine.Text.Command(command)
    engine.Text.Command(
        f"set tolerance=1e-10 maxiterations=500 maxcontroliter=100 controlmode={controls}"
    )
    engine.Solution.Solve()
    parts = np.array(engine.Circuit.AllBusVolts()) / 1e3
    return dict(
        zip(engine.Circuit.AllNodeNames(), parts[0::2] + 1j * parts[1::2], strict=True)
    )


@pytest.mark.parametrize("name", library_names())
def test_bundled_feeders(name: str) -> None:
    compare(load_feeder(name))


@pytest.mark.parametrize("seed", range(4))
def test_random_feeders(seed: int) -> None:
    compare(random_feeder(seed, 25, n_loops=2))


def test_loads_outside_their_band() -> None:
    """Heavier and lighter than their band allows, of every kind of shares; a fifth of them constant power outside it."""
    feeder = random_feeder(11, 25)
    loads = [
        replace(load, p_kw=8 * load.p_kw, v_min_pu=0.99, v_max_pu=1.0, v_low_pu=0.6)
        for load in feeder.loads
    ]
    loads[::5] = [
        replace(
            load, zip_p=CONSTANT_POWER, zip_q=CONSTANT_IMPEDANCE, power_outside=True
        )
        for load in loads[::5]
    ]
    banded = feeder.replace(loads=tuple(loads), load_model="opendss-band")
    outside = solve(Network.from_feeder(banded), controls="off").outside_band[0]
    assert 0.5 < outside.mean() < 1.0  # and some are inside
    compare(banded)


@pytest.mark.parametrize("phases", [1, 3])
def test_a_core_on_the_first_winding(phases: int) -> None:
    """OpenDSS has none there: an impedance load stands for it."""
    nodes, to_ground = tuple(range(1, phases + 1)), (*range(1, phases + 1), 0)
    across = 1.0 if phases == 1 else 1 / math.sqrt(3)
    windings = (
        Winding("a", to_ground, "wye", 20.0, 400.0, 1.0, tap=1.05),
        Winding("b", to_ground, "wye", 0.4, 400.0),
    )
    first_core = {"first_noload_loss_pct": 2.0, "first_magnetizing_pct": 8.0}
    core: dict[str, Any] = {
        **first_core,
        "noload_loss_pct": 1.0,
        "magnetizing_pct": 3.0,
    }
    base = 1.0 if phases > 1 else math.sqrt(3)
    feeder = Feeder(
        "core",
        buses=(Bus("a", nodes, 20.0 * base), Bus("b", nodes, 0.4 * base)),
        sources=(
            Source(
                "grid",
                "a",
                nodes,
                20.0 * base,
                r1_ohm=20.0,
                x1_ohm=30.0,
                r0_ohm=20.0,
                x0_ohm=30.0,
            ),
        ),
        transformers=(Transformer("t", phases, windings, (6.0,), **core),),
        loads=(Load("load", "b", to_ground, "wye", 0.4 * across, 100.0, 20.0),),
    )
    compare(feeder)


def compare(feeder: Feeder) -> None:
    network = Network.from_feeder(feeder)
    solution = solve(network, controls="off", tolerance=1e-12, max_iterations=500)
    theirs = voltages_by_opendss(feeder, "off")
    ours = {
        name: v * kv
        for name, v, kv in zip(
            network.node_names, solution.v_pu[0], network.node_kv, strict=True
        )
    }
    assert set(ours) == set(theirs)
    worst = max(
        abs(ours[name] - theirs[name]) / kv
        for name, kv in zip(network.node_names, network.node_kv, strict=True)
    )
    assert worst < 1e-6


def test_a_der_at_rest_keeps_its_rating(tmp_path: Path) -> None:
    """A PV at night has no power from which OpenDSS could take the size of its inverter."""
    feeder = load_feeder("ieee13")
    load = feeder.loads[0]
    roof = Pv(
        "roof",
        load.bus,
        load.nodes,
        load.connection,
        load.kv,
        rated_kw=5.0,
        inverter_kva=6.0,
        p_kw=0.0,
    )
    script = tmp_path / "night.dss"
    script.write_text(opendss_script(feeder.replace(pvs=(roof,))))
    (back,) = load_feeder(script).generators
    assert (back.rated_kva, back.p_kw) == (6.0, 0.0)
