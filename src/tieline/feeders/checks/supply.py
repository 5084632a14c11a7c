"""Supply: one source, and a path of conductors from it to every node.

A line carries supply node by node. A transformer phase carries it when both ends of one of its windings are supplied (ground and
neutrals count as supplied), and then supplies the ends of that phase on every other winding. Neutral conductors (node 4 and up)
need no supply, only something that ties them down: a line, winding, capacitor or shunt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tieline.feeders.checks.common import error, pairs_of, phrase, warning
from tieline.feeders.elements import Bus, Transformer
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

Node = tuple[str, int]
Spread = Callable[[set[Node]], list[Node]]
"""Given what is supplied, the nodes that one line or transformer phase supplies."""

PHASES = (1, 2, 3)


def check_source_count(feeder: Feeder) -> Iterator[Finding]:
    """A feeder has exactly one source."""
    if not feeder.sources:
        yield error(
            "source", feeder.name, "MISSING", f"feeder '{feeder.name}' has no source.", "Give the bus where the grid feeds it."
        )
    if len(feeder.sources) > 1:
        names = ", ".join(source.name for source in feeder.sources)
        message = f"feeder '{feeder.name}' has {len(feeder.sources)} sources: {names}."
        yield error("source", feeder.name, "SEVERAL", message, "Keep one; make the others generators of given P and Q.")


def check_supply(feeder: Feeder) -> Iterator[Finding]:
    """Every node can be reached from the source; a part that open lines cut off is worth a warning."""
    if len(feeder.sources) != 1:
        return
    reachable = supplied_nodes(feeder, with_open_lines=True)
    energised = supplied_nodes(feeder, with_open_lines=False)
    for bus in feeder.buses:
        needed = [phase for phase in bus.phases if phase in PHASES] or list(bus.phases)
        unreachable = [phase for phase in needed if (bus.name, phase) not in reachable]
        dead = [phase for phase in needed if (bus.name, phase) not in energised and phase not in unreachable]
        if unreachable:
            yield _unsupplied(bus, unreachable, is_whole=len(unreachable) == len(needed))
        if dead:
            message = f"{phrase(dead)} of bus '{bus.name}' cannot be reached from the source while lines or switches are open."
            yield warning(
                "bus", bus.name, "DEENERGISED", message, "Close a line or switch on the way, or take it as without voltage."
            )


def check_neutrals(feeder: Feeder) -> Iterator[Finding]:
    """A neutral conductor is tied to something, else its voltage is undefined."""
    tied = _tied_nodes(feeder)
    for bus in feeder.buses:
        for node in bus.phases:
            if node not in PHASES and (bus.name, node) not in tied:
                message = f"no line, winding, capacitor or shunt ties node {node} of bus '{bus.name}'."
                yield error("bus", bus.name, "NEUTRAL_FLOATS", message, f"Ground it, or remove node {node} from the bus.")


def _unsupplied(bus: Bus, phases: list[int], is_whole: bool) -> Finding:
    if is_whole:
        message = f"bus '{bus.name}' is not connected to the source, even with all lines closed."
        return error("bus", bus.name, "DISCONNECTED", message, "Add the line or transformer that feeds it, or remove the bus.")
    message = f"no line or transformer brings {phrase(phases)} to bus '{bus.name}'."
    remedy = f"Add {phrase(phases)} to what feeds the bus, or remove it from the bus."
    return error("bus", bus.name, "PHASE_UNSUPPLIED", message, remedy)


def supplied_nodes(feeder: Feeder, with_open_lines: bool) -> set[Node]:
    """Nodes (bus, number) that the source reaches through closed lines and transformers, or through all of them."""
    spreads = _spreads(feeder, with_open_lines)
    touching: dict[Node, list[Spread]] = defaultdict(list)
    for spread, nodes in spreads:
        for node in nodes:
            touching[node].append(spread)
    supplied = {(source.bus, node) for source in feeder.sources for node in source.nodes}
    pending = list(supplied)
    while pending:
        for spread in touching[pending.pop()]:
            new = [node for node in spread(supplied) if node not in supplied]
            supplied.update(new)
            pending += new
    return supplied


def _spreads(feeder: Feeder, with_open_lines: bool) -> Iterator[tuple[Spread, list[Node]]]:
    """One spread per line conductor and transformer phase, with the nodes that can set it off."""
    for line in feeder.lines:
        if line.closed or with_open_lines:
            for a, b in zip(line.from_nodes, line.to_nodes, strict=False):
                if a in PHASES and b in PHASES:
                    ends: list[Node] = [(line.from_bus, a), (line.to_bus, b)]
                    yield (lambda _, ends=ends: ends), ends
    for transformer in feeder.transformers:
        for sides in _phase_sides(transformer):
            yield (lambda supplied, sides=sides: _across(sides, supplied)), [node for side in sides for node in side]


def _phase_sides(transformer: Transformer) -> Iterator[list[list[Node]]]:
    """For each phase, the phase nodes of each winding."""
    pairs = [pairs_of(winding.nodes, winding.connection) for winding in transformer.windings if winding.nodes]
    buses = [winding.bus for winding in transformer.windings if winding.nodes]
    for phase in range(min(transformer.phases, *(len(of_winding) for of_winding in pairs), 3) if pairs else 0):
        yield [
            [(bus, node) for node in of_winding[phase] if node in PHASES] for bus, of_winding in zip(buses, pairs, strict=True)
        ]


def _across(sides: list[list[Node]], supplied: set[Node]) -> list[Node]:
    """All ends of a transformer phase, if both ends of one winding are supplied."""
    is_live = any(side and all(node in supplied for node in side) for side in sides)
    return [node for side in sides for node in side] if is_live else []


def _tied_nodes(feeder: Feeder) -> set[Node]:
    ends = [(line.from_bus, line.from_nodes) for line in feeder.lines] + [(line.to_bus, line.to_nodes) for line in feeder.lines]
    ends += [(winding.bus, winding.nodes) for transformer in feeder.transformers for winding in transformer.windings]
    ends += [(element.bus, element.nodes) for element in (*feeder.capacitors, *feeder.shunts)]
    return {(bus, node) for bus, nodes in ends for node in nodes}
