"""`AskedDers`: a feeder with the generators that were asked for, and limit and cost of every DER."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.elements import Generator, Load
from tieline.feeders.feeder import Feeder
from tieline.feeders.placing import Site, find_sites
from tieline.feeders.unread_costs import unread_der_costs
from tieline.opf.der_limits import DerLimits, limit_ders
from tieline.settings.short_texts import DerSpec, parse_numbers
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class AskedDers:
    """Attributes:
    feeder: with the further generators behind its own.
    limits: of what each DER may inject in this hour, (der,) [kW, kvar].
    cost: of each DER, (der,) [currency/kWh].
    """

    feeder: Feeder
    limits: DerLimits
    cost: FloatArray


def ask_ders(feeder: Feeder, config: OptimalPowerFlowConfig) -> AskedDers:
    """The feeder's own DERs and those of the configuration; generators are called der_BUS.

    Raises:
        InputError: if a bus or DER is unknown (each is named), there are fewer loads than generators beside them, there is
            nothing to decide at all, or the file states a cost that was left out and is not given.
    """
    _require_names(feeder, config)
    generators = (*feeder.generators, *_further_generators(feeder, config))
    with_generators = feeder.replace(generators=generators)
    if not with_generators.ders and config.load_value is None:
        raise InputError(
            f"Feeder '{feeder.name}' has no DER: there is nothing to decide. Add generators with --ders BUS:KW[/KVA][@COST] or "
            "--ders-at-loads COUNT:KW[/KVA][@COST], or let load be shed with --load-value."
        )
    _require_costs(with_generators, config)
    limits = limit_ders(with_generators, sun=config.sun_pct / 100)
    return AskedDers(with_generators, limits, _costs(with_generators, config))


def _require_costs(feeder: Feeder, config: OptimalPowerFlowConfig) -> None:
    """Report every cost that the file states, that was left out and that the configuration does not give."""
    if config.der_cost is not None:
        return
    by_name = parse_numbers(config.der_costs)
    unread = unread_der_costs(feeder).items()
    missing = [note for name, note in unread if name.lower() not in by_name]
    if missing:
        head = f"Feeder '{feeder.name}' states costs that were left out; no optimum without them:"
        raise InputError("\n".join([head, *(f"  {note}" for note in missing)]))


def _require_names(feeder: Feeder, config: OptimalPowerFlowConfig) -> None:
    """Report every place and DER that is not there."""
    ders = {der.name.lower() for der in feeder.ders}
    problems = []
    try:
        find_sites(feeder, [spec.place for spec in config.der_specs])
    except InputError as error:
        problems.append(str(error))
    for name in parse_numbers(config.der_costs):
        if not ders:
            problems.append(
                f"der_costs names '{name}', but feeder '{feeder.name}' has no DER of its own."
            )
        elif name not in ders:
            where = f"of feeder '{feeder.name}'"
            problems.append(unknown_name_message("DER", name, ders, where))
    if problems:
        raise InputError("\n".join(problems))


def _further_generators(
    feeder: Feeder, config: OptimalPowerFlowConfig
) -> list[Generator]:
    specs = list(config.der_specs)
    sites = find_sites(feeder, [spec.place for spec in specs])
    if config.load_der_spec:
        # its text is COUNT:KW where others have PLACE:KW
        count = int(config.load_der_spec.place)
        largest = _largest_loads(feeder, count)
        specs += [config.load_der_spec] * len(largest)
        sites += [
            Site(load.bus, load.nodes, load.connection, load.kv) for load in largest
        ]
    in_use = {generator.name.lower() for generator in feeder.generators}
    buses = [site.bus for site in sites]
    names = _fresh_names(buses, in_use)
    parts = zip(names, sites, specs, strict=True)
    return [_generator(name, site, spec) for name, site, spec in parts]


def _generator(name: str, site: Site, spec: DerSpec) -> Generator:
    return Generator(
        name, *site, rated_kva=spec.kva, p_high_limit_kw=spec.kw, cost_per_kwh=spec.cost
    )


def _largest_loads(feeder: Feeder, count: int) -> list[Load]:
    """That many loads, largest P first."""
    loads = [load for load in feeder.loads if load.p_kw > 0]
    loads.sort(key=lambda load: -load.p_kw)
    if len(loads) < count:
        raise InputError(
            f"ders_at_loads asks for {count} generators, but feeder '{feeder.name}' has {len(loads)} loads with P."
        )
    return loads[:count]


def _fresh_names(buses: list[str], names_in_use: set[str]) -> list[str]:
    """der_BUS for each, numbered from the second one of a name on."""
    names: list[str] = []
    for bus in buses:
        numbered = (f"der_{bus}_{number}" for number in itertools.count(2))
        candidates = itertools.chain([f"der_{bus}"], numbered)
        names.append(
            next(name for name in candidates if name not in {*names_in_use, *names})
        )
    return names


def _costs(feeder: Feeder, config: OptimalPowerFlowConfig) -> FloatArray:
    """Of each DER: what is given for its name, what the feeder knows, or what is given for all."""
    by_name = parse_numbers(config.der_costs)
    usual = config.der_cost or 0.0
    costs = []
    # What is asked for by name goes before what the feeder states, and that before what is asked for all.
    for der in feeder.ders:
        of_feeder = usual if der.cost_per_kwh is None else der.cost_per_kwh
        costs.append(by_name.get(der.name.lower(), of_feeder))
    return np.array(costs, dtype=float)
