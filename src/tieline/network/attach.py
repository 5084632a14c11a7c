"""Devices attached to a feeder: at named places, or PV beside every load.

A place is "675" for all phases of a bus, "822.1" or "675.1.2" for some. On a section that is grounded the device stands between
each phase and ground, on one without a ground between the phases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from tieline.errors import InputError, TielineError, require_text
from tieline.feeders.checks.supply import live_buses
from tieline.feeders.elements import Bus, Connection, Generator, Load, Nodes, Pv
from tieline.feeders.feeder import Feeder
from tieline.network.voltage_points import PHASES, grounded_buses
from tieline.units import SQRT3


class Site(NamedTuple):
    """How a device is tied to a bus, in the order of the fields of `feeders.elements`."""

    bus: str
    nodes: Nodes
    connection: Connection
    kv: float


def find_sites(feeder: Feeder, places: Sequence[str]) -> list[Site]:
    """Where each place is; raises `InputError` naming all that do not exist or have no voltage."""
    grounded = grounded_buses(feeder)
    live = live_buses(feeder)
    bus_names = {bus.name for bus in feeder.buses}
    sites: list[Site] = []
    problems: list[str] = []
    for place in places:
        try:
            bus, phases = _resolve(feeder, place, bus_names)
            _require_live(bus, live)
            sites.append(_site(feeder, bus, phases, bus.name in grounded))
        # all places that are wrong are told together
        except TielineError as error:
            problems.append(f"  {error}")
    if problems:
        head = f"Devices cannot be placed on feeder '{feeder.name}':"
        raise InputError("\n".join([head, *problems]))
    return sites


def _require_live(bus: Bus, live: set[str]) -> None:
    """A device where no supply reaches would count as placed and do nothing."""
    if bus.name not in live:
        raise InputError(
            f"Bus '{bus.name}' has no voltage as lines and switches stand. Close one on the way to it, or choose another bus."
        )


def with_generators_at(
    feeder: Feeder,
    places: Sequence[str],
    rated_kva: Sequence[float],
    prefix: str = "der",
) -> Feeder:
    """The feeder with a generator at each place, after its own generators; they inject nothing in the snapshot.

    Args:
        feeder: the feeder.
        places: "bus" or "bus.phase[.phase...]", one per generator.
        rated_kva: rating of each [kVA].
        prefix: names are prefix_1, prefix_2, ... in the order of the places.

    Raises:
        InputError: naming every place that does not exist.
    """
    sites = find_sites(feeder, places)
    units = []
    for k, site in enumerate(sites):
        units.append(Generator(f"{prefix}_{k + 1}", *site, rated_kva=rated_kva[k]))
    return feeder.replace(generators=(*feeder.generators, *units))


def with_loads_at(
    feeder: Feeder,
    places: Sequence[str],
    p_kw: Sequence[float],
    q_kvar: Sequence[float],
    prefix: str = "extra",
) -> Feeder:
    """The feeder with a load of constant power at each place, after its own loads.

    Args:
        feeder: the feeder.
        places: "bus" or "bus.phase[.phase...]", one per load, which is then called prefix_place.
        p_kw, q_kvar: power of each, above 0 where it is taken [kW, kvar].
        prefix: of the names.

    Raises:
        InputError: naming every place that does not exist, or a name that stands there twice.
    """
    names = [f"{prefix}_{place.strip().lower()}" for place in places]
    _require_once([*names, *(load.name for load in feeder.loads)], names, "loads")
    sites = find_sites(feeder, places)
    units = []
    for k, site in enumerate(sites):
        units.append(Load(names[k], *site, p_kw[k], q_kvar[k]))
    return feeder.replace(loads=(*feeder.loads, *units))


def with_pv_at(
    feeder: Feeder,
    places: Sequence[str],
    rated_kw: Sequence[float],
    inverter_kva: Sequence[float],
) -> Feeder:
    """The feeder with a PV system at each place, after its own; they inject nothing in the snapshot.

    Args:
        feeder: the feeder.
        places: "bus" or "bus.phase[.phase...]", one per system, which is then called "pv_" and its place.
        rated_kw, inverter_kva: rating of each one's panels [kW] and inverter [kVA].

    Raises:
        InputError: naming every place that does not exist, or a name that is taken.
    """
    names = [f"pv_{place.strip().lower()}" for place in places]
    feeder_names = [pv.name for pv in feeder.pvs]
    _require_once([*names, *feeder_names], names, "PV systems")
    sites = find_sites(feeder, places)
    units = []
    for k, site in enumerate(sites):
        units.append(Pv(names[k], *site, rated_kw[k], inverter_kva[k]))
    return feeder.replace(pvs=(*feeder.pvs, *units))


def _require_once(all_names: list[str], names: list[str], what: str) -> None:
    """Refuse `names` of which one is in use already, or stands there twice."""
    count = Counter(all_names)
    repeated = sorted({name for name in names if count[name] > 1})
    if repeated:
        raise InputError(
            f"There would be several {what} called {', '.join(repeated)}. Name each place once."
        )


def with_pv_sites(feeder: Feeder) -> Feeder:
    """The feeder with an empty PV system beside every load of `site_loads`, connected as the load is, after its own PV.

    Raises:
        InputError: if there is no such load.
    """
    sites = tuple(_empty_pv(load) for load in site_loads(feeder))
    if not sites:
        raise InputError(
            f"Feeder '{feeder.name}' has no load that takes power and has voltage: there is no site for PV and no "
            "peak load to measure it by. Choose a feeder with loads."
        )
    return feeder.replace(pvs=(*feeder.pvs, *sites))


def site_loads(feeder: Feeder) -> list[Load]:
    """The load of each site, in the order of `with_pv_sites`: those that take power and have voltage."""
    live = live_buses(feeder)
    return [load for load in feeder.loads if load.p_kw > 0 and load.bus in live]


def _empty_pv(load: Load) -> Pv:
    return Pv(
        f"site_{load.name}",
        load.bus,
        load.nodes,
        load.connection,
        load.kv,
        rated_kw=0.0,
        inverter_kva=0.0,
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
