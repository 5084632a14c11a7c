"""Parts of a network that nothing feeds, even with all lines closed: what an open transformer leaves behind.

They are without voltage and no state of the network changes that, so they are left out of a feeder, with one note that says how
much went with them. A part that only open lines cut off stays: a study may close them.
"""

from __future__ import annotations

from typing import Any

from tieline.feeders.checks.supply import supplied_nodes
from tieline.feeders.elements import Line
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

NAMES_LISTED = 5
"""How many buses the note spells out."""

ONE_BUS_FIELDS = (
    "loads",
    "pvs",
    "storages",
    "generators",
    "capacitors",
    "shunts",
    "current_sources",
)


def without_unsupplied(feeder: Feeder) -> Feeder:
    """A copy without buses that the source cannot reach and all that hangs on them; the feeder itself if there are none."""
    supplied = supplied_nodes(feeder, with_open_lines=True)
    live_buses = {bus for bus, _ in supplied}
    dead = {bus.name for bus in feeder.buses} - live_buses
    # without a source all is dead: an error of its own, and no reason to empty the feeder
    if not dead or not feeder.sources:
        return feeder
    live_elements: dict[str, Any] = {
        name: _at_live(getattr(feeder, name), dead) for name in ONE_BUS_FIELDS
    }
    live_elements["lines"] = tuple(
        line for line in feeder.lines if dead.isdisjoint(_ends(line))
    )
    live_elements["transformers"] = tuple(
        transformer
        for transformer in feeder.transformers
        if dead.isdisjoint(winding.bus for winding in transformer.windings)
    )
    live_elements["buses"] = tuple(bus for bus in feeder.buses if bus.name not in dead)
    return feeder.replace(notes=(*feeder.notes, _note(feeder, dead)), **live_elements)


def _ends(line: Line) -> tuple[str, str]:
    return line.from_bus, line.to_bus


def _at_live(elements: tuple[Any, ...], dead: set[str]) -> tuple[Any, ...]:
    return tuple(element for element in elements if element.bus not in dead)


def _note(feeder: Feeder, dead: set[str]) -> Finding:
    names = [bus.name for bus in feeder.buses if bus.name in dead]
    listed = ", ".join(names[:NAMES_LISTED])
    if len(names) > NAMES_LISTED:
        listed += f" and {len(names) - NAMES_LISTED} more"
    load_kw = sum(load.p_kw for load in feeder.loads if load.bus in dead)
    message = f"nothing feeds {listed}; left out with {load_kw:g} kW of load."
    remedy = (
        "Put the transformer or line that feeds them in service if they have voltage."
    )
    return Finding(
        "FEEDER.UNSUPPLIED", "warning", f"{len(names)} bus(es)", message, remedy
    )
