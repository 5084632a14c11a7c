"""Devices attached to a feeder: at named places, or PV beside every load.

What a place is stands in `feeders.placing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tieline.errors import InputError
from tieline.feeders.checks.supply import live_buses
from tieline.feeders.elements import Generator, Load, Pv
from tieline.feeders.feeder import Feeder
from tieline.feeders.placing import find_sites


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
