"""`RegulatorTable`: tap range and metering point of every regulator, as arrays.

Tap position n means a turns ratio of (tap_min + tap_max) / 2 + n (tap_max - tap_min) / tap_steps, so 0 is neutral on the usual
+-10 % changer. A winding whose ratio lies between two of these moves by whole steps from there, as in OpenDSS: all its positions
are shifted by the same part of a step, and those that would leave the range are not taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import Regulator, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.feeders.windings import delta_direction
from tieline.network.admittance import winding_volt
from tieline.network.devices import node_or_ground
from tieline.typing import FloatArray, IntArray

STEP_DUST = 1e-6
"""Part of a step by which a ratio may miss a position through rounding."""


class MeteredPhase(NamedTuple):
    """Nodes between which a voltage is measured (`GROUND` for ground), and the terminal conductor whose current is, an index into
    `Network.terminals`.
    """

    plus: int
    minus: int
    terminal: int


@dataclass(frozen=True)
class RegulatorTable:
    """Arrays over the feeder's regulators, (regulator,).

    Attributes:
        initial_tap, lowest_tap, highest_tap: positions; the initial one is the nearest to the feeder's ratio.
        neutral_ratio, ratio_per_step: turns ratio at position 0 and per step [pu].
        phases: of the measured winding those that it looks at, one or all, for each regulator.
        remote: nodes of the remote bus between which the voltage is regulated; None where it is that of the winding.
        rated_volt: rated voltage across one phase of the measured winding [V].
    """

    initial_tap: IntArray
    lowest_tap: IntArray
    highest_tap: IntArray
    neutral_ratio: FloatArray
    ratio_per_step: FloatArray
    phases: tuple[tuple[MeteredPhase, ...], ...]
    remote: tuple[tuple[int, int] | None, ...]
    rated_volt: FloatArray

    def inverse_ratio(self, tap: FloatArray | IntArray) -> FloatArray:
        """1 / turns ratio at tap positions (..., regulator)."""
        return 1.0 / (self.neutral_ratio + tap * self.ratio_per_step)


def regulator_table(
    feeder: Feeder,
    node_index: dict[tuple[str, int], int],
    terminals_of: Callable[[tuple[str, str], int], IntArray],
) -> RegulatorTable:
    """Build the table.

    `node_index` maps (bus, node number) to node; `terminals_of(element, side)` gives the terminal conductors of one side of an
    element.
    """
    transformers = {
        transformer.name: transformer for transformer in feeder.transformers
    }
    tap_rows: list[tuple[float, ...]] = []
    phases: list[tuple[MeteredPhase, ...]] = []
    remote: list[tuple[int, int] | None] = []
    rated_volts: list[float] = []
    for regulator in feeder.regulators:
        transformer = transformers[regulator.transformer]
        tap_rows.append(_tap_range(transformer.windings[regulator.moved_winding - 1]))
        conductors = terminals_of(("transformer", transformer.name), regulator.winding)
        phases.append(_phases(regulator, transformer, node_index, conductors))
        remote.append(_remote_nodes(regulator, node_index))
        measured_winding = transformer.windings[regulator.winding - 1]
        rated_volts.append(winding_volt(transformer, measured_winding))
    taps = np.array(tap_rows, dtype=float).reshape(-1, 5)
    return RegulatorTable(
        initial_tap=taps[:, 0].astype(np.int64),
        lowest_tap=taps[:, 1].astype(np.int64),
        highest_tap=taps[:, 2].astype(np.int64),
        neutral_ratio=taps[:, 3],
        ratio_per_step=taps[:, 4],
        phases=tuple(phases),
        remote=tuple(remote),
        rated_volt=np.array(rated_volts),
    )


def _tap_range(winding: Winding) -> tuple[float, ...]:
    """Initial, lowest, highest position; ratio at position 0; ratio per step."""
    step = (winding.tap_max - winding.tap_min) / winding.tap_steps
    neutral = (winding.tap_max + winding.tap_min) / 2
    initial = round((winding.tap - neutral) / step)
    at_zero = winding.tap - initial * step
    # rounding alone must not shift the positions of a usual changer
    if abs(at_zero - neutral) < STEP_DUST * step:
        at_zero = neutral
    steps_down = (winding.tap_min - at_zero) / step
    steps_up = (winding.tap_max - at_zero) / step
    lowest = math.ceil(steps_down - STEP_DUST)
    highest = math.floor(steps_up + STEP_DUST)
    return initial, lowest, highest, at_zero, step


def _phases(
    regulator: Regulator,
    transformer: Transformer,
    node_index: dict[tuple[str, int], int],
    conductors: IntArray,
) -> tuple[MeteredPhase, ...]:
    """The phases of the measured winding that a regulator looks at; `conductors` are those of the winding."""
    winding = transformer.windings[regulator.winding - 1]
    pairs = phase_pairs(winding.nodes, winding.connection, delta_direction(transformer))
    places = [regulator.phase - 1]
    if regulator.phase_rule != "one":
        places = list(range(len(pairs)))
    phases = []
    for place in places:
        plus, minus = pairs[place]
        # conductors that end at ground are no terminals
        ungrounded_before = sum(node != 0 for node in winding.nodes[:place])
        phases.append(
            MeteredPhase(
                node_index[winding.bus, plus],
                node_or_ground(node_index, winding.bus, minus),
                int(conductors[ungrounded_before]),
            )
        )
    return tuple(phases)


def _remote_nodes(
    regulator: Regulator, node_index: dict[tuple[str, int], int]
) -> tuple[int, int] | None:
    """Nodes of the remote bus between which the voltage is regulated."""
    bus = regulator.remote_bus
    if bus is None:
        return None
    plus_number = regulator.remote_node or regulator.phase
    minus_number = regulator.remote_node_to or 0
    plus = node_index[bus, plus_number]
    return plus, node_or_ground(node_index, bus, minus_number)
