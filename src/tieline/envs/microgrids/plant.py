"""`Plant`: the network, its microgrids and what their devices can do; the same in every case and on every day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from tieline.devices import Batteries, Generators, PvInverters
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.microgrids import Microgrid, microgrids_of
from tieline.envs.microgrids.shapes import highest_price
from tieline.feeders.elements import Storage
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network
from tieline.opf.branch_limits import BranchLimit, judged_limits
from tieline.opf.der_limits import DerLimits, limit_ders
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Plant:
    """What does not change.

    Attributes:
        network: feeder arrays.
        microgrids: in the order of the configuration.
        pv, batteries, generators: ratings, in the order of the feeder's DERs: PV, storage, generators. Those that stand idle
            (`is_idle`) have no power.
        branch_limits: of rated lines and transformers.
        band_pu: lowest and highest voltage [pu].
        stored_value: of what is stored at the end of a window [currency/kWh].
        price_scale: the highest price of the tariff, by which prices are told [currency/kWh].
        has_moving_controls: whether regulators and capacitors act before decisions are sought.
    """

    network: Network
    microgrids: tuple[Microgrid, ...]
    pv: PvInverters
    batteries: Batteries
    generators: Generators
    branch_limits: tuple[BranchLimit, ...]
    band_pu: tuple[float, float]
    stored_value: float
    price_scale: float
    has_moving_controls: bool

    @property
    def pccs(self) -> tuple[str, ...]:
        """The element of each microgrid's meter."""
        return tuple(microgrid.pcc for microgrid in self.microgrids)

    @property
    def pv_ders(self) -> IntArray:
        """Which DERs are PV, (pv,)."""
        return np.arange(len(self.pv.names))

    @property
    def battery_ders(self) -> IntArray:
        """Which DERs are batteries, (battery,)."""
        return len(self.pv.names) + np.arange(len(self.batteries.names))

    @property
    def generator_ders(self) -> IntArray:
        """Which DERs are generators, (generator,)."""
        first = len(self.pv.names) + len(self.batteries.names)
        return first + np.arange(len(self.generators.names))

    @cached_property
    def der_limits(self) -> DerLimits:
        """What each DER may inject, under full sun; kept, because every decision asks for it."""
        return limit_ders(self.network.feeder, self.batteries)

    @cached_property
    def generator_min_kw(self) -> FloatArray:
        """The least that each generator gives while it runs, (generator,): 0 unless the feeder states more."""
        stated_kw = self.der_limits.p_min_kw[self.generator_ders]
        return np.clip(stated_kw, 0.0, self.generators.p_max_kw)

    @cached_property
    def is_owned(self) -> BoolArray:
        """Whether each DER stands in a microgrid, (der,)."""
        return _are_owned(self.network.feeder, self.microgrids)

    @cached_property
    def is_held(self) -> BoolArray:
        """Whether each DER is not controllable and stays as the feeder states it, in a microgrid or outside, (der,)."""
        return _are_held(self.network.feeder, self.is_owned)

    @cached_property
    def is_idle(self) -> BoolArray:
        """Whether each DER is a battery or generator outside of microgrids, which nobody decides, (der,)."""
        is_pv = np.arange(len(self.is_owned)) < len(self.pv.names)
        return ~(self.is_owned | self.is_held | is_pv)

    @property
    def idle_names(self) -> tuple[str, ...]:
        """Batteries and generators that nobody decides."""
        names = (*self.batteries.names, *self.generators.names)
        is_idle = self.is_idle[len(self.pv.names) :]
        return tuple(
            name for name, is_one in zip(names, is_idle, strict=True) if is_one
        )

    def owners(self, ders: IntArray) -> sparse.csr_array:
        """Which microgrid has which of some DERs, (microgrid, der) of zeros and ones: sums over a microgrid's devices."""
        rows = [np.isin(ders, microgrid.ders) for microgrid in self.microgrids]
        return sparse.csr_array(np.array(rows, dtype=float))

    def generators_of(self, microgrid: Microgrid) -> IntArray:
        """Which generators stand in a microgrid, (generator,)."""
        return np.flatnonzero(np.isin(self.generator_ders, microgrid.ders))


