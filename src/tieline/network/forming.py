"""A network whose voltage is held at several buses: what grid-forming units make of an island.

The solver holds the voltage of `Network.source_nodes`; here these are the phases of all forming buses, each at a symmetrical
voltage, phase 2 a third of a turn behind phase 1. The source that the feeder states takes no part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tieline.errors import InputError
from tieline.network.current_sources import require_no_current_sources
from tieline.network.network import Network
from tieline.network.voltage_holders import require_no_holders
from tieline.network.voltage_points import PHASES
from tieline.typing import ComplexArray, IntArray

THIRD_OF_A_TURN = np.exp(-2j * np.pi / 3)


def with_forming_buses(network: Network, buses: Sequence[str]) -> Network:
    """The same network, held at these buses and nowhere else.

    Args:
        network: feeder arrays.
        buses: names, each once. The voltages of a solve are then those of their phases, bus by bus.

    Raises:
        InputError: for an unknown bus, one that is named twice, or one without all three phases; and if the feeder's own source
            has an impedance, which would go on taking current, or there are current sources, which no unit would follow.
    """
    feeder = network.feeder
    require_no_holders(feeder, "An island of droop units")
    require_no_current_sources(feeder, "An island of droop units")
    if not network.source_is_ideal:
        raise InputError(
            f"Source '{feeder.source.name}' of feeder '{feeder.name}' stands behind an impedance and would load the island. Cut "
            "the island out with a source of impedance 0 at a droop unit's bus."
        )
    names = [feeder.bus(bus).name for bus in buses]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"Two droop units stand at bus {', '.join(twice)} of feeder '{feeder.name}': both would hold its voltage. State them "
            "as one unit, or put a line between them."
        )
    for name in names:
        _require_phases(network, name)
    nodes = [
        network.node_index[f"{name}.{phase}"]
        for name in names
        for phase in phases_held(network)
    ]
    source_by_node = np.zeros((network.n_nodes, len(nodes)), dtype=complex)
    turn = np.tile(unit_phasors(network), len(names))
    source_by_node[nodes, np.arange(len(nodes))] = turn
    return replace(
        network,
        source_nodes=np.array(nodes, dtype=np.int64),
        source_by_node=source_by_node,
        source_is_ideal=True,
    )


def phases_held(network: Network) -> tuple[int, ...]:
    """Phases of a forming bus: all three, or the one that stands for them."""
    return (1,) if network.feeder.single_phase_equivalent else PHASES


def unit_phasors(network: Network) -> ComplexArray:
    """Voltage of each phase of a forming bus at one per unit and angle 0, (phase,) [pu]."""
    position = np.arange(len(phases_held(network)))
    return THIRD_OF_A_TURN**position


def forming_nodes(network: Network) -> IntArray:
    """Nodes of each forming bus of `with_forming_buses`, (bus, phase)."""
    return network.source_nodes.reshape(-1, len(phases_held(network)))


def _require_phases(network: Network, name: str) -> None:
    phases = network.feeder.bus(name).phases
    missing = [str(phase) for phase in phases_held(network) if phase not in phases]
    if missing:
        raise InputError(
            f"A droop unit stands at bus '{name}' of feeder '{network.feeder.name}', which has no phase {', '.join(missing)}: "
            "the unit is a symmetrical three-phase source. Move it to a bus with three phases."
        )
