"""Where a linear model can be built, and what is said where it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.linear import dc, lindistflow, lpf
from tieline.network import Network
from tieline.powerflow import solve


@pytest.mark.parametrize("make", [lpf, dc, lindistflow])
def test_dead_nodes_are_named(make) -> None:
    network = Network.from_feeder(two_bus())
    with pytest.raises(
        InputError, match=r"no closed path joins node b\.1 to the source.*Close a line"
    ):
        make(network, line_closed=[0])


def test_many_dead_nodes_are_counted() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    with pytest.raises(InputError, match="and 27 more"):
        lpf(network, line_closed=np.zeros(len(network.feeder.lines)))


@pytest.mark.parametrize("make", [lpf, dc, lindistflow])
def test_feeder_without_a_branch(make) -> None:
    feeder = two_bus()
    alone = feeder.replace(
        buses=feeder.buses[:1],
        lines=(),
        loads=(),
        sources=(replace(feeder.source, x1_ohm=0.1),),
    )
    with pytest.raises(InputError, match="'two-bus' has no line or transformer"):
        make(Network.from_feeder(alone))


def test_one_set_of_positions_makes_one_model() -> None:
    with pytest.raises(InputError, match=r"got 2\. Build one for each"):
        lpf(Network.from_feeder(two_bus()), line_closed=[[1], [1]])


def test_source_voltage_that_is_not_finite() -> None:
    with pytest.raises(InputError, match="must be finite"):
        lpf(Network.from_feeder(two_bus()), source_pu=float("nan"))


@pytest.mark.parametrize("make", [lpf, lindistflow])
def test_taps_lines_and_source_voltage_are_those_of_the_model(make) -> None:
    feeder = load_feeder("ieee33")
    network = Network.from_feeder(feeder)
    closed = np.array([float(line.closed) for line in feeder.lines])
    changed = closed.copy()
    changed[[line.name for line in feeder.lines].index("branch_20")] = (
        0  # its buses move to the tie line from bus 12 to 22
    )
    changed[np.flatnonzero(closed == 0)] = 0
    tie = next(
        k
        for k, line in enumerate(feeder.lines)
        if {line.from_bus, line.to_bus} == {"12", "22"}
    )
    changed[tie] = 1
    model = make(network, line_closed=changed, source_pu=1.02)
    solution = solve(network, line_closed=changed, source_pu=1.02, load_scale=1e-3)
    np.testing.assert_allclose(
        model.evaluate(load_scale=1e-3).vm_pu, solution.vm_pu, atol=1e-5
    )
    open_flow = model.evaluate().p_kw[0, changed == 0]
    assert (open_flow == 0).all()
