"""Supply: one source, and a path of conductors from it to every node. A part without one is without voltage, as in the field's
tools (OpenDSS gives 0 V there), and what is not served stands in a warning.

A line carries supply node by node. A transformer phase carries it when both ends of one of its windings are supplied (ground and
neutrals count as supplied), and then supplies the ends of that phase on every other winding. Neutral conductors (node 4 and up)
need no supply, only something that ties them down: a line, winding, capacitor or shunt. A current source supplies the phases from
which a conductor leads to an earth; anywhere else without a source nothing settles a voltage, and its current nothing takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tieline.feeders.checks.common import PHASES, error, phrase, warning
from tieline.feeders.connections import phase_pairs
from tieline.feeders.earths import earthed_nodes
from tieline.feeders.elements import Bus, Der, Load, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import SEPARATOR, Finding

GROUND = 0

Node = tuple[str, int]


def check_source_count(feeder: Feeder) -> Iterator[Finding]:
    """A feeder has a source; several are all ideal or all behind an impedance, and no node has two."""
    if not feeder.sources:
        yield error(
            "source",
            feeder.name,
            "MISSING",
            f"feeder '{feeder.name}' has no source.",
            "Give the bus where the grid feeds it.",
        )
    is_ideal = {source.r1_ohm == 0 and source.x1_ohm == 0 for source in feeder.sources}
    if len(is_ideal) > 1:
        message = (
            f"feeder '{feeder.name}' has ideal sources beside some behind an impedance."
        )
        remedy = "Give every source an impedance, however small, or none at all."
        yield error("source", feeder.name, "MIXED", message, remedy)
    holder: dict[Node, str] = {}
    for source in feeder.sources:
        for node in source.nodes:
            first = holder.setdefault((source.bus, node), source.name)
            if first != source.name:
                message = f"sources '{first}' and '{source.name}' feed node {node} of bus '{source.bus}'."
                remedy = "Keep one of them, or put a line between them."
                yield error("source", source.name, "SAME_NODE", message, remedy)
                break


def check_supply(feeder: Feeder) -> Iterator[Finding]:
    """Every phase of a bus is fed, and so are loads and DERs; one walk through the feeder answers both."""
    if not feeder.sources:
        return
    reachable, energised = _supply(feeder)
    yield from _unfed_buses(feeder, reachable, energised)
    yield from _unserved(feeder, reachable, energised)


def _unfed_buses(
    feeder: Feeder, reachable: set[Node], energised: set[Node]
) -> Iterator[Finding]:
    """A bus that nothing feeds, or that open lines cut off, is without voltage."""
    for bus in feeder.buses:
        phases = [phase for phase in bus.phases if phase in PHASES]
        unreachable = [phase for phase in phases if (bus.name, phase) not in reachable]
        if phases and unreachable == phases:
            yield _disconnected(bus)
        elif unreachable:
            is_without_voltage = _hangs_on_ground(feeder, bus.name, set(unreachable))
            yield _phase_unsupplied(bus, unreachable, is_without_voltage)
        dead = [
            phase
            for phase in phases
            if phase not in unreachable and (bus.name, phase) not in energised
        ]
        if dead:
            yield _deenergised(bus, dead)


def _unserved(
    feeder: Feeder, nodes_if_closed: set[Node], nodes_now: set[Node]
) -> Iterator[Finding]:
    """Loads and DERs stand at live buses; those that do not are named with their power. Some load can be reached at all."""
    reachable = {bus for bus, _ in nodes_if_closed}
    if feeder.loads and not any(load.bus in reachable for load in feeder.loads):
        load_kw = sum(load.p_kw for load in feeder.loads)
        size = f"{load_kw:g} kW in {len(feeder.loads)}"
        message = f"no load of feeder '{feeder.name}' ({size}) can be reached from the source."
        # an error, as no study of such a feeder answers anything
        yield error(
            "feeder", feeder.name, "FEEDS_NOTHING", message, "Add what feeds them."
        )
        return
    live = {bus for bus, _ in nodes_now}
    loads = [load for load in feeder.loads if not _is_served(load, live, nodes_now)]
    ders = [der for der in feeder.ders if not _is_served(der, live, nodes_now)]
    if loads or ders:
        yield _not_served(loads, ders)


def _is_served(device: Load | Der, live: set[str], nodes_now: set[Node]) -> bool:
    """Whether a device stands at a live bus, and on one of its live phases if it stands on phases."""
    phases = [node for node in device.nodes if node in PHASES]
    is_on_live = any((device.bus, phase) in nodes_now for phase in phases)
    return device.bus in live and (is_on_live or not phases)


def _supply(feeder: Feeder) -> tuple[set[Node], set[Node]]:
    """Nodes that the source reaches with all lines closed, and as they stand."""
    reachable = supplied_nodes(feeder, with_open_lines=True)
    # with all lines closed one walk answers both
    if all(line.closed for line in feeder.lines):
        return reachable, reachable
    return reachable, supplied_nodes(feeder, with_open_lines=False)


def _disconnected(bus: Bus) -> Finding:
    message = f"bus '{bus.name}' is not connected to the source, even with all lines closed: it is without voltage."
    return warning(
        "bus",
        bus.name,
        "DISCONNECTED",
        message,
        "Add the line or transformer that feeds it, or remove the bus.",
    )


def _phase_unsupplied(bus: Bus, phases: list[int], is_without_voltage: bool) -> Finding:
    message = f"no line or transformer brings {phrase(phases)} to bus '{bus.name}'"
    remedy = f"Add {phrase(phases)} to what feeds the bus, or remove it from the bus."
    if is_without_voltage:
        message = f"{message}: it is without voltage."
        return warning("bus", bus.name, "PHASE_UNSUPPLIED", message, remedy)
    return error("bus", bus.name, "PHASE_UNSUPPLIED", f"{message}.", remedy)


def _hangs_on_ground(feeder: Feeder, bus: str, phases: set[int]) -> bool:
    """Whether nothing but devices to ground or neutral stands at phases without supply, so that they are at 0 V.

    A device between phases would bring them the voltage of its other end, and a line that of the conductors beside its own.
    """
    conductors = [(line.from_bus, line.from_nodes) for line in feeder.lines]
    conductors += [(line.to_bus, line.to_nodes) for line in feeder.lines]
    for transformer in feeder.transformers:
        conductors += [(end.bus, end.nodes) for end in transformer.windings]
    conductors += [(shunt.bus, shunt.nodes) for shunt in feeder.shunts]
    devices = (*feeder.loads, *feeder.ders, *feeder.capacitors)
    for device in devices:
        # a wye between two phases has the second one as its star point
        star = device.nodes[-1:] if device.connection == "wye" else ()
        # no node at all is a finding of another check
        if not star or star[0] in PHASES:
            conductors.append((device.bus, device.nodes))
    return not any(place == bus and phases & set(nodes) for place, nodes in conductors)


def _deenergised(bus: Bus, phases: list[int]) -> Finding:
    message = f"{phrase(phases)} of bus '{bus.name}' cannot be reached from the source while lines or switches are open."
    return warning(
        "bus",
        bus.name,
        "DEENERGISED",
        message,
        "Close a line or switch on the way, or take it as without voltage.",
    )


def _not_served(loads: list[Load], ders: list[Der]) -> Finding:
    names = [f"load {load.name}" for load in loads]
    names += [f"DER {der.name}" for der in ders]
    load_kw = sum(load.p_kw for load in loads)
    what = f"{len(loads)} load(s) of {load_kw:g} kW and {len(ders)} DER(s)"
    message = f"{what} stand at buses or phases without voltage: 0 kW are served."
    remedy = "Connect their buses and phases to the source, or remove them."
    return Finding(
        "FEEDER.NOT_SERVED", "warning", SEPARATOR.join(names), message, remedy
    )


def check_current_sources_settled(feeder: Feeder) -> Iterator[Finding]:
    """A current source drives into phases that a source feeds or an earth takes back, as lines and switches stand."""
    if not feeder.sources or not feeder.current_sources:
        return
    supplied = supplied_nodes(feeder, with_open_lines=False)
    for source in feeder.current_sources:
        phases = [node for node in source.nodes if node in PHASES]
        lacking = [node for node in phases if (source.bus, node) not in supplied]
        if lacking:
            message = (
                f"current source '{source.name}' drives into {phrase(lacking)} of bus '{source.bus}', which no source of voltage "
                "feeds and nothing earths: no voltage is settled there."
            )
            remedy = "Join the bus to the source, earth it by a shunt, or take the current source out."
            yield error("current source", source.name, "UNSETTLED", message, remedy)


def check_neutrals(feeder: Feeder) -> Iterator[Finding]:
    """A neutral conductor is tied to something, else its voltage is undefined."""
    tied = _tied_nodes(feeder)
    for bus in feeder.buses:
        for node in bus.phases:
            if node not in PHASES and (bus.name, node) not in tied:
                message = f"no line, winding, capacitor or shunt ties node {node} of bus '{bus.name}'."
                yield error(
                    "bus",
                    bus.name,
                    "NEUTRAL_FLOATS",
                    message,
                    f"Ground it, or remove node {node} from the bus.",
                )


def live_buses(feeder: Feeder) -> set[str]:
    """Names of the buses that have voltage while lines and switches stand as they do."""
    return {bus for bus, _ in supplied_nodes(feeder, with_open_lines=False)}


def supplied_nodes(feeder: Feeder, with_open_lines: bool) -> set[Node]:
    """Nodes (bus, number) that the source reaches through closed lines and transformers, or through all of them."""
    neighbours = _neighbours(feeder, with_open_lines)
    windings = _windings_at(feeder)
    supplied = {
        (source.bus, node) for source in feeder.sources for node in source.nodes
    }
    if feeder.current_sources:
        closed = [line.closed or with_open_lines for line in feeder.lines]
        earthed = _joined(earthed_nodes(feeder, closed), neighbours)
        supplied |= earthed.intersection(_driven_nodes(feeder))
    pending = list(supplied)
    while pending:
        node = pending.pop()
        reached = list(neighbours[node])
        # a transformer phase needs several nodes: each that comes to be supplied sets it off once more
        for sides in windings[node]:
            reached += _across(sides, supplied)
        new = set(reached) - supplied
        supplied |= new
        pending += new
    return supplied


def _driven_nodes(feeder: Feeder) -> Iterator[Node]:
    """Nodes that current sources drive into."""
    for source in feeder.current_sources:
        yield from ((source.bus, node) for node in source.nodes)


def _joined(nodes: set[Node], neighbours: defaultdict[Node, list[Node]]) -> set[Node]:
    """All nodes that conductors of lines join to some."""
    joined = set(nodes)
    pending = list(nodes)
    while pending:
        new = set(neighbours[pending.pop()]) - joined
        joined |= new
        pending += new
    return joined


def _neighbours(feeder: Feeder, with_open_lines: bool) -> defaultdict[Node, list[Node]]:
    """Nodes to which a conductor of some line leads from each node."""
    neighbours: defaultdict[Node, list[Node]] = defaultdict(list)
    for line in feeder.lines:
        if line.closed or with_open_lines:
            for a, b in zip(line.from_nodes, line.to_nodes, strict=False):
                # not only phases carry: the second circuit of a double line may be numbered 4 to 6
                if a != GROUND and b != GROUND:
                    start = (line.from_bus, a)
                    end = (line.to_bus, b)
                    neighbours[start].append(end)
                    neighbours[end].append(start)
    return neighbours


def _windings_at(feeder: Feeder) -> defaultdict[Node, list[list[list[Node]]]]:
    """Phases of transformers that each node may set off, each with its nodes winding by winding."""
    windings: defaultdict[Node, list[list[list[Node]]]] = defaultdict(list)
    for transformer in feeder.transformers:
        for sides in _phase_sides(transformer):
            for node in {node for side in sides for node in side}:
                windings[node].append(sides)
    return windings


def _phase_sides(transformer: Transformer) -> Iterator[list[list[Node]]]:
    """For each phase, the phase nodes of each winding."""
    windings = [winding for winding in transformer.windings if winding.nodes]
    sides = [_winding_sides(winding) for winding in windings]
    count = (
        min(transformer.phases, *(len(of_winding) for of_winding in sides), 3)
        if sides
        else 0
    )
    for phase in range(count):
        yield [of_winding[phase] for of_winding in sides]


def _winding_sides(winding: Winding) -> list[list[Node]]:
    """For each phase of a winding, the ends that need supply."""
    pairs = phase_pairs(winding.nodes, winding.connection)
    return [
        [(winding.bus, node) for node in _live_ends(pair, winding)] for pair in pairs
    ]


def _live_ends(pair: tuple[int, int], winding: Winding) -> list[int]:
    """The phases among the two ends; on the second circuit of a bus, numbered 4 to 6, all but ground and the star point."""
    phases = [node for node in pair if node in PHASES]
    if phases:
        return phases
    ends = pair[:1] if winding.connection == "wye" else pair
    return [node for node in ends if node != GROUND]


def _across(sides: list[list[Node]], supplied: set[Node]) -> list[Node]:
    """All ends of a transformer phase, if the voltages at its supplied ends settle those of the others.

    That is so if both ends of one winding are supplied. It is also so if fewer nodes lack supply than there are windings: each
    winding but one ties the voltage across it to that across the first (a regulator wired as an autotransformer).
    """
    wound = [side for side in sides if side]
    nodes = {node for side in wound for node in side}
    lacking = nodes - supplied
    is_live = any(supplied.issuperset(side) for side in wound)
    is_settled = len(lacking) < len(nodes) and len(lacking) < len(wound)
    return list(nodes) if is_live or is_settled else []


def _tied_nodes(feeder: Feeder) -> set[Node]:
    ends = [(line.from_bus, line.from_nodes) for line in feeder.lines]
    ends += [(line.to_bus, line.to_nodes) for line in feeder.lines]
    ends += [
        (winding.bus, winding.nodes)
        for transformer in feeder.transformers
        for winding in transformer.windings
    ]
    ends += [
        (element.bus, element.nodes) for element in (*feeder.capacitors, *feeder.shunts)
    ]
    return {(bus, node) for bus, nodes in ends for node in nodes}
