"""`Stage`: a market on its feeder, ready to clear minutes: the study's plant, and where bids and measurements go in its arrays.

A bid for a device has up to `blocks` blocks; each is a seller of its own at the bus of the device, idle where there is no bid.
Blocks of one device fill in the order of their prices by themselves, since dearer ones come last in any optimum.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tieline.errors import InputError, TielineError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.placing import find_sites
from tieline.network.merging import Watch, watch_bus
from tieline.service.market.definition import HOURS_A_DAY, Definition, by_hour
from tieline.service.market.shares import shares_of
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.flag_texts import parse_watch
from tieline.studies.market.ways.deciders import RULES as CHOOSERS
from tieline.studies.market.ways.minute import MinuteMarket
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.microgrids import Microgrids, make_microgrids
from tieline.studies.market.world.plant import Plant, at_schedule, make_plant
from tieline.studies.market.world.sellers import Sellers
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Stage:
    """A market that is ready.

    Attributes:
        definition: what it is.
        plant: feeder, sellers, microgrids, limits.
        market: clears a minute.
        first_seller_of: where the blocks of each device begin among the sellers.
        loads_at: loads of each bus that has any, without those of meters; numbers of the plant's loads.
        meter_at: load that stands for what a metered bus takes beyond its schedule.
        hourly_kw, hourly_kvar: schedule of every load, (hour, load).
    """

    definition: Definition
    plant: Plant
    market: MinuteMarket
    first_seller_of: Mapping[str, int]
    loads_at: Mapping[str, IntArray]
    meter_at: Mapping[str, int]
    hourly_kw: FloatArray = field(repr=False)
    hourly_kvar: FloatArray = field(repr=False)

    @property
    def n_sellers(self) -> int:
        """Blocks of all devices."""
        return len(self.plant.sellers.places)


def make_stage(definition: Definition, feeder: Feeder | None = None) -> Stage:
    """A market on its feeder.

    Args:
        definition: what it is.
        feeder: if it is read already.

    Raises:
        InputError: with all places, lines and buses that the feeder does not have, or if it cannot be divided as asked.
        NoAnswerError: if DERs cannot give the load, or the feeder has no power flow.
    """
    if feeder is None:
        feeder = load_feeder(definition.feeder)
    config = definition.rules
    require_places(definition, feeder)
    scheduled = at_schedule(feeder, config)
    devices = _sellers(definition, 1)
    microgrids = make_microgrids(scheduled, devices, config)
    plant = make_plant(
        scheduled,
        _sellers(definition, definition.blocks),
        _with_blocks(microgrids, definition.blocks),
        {feeder.bus(bus).name: kw for bus, kw in definition.meters.items()},
        config,
    )
    hourly_kw, hourly_kvar = _hourly(definition, plant)
    return Stage(
        definition,
        plant,
        _minute_market(definition, plant),
        _first_seller_of(definition),
        _loads_at(plant),
        _meter_at(plant),
        hourly_kw,
        hourly_kvar,
    )


def _minute_market(definition: Definition, plant: Plant) -> MinuteMarket:
    """The study's minute, with the chooser of the rules in every region."""
    config = definition.rules
    groups = [(region,) for region in range(plant.microgrids.n_regions)]
    choosers = dict.fromkeys(groups, CHOOSERS[config.choice])
    in_intervals = _in_intervals(config, definition.gates.interval_minutes)
    watches = _watches(plant, config)
    return MinuteMarket(ChoiceModels(plant), in_intervals, watches, choosers)


def _first_seller_of(definition: Definition) -> dict[str, int]:
    """Where the blocks of each device begin among the sellers."""
    devices = definition.devices
    return {device.name: k * definition.blocks for k, device in enumerate(devices)}


def region_of_bus(definition: Definition, feeder: Feeder) -> dict[str, int]:
    """Region in which each bus buys; buses of no region are not in it."""
    config = definition.rules
    scheduled = at_schedule(feeder, config)
    return make_microgrids(scheduled, _sellers(definition, 1), config).region_of


def require_places(definition: Definition, feeder: Feeder) -> None:
    """Raise `InputError` naming every bus of a market that its feeder does not have."""
    problems: list[str] = []
    for device in definition.devices:
        place = device.bus
        _gather(
            problems, f"device '{device.name}'", lambda p=place: find_sites(feeder, [p])
        )
    for word in ("meters", "schedule"):
        for bus in getattr(definition, word):
            _gather(problems, word, lambda b=bus: feeder.bus(b))
    load_buses = {load.bus for load in feeder.loads}
    for bus in definition.schedule:
        if bus.lower() not in load_buses and not problems:
            problems.append(
                f"  schedule: bus '{bus}' has no load to be scheduled. Name it in meters"
            )
    if problems:
        head = f"Market '{definition.name}' does not fit feeder '{feeder.name}':"
        raise InputError("\n".join([head, *problems]))


