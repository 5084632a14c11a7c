"""Who cannot let generators hold voltages says so by name, or takes the Q that holds them in the snapshot and says that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline import Feeder, Network, run_study, solve
from tieline.errors import InputError, NoAnswerError
from tieline.feeders.elements import Generator
from tieline.linear import lindistflow, tangent_model
from tieline.network.forming import with_forming_buses
from tieline.network.partition import partition
from tieline.opf import make_problem
from tieline.powerflow import adjoint, jax_voltages, with_fixed_q
from tieline.powerflow.decoupled import decouple, solve_decoupled
from tieline.powerflow.held_voltage.told import held_voltages

HELD_PU = 1.0


def holding(**fields: Any) -> Feeder:
    """Two buses, and at the second one a generator that holds its voltage."""
    feeder = two_bus()
    load = feeder.loads[0]
    place = (load.bus, load.nodes, load.connection, load.kv)
    unit = Generator("held", *place, 500.0, 50.0, held_v_pu=HELD_PU, cost_per_kwh=0.1)
    return feeder.replace(generators=(replace(unit, **fields),))


def test_fixed_feeder_has_the_held_voltage_in_its_snapshot() -> None:
    held = solve(Network.from_feeder(holding()))
    fixed = with_fixed_q(holding())
    again = solve(Network.from_feeder(fixed))
    assert not again.holds_voltages
    np.testing.assert_allclose(again.v_pu, held.v_pu, atol=1e-7)
    assert [note.code for note in fixed.notes] == ["GENERATOR.Q_FIXED"]


def test_feeder_without_holders_stays_as_it_is() -> None:
    feeder = two_bus()
    assert with_fixed_q(feeder) is feeder


def test_no_answer_in_the_snapshot_says_what_to_do() -> None:
    feeder = holding()
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
        ask(Network.from_feeder(holding()))


def test_optimum_decides_q_unless_the_generator_may_not_be_controlled() -> None:
    problem = make_problem(Network.from_feeder(holding()), price=0.2)
    assert problem.ders.q_max_kvar[0, 0] > problem.ders.q_min_kvar[0, 0]
    fixed = Network.from_feeder(holding(controllable=False))
    with pytest.raises(InputError, match="may not be controlled"):
        make_problem(fixed, price=0.2)


def test_jax_takes_the_q_that_it_is_given() -> None:
    jax = pytest.importorskip("jax")
    network = Network.from_feeder(holding())
    devices = network.devices
    loads = (devices.p_kw[:1], devices.q_kvar[:1])
    voltages = jax_voltages(network)

    def sum_of_real_parts(der_kvar: Any) -> Any:
        return voltages(*loads, devices.der_kw, der_kvar)[0].sum()

    assert jax.grad(sum_of_real_parts)(devices.der_kvar)[0] > 0


def test_study_tells_that_q_stays() -> None:
    result = run_study("interval", holding(), spread_pct=10.0, draws=20)
    said = [line for line in result.warnings if "Q_FIXED" in line]
    assert len(said) == 1
    assert result.feeder.generators[0].held_v_pu == HELD_PU


def test_study_refuses_several_sources_first() -> None:
    feeder = two_bus()
    second = replace(feeder.sources[0], name="second", bus=feeder.buses[1].name)
    both = feeder.replace(sources=(*feeder.sources, second))
    with pytest.raises(InputError, match="2 sources"):
        run_study("interval", both)


def test_what_is_held_is_told() -> None:
    network = Network.from_feeder(holding(held_q_high_kvar=1.0))
    (told,) = held_voltages(solve(network))
    assert told.limit == "upper"
    assert told.v_pu < HELD_PU
    assert "1.000 kvar, its upper limit; 1.00000 pu asked" in str(told)
    (kept,) = held_voltages(solve(Network.from_feeder(holding())))
    assert kept.limit == ""
    assert kept.v_pu == pytest.approx(HELD_PU, abs=1e-7)
