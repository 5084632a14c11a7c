"""Neutrals: the last node of a wye is its neutral, and no phase of the grid is one.

A node carries a phase if a conductor joins it to a phase of the source, or to what a transformer makes a phase: the corners of a
delta, the phases of a wye. Split-phase services often number their neutral 3, and a winding of one phase between two of the nodes
1 to 3 may stand between two phases as well as between a phase and a neutral. What tells them apart is the centre tap: the node
that two windings of one transformer share at a bus is its neutral. So a wye on 1, 2, 3 is right on such a service, and an error
where node 3 carries a phase: somebody forgot the neutral, and the element would take its power between the phases. A wye of two
nodes, 1 and 2, is not judged: in the field it is how an element of one phase between two phases is written. Nor is one that is
rated for the voltage between phases: two phases against a third are an open delta.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tieline.feeders.checks.common import (
    PHASES,
    buses_by_name,
    devices,
    error,
    listing,
)
from tieline.feeders.elements import Bus, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

Node = tuple[str, int]

BETWEEN_PHASES = 0.25
"""Relative difference to the voltage between phases up to which a rated voltage means it; that to neutral is 42 % below."""


def check_neutral_is_no_phase(feeder: Feeder) -> Iterator[Finding]:
    """A wye of two phases or more has a neutral that carries no phase."""
    buses = buses_by_name(feeder)
    suspects = [
        (kind, device)
        for kind, device in devices(feeder)
        if device.connection == "wye"
        and len(device.nodes) > 2
        and device.nodes[-1] in PHASES
        # who names ground has not forgotten it
        and 0 not in device.nodes
        and not _is_open_delta(kind, device, buses)
    ]
    # most feeders have no suspect, and need no walk
    carriers = phase_nodes(feeder) if suspects else set()
    for kind, device in suspects:
        neutral = device.nodes[-1]
        if (device.bus, neutral) in carriers:
            message = (
                f"{kind} '{device.name}' is a wye with the nodes {listing(device.nodes)}: the last one is its neutral, "
                f"but node {neutral} of bus '{device.bus}' carries a phase."
            )
            meant = ", ".join(map(str, (*device.nodes, 0)))
            remedy = f"Give the neutral as the last node, ({meant}) if it is ground, or make the connection delta."
            yield error(kind, device.name, "NEUTRAL_IS_PHASE", message, remedy)


def _is_open_delta(kind: str, device: Any, buses: dict[str, Bus]) -> bool:
    """Whether two branches that meet in a phase are rated for the voltage between phases."""
    bus = buses.get(device.bus)
    # a bank states that voltage also where its branches see another one
    if bus is None or len(device.nodes) != 3 or kind == "capacitor":
        return False
    return bool(abs(device.kv / bus.kv_ll - 1) < BETWEEN_PHASES)


def phase_nodes(feeder: Feeder) -> set[Node]:
    """Nodes (bus, number) that carry a phase, also behind open lines."""
    joined: dict[Node, list[Node]] = defaultdict(list)
    for line in feeder.lines:
        # ends of different length are reported by `check_line_ends`
        for a, b in zip(line.from_nodes, line.to_nodes, strict=False):
            joined[line.from_bus, a].append((line.to_bus, b))
            joined[line.to_bus, b].append((line.from_bus, a))
    carriers = {node for node in _origins(feeder) if node[1] in PHASES}
    pending = list(carriers)
    while pending:
        reached = [
            node
            for node in joined[pending.pop()]
            if node[1] in PHASES and node not in carriers
        ]
        carriers.update(reached)
        pending += reached
    return carriers


def _origins(feeder: Feeder) -> Iterator[Node]:
    """Nodes where phases begin: at sources and windings."""
    for source in feeder.sources:
        yield from ((source.bus, node) for node in source.nodes)
    for transformer in feeder.transformers:
        centre_taps = _centre_taps(transformer)
        for winding in transformer.windings:
            yield from {
                (winding.bus, node) for node in _ends(transformer, winding)
            } - centre_taps


def _ends(transformer: Transformer, winding: Winding) -> set[int]:
    """Nodes of a winding that carry a phase as far as its connection says: all of a delta, and of a winding of one phase."""
    if transformer.phases > 1 and winding.connection == "wye":
        return set(winding.nodes[:-1])
    return set(winding.nodes)


def _centre_taps(transformer: Transformer) -> set[Node]:
    """Nodes that two windings of a transformer of one phase share."""
    if transformer.phases > 1:
        return set()
    ends = Counter(
        (winding.bus, node)
        for winding in transformer.windings
        for node in set(winding.nodes)
    )
    return {node for node, count in ends.items() if count > 1}