def _gather(problems: list[str], where: str, look: Callable[[], object]) -> None:
    """Look, and keep what is wrong."""
    try:
        look()
    # all that is wrong is told together
    except TielineError as error:
        lines = str(error).splitlines()
        problems.append(f"  {where}: {lines[-1].strip()}")


def _sellers(definition: Definition, blocks: int) -> Sellers:
    """So many sellers for each device; what they ask comes with the bids."""
    names = []
    places = []
    rated_kw = []
    for device in definition.devices:
        for block in range(blocks):
            names.append(f"{device.name}#{block + 1}")
            places.append(device.bus.lower())
            rated_kw.append(device.p_kw)
    count = len(names)
    return Sellers(
        names=tuple(names),
        places=tuple(places),
        rated_kw=np.array(rated_kw),
        cost=np.zeros(count),
        is_solar=np.zeros(count, dtype=bool),
        swing=0.0,
    )


def _with_blocks(microgrids: Microgrids, blocks: int) -> Microgrids:
    """Microgrids of devices, whose sizes make them adequate, as those of their blocks."""
    may_serve = np.repeat(microgrids.may_serve, blocks, axis=1)
    return dataclasses.replace(microgrids, may_serve=may_serve)


def _watches(plant: Plant, config: MarketConfig) -> list[Watch]:
    thresholds_kw = parse_watch(config.watch)
    partition = plant.microgrids.partition
    if thresholds_kw and partition is None:
        raise InputError(
            "Regions around roots do not merge: they have no border that a load could open. Leave out rules.watch, or rules.root."
        )
    watches = []
    problems = []
    for bus, p_max_kw in thresholds_kw.items():
        assert partition is not None  # nothing is watched without one
        assert p_max_kw is not None  # `rules` refuses a watch without it
        try:
            watches.append(watch_bus(partition, bus, p_max_kw))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return watches


def _in_intervals(config: MarketConfig, interval_minutes: int) -> MarketConfig:
    """Times of merging in intervals: the study counts a step for every minute, a market one for every interval."""
    watch = max(round(config.watch_minutes / interval_minutes), 1)
    dwell = round(config.dwell_minutes / interval_minutes)
    return config.model_copy(update={"watch_minutes": watch, "dwell_minutes": dwell})


def _loads_at(plant: Plant) -> dict[str, IntArray]:
    loads = plant.feeder.loads[: plant.n_scheduled]
    return _places([load.bus for load in loads])


def _places(buses: Sequence[str]) -> dict[str, IntArray]:
    numbers: dict[str, list[int]] = {}
    for k, bus in enumerate(buses):
        at_bus = numbers.setdefault(bus, [])
        at_bus.append(k)
    places = {}
    for bus, loads in numbers.items():
        places[bus] = np.array(loads, dtype=np.int64)
    return places


def _meter_at(plant: Plant) -> dict[str, int]:
    loads = plant.feeder.loads
    return {loads[k].bus: k for k in range(plant.n_scheduled, len(loads))}


def _hourly(definition: Definition, plant: Plant) -> tuple[FloatArray, FloatArray]:
    """Schedule of every load, (hour, load) each; a bus that states its own keeps its power factor."""
    n_meters = len(plant.feeder.loads) - plant.n_scheduled
    at_meters = np.zeros(n_meters)
    p_kw = np.tile(np.r_[plant.scheduled_kw, at_meters], (HOURS_A_DAY, 1))
    q_kvar = np.tile(np.r_[plant.scheduled_kvar, at_meters], (HOURS_A_DAY, 1))
    loads_at = _loads_at(plant)
    for bus, hourly in definition.schedule.items():
        loads = loads_at[plant.feeder.bus(bus).name]
        nominal_kw = p_kw[0, loads]
        shares = shares_of(nominal_kw)
        hours_kw = by_hour(hourly)
        p_kw[:, loads] = np.outer(hours_kw, shares)
        per_kw = np.divide(
            q_kvar[0, loads], nominal_kw, out=np.zeros(len(loads)), where=nominal_kw > 0
        )
        q_kvar[:, loads] = p_kw[:, loads] * per_kw
    return p_kw, q_kvar
