"""A source whose phases have voltages of their own: by hand, against single phases, and through every model of it."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pytest

from builders import with_generators
from tieline.errors import InputError, ShapeError
from tieline.feeders import load_feeder
from tieline.linear import lindistflow
from tieline.linear.tangent_model import tangent_model
from tieline.network import Network
from tieline.powerflow import solve

PHASES_PU = (1.04, 0.99, 1.01)


@pytest.mark.parametrize("name", ["ieee13", "ieee37", "ieee123"])
def test_the_element_says_what_an_argument_says(name: str) -> None:
    feeder = load_feeder(name)
    source = dataclasses.replace(feeder.source, phase_v_pu=PHASES_PU)
    told = solve(Network.from_feeder(feeder.replace(sources=(source,))), controls="off")
    asked = solve(Network.from_feeder(feeder), source_pu=[PHASES_PU], controls="off")
    assert told.v_pu == pytest.approx(asked.v_pu, abs=1e-12)
    assert told.converged.all()


def test_equal_phases_are_the_balanced_source() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    for equal in (1.02, [1.02], [[1.02]], [[1.02, 1.02, 1.02]]):
        assert solve(network, source_pu=equal).v_pu == pytest.approx(
            solve(network, source_pu=1.02).v_pu, abs=1e-12
        )


def test_without_load_every_node_has_the_voltage_of_its_phase() -> None:
    feeder = load_feeder("ieee123").replace(capacitors=())
    network = Network.from_feeder(feeder)
    solution = solve(
        network, load_scale=[[0.0]], source_pu=[PHASES_PU], controls="off", taps=0
    )
    for bus in ("149", "1", "13", "18"):
        for phase, expected in zip((1, 2, 3), PHASES_PU, strict=True):
            k = network.node_index[f"{bus}.{phase}"]
            assert solution.vm_pu[0, k] == pytest.approx(expected, abs=2e-3)


def test_angles_of_phases_turn_the_voltages() -> None:
    feeder = load_feeder("ieee13")
    turned = tuple(angle + 7.0 for angle in feeder.source.angles_deg)
    source = dataclasses.replace(feeder.source, phase_angle_deg=turned)
    before = solve(Network.from_feeder(feeder), controls="off")
    after = solve(
        Network.from_feeder(feeder.replace(sources=(source,))), controls="off"
    )
    assert after.v_pu == pytest.approx(
        before.v_pu * np.exp(1j * np.radians(7.0)), abs=1e-9
    )


def test_scenarios_have_sources_of_their_own_with_controls_too() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    rows = [PHASES_PU, (1.0, 1.0, 1.0), (0.98, 1.02, 1.0)]
    for controls in ("off", "feeder"):
        together = solve(network, source_pu=rows, controls=controls)
        for k, row in enumerate(rows):
            alone = solve(network, source_pu=[row], controls=controls)
            assert together.v_pu[k] == pytest.approx(alone.v_pu[0], abs=1e-8)


@pytest.mark.parametrize("name", ["ieee13", "ieee123"])
def test_linear_models_hold_it(name: str) -> None:
    network = Network.from_feeder(with_generators(load_feeder(name), 2, 50.0))
    solution = solve(
        network, source_pu=[PHASES_PU], load_scale=[[1e-3]], controls="off"
    )
    light = lindistflow(network, source_pu=[PHASES_PU]).evaluate(load_scale=[[1e-3]])
    points = lindistflow(network).points
    assert light.vm_pu[0] == pytest.approx(
        points.magnitude_pu(solution.v_pu)[0], abs=1e-5
    )
    exact = tangent_model(solution).evaluate_devices(solution.p_kw, solution.q_kvar)
    assert exact.vm_pu[0] == pytest.approx(
        points.magnitude_pu(solution.v_pu)[0], abs=1e-7
    )


@pytest.mark.parametrize("controls", ["off", "feeder"])
def test_angles_may_differ_between_scenarios(
    controls: Literal["off", "feeder"],
) -> None:
    feeder = load_feeder("ieee13")
    turned_by = np.array([[0.0, 0.0, 0.0], [3.0, 5.0, 1.0]])
    source_pu = np.array(PHASES_PU) * np.exp(1j * np.radians(turned_by))
    together = solve(
        Network.from_feeder(feeder), source_pu=source_pu, controls=controls
    )
    assert together.converged.all()
    for k, turn in enumerate(turned_by):
        angles = tuple(np.array(feeder.source.angles_deg) + turn)
        source = dataclasses.replace(
            feeder.source, phase_v_pu=PHASES_PU, phase_angle_deg=angles
        )
        alone = solve(
            Network.from_feeder(feeder.replace(sources=(source,))), controls=controls
        )
        assert together.v_pu[k] == pytest.approx(alone.v_pu[0], abs=1e-8)


def test_ideal_source_takes_angles() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    straight = solve(network)
    turned = solve(network, source_pu=np.exp(0.3j))
    assert turned.v_pu == pytest.approx(straight.v_pu * np.exp(0.3j), abs=1e-9)


def test_linear_models_refuse_angles_of_scenarios() -> None:
    with pytest.raises(InputError, match="phase_angle_deg"):
        lindistflow(Network.from_feeder(load_feeder("ieee33")), source_pu=1 + 0.1j)


def test_what_does_not_fit_is_refused() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    with pytest.raises(ShapeError, match=r"source_pu has shape \(1, 2\)"):
        solve(network, source_pu=[[1.0, 1.0]])
    with pytest.raises(InputError, match="source_pu holds -1"):
        solve(network, source_pu=[[1.0, -1.0, 1.0]])
