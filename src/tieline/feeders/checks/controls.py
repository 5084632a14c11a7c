"""Regulators and capacitor controls: what they act on and measure exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import buses_by_name, error, phrase
from tieline.feeders.elements import (
    Capacitor,
    CapacitorControl,
    Line,
    Regulator,
    Transformer,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.metering import GROUND, voltage_conductors


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
    if not 1 <= regulator.winding <= len(transformer.windings):
        acts = f"regulator '{regulator.name}' acts on winding {regulator.winding} of transformer '{transformer.name}'"
        message = f"{acts}, which has {len(transformer.windings)}."
        yield error(
            "regulator",
            regulator.name,
            "WINDING_UNKNOWN",
            message,
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
    # to ground there is no voltage to hold
    elif _is_grounded(regulator, transformer):
        measures = f"regulator '{regulator.name}' measures phase {regulator.phase} of winding {regulator.winding}"
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


def _is_grounded(regulator: Regulator, transformer: Transformer) -> bool:
    """Whether the measured phase begins at ground; a winding with too few nodes is reported with its transformer."""
    if not 1 <= regulator.winding <= len(transformer.windings):
        return False
    nodes = transformer.windings[regulator.winding - 1].nodes
    has_phase = regulator.phase <= len(nodes)
    return has_phase and nodes[regulator.phase - 1] == 0


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
    """A capacitor control names a capacitor and a terminal conductor of a line or transformer."""
    capacitors = {capacitor.name: capacitor for capacitor in feeder.capacitors}
    metered: dict[str, Line | Transformer] = {
        element.name: element for element in (*feeder.transformers, *feeder.lines)
    }
    for control in feeder.capacitor_controls:
        if control.capacitor not in capacitors:
            yield _unknown(
                "capacitor control",
                control.name,
                "capacitor",
                control.capacitor,
                capacitors,
            )
        # no `elif`: a wrong capacitor and a wrong element are two faults
        if control.element not in metered:
            yield _unknown(
                "capacitor control", control.name, "element", control.element, metered
            )
        else:
            bank = capacitors.get(control.capacitor)
            yield from _metering_findings(control, bank, metered[control.element])


def _metering_findings(
    control: CapacitorControl, bank: Capacitor | None, element: Line | Transformer
) -> Iterator[Finding]:
    ends = (
        [element.from_nodes, element.to_nodes]
        if isinstance(element, Line)
        else [winding.nodes for winding in element.windings]
    )
    if not 1 <= control.terminal <= len(ends):
        message = (
            f"capacitor control '{control.name}' measures terminal {control.terminal} of "
            f"'{element.name}', which has {len(ends)}."
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
    phases = [control.phase]
    # across which conductors it measures depends on the bank; one that is missing is reported
    # already
    if bank is not None and (control.kind == "voltage" or control.voltage_override):
        phases += [k for k in voltage_conductors(control, bank) if k != GROUND]
    missing = [phase for phase in phases if not 1 <= phase <= len(conductors)]
    if missing:
        measures = f"capacitor control '{control.name}' measures phase {missing[0]} of '{element.name}'"
        message = f"{measures}, which has {len(conductors)} there."
        yield error(
            "capacitor control",
            control.name,
            "PHASE_UNKNOWN",
            message,
            "Count the terminal's conductors from 1.",
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
