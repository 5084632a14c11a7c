"""`RegulatorTable`: tap range and metering point of every regulator, as arrays.

Tap position n means a turns ratio of (tap_min + tap_max) / 2 + n (tap_max - tap_min) / tap_steps, so 0 is neutral on the usual +-10 % changer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.feeders.elements import Regulator, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.network.admittance import delta_direction
from tieline.network.connections import phase_pairs
from tieline.network.devices import GROUND
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True)
class RegulatorTable:
    """Arrays over the feeder's regulators, (regulator,).

    Attributes:
        initial_tap, lowest_tap, highest_tap: positions; the initial one is the nearest to the feeder's ratio.
        neutral_ratio, ratio_per_step: turns ratio at position 0 and per step [pu].
        plus, minus: nodes whose voltage is measured (`GROUND` for ground).
        winding_nodes: node of the metered winding whose current is measured.
        side: terminal of the transformer that carries the current.
        is_remote: the voltage is that of a remote bus: no line-drop compensation.
    """

    initial_tap: IntArray
    lowest_tap: IntArray
    highest_tap: IntArray
    neutral_ratio: FloatArray
    ratio_per_step: FloatArray
    plus: IntArray
    minus: IntArray
    winding_node: IntArray
    side: IntArray
    is_remote: np.ndarray

    def inverse_ratio(self, tap: FloatArray | IntArray) -> FloatArray:
        """1 / turns ratio at tap positions (..., regulator)."""
        return 1.0 / (self.neutral_ratio + tap * self.ratio_per_step)


def regulator_table(feeder: Feeder, node_index: dict[tuple[str, int], int]) -> RegulatorTable:
    """Build the table; `node_index` maps (bus, node number) to node."""
    transformers = {transformer.name: transformer for transformer in feeder.transformers}
    rows = [_row(regulator, transformers[regulator.transformer], node_index) for regulator in feeder.regulators]
    table = np.array(rows, dtype=float).reshape(-1, 10)
    whole = [table[:, k].astype(np.int64) for k in range(10)]
    return RegulatorTable(*whole[:3], table[:, 3], table[:, 4], *whole[5:9], is_remote=table[:, 9].astype(bool))


def _row(regulator: Regulator, transformer: Transformer, node_index: dict[tuple[str, int], int]) -> tuple[float, ...]:
    winding = transformer.windings[regulator.winding - 1]
    step = (winding.tap_max - winding.tap_min) / winding.tap_steps
    neutral = (winding.tap_max + winding.tap_min) / 2
    lowest, highest = (round((limit - neutral) / step) for limit in (winding.tap_min, winding.tap_max))
    plus, minus = _metered_pair(regulator, transformer, winding)
    bus = regulator.remote_bus or winding.bus
    nodes = [node_index.get((bus, node), GROUND) for node in (plus, minus)]
    carrier = node_index[winding.bus, phase_pairs(winding.nodes, winding.connection)[regulator.phase - 1][0]]
    initial = round((winding.tap - neutral) / step)
    remote = regulator.remote_bus is not None
    return initial, lowest, highest, neutral, step, *nodes, carrier, regulator.winding, remote


def _metered_pair(regulator: Regulator, transformer: Transformer, winding: Winding) -> tuple[int, int]:
    if regulator.remote_bus is not None:
        return regulator.remote_node or regulator.phase, 0
    direction = delta_direction(transformer, regulator.winding - 1)
    return phase_pairs(winding.nodes, winding.connection, direction)[regulator.phase - 1]
