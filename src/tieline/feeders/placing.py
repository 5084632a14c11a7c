"""Where a device hangs on a feeder, given its place by name.

A place is "675" for all phases of a bus, "822.1" or "675.1.2" for some. On a section that is grounded the device stands between
each phase and ground, on one without a ground between the phases.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tieline.errors import InputError, TielineError, require_text
from tieline.feeders.elements import Bus, Connection, Nodes
from tieline.settings.short_texts import DER_FORM
from tieline.units import SQRT3

if TYPE_CHECKING:
    from tieline.feeders.feeder import Feeder

PHASES = (1, 2, 3)

COLON_FORM = f"A DER is written {DER_FORM}; all before the last colon is the place."
"""What a place with a colon may have come from: one colon too many in such a text."""


class Site(NamedTuple):
    """How a device is tied to a bus, in the order of the fields of `feeders.elements`."""

    bus: str
    nodes: Nodes
    connection: Connection
    kv: float


def find_site(feeder: Feeder, place: str) -> Site:
    """Where a place is; raises `InputError` if it does not exist or has no voltage."""
    return _Ground.of(feeder).site(place)


def find_sites(feeder: Feeder, places: Sequence[str]) -> list[Site]:
    """Where each place is; raises `InputError` naming all that do not exist or have no voltage."""
    ground = _Ground.of(feeder)
    sites: list[Site] = []
    problems: list[str] = []
    for place in places:
        try:
            sites.append(ground.site(place))
        # all places that are wrong are told together
        except TielineError as error:
            problems.append(f"  {error}")
            # a place that is no text has been told as such
            if ":" in str(place):
                problems.append(f"  {COLON_FORM}")
    if problems:
        head = f"Devices cannot be placed on feeder '{feeder.name}':"
        raise InputError("\n".join([head, *problems]))
    return sites


@dataclass(frozen=True)
class _Ground:
    """What all places of a feeder share: names of its buses, those with voltage, those with a ground."""

    feeder: Feeder
    bus_names: set[str]
    live: set[str]
    grounded: set[str]

    @classmethod
    def of(cls, feeder: Feeder) -> _Ground:
        # not at the top: these know what a feeder is, and a feeder's edits place devices
        from tieline.feeders.checks.supply import live_buses
        from tieline.feeders.grounding import grounded_buses

        bus_names = {bus.name for bus in feeder.buses}
        return cls(feeder, bus_names, live_buses(feeder), grounded_buses(feeder))

    def site(self, place: str) -> Site:
        bus, phases = _resolve(self.feeder, place, self.bus_names)
        _require_live(bus, self.live)
        return _site(self.feeder, bus, phases, bus.name in self.grounded)


def _require_live(bus: Bus, live: set[str]) -> None:
    """A device where no supply reaches would count as placed and do nothing."""
    if bus.name not in live:
        raise InputError(
            f"Bus '{bus.name}' has no voltage as lines and switches stand. Close one on the way to it, or choose another bus."
        )


def _resolve(
    feeder: Feeder, place: str, bus_names: Collection[str]
) -> tuple[Bus, tuple[int, ...]]:
    """Bus and phases of a place. A bus name may itself hold dots, therefore the whole text is tried first."""
    require_text(f"place of feeder '{feeder.name}'", place)
    name = place.strip().lower()
    numbers: list[int] = []
    while name not in bus_names:
        head, _, tail = name.rpartition(".")
        if not tail.isdigit() or len(tail) == len(name):
            break
        name = head
        numbers.insert(0, int(tail))
    bus = feeder.bus(name)
    bus_phases = tuple(phase for phase in bus.phases if phase in PHASES)
    missing = [number for number in numbers if number not in bus_phases]
    if missing:
        has = (
            f"Bus '{bus.name}' has phases {_listed(bus_phases)}, not {_listed(missing)}"
        )
        raise InputError(f"{has}. Choose among its phases.")
    if len(set(numbers)) != len(numbers):
        raise InputError(f"Place '{place}' names a phase twice. Name each once.")
    return bus, tuple(numbers) or bus_phases


def _site(feeder: Feeder, bus: Bus, phases: tuple[int, ...], is_grounded: bool) -> Site:
    """Where a device on some phases of a bus is tied, and the voltage across one of its phases."""
    if feeder.single_phase_equivalent:
        return Site(bus.name, (*phases, 0), "wye", bus.kv_ll)
    if is_grounded:
        return Site(bus.name, (*phases, 0), "wye", bus.kv_ll / SQRT3)
    if len(phases) < 2:
        raise InputError(
            f"Bus '{bus.name}' has no ground, therefore a DER stands between two phases or three. Name them."
        )
    return Site(bus.name, phases, "delta", bus.kv_ll)


def _listed(phases: Sequence[int]) -> str:
    return ", ".join(str(phase) for phase in phases)
