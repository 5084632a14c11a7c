"""The walk through time: blocks of steps, each beginning where the controls of the one before ended, and what is kept of them.

A block is as long as memory bears; of its voltages and flows only what `records` keeps outlives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow import Solution, solve
from tieline.powerflow.in_sequence import (
    Positions,
    first_positions,
    last_positions,
    solve_in_sequence,
)
from tieline.studies.answer import Tell
from tieline.studies.gauges import Gauge, make_gauges
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.time_series.config import TimeSeriesConfig
from tieline.studies.time_series.records import Records
from tieline.studies.time_series.world.clocks import clock_schedule, without_clocks
from tieline.studies.time_series.world.powers import Powers, make_powers
from tieline.typing import FloatArray

BYTES_OF_A_COMPLEX = 16
BLOCK_BYTES = 1 << 26
"""Voltages of a block. Flows at the terminals, of which there are some times more, come on top while they are read."""


@dataclass(frozen=True, eq=False)
class Walk:
    """What was walked through, and what was kept.

    `feeder`: as it was given, with its clocks. `first`: positions of the controls before the first step. `last_block`: the
    solution of the last steps.
    """

    feeder: Feeder
    network: Network
    config: TimeSeriesConfig
    points: VoltagePoints
    gauges: tuple[Gauge, ...]
    powers: Powers
    first: Positions
    records: Records
    last_block: Solution


def walk(feeder: Feeder, config: TimeSeriesConfig, tell: Tell) -> Walk:
    """Solve all steps; raises `InputError` if a table cannot be used."""
    tell(0, config.n_steps, "loads and sun")
    studied = with_line_ratings(feeder, config.line_rating_a)
    if config.controls == "feeder":
        studied = without_clocks(studied)
    network = Network.from_feeder(studied)
    points = voltage_points(network)
    gauges = make_gauges(network, points, config.limit_numbers)
    powers = make_powers(feeder, config)
    records = Records(network, points, gauges, powers.times)
    first = _first_positions(network, config, powers)
    schedule = clock_schedule(feeder, powers.times)
    begin = first
    block = None
    for steps in _blocks(network, len(powers.times)):
        block = _solve_block(network, config, powers, steps, begin, schedule[steps])
        records.add(steps, block)
        begin = last_positions(block)
        tell(
            steps.stop,
            len(powers.times),
            f"up to {powers.times[steps.stop - 1]:%Y-%m-%d}",
        )
    assert block is not None  # a configuration has two steps at least
    return Walk(feeder, network, config, points, gauges, powers, first, records, block)


def _blocks(network: Network, n_steps: int) -> Iterator[slice]:
    """The steps in order, as many at once as memory bears."""
    size = max(1, BLOCK_BYTES // (BYTES_OF_A_COMPLEX * network.n_nodes))
    for start in range(0, n_steps, size):
        yield slice(start, min(start + size, n_steps))


def _first_positions(
    network: Network, config: TimeSeriesConfig, powers: Powers
) -> Positions:
    """Where controls stand before the first step: as the feeder states, or held where they rest in it."""
    if config.controls != "hold":
        return first_positions(network)
    inputs = _inputs(network, powers, slice(0, 1))
    return last_positions(solve(network, load_model=config.load_model, **inputs))


def _solve_block(
    network: Network,
    config: TimeSeriesConfig,
    powers: Powers,
    steps: slice,
    begin: Positions,
    scheduled_steps: FloatArray,
) -> Solution:
    inputs = _inputs(network, powers, steps)
    if config.controls == "feeder":
        n_steps = steps.stop - steps.start
        return solve_in_sequence(
            network,
            n_steps,
            begin,
            scheduled_steps,
            load_model=config.load_model,
            **inputs,
        )
    return solve(
        network,
        controls="off",
        load_model=config.load_model,
        **inputs,
        **begin.held_inputs,
    )


def _inputs(network: Network, powers: Powers, steps: slice) -> dict[str, Any]:
    """What is asked of the power flows of some steps."""
    inputs: dict[str, Any] = {
        "load_kw": powers.load_kw[steps],
        "load_kvar": powers.load_kvar[steps],
        "der_kw": powers.der_kw[steps],
        # that of generators that hold a voltage is fixed by now
        "der_kvar": powers.der_kvar[steps],
    }
    if network.feeder.inverter_controls:
        inputs["inverters"] = "feeder"
    return inputs
