"""The last rows solved by themselves, against whole iterations."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from tieline import load_feeder
from tieline.network import Network
from tieline.powerflow.batch import make_batch
from tieline.powerflow.kernel import elimination
from tieline.powerflow.kernel.chord import factorise_own_rows
from tieline.powerflow.kernel.iteration import iterate
from tieline.powerflow.kernel.lane_traffic import load_block
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.prepare import differing_states, prepare
from tieline.powerflow.kernel.system import System
from tieline.powerflow.kernel.tail import (
    back_head,
    forward_head,
    has_tail,
    make_tail,
    solve_tail,
)
from tieline.powerflow.kernel.workspace import make_workspace

LAST = LANES - 1


@njit(error_model="numpy")
def voltages_and_steps(system, count, by_tail):
    """After some iterations, through all rows in one go or by way of the tail, which is solved twice."""
    work = make_workspace(system, 0)
    tail = make_tail(system)
    load_block(0, LAST, system, work)
    factorise_own_rows(system, work)
    for _ in range(count):
        if by_tail:
            forward_head(system, tail, work)
            solve_tail(system, tail, work)
            solve_tail(system, tail, work)
            back_head(system, tail, work)
        else:
            iterate(system, work)
    return work.vr, work.vi, work.change


def watched_nodes(network: Network) -> np.ndarray:
    """Every seventh at which there is a device."""
    return network.devices.plus[::7]


def system_at_random_taps(network: Network) -> System:
    """As many scenarios as there are lanes, each at taps and loads of its own."""
    random = np.random.default_rng(5)
    table = network.regulators
    size = (LANES, len(table.lowest_tap))
    taps = random.integers(table.lowest_tap, table.highest_tap + 1, size)
    load_scale = random.uniform(0.1, 0.4, (LANES, 1))
    inputs = make_batch(network, taps=taps, load_scale=load_scale).inputs
    varying = differing_states(inputs.state)
    watched = watched_nodes(network)
    return prepare(network, inputs, varying, use_band=False, watched=watched)


@pytest.fixture
def every_tail_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bundled feeder has one that is."""
    monkeypatch.setattr(elimination, "SHORT", 1)


@pytest.mark.usefixtures("every_tail_is_short")
@pytest.mark.parametrize("name", ["ieee34", "ieee123"])
def test_voltages_and_steps_are_those_of_whole_iterations(name: str) -> None:
    system = system_at_random_taps(load_feeder(name).network)
    assert has_tail(system)
    plain = voltages_and_steps(system, 3, False)
    by_tail = voltages_and_steps(system, 3, True)
    for expected, obtained in zip(plain[:2], by_tail[:2], strict=True):
        assert np.isfinite(expected).all()
        np.testing.assert_allclose(obtained, expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(by_tail[2], plain[2], rtol=1e-4)


@pytest.mark.usefixtures("every_tail_is_short")
def test_what_controls_look_at_stands_in_the_tail() -> None:
    network = load_feeder("ieee34").network
    system = system_at_random_taps(network)
    watched = system.scenarios.rank[watched_nodes(network)]
    is_own = system.matrix.first >= 0
    assert watched.min() >= system.pattern.tail
    assert not is_own[: system.pattern.tail].any()
    # the tail has rows of both kinds
    assert not is_own[watched].any()
    assert is_own.any()


def test_a_long_tail_is_none() -> None:
    """A third of the rows of ieee13 and a fifth of those of ieee34 stand at regulators."""
    for name in ("ieee13", "ieee34"):
        assert not has_tail(system_at_random_taps(load_feeder(name).network))
