"""The last rows solved by themselves, and rows that differ by scenario factorised entry by entry, against the plain ways."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from tieline import load_feeder
from tieline.network import Network
from tieline.powerflow.batch import make_batch
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.iteration import fill_own_rows, iterate
from tieline.powerflow.kernel.lane_traffic import load_block
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.own_rows import factorise_own_rows
from tieline.powerflow.kernel.prepare import differing_states, prepare
from tieline.powerflow.kernel.system import System
from tieline.powerflow.kernel.tail import (
    back_head,
    forward_head,
    make_tail,
    solve_tail,
)
from tieline.powerflow.kernel.workspace import Workspace, make_workspace

LAST = LANES - 1


def plain_iterations(system: System, count: int) -> Workspace:
    """Rows factorised one after the other, and iterations through all of them."""
    work = make_workspace(system, 0)
    load_block(0, LAST, system, work)
    fill_own_rows(system.matrix.factors, system, work)
    eliminate_own(system.matrix, system.pattern, work)
    for _ in range(count):
        iterate(system, work)
    return work


def iterations_by_tail(system: System, count: int) -> Workspace:
    """The same by way of the tail, which is solved more than once."""
    work = make_workspace(system, 0)
    tail = make_tail(system)
    load_block(0, LAST, system, work)
    factorise_own_rows(system, work)
    for _ in range(count):
        forward_head(system, tail, work)
        solve_tail(system, tail, work)
        solve_tail(system, tail, work)
        back_head(system, tail, work)
    return work


def system_at_random_taps(name: str, *, has_open_line: bool = False) -> System:
    """As many scenarios as there are lanes, each at taps and loads of its own."""
    network = load_feeder(name).network
    random = np.random.default_rng(5)
    table = network.regulators
    size = (LANES, len(table.lowest_tap))
    inputs = {
        "taps": random.integers(table.lowest_tap, table.highest_tap + 1, size),
        "load_scale": random.uniform(0.1, 0.4, (LANES, 1)),
    }
    if has_open_line:
        inputs["line_closed"] = closed_lines(network)
    batch = make_batch(network, **inputs).inputs
    varying = differing_states(batch.state)
    watched = network.devices.plus[::7]
    return prepare(network, batch, varying, use_band=False, watched=watched)


def closed_lines(network: Network) -> np.ndarray:
    """All lines are closed, but for the last in every second scenario, which then leaves a part without supply."""
    is_closed = np.ones((LANES, len(network.feeder.lines)), dtype=bool)
    is_closed[::2, -1] = False
    return is_closed


@pytest.mark.parametrize("has_open_line", [False, True])
@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee123"])
def test_voltages_and_steps_are_those_of_whole_iterations(
    name: str, has_open_line: bool
) -> None:
    system = system_at_random_taps(name, has_open_line=has_open_line)
    assert (len(system.variable.dead) > 0) == has_open_line
    plain = njit(plain_iterations, error_model="numpy")(system, 3)
    by_tail = njit(iterations_by_tail, error_model="numpy")(system, 3)
    assert np.isfinite(plain.vr).all()
    # A closed switch of 1e-7 ohm in an own row adds 6e7 pu to its diagonal, of which the last bit is lost in either way. Where it
    # is open, and where none is in an own row, nothing is.
    most_pu = np.abs(system.variable.value).max()
    of_rounding = np.finfo(float).eps * most_pu
    atol = np.full(LANES, 1e-11 + of_rounding)
    if has_open_line:
        atol[::2] = 1e-11
    assert (np.abs(by_tail.vr - plain.vr) <= atol).all()
    assert (np.abs(by_tail.vi - plain.vi) <= atol).all()
    np.testing.assert_allclose(by_tail.change, plain.change, rtol=1e-4)


def test_what_controls_look_at_stands_in_the_tail() -> None:
    network = load_feeder("ieee34").network
    system = system_at_random_taps("ieee34")
    watched = system.scenarios.rank[network.devices.plus[::7]]
    is_own = system.matrix.first >= 0
    assert watched.min() >= system.pattern.tail
    assert not is_own[: system.pattern.tail].any()
    # the tail has rows of both kinds
    assert not is_own[watched].any()
    assert is_own.any()
