"""DC: a triangle by hand, laws of PTDF, the loss factor formula, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import single_code, two_bus
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.feeders.elements import Bus, Line
from tieline.linear import LinearModel, dc
from tieline.linear.dc import ptdf
from tieline.linear.losses import FlowLoss
from tieline.linear.lpf import active_loss_factors
from tieline.network import Network


def triangle() -> Network:
    """Three buses, three equal lines; the load at b."""
    feeder = two_bus(900.0, 0.0)
    code = single_code(0.5, 0.3)
    ends = (("a", "b"), ("b", "c"), ("a", "c"))
    return Network.from_feeder(
        feeder.replace(
            buses=(*feeder.buses, Bus("c", (1,), 12.66)),
            lines=tuple(Line(f"{a}{b}", a, b, (1,), (1,), code) for a, b in ends),
        )
    )


def test_triangle_by_hand() -> None:
    model = dc(triangle())
    np.testing.assert_allclose(
        ptdf(model),
        [[0, -2 / 3, -1 / 3], [0, 1 / 3, -1 / 3], [0, -1 / 3, -2 / 3]],
        atol=1e-12,
    )
    assert model.evaluate().p_kw[0] == pytest.approx([600.0, -300.0, 300.0], abs=1e-9)
    assert (model.evaluate().vm_pu == 1).all()


@pytest.fixture(params=["radial", "meshed"])
def model(request: pytest.FixtureRequest) -> LinearModel:
    feeder = load_feeder("ieee33")
    closed = np.ones(len(feeder.lines)) if request.param == "meshed" else None
    return dc(Network.from_feeder(feeder), line_closed=closed)


def test_what_is_injected_flows_to_the_slack(model: LinearModel) -> None:
    network, factors = model.network, ptdf(model)
    terminals = network.terminals
    ends = np.array(
        [
            terminals.node[terminals.element == terminals.element[t]]
            for t in model.branch_terminal
        ]
    )
    leaving = np.zeros((network.n_nodes, network.n_nodes))
    np.add.at(leaving, ends[:, 0], factors)
    np.subtract.at(leaving, ends[:, 1], factors)
    expected = np.eye(network.n_nodes)
    expected[network.source_nodes[0]] -= 1.0
    np.testing.assert_allclose(leaving, expected, atol=1e-10)
    assert (factors[:, network.source_nodes[0]] == 0).all()


def test_radial_factors_are_minus_one_on_the_path_and_zero_beside_it() -> None:
    factors = ptdf(dc(Network.from_feeder(load_feeder("ieee33"))))
    np.testing.assert_allclose(np.abs(factors), np.round(np.abs(factors)), atol=1e-9)


def test_flows_are_linear_in_injections(model: LinearModel) -> None:
    devices = model.network.devices
    p_node = np.zeros(model.network.n_nodes)
    np.add.at(p_node, devices.plus, devices.p_kw[devices.device] * devices.share)
    expected = model.constant("p_kw") - ptdf(model) @ p_node
    np.testing.assert_allclose(model.evaluate().p_kw[0], expected, atol=1e-8)


def test_loss_factors_by_formula(model: LinearModel) -> None:
    """LF_n = 2 sum over l of r_l P_l PTDF_l,n, in per unit."""
    answer = model.evaluate()
    assert isinstance(model.loss, FlowLoss)
    expected = 2 * (model.loss.r_pu * answer.p_kw[0] / 1e3) @ ptdf(model)
    np.testing.assert_allclose(active_loss_factors(answer)[0], expected, atol=1e-12)
    np.testing.assert_allclose(
        -model.loss_gradient(answer, "node_kw")[0], expected, atol=1e-12
    )


def test_branch_without_reactance_is_refused() -> None:
    feeder = two_bus()
    bare = feeder.replace(lines=(replace(feeder.lines[0], code=single_code(0.5, 0.0)),))
    with pytest.raises(InputError, match="line 'ab' has none"):
        dc(Network.from_feeder(bare))
