"""First and second derivatives of squared voltages, squared currents and losses against differences of AC power flows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from builders import random_feeder
from tieline.feeders import load_feeder
from tieline.feeders.elements import Pv
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.powerflow.interval.quadratic_outputs import (
    QuadraticOutputs,
    SquaredMagnitudes,
    series_loss,
)
from tieline.powerflow.interval.second_order import Expansion
from tieline.powerflow.interval.uncertain import UncertainPowers, uncertain_powers

STEP = 0.05


def with_pv(feeder: Feeder) -> Feeder:
    """PV beside the first load, so that DERs are uncertain too."""
    load = feeder.loads[0]
    pv = Pv(
        "pv",
        load.bus,
        load.nodes,
        load.connection,
        load.kv,
        p_kw=20.0,
        q_kvar=5.0,
        rated_kw=30.0,
        inverter_kva=30.0,
    )
    return feeder.replace(pvs=(*feeder.pvs, pv))


def exponential(feeder: Feeder) -> Feeder:
    """Loads that follow the voltage by exponents."""
    return feeder.replace(
        loads=tuple(replace(load, exponents=(0.8, 3.0)) for load in feeder.loads)
    )


def outputs_of(uncertain: UncertainPowers) -> list[QuadraticOutputs]:
    """Squared voltages of all nodes, squared currents of all first ends, the loss."""
    network, state = uncertain.network, uncertain.centre.state[0]
    return [
        SquaredMagnitudes(sparse.csr_array(sparse.eye_array(network.n_nodes))),
        SquaredMagnitudes(
            sparse.csr_array(network.terminal_admittance(state)[network.first_ends])
        ),
        series_loss(network, state),
    ]


FEEDERS = [
    pytest.param(load_feeder("ieee33"), id="33-bus: constant power, ideal source"),
    pytest.param(exponential(load_feeder("ieee33")), id="exponential loads"),
    pytest.param(load_feeder("ieee37"), id="IEEE 37: delta loads"),
    pytest.param(
        random_feeder(2, 12, n_loops=2), id="random: ZIP, wye and delta, loops"
    ),
]


@pytest.mark.parametrize("feeder", FEEDERS)
def test_derivatives_against_differences(feeder: Feeder) -> None:
    uncertain = uncertain_powers(
        Network.from_feeder(with_pv(feeder)), load_pct=20.0, der_pct=20.0
    )
    exact = replace(
        uncertain, held={**uncertain.held, "tolerance": 1e-13, "max_iterations": 200}
    )
    direction = np.random.default_rng(4).uniform(-1, 1, uncertain.n_variables)
    v = exact.solve(np.array([STEP, 0.0, -STEP])[:, None] * direction).v_pu
    expansion = Expansion(
        replace(uncertain, centre=replace(uncertain.centre, v_pu=v[1:2]))
    )
    for outputs in outputs_of(uncertain):
        after, here, before = outputs.values(v)
        first, second = (
            (after - before) / (2 * STEP),
            (after - 2 * here + before) / STEP**2,
        )
        assert (
            np.abs(expansion.gradients(outputs) @ direction - first).max()
            < 1e-5 * np.abs(first).max()
        )
        along = np.array(
            [direction @ hessian @ direction for hessian in expansion.hessians(outputs)]
        )
        assert np.abs(along - second).max() < 1e-4 * np.abs(second).max()


def test_outputs_are_those_of_the_solution() -> None:
    uncertain = uncertain_powers(
        Network.from_feeder(load_feeder("ieee13")), load_pct=20.0, der_pct=0.0
    )
    centre = uncertain.centre
    voltages, currents, loss = (
        outputs.values(centre.v_pu)[0] for outputs in outputs_of(uncertain)
    )
    assert np.sqrt(voltages) == pytest.approx(centre.vm_pu[0])
    assert np.sqrt(currents) == pytest.approx(
        np.abs(centre.terminal_current_pu[0, uncertain.network.first_ends])
    )
    assert loss == pytest.approx(centre.loss_kw)
