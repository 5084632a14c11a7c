"""Who cannot let generators hold voltages says so by name, or takes the Q that holds them in the snapshot and says that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import two_bus, two_bus_holding
from tieline import Network, solve
from tieline.errors import InputError, NoAnswerError
from tieline.linear import lindistflow, tangent_model
from tieline.network.forming import with_forming_buses
from tieline.network.partition import partition
from tieline.opf import make_problem
from tieline.powerflow import adjoint, jax_voltages, with_fixed_q
from tieline.powerflow.decoupled import decouple, solve_decoupled


def test_fixed_feeder_has_the_held_voltage_in_its_snapshot() -> None:
    held = solve(Network.from_feeder(two_bus_holding()))
    fixed = with_fixed_q(two_bus_holding())
    again = solve(Network.from_feeder(fixed))
    assert not again.holds_voltages
    np.testing.assert_allclose(again.v_pu, held.v_pu, atol=1e-7)
    assert [note.code for note in fixed.notes] == ["GENERATOR.Q_FIXED"]


def test_feeder_without_holders_stays_as_it_is() -> None:
    feeder = two_bus()
    assert with_fixed_q(feeder) is feeder


def test_no_answer_in_the_snapshot_says_what_to_do() -> None:
    feeder = two_bus_holding()
    load = replace(feeder.loads[0], p_kw=1e8)
    with pytest.raises(NoAnswerError, match="q_kvar, without held_v_pu"):
        with_fixed_q(feeder.replace(loads=(load,)))


@pytest.mark.parametrize(
    "ask",
    [
        lambda network: lindistflow(network).evaluate(),
        lambda network: tangent_model(solve(network)),
        lambda network: adjoint(solve(network), np.ones((1, network.n_nodes))),
        lambda network: with_forming_buses(network, [network.feeder.buses[0].name]),
        lambda network: solve_decoupled(
            decouple(network, partition(network.feeder, microgrids=1))
        ),
    ],
    ids=["linear", "tangent", "adjoint", "island", "decoupled"],
)
def test_who_cannot_hold_refuses(ask: Callable[[Network], object]) -> None:
    with pytest.raises(InputError, match="hold voltages"):
        ask(Network.from_feeder(two_bus_holding()))


def test_optimum_decides_q_unless_the_generator_may_not_be_controlled() -> None:
    network = Network.from_feeder(two_bus_holding(held_q_high_kvar=30.0))
    problem = make_problem(network, price=0.2)
    assert problem.ders.q_min_kvar[0, 0] == -500
    assert problem.ders.q_max_kvar[0, 0] == 30
    fixed = Network.from_feeder(two_bus_holding(controllable=False))
    with pytest.raises(InputError, match="may not be controlled"):
        make_problem(fixed, price=0.2)


def test_jax_takes_the_q_that_it_is_given() -> None:
    jax = pytest.importorskip("jax")
    network = Network.from_feeder(two_bus_holding())
    devices = network.devices
    loads = (devices.p_kw[:1], devices.q_kvar[:1])
    voltages = jax_voltages(network)

    def sum_of_real_parts(der_kvar: Any) -> Any:
        return voltages(*loads, devices.der_kw, der_kvar)[0].sum()

    assert jax.grad(sum_of_real_parts)(devices.der_kvar)[0] > 0
