"""Scenarios without an answer say so where nothing earths the part in which they fail."""

from __future__ import annotations

import numpy as np
import pytest

from builders import behind_delta
from tieline import load_feeder
from tieline.errors import NotConvergedError
from tieline.network import Network
from tieline.powerflow import solve

TO_GROUND = {"nodes": (1, 2, 0), "connection": "wye", "kv": 0.277}


def test_loads_to_ground_behind_a_delta_are_the_reason() -> None:
    with pytest.raises(
        NotConvergedError,
        match="nothing but loads and DERs earths the part of the feeder at bus 'b'",
    ):
        solve(Network.from_feeder(behind_delta(**TO_GROUND)))


def test_too_much_load_between_phases_is_not() -> None:
    solution = solve(
        Network.from_feeder(behind_delta()), load_scale=np.array([[1.0], [100.0]])
    )
    assert solution.converged.tolist() == [True, False]
    assert "Reduce the load" in solution.reason(1)


@pytest.mark.parametrize("name", ["ieee34", "ieee123"])
def test_behind_an_earthed_winding_a_load_is_too_large_and_no_more(name: str) -> None:
    """A hundred thousand times the load is beyond the admittance of every winding to ground, which is none the smaller for it."""
    network = Network.from_feeder(load_feeder(name))
    scale = np.array([[0.5], [1e3], [1e5]])
    solution = solve(network, load_scale=scale, controls="off")
    assert solution.converged.tolist() == [True, False, False]
    for scenario in (1, 2):
        assert "Reduce the load" in solution.reason(scenario)


@pytest.mark.parametrize("tolerance", [1e-8, 1e-10, 1e-12])
def test_no_scenario_behind_a_delta_is_lost_below_the_nose(tolerance: float) -> None:
    network = Network.from_feeder(behind_delta())
    for count in (200, 317):
        solution = solve(
            network,
            load_scale=np.linspace(0.05, 40.0, count)[:, None],
            tolerance=tolerance,
        )
        first_lost = int(np.argmin(solution.converged))
        assert not solution.converged[first_lost:].any()
        assert 26.2 < 0.05 + 39.95 * first_lost / (count - 1) < 26.7


def test_floating_delta_of_the_review(shared_dir) -> None:
    from tieline.feeders import load_feeder

    network = Network.from_feeder(
        load_feeder(str(shared_dir / "bad-input" / "x3077.dss"))
    )
    solution = solve(
        network, load_scale=np.linspace(0.2, 1.5, 200)[:, None], controls="off"
    )
    assert solution.converged.all()
    assert solve(
        network,
        load_scale=np.linspace(0.2, 1.5, 60)[:, None],
        controls="off",
        tolerance=1e-10,
    ).converged.all()
    far = solve(
        network, load_scale=np.linspace(0.0, 40.0, 400)[:, None], controls="off"
    )
    assert not far.converged[int(np.argmin(far.converged)) :].any()
    assert far.converged.sum() > 225
