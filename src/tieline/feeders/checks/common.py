"""What all checks share: elements with the word for their kind, where they hang on buses, and how a finding is worded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tieline.feeders.elements import Bus, Nodes
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

KINDS = {
    "buses": "bus",
    "sources": "source",
    "lines": "line",
    "transformers": "transformer",
    "regulators": "regulator",
    "capacitors": "capacitor",
    "capacitor_controls": "capacitor control",
    "inverter_controls": "inverter control",
    "loads": "load",
    "pvs": "PV",
    "storages": "storage",
    "generators": "generator",
    "shunts": "shunt",
    "current_sources": "current source",
    "shapes": "shape",
}
"""Field of `Feeder` -> the word for one of its elements."""

PHASES = (1, 2, 3)
"""Node numbers of phases; those above are neutrals and other conductors."""

DEVICE_FIELDS = ("capacitors", "loads", "pvs", "storages", "generators", "shunts")
"""Fields whose elements hang on one bus with `nodes` and `connection`."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One place where an element hangs on a bus; `end` says which, for elements with several ("winding 2 of ")."""

    kind: str
    name: str
    bus: str
    nodes: Nodes
    end: str = ""


def error(kind: str, name: str, what: str, message: str, remedy: str) -> Finding:
    """An error of code KIND.`what`."""
    return _finding("error", kind, name, what, message, remedy)


def warning(kind: str, name: str, what: str, message: str, remedy: str) -> Finding:
    """A warning of code KIND.`what`."""
    return _finding("warning", kind, name, what, message, remedy)


def _finding(
    severity: Any, kind: str, name: str, what: str, message: str, remedy: str
) -> Finding:
    code = f"{kind.upper().replace(' ', '_')}.{what}"
    return Finding(
        code,
        severity,
        f"{kind.lower()} {name}",
        message[0].upper() + message[1:],
        remedy,
    )


def elements(feeder: Feeder) -> Iterator[tuple[str, Any]]:
    """Every element with the word for its kind."""
    for field, kind in KINDS.items():
        for element in getattr(feeder, field):
            yield kind, element


def devices(feeder: Feeder) -> Iterator[tuple[str, Any]]:
    """Every element that hangs on one bus with nodes and a connection, with the word for its kind."""
    for field in DEVICE_FIELDS:
        for element in getattr(feeder, field):
            yield KINDS[field], element


def attachments(feeder: Feeder) -> Iterator[Attachment]:
    """Every place where an element hangs on a bus."""
    for source in feeder.sources:
        yield Attachment("source", source.name, source.bus, source.nodes)
    for source in feeder.current_sources:
        yield Attachment("current source", source.name, source.bus, source.nodes)
    for line in feeder.lines:
        yield Attachment("line", line.name, line.from_bus, line.from_nodes)
        yield Attachment("line", line.name, line.to_bus, line.to_nodes)
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            yield Attachment(
                "transformer",
                transformer.name,
                winding.bus,
                winding.nodes,
                f"winding {k} of ",
            )
    # regulators and controls hang on no bus of their own: they act on what does
    for kind, device in devices(feeder):
        yield Attachment(kind, device.name, device.bus, device.nodes)


def buses_by_name(feeder: Feeder) -> dict[str, Bus]:
    """The buses by name."""
    return {bus.name: bus for bus in feeder.buses}


def listing(words: Iterable[Any]) -> str:
    """ "1", "1 and 2", "1, 2 and 3"."""
    parts = [str(word) for word in words]
    return (
        " and ".join(parts)
        if len(parts) < 3
        else f"{', '.join(parts[:-1])} and {parts[-1]}"
    )


def phrase(nodes: Iterable[int]) -> str:
    """ "phase 3", "phases 1 and 2"."""
    numbers = list(nodes)
    return f"phase{'s' if len(numbers) != 1 else ''} {listing(numbers) or '(none)'}"
