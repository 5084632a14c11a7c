"""Where inverters are put, how large they are, and what stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.envs import make_task
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.envs.voltage_control.model import VoltageModel, with_inverters
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.feeders.elements import Bus, Generator, Load, Pv


def test_at_the_largest_loads_at_the_wanted_penetration():
    feeder = load_feeder("ieee33")
    found = with_inverters(
        feeder,
        VoltageControlEnvConfig(pv_count=3, penetration_pct=60.0, inverter_pct=120.0),
    )
    # 420, 420 and 210 kW in the table of Baran and Wu
    assert [pv.bus for pv in found.pvs] == [
        "24",
        "25",
        "32",
    ]
    assert [pv.rated_kw for pv in found.pvs] == pytest.approx([0.2 * 3715.0] * 3)
    assert [pv.inverter_kva for pv in found.pvs] == pytest.approx([0.24 * 3715.0] * 3)


def test_loads_of_a_bus_count_together():
    twins = tuple(
        Load(f"l{k}", bus, (1, 0), "wye", 12.66, 600.0, 0.0)
        for k, bus in enumerate(("a", "b", "b"))
    )
    found = with_inverters(
        two_bus().replace(loads=twins), VoltageControlEnvConfig(pv_count=1)
    )
    assert [pv.bus for pv in found.pvs] == ["b"]


def test_own_pv_systems_come_first_and_need_no_others():
    own = Pv("roof", "b", (1, 0), "wye", 12.66, 500.0, 600.0)
    feeder = two_bus().replace(pvs=(own,))
    assert [
        pv.name
        for pv in with_inverters(feeder, VoltageControlEnvConfig(pv_count=1)).pvs
    ] == [
        "roof",
        "pv_b",
    ]
    assert with_inverters(feeder, VoltageControlEnvConfig(pv_count=0)).pvs == (own,)


def test_other_ders_stay_at_their_snapshot():
    engine = Generator(
        "engine", "b", (1, 0), "wye", 12.66, 400.0, p_kw=300.0, q_kvar=100.0
    )
    config = VoltageControlEnvConfig(pv_count=1)
    model = VoltageModel.of(config, two_bus().replace(generators=(engine,)))
    without = VoltageModel.of(config, two_bus(p_kw=700.0, q_kvar=400.0))
    one = np.ones((1, 1))
    with_engine = model.effect(one, 0 * one, 0 * one, model.positions)
    assert with_engine.v_pu == pytest.approx(
        without.effect(one, 0 * one, 0 * one, without.positions).v_pu, abs=1e-8
    )


def test_phases_of_an_inverter():
    model = VoltageModel.of(
        VoltageControlEnvConfig(feeder="ieee13", pv_at=("675", "671.1"))
    )
    names = [[model.points.names[k] for k in mine] for mine in model.terminals]
    assert names == [["675.1", "675.2", "675.3"], ["671.1"]]
    v_pu = np.arange(len(model.points.names), dtype=float)[None, :]
    assert model.at_terminals(v_pu)[0] == pytest.approx(
        [v_pu[0, mine].mean() for mine in model.terminals]
    )


def test_three_wire_feeder_has_voltages_between_phases():
    model = VoltageModel.of(VoltageControlEnvConfig(feeder="ieee37", pv_at=("701",)))
    assert [model.points.names[k] for k in model.terminals[0]] == [
        "701.1-2",
        "701.1-3",
        "701.2-3",
    ]


def test_a_place_without_voltage_is_refused():
    island = two_bus().replace(buses=(*two_bus().buses, Bus("c", (1,), 12.66)))
    with pytest.raises(InputError, match="no voltage"):
        VoltageModel.of(VoltageControlEnvConfig(pv_at=("c",)), island)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"lowest_pu": 1.05}, "is not below"),
        (
            {"loss_weight": 0, "outside_weight": 0},
            "all weights are 0: nothing would be weighed",
        ),
        ({"pv_at": ("18", "nowhere", "99")}, "(?s)'nowhere'.*'99'"),
        ({"pv_at": ("18", "18")}, "several PV systems called pv_18"),
        ({"inverters": 3}, "inverters"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], what: str):
    with pytest.raises(InputError, match=what):
        make_task("voltage-control", **values)
