"""`AskedDers`: a feeder with the generators that were asked for, and limit and cost of every DER."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.errors import InputError, unknown_name_message
from tieline.feeders.elements import Generator, Load
from tieline.feeders.feeder import Feeder
from tieline.network.attach import Site, find_sites
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.specs import DerSpec, parse_numbers
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class AskedDers:
    """Attributes:
    feeder: with the further generators behind its own.
    p_max_kw: highest injection of each DER in this hour, (der,) [kW].
    cost: of each DER, (der,) [money/kWh].
    """

    feeder: Feeder
    p_max_kw: FloatArray
    cost: FloatArray


def ask_ders(feeder: Feeder, config: OptimalPowerFlowConfig) -> AskedDers:
    """The feeder's own DERs and those of the configuration; generators are called der_BUS.

    Raises:
        InputError: if a bus or DER is unknown (each is named), there are fewer loads than generators beside them, or there is
            nothing to decide at all.
    """
    _require_names(feeder, config)
    specs, generators = _further_generators(feeder, config)
    asked = feeder.replace(generators=(*feeder.generators, *generators))
    if not asked.ders and config.load_value is None:
        raise InputError(
            f"Feeder '{feeder.name}' has no DER: there is nothing to decide. Add generators with --ders BUS:KW[/KVA][@COST] or "
            "--ders-at-loads COUNT:KW[/KVA][@COST], or let load be shed with --load-value."
        )
    sunny_kw = PvInverters.of(feeder.pvs).available_kw(config.sun_pct / 100)
    own_kw = [generator.rated_kva for generator in feeder.generators]
    discharge_kw = Batteries.of(feeder.storages).discharge_max_kw
    return AskedDers(
        feeder=asked,
        p_max_kw=np.concatenate([sunny_kw, discharge_kw, own_kw, [spec.kw for spec in specs]]),
        cost=_costs(asked, specs, config),
    )


def _require_names(feeder: Feeder, config: OptimalPowerFlowConfig) -> None:
    """Report every place and DER that is not there."""
    ders, wrong = {der.name.lower() for der in feeder.ders}, []
    try:
        find_sites(feeder, [spec.place for spec in config.der_specs])
    except InputError as error:
        wrong.append(str(error))
    for name in parse_numbers(config.der_costs):
        if name not in ders:
            offer = unknown_name_message(f"DER of feeder '{feeder.name}'", name, ders) if ders else ""
            wrong.append(offer or f"der_costs names '{name}', but feeder '{feeder.name}' has no DER of its own.")
    if wrong:
        raise InputError("\n".join(wrong))


def _further_generators(feeder: Feeder, config: OptimalPowerFlowConfig) -> tuple[list[DerSpec], list[Generator]]:
    specs = list(config.der_specs)
    sites = find_sites(feeder, [spec.place for spec in specs])
    if config.load_der_spec:
        largest = _largest_loads(feeder, int(config.load_der_spec.place))
        specs += [config.load_der_spec] * len(largest)
        sites += [Site(load.bus, load.nodes, load.connection, load.kv) for load in largest]
    names = _fresh_names([site.bus for site in sites], {generator.name.lower() for generator in feeder.generators})
    built = zip(names, sites, specs, strict=True)
    return specs, [Generator(name, *site, rated_kva=spec.kva) for name, site, spec in built]


def _largest_loads(feeder: Feeder, count: int) -> list[Load]:
    """That many loads, largest P first."""
    loads = sorted((load for load in feeder.loads if load.p_kw > 0), key=lambda load: -load.p_kw)
    if len(loads) < count:
        raise InputError(f"ders_at_loads asks for {count} generators, but feeder '{feeder.name}' has {len(loads)} loads with P.")
    return loads[:count]


def _fresh_names(buses: list[str], taken: set[str]) -> list[str]:
    """der_BUS for each, numbered from the second one of a name on."""
    names = []
    for bus in buses:
        name, number = f"der_{bus}", 2
        while name in taken:
            name, number = f"der_{bus}_{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def _costs(feeder: Feeder, specs: list[DerSpec], config: OptimalPowerFlowConfig) -> FloatArray:
    named = parse_numbers(config.der_costs)
    cost = np.array([named.get(der.name.lower(), config.der_cost) for der in feeder.ders], dtype=float)
    for k, spec in enumerate(specs, start=len(cost) - len(specs)):
        cost[k] = config.der_cost if spec.cost is None else spec.cost
    return cost
