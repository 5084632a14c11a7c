"""`Port`: how a border is seen from either side, phase by phase.

The microgrid behind a border is a generator of constant power to the one before it, one for each pair of nodes, and the border is
a source of given voltage and angle to the one behind. With current I_a into the region at node a,

    grounded section     S_a  = V_a conj(I_a)                    for each phase
    without a ground     S_ab = (V_a - V_b) conj(I_a)            for all phases but b, as two wattmeters measure three wires

Without a ground the currents of the phases sum to zero, so the second says the same with one number less; powers from phase to
ground would push current into a ground that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders.elements import Generator, Nodes, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.grounding import grounded_buses
from tieline.network.partition import Border
from tieline.network.voltage_points import PHASES
from tieline.typing import ComplexArray, IntArray
from tieline.units import S_BASE_KVA, SQRT3

GROUND = -1
"""Index that stands for ground among the phases of a port."""


@dataclass(frozen=True, eq=False)
class Port:
    """The far bus of a border.

    Attributes:
        line: name of the coupling line.
        bus: where the region behind it begins.
        nodes: its conductors there, (phase,).
        plus, minus: between which of these power is told, `GROUND` for ground, (pair,).
    """

    line: str
    bus: str
    nodes: Nodes
    plus: IntArray
    minus: IntArray

    def power_kva(self, v_pu: ComplexArray, current_pu: ComplexArray) -> ComplexArray:
        """What flows into the region, from voltages and currents of its phases, (scenario, phase) -> (scenario, pair) [kVA]."""
        across = v_pu[:, self.plus]
        # ground has no column of voltages: from phase to ground nothing is taken off
        is_between = self.minus != GROUND
        minus = self.minus[is_between]
        across[:, is_between] -= v_pu[:, minus]
        current = current_pu[:, self.plus]
        return across * np.conj(current) * S_BASE_KVA

    def source(self, kv_ll: float) -> Source:
        """An ideal source at the port, for the region behind it; its voltage is told at every solve."""
        return Source(f"border_{self.line}", self.bus, self.nodes, kv_ll)

    def generators(self, kv_ll: float, rated_kva: float) -> list[Generator]:
        """What stands for the region, for the one before it: it injects minus what flows in."""
        units = []
        unit_kva = rated_kva / len(self.plus)
        pairs = zip(self.plus, self.minus, strict=True)
        for number, (plus, minus) in enumerate(pairs, 1):
            is_grounded = minus == GROUND
            connection = "wye" if is_grounded else "delta"
            minus_node = 0
            if not is_grounded:
                minus_node = self.nodes[minus]
            kv = kv_ll
            if is_grounded:
                kv = kv_ll / SQRT3
            unit = Generator(
                name=f"border_{self.line}_{number}",
                bus=self.bus,
                nodes=(self.nodes[plus], minus_node),
                connection=connection,
                kv=kv,
                rated_kva=unit_kva,
            )
            units.append(unit)
        return units


def port_of(feeder: Feeder, border: Border, grounded: set[str] | None = None) -> Port:
    """The port of a border.

    Args:
        feeder: the whole feeder.
        border: one of its partition.
        grounded: `grounded_buses(feeder)`, where the caller has them.

    Raises:
        InputError: if the coupling line has conductors beside its phases.
    """
    line = next(line for line in feeder.lines if line.name == border.branch.name)
    nodes = line.to_nodes if line.to_bus == border.far_bus else line.from_nodes
    if not set(nodes) <= set(PHASES):
        raise InputError(
            f"Line '{line.name}' of feeder '{feeder.name}' cannot be a border between power flows: it has conductors {nodes}, "
            "and only phases 1 to 3 are told across. Choose a border without a neutral."
        )
    if grounded is None:
        grounded = grounded_buses(feeder)
    count = len(nodes)
    index = np.arange(count)
    bus = border.far_bus
    # a single conductor has no other to be measured against
    if bus in grounded or count == 1:
        to_ground = np.full(count, GROUND)
        return Port(line.name, bus, nodes, index, to_ground)
    to_first = np.zeros(count - 1, int)
    return Port(line.name, bus, nodes, index[1:], to_first)