def make_plant(feeder: Feeder, config: MicrogridsWorldConfig) -> Plant:
    """The plant of a feeder.

    Raises:
        InputError: if the feeder has no microgrid behind a point that is named, or a device has impossible ratings.
    """
    microgrids = microgrids_of(feeder, config.pccs)
    is_owned = _are_owned(feeder, microgrids)
    limits = config.limit_numbers
    assert limits.lowest_pu is not None  # of a configuration that needs both
    assert limits.highest_pu is not None
    return Plant(
        network=Network.from_feeder(feeder),
        microgrids=microgrids,
        pv=PvInverters.of(feeder.pvs),
        batteries=_batteries(feeder, config, is_owned),
        generators=_generators(feeder, config, is_owned),
        branch_limits=judged_limits(feeder, limits),
        band_pu=(limits.lowest_pu, limits.highest_pu),
        stored_value=config.stored_value,
        price_scale=highest_price(config),
        has_moving_controls=config.controls == "hold" and feeder.has_controls,
    )


def _batteries(
    feeder: Feeder, config: MicrogridsWorldConfig, is_owned: BoolArray
) -> Batteries:
    """Batteries with what they may charge and discharge; those outside all microgrids nothing."""
    units = Batteries.of(feeder.storages, soc_max=config.stored_high_share)
    # DERs stand in the order PV, batteries, generators
    first = len(feeder.pvs)
    ders = slice(first, first + len(units.names))
    has_power = is_owned[ders]
    stated = limit_ders(feeder, units)
    # a limit that the feeder states takes the place of a rating, for plans and agents as for optima
    charge_max_kw = np.maximum(-stated.p_min_kw[ders], 0.0)
    discharge_max_kw = np.maximum(stated.p_max_kw[ders], 0.0)
    return replace(
        units,
        charge_max_kw=charge_max_kw * has_power,
        discharge_max_kw=discharge_max_kw * has_power,
    )


def _generators(
    feeder: Feeder, config: MicrogridsWorldConfig, is_owned: BoolArray
) -> Generators:
    """Generators with what they may give; those that neither a microgrid nor a held voltage asks for nothing."""
    units = Generators.of(
        feeder.generators,
        ramp_kw_per_h=config.ramp_kw_per_h,
        fuel_a=config.fuel_a,
        fuel_b=config.fuel_b,
        fuel_c=config.fuel_c,
        fuel_price=config.fuel_price,
    )
    ders = slice(len(feeder.pvs) + len(feeder.storages), None)
    is_held = _are_held(feeder, is_owned)[ders]
    has_power = is_owned[ders] | is_held
    # one that is held is where it is, whatever generators are said to have given before
    ramp_kw_per_h = np.where(is_held, np.inf, units.ramp_kw_per_h)
    return replace(
        units,
        p_max_kw=units.p_max_kw * has_power,
        ramp_kw_per_h=ramp_kw_per_h,
    )


def _are_owned(feeder: Feeder, microgrids: Iterable[Microgrid]) -> BoolArray:
    """Whether each DER stands in a microgrid, (der,)."""
    is_owned = np.zeros(len(feeder.ders), dtype=bool)
    for microgrid in microgrids:
        is_owned[microgrid.ders] = True
    return is_owned


def _are_held(feeder: Feeder, is_owned: BoolArray) -> BoolArray:
    """Whether each DER stays as the feeder states it, (der,)."""
    is_fixed = np.array([not der.controllable for der in feeder.ders], dtype=bool)
    is_battery = np.array([isinstance(der, Storage) for der in feeder.ders], dtype=bool)
    # a battery that nobody looks after would run empty: outside of microgrids it rests
    return is_fixed & (is_owned | ~is_battery)
