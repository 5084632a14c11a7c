"""Regulators and capacitor controls: what they act on and measure exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import buses_by_name, error, listing, phrase
from tieline.feeders.elements import (
    Capacitor,
    CapacitorControl,
    MeteredKind,
    Nodes,
    Regulator,
    Transformer,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.metering import (
    GROUND,
    looks_at_voltage,
    metered_kind,
    metered_names,
    voltage_conductors,
)


def check_regulators(feeder: Feeder) -> Iterator[Finding]:
    """A regulator names a transformer, one of its windings and one of its phases."""
    transformers = {
        transformer.name: transformer for transformer in feeder.transformers
    }
    for regulator in feeder.regulators:
        transformer = transformers.get(regulator.transformer)
        if transformer is None:
            yield _unknown(
                "regulator",
                regulator.name,
                "transformer",
                regulator.transformer,
                transformers,
            )
        else:
            yield from _regulator_findings(regulator, transformer)


def _regulator_findings(
    regulator: Regulator, transformer: Transformer
) -> Iterator[Finding]:
    n_windings = len(transformer.windings)
    # the one that it measures and the one that it moves, which mostly are the same
    for winding in dict.fromkeys((regulator.winding, regulator.moved_winding)):
        if 1 <= winding <= n_windings:
            continue
        acts = f"regulator '{regulator.name}' acts on winding {winding} of transformer '{transformer.name}'"
        yield error(
            "regulator",
            regulator.name,
            "WINDING_UNKNOWN",
            f"{acts}, which has {n_windings}.",
            "Correct the winding.",
        )
    if not 1 <= regulator.phase <= transformer.phases:
        measures = f"regulator '{regulator.name}' measures phase {regulator.phase} of transformer '{transformer.name}'"
        message = f"{measures}, which has {transformer.phases}."
        yield error(
            "regulator",
            regulator.name,
            "PHASE_UNKNOWN",
            message,
            "Count the winding's phases from 1.",
        )
        return
    grounded = _grounded_phases(regulator, transformer)
    # to ground there is no voltage to hold
    if grounded:
        measures = f"regulator '{regulator.name}' measures phase {grounded[0]} of winding {regulator.winding}"
        message = (
            f"{measures} of transformer '{transformer.name}', which begins at ground."
        )
        yield error(
            "regulator",
            regulator.name,
            "PHASE_GROUNDED",
            message,
            "List the winding's live end before ground.",
        )


def _grounded_phases(regulator: Regulator, transformer: Transformer) -> list[int]:
    """Measured phases that begin at ground; a winding with too few nodes is reported with its transformer."""
    if not 1 <= regulator.winding <= len(transformer.windings):
        return []
    nodes = transformer.windings[regulator.winding - 1].nodes
    phases: Iterable[int] = [regulator.phase]
    if regulator.phase_rule != "one":
        phases = range(1, transformer.phases + 1)
    return [phase for phase in phases if phase <= len(nodes) and nodes[phase - 1] == 0]


def check_remote_buses(feeder: Feeder) -> Iterator[Finding]:
    """The bus and node that a regulator holds from afar exist."""
    buses = buses_by_name(feeder)
    for regulator in feeder.regulators:
        if regulator.remote_bus is None:
            continue
        if regulator.remote_bus not in buses:
            yield _unknown(
                "regulator", regulator.name, "bus", regulator.remote_bus, buses
            )
            continue
        node = regulator.remote_node or regulator.phase
        phases = buses[regulator.remote_bus].phases
        for end in (node, regulator.remote_node_to):
            # 0 and None both stand for ground, which every bus has
            if end and end not in phases:
                message = (
                    f"regulator '{regulator.name}' holds phase {end} of bus '{regulator.remote_bus}', which "
                    f"has {phrase(phases)}."
                )
                yield error(
                    "regulator",
                    regulator.name,
                    "PHASE_MISSING",
                    message,
                    "Correct remote_node.",
                )


def check_capacitor_controls(feeder: Feeder) -> Iterator[Finding]:
    """A capacitor control names a capacitor and a terminal conductor of a line, transformer or bank."""
    capacitors = {capacitor.name: capacitor for capacitor in feeder.capacitors}
    names = metered_names(feeder)
    for control in feeder.capacitor_controls:
        if control.capacitor not in capacitors:
            yield _unknown(
                "capacitor control",
                control.name,
                "capacitor",
                control.capacitor,
                capacitors,
            )
        kind = metered_kind(control, names)
        # no `elif`: a wrong capacitor and a wrong element are two faults
        if kind is None:
            kinds: list[MeteredKind] = list(names)
            if control.element_kind is not None:
                kinds = [control.element_kind]
            candidates = [name for of_kind in kinds for name in names[of_kind]]
            yield _unknown(
                "capacitor control",
                control.name,
                "element",
                control.element,
                candidates,
            )
        else:
            bank = capacitors.get(control.capacitor)
            ends = _ends(feeder, kind, control.element)
            yield from _metering_findings(control, bank, ends)
        yield from _override_findings(control, feeder)


def _ends(feeder: Feeder, kind: MeteredKind, name: str) -> list[Nodes]:
    """Nodes of each terminal of an element, its phases first."""
    if kind == "line":
        line = next(line for line in feeder.lines if line.name == name)
        return [line.from_nodes, line.to_nodes]
    if kind == "capacitor":
        bank = next(bank for bank in feeder.capacitors if bank.name == name)
        return [bank.nodes]
    unit = next(unit for unit in feeder.transformers if unit.name == name)
    return [winding.nodes for winding in unit.windings]


def _metering_findings(
    control: CapacitorControl, bank: Capacitor | None, ends: list[Nodes]
) -> Iterator[Finding]:
    if not 1 <= control.terminal <= len(ends):
        message = (
            f"capacitor control '{control.name}' measures terminal {control.terminal} of "
            f"'{control.element}', which has {len(ends)}."
        )
        yield error(
            "capacitor control",
            control.name,
            "TERMINAL_UNKNOWN",
            message,
            "Count terminals from 1.",
        )
        return
    # a meter at ground reads nothing, so ground is not among those that count
    conductors = [node for node in ends[control.terminal - 1] if node != 0]
    phases = list(_measured_phases(control, bank))
    missing = [phase for phase in phases if not 1 <= phase <= len(conductors)]
    if missing:
        measures = f"capacitor control '{control.name}' measures phase {missing[0]} of '{control.element}'"
        message = f"{measures}, which has {len(conductors)} there."
        yield error(
            "capacitor control",
            control.name,
            "PHASE_UNKNOWN",
            message,
            "Count the terminal's conductors from 1.",
        )


def _measured_phases(
    control: CapacitorControl, bank: Capacitor | None
) -> Iterator[int]:
    """The conductors that a control looks at one by one; across which ones it measures depends on its bank.

    By power and by the clock it looks at none, whatever phase its file names.
    """
    if control.kind == "current":
        yield control.current_phase or control.phase
    is_elsewhere = control.override_bus is not None
    # a bank that is missing is reported already
    if bank is not None and looks_at_voltage(control) and not is_elsewhere:
        for conductor in voltage_conductors(control, bank):
            if conductor != GROUND:
                yield conductor


def _override_findings(control: CapacitorControl, feeder: Feeder) -> Iterator[Finding]:
    """The bus whose voltage overrides a control exists, with the nodes that it looks at."""
    if control.override_bus is None:
        return
    buses = buses_by_name(feeder)
    bus = buses.get(control.override_bus)
    if bus is None:
        yield _unknown(
            "capacitor control", control.name, "bus", control.override_bus, buses
        )
        return
    nodes = control.override_nodes or ()
    missing = [node for node in nodes if node not in bus.phases]
    if missing or control.phase > len(nodes):
        message = (
            f"capacitor control '{control.name}' looks at phase {control.phase} of nodes {listing(nodes)} of bus "
            f"'{bus.name}', which has {phrase(bus.phases)}."
        )
        yield error(
            "capacitor control",
            control.name,
            "OVERRIDE_NODES",
            message,
            "Correct override_nodes: nodes of that bus, one for each phase.",
        )


def _unknown(
    kind: str, name: str, what: str, asked_name: str, candidates: Iterable[str]
) -> Finding:
    names = list(candidates)
    message = (
        unknown_name_message(what, asked_name, names)
        if names
        else f"Unknown {what} '{asked_name}'."
    )
    return error(
        kind,
        name,
        f"{what.upper()}_UNKNOWN",
        f"{kind} '{name}': {message}",
        "Correct the name.",
    )
