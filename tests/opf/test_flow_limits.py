"""Rows of branch limits and their derivatives, against the solution's own tables and central differences."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import BranchLimit
from tieline.opf.branch_limits import rated_limits
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.source import bought_gradient
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import adjoint


def solved(network: Network, kw: float = 0.0, **changes: Any) -> Solution:
    """The snapshot with the first DER injecting `kw`."""
    der_kw = np.zeros((1, len(network.feeder.ders)))
    der_kw[0, 0] = kw
    return solve(network, der_kw=der_kw, controls="off", tolerance=1e-13, **changes)


def test_values_are_those_of_the_solution() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee13"), 3, 200.0))
    flows = FlowLimits.of(
        network,
        (
            BranchLimit("line", "650632", a=700.0),
            BranchLimit("transformer", "xfm1", kva=500.0),
        ),
    )
    solution = solved(network)
    value = flows.values(solution)[0]
    assert len(flows) == 8  # three conductors at two ends, two windings
    assert flows.limit.tolist() == [700.0] * 6 + [500.0] * 2
    line, transformer = (
        network.element_index["line", "650632"],
        network.element_index["transformer", "xfm1"],
    )
    mine = network.terminals.element == line
    assert value[:6] == pytest.approx(solution.terminal_current_a[0, mine])
    assert value[6:].max() / 500.0 * 100 == pytest.approx(
        solution.loading_kva_pct[0, transformer]
    )


def test_rated_limits_read_the_elements() -> None:
    limits = rated_limits(load_feeder("ieee13"))
    assert {limit.kva for limit in limits if limit.name == "xfm1"} == {500.0}


def test_a_line_rated_in_kva_is_limited_in_kva_and_one_rated_in_both_twice() -> None:
    """A MATPOWER RATE_A is an apparent power, whatever the voltage."""
    feeder = two_bus()
    line = dataclasses.replace(feeder.lines[0], rating_kva=1500.0)
    (limit,) = rated_limits(feeder.replace(lines=(line,)))
    assert (limit.a, limit.kva) == (None, 1500.0)
    both = dataclasses.replace(line, rating_a=100.0)
    assert [
        (limit.a, limit.kva) for limit in rated_limits(feeder.replace(lines=(both,)))
    ] == [
        (100.0, None),
        (None, 1500.0),
    ]


@pytest.mark.parametrize("name", ["ieee13", "ieee33"])
def test_derivative_of_flows_and_purchase(name: str) -> None:
    network = Network.from_feeder(with_generators(load_feeder(name), 3, 200.0))
    lines = [line.name for line in network.feeder.lines if line.closed][:3]
    limits = [
        BranchLimit("line", lines[0], a=1.0),
        BranchLimit("line", lines[1], kva=1.0),
        BranchLimit("line", lines[2], kva=2.0),
    ]
    flows, step = FlowLimits.of(network, limits), 0.1
    here, up, down = solved(network), solved(network, step), solved(network, -step)
    weight = np.random.default_rng(4).uniform(-1, 1, (1, len(flows)))
    difference = (weight * (flows.values(up) - flows.values(down))).sum() / (2 * step)
    assert adjoint(here, flows.pull_back(here, weight)).der_kw[0, 0] == pytest.approx(
        difference, rel=1e-6
    )
    bought = (up.source_kva - down.source_kva).real[0] / (2 * step)
    assert bought_gradient(here, network.feeder.source.v_pu).der_kw[
        0, 0
    ] == pytest.approx(bought, rel=1e-7)


def test_power_at_an_ideal_source_is_bought_one_for_one() -> None:
    network = Network.from_feeder(two_bus())
    gradient = bought_gradient(solve(network, load_scale=[[1.0]]), 1.0)
    assert gradient.node_kw[0, 0] == 1.0
    assert gradient.node_kw[0, 1] > 1.0


@pytest.mark.parametrize("limit", [{"a": 1e-300}, {"kva": 1e-8}])
def test_a_limit_next_to_zero_is_refused(limit: dict[str, Any]) -> None:
    """Its square is lost in rounding, and no set-points could be found that keep it."""
    feeder = two_bus()
    with pytest.raises(
        InputError,
        match=r"is next to zero \(2 limits are\).* Raise it, or open the element",
    ):
        FlowLimits.of(
            Network.from_feeder(feeder),
            (BranchLimit("line", feeder.lines[0].name, **limit),),
        )
