"""Power flows in sequence: what comes out is what one step after the other gives, whatever is solved side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.feeders.elements import Capacitor, CapacitorControl
from tieline.network import Network
from tieline.powerflow import Outcome, solve
from tieline.powerflow.in_sequence import (
    first_positions,
    last_positions,
    solve_in_sequence,
)
from tieline.typing import FloatArray

STEPS = 60


@pytest.fixture(scope="module")
def network() -> Network:
    """The 123-node feeder with a bank that comes in where reactive power is high."""
    feeder = load_feeder("ieee123")
    bank = Capacitor("k", "67", (1, 2, 3, 0), "wye", 600.0, 4.16, steps_on=0)
    # it takes off less than lies between its settings, or it would come in and go out for ever
    control = CapacitorControl("kc", "k", "kvar", "l115", 1, 900.0, 200.0)
    return Network.from_feeder(
        feeder.replace(
            capacitors=(*feeder.capacitors, bank), capacitor_controls=(control,)
        )
    )


def day(network: Network) -> FloatArray:
    """Shares of load that rise and fall, with some noise, (step, load)."""
    hour = np.arange(STEPS)
    noise = np.random.default_rng(0).normal(
        0.0, 0.05, (STEPS, len(network.feeder.loads))
    )
    return (0.65 + 0.4 * np.sin(2 * np.pi * (hour - 9) / 24))[:, None] + noise


def test_the_same_as_one_step_after_the_other(network: Network) -> None:
    scale = day(network)
    together = solve_in_sequence(network, STEPS, load_scale=scale)
    positions = first_positions(network)
    for step in range(STEPS):
        alone = solve(
            network, load_scale=scale[step : step + 1], **positions.held_inputs
        )
        positions = last_positions(alone)
        assert alone.converged[0]
        assert (together.taps[step] == alone.taps[0]).all()
        np.testing.assert_allclose(together.v_pu[step], alone.v_pu[0], atol=2e-8)
    # or the test would hold without any control
    assert len(np.unique(together.taps, axis=0)) > 5
    assert len(np.unique(np.round(together.capacitor_steps[:, -1]))) == 2


def test_it_hangs_on_where_it_begins(network: Network) -> None:
    """Within their bands regulators stay where they are: without memory the same hour has other taps."""
    scale = day(network)
    together = solve_in_sequence(network, STEPS, load_scale=scale)
    without_memory = solve(network, load_scale=scale)
    assert (together.taps != without_memory.taps).any()


def test_two_halves_are_the_whole(network: Network) -> None:
    scale = day(network)
    whole = solve_in_sequence(network, STEPS, load_scale=scale)
    first = solve_in_sequence(network, 25, load_scale=scale[:25])
    second = solve_in_sequence(
        network, STEPS - 25, last_positions(first), load_scale=scale[25:]
    )
    np.testing.assert_array_equal(whole.taps[25:], second.taps)


def test_a_step_without_an_answer_leaves_the_next_where_it_was(
    network: Network,
) -> None:
    scale = day(network)[:4]
    broken = scale.copy()
    broken[1] = 40.0
    solution = solve_in_sequence(network, 4, load_scale=broken)
    assert solution.outcome[1] != Outcome.CONVERGED
    assert np.isnan(solution.v_pu[1]).all()
    without = solve_in_sequence(network, 3, load_scale=scale[[0, 2, 3]])
    np.testing.assert_array_equal(solution.taps[[0, 2, 3]], without.taps)


def test_positions_are_no_inputs(network: Network) -> None:
    with pytest.raises(InputError, match="taps follow from one step to the next"):
        solve_in_sequence(network, 2, taps=np.zeros((2, 7)), load_scale=np.ones((2, 1)))


def test_a_feeder_without_controls_is_a_batch() -> None:
    feeder = two_bus()
    (load,) = feeder.loads
    network = Network.from_feeder(feeder.replace(loads=(replace(load, name="one"),)))
    scale = np.array([[0.5], [1.0]])
    np.testing.assert_array_equal(
        solve_in_sequence(network, 2, load_scale=scale).v_pu,
        solve(network, load_scale=scale).v_pu,
    )


def test_a_scheduled_bank_begins_each_step_by_its_schedule(network: Network) -> None:
    """The first bank of the feeder has no control: it stays in each step as its schedule says."""
    schedule = np.full((3, len(network.feeder.capacitors)), np.nan)
    schedule[:, 0] = [1.0, 0.0, 1.0]
    solution = solve_in_sequence(
        network, 3, scheduled_steps=schedule, load_scale=day(network)[:3]
    )
    np.testing.assert_allclose(solution.capacitor_steps[:, 0], [1.0, 0.0, 1.0])
    np.testing.assert_allclose(solution.capacitor_steps[:, 1], 1.0)
