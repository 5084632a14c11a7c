"""The feeder around an AC solution, against AC itself: first order exact, flows of every kind, loss to second order."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.opf import BranchLimit
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.make_problem import network_limits
from tieline.powerflow import Solution, solve

SITES = ("50", "95", "107.2", "66", "114.1")


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.from_feeder(
        with_generators_at(load_feeder("ieee123"), SITES, [100.0] * len(SITES))
    )


def replayed(network: Network, p_kw: np.ndarray) -> Solution:
    return solve(
        network,
        der_kw=np.atleast_2d(p_kw),
        der_kvar=np.zeros(len(SITES)),
        controls="off",
        tolerance=1e-12,
    )


def test_values_and_slopes_are_those_of_ac(network: Network) -> None:
    limits = network_limits(
        network,
        0.95,
        1.05,
        (
            BranchLimit("line", "l13", a=300),
            BranchLimit("line", "l115", kva=2000),
            BranchLimit("line", "l67", forward_kw=300, reverse_kw=300),
            BranchLimit("line", "l10", forward_kw=50, per_phase=True),
        ),
    )
    start_kw = np.array([20.0, 30, 10, 0, 40])
    solution = replayed(network, start_kw)
    feeder = Linearised(solution, start_kw, limits)
    step_kw = 0.01
    for der, direction in enumerate(np.eye(len(SITES))):
        more = replayed(network, start_kw + step_kw * direction)
        less = replayed(network, start_kw - step_kw * direction)
        flow = (limits.flows.values(more) - limits.flows.values(less))[0]
        rows = np.arange(len(limits.flows))
        assert feeder.flow_slopes(rows)[:, der] == pytest.approx(
            flow / step_kw / 2, abs=1e-5
        )
        voltage = limits.points.magnitude_pu(more.v_pu) - limits.points.magnitude_pu(
            less.v_pu
        )
        points = np.arange(len(limits.points.names))
        assert feeder.voltage_slopes(points)[:, der] == pytest.approx(
            voltage[0] / step_kw / 2, abs=1e-9
        )
        loss = (more.loss_kw - less.loss_kw)[0] / step_kw / 2
        x = feeder.unknowns(start_kw)
        assert feeder.loss_slope(x)[der] == pytest.approx(loss, abs=1e-6)


def test_far_away_it_is_off_by_second_order_only(network: Network) -> None:
    limits = network_limits(
        network, 0.95, 1.05, [BranchLimit("line", "l115", forward_kw=4000)]
    )
    start_kw = np.zeros(len(SITES))
    feeder = Linearised(replayed(network, start_kw), start_kw, limits)
    errors = []
    for size_kw in (40.0, 20.0):
        p_kw = np.full(len(SITES), size_kw)
        solution = replayed(network, p_kw)
        x = feeder.unknowns(p_kw)
        errors.append(
            [
                abs(feeder.flows(x)[0] - limits.flows.values(solution)[0, 0]),
                abs(feeder.loss_kw(x) - solution.loss_kw[0]),
                np.abs(
                    feeder.voltages(x) - limits.points.magnitude_pu(solution.v_pu)
                ).max(),
            ]
        )
    assert np.array(errors[0]) / errors[1] == pytest.approx(4, rel=0.15)
    assert errors[0][1] < 0.2
