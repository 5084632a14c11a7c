"""CSOCC for one day: find the regions at risk, rank who could assist, arrange loans, and let every battery's MPC keep them.

    1  the power flow without batteries says which buses are critical and when; neighbours form a region, entered at its first bus
    2  at the region's worst step tree search ranks the assisting buses (`agents.assisting`)
    3  they lend in that order until what the region cannot absorb is covered (`agents.lending`)
    4  own and lent charge is reserved in the MPC of each battery (`opf.battery_mpc`), which is free with the rest
    5  where the AC power flow still finds a voltage above the limit, lenders are asked for more (`feedback`)

Several regions share one pool at one level; a bus stands in it by its best value for any of them. What it lends is `alpha_a` of
the power and energy of its batteries, but not more than its own load takes back after the hours at risk without reverse power
above the limit (theta_a).

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.3 and figure 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.topology import regions
from tieline.powerflow import Solution
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.lending import Lender, Loan, Region, arrange_loan
from tieline.studies.battery.ways.ranking import Ranking, rank_assisting
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.plant import Plant
from tieline.typing import BoolArray, FloatArray, IntArray

NOTICED_PU = 1e-6
"""How far past the limit counts as a violation [pu]: well above the accuracy of the power flow."""


@dataclass(frozen=True, eq=False)
class State:
    """Where batteries stand when loans are decided: stored energy, (battery,), and what buses have lent so far, (bus,) [kWh]."""

    stored_kwh: FloatArray
    lent_kwh: FloatArray

    @classmethod
    def at_start(cls, plant: Plant) -> State:
        """Before the first step: nothing is lent."""
        return cls(plant.stored_kwh, np.zeros(plant.n_buses))


@dataclass(frozen=True, eq=False)
class RegionAtRisk:
    """A region: its buses, the entry first; the steps in which one of them is above the limit without batteries, (step,); and who
    could assist, None if nobody can.
    """

    buses: tuple[str, ...]
    at_risk: BoolArray
    ranking: Ranking | None


@dataclass(frozen=True, eq=False)
class Coordination:
    """What the central controller decided for a day.

    Attributes:
        regions: largest first.
        need: what all of them together have to absorb; its buses are those of the regions in order.
        offers: what buses could lend, best first.
        loan: who lends what.
        reserved_kw: charge that each battery owes to its region or to another, (step, battery) [kW].
        lent_kw: the part of it that is lent, (step, battery) [kW].
        borrowed_kw: charge that others take over for each bus, (step, bus) [kW].
    """

    regions: tuple[RegionAtRisk, ...]
    need: Region
    offers: tuple[Lender, ...]
    loan: Loan
    reserved_kw: FloatArray
    lent_kw: FloatArray
    borrowed_kw: FloatArray


def critical_steps(plant: Plant, solution: Solution, config: BatteryConfig) -> BoolArray:
    """Where a bus is above the limit, (step, bus)."""
    return plant.bus_voltage_pu(solution) > config.critical_pu + NOTICED_PU


def coordinate(
    plant: Plant, day: Day, without: Solution, config: BatteryConfig, state: State
) -> Coordination:
    """Decide who lends what on a day, or on the rest of one.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        without: power flow of the day with idle batteries.
        config: limits, shares and search.
        state: where the batteries stand at its first step.
    """
    critical = critical_steps(plant, without, config)
    names = [bus.name for bus in plant.own.buses]
    found = (
        regions(plant.own, [names[k] for k in np.flatnonzero(critical.any(axis=0))])
        if critical.any()
        else ()
    )
    at_risk = tuple(
        RegionAtRisk(
            buses,
            np.asarray(critical[:, plant.positions(buses)].any(axis=1)),
            rank_assisting(plant, day, without, config, buses, set().union(*found)),
        )
        for buses in found
    )
    room_kwh = _room_kwh(plant, day, config, at_risk, state)
    offers = _offers(plant, day, config, at_risk, room_kwh, state)
    return lend(plant, at_risk, _need(plant, day, config, at_risk, room_kwh), offers)


def lend(
    plant: Plant, at_risk: tuple[RegionAtRisk, ...], need: Region, offers: tuple[Lender, ...]
) -> Coordination:
    """Cover a need as far as the offers go."""
    loan = arrange_loan(need, offers)
    own, lent, borrowed = (np.zeros((len(need.excess_kw), plant.n_buses)) for _ in range(3))
    at = plant.positions(tuple(bus for region in at_risk for bus in region.buses))
    own[:, at], borrowed[:, at] = loan.own_kw, loan.borrowed_kw
    lent[:, plant.positions(tuple(lender.bus for lender in loan.lenders))] = loan.lent_kw
    of_battery = lent[:, plant.battery_bus] * plant.battery_share
    reserved = own[:, plant.battery_bus] * plant.battery_share + of_battery
    return Coordination(at_risk, need, offers, loan, reserved, of_battery, borrowed)


def _steps_at_risk(found: tuple[RegionAtRisk, ...]) -> IntArray:
    """In which any region is at risk, (some step,)."""
    return (
        np.flatnonzero(np.any([region.at_risk for region in found], axis=0))
        if found
        else np.zeros(0, dtype=np.int64)
    )


def _room_kwh(
    plant: Plant, day: Day, config: BatteryConfig, found: tuple[RegionAtRisk, ...], state: State
) -> FloatArray:
    """What the batteries of each bus can take at their terminals from the first step at risk on, (bus,) [kWh].

    That is what they have room for at present and what their load can take out of them before.
    """
    units, at_risk = plant.batteries, _steps_at_risk(found)
    before = slice(0, at_risk[0] if len(at_risk) else 0)
    own_kw = plant.surplus_kw(day)[before, plant.battery_bus] * plant.battery_share
    takes_kw = np.clip(
        config.reverse_limit_kw * plant.battery_share - own_kw, 0.0, units.discharge_max_kw
    )
    emptied = takes_kw.sum(axis=0) * day.hours / units.efficiency_discharge
    room = np.minimum(
        units.stored_max_kwh - state.stored_kwh + emptied,
        units.stored_max_kwh - units.stored_min_kwh,
    )
    return plant.by_bus((room / units.efficiency_charge)[None, :])[0]


def _offers(
    plant: Plant,
    day: Day,
    config: BatteryConfig,
    found: tuple[RegionAtRisk, ...],
    room_kwh: FloatArray,
    state: State,
) -> tuple[Lender, ...]:
    """What every bus that could assist a region would lend, in the order of its best learned value for any of them."""
    value: dict[str, float] = {}
    for ranking in (region.ranking for region in found if region.ranking is not None):
        for bus, worth in zip(
            ranking.buses, ranking.learned.value[ranking.learned.ranking], strict=True
        ):
            value[bus] = max(float(worth), value.get(bus, -np.inf))
    if not value:
        return ()
    buses = tuple(sorted(value, key=lambda bus: -value[bus]))
    at = plant.positions(buses)
    share_kw, share_kwh, back_kwh = _lendable(
        plant, day, config, at, int(_steps_at_risk(found)[-1])
    )
    kwh = np.minimum(room_kwh[at], np.minimum(share_kwh, back_kwh) - state.lent_kwh[at])
    lenders = (Lender(*offer) for offer in zip(buses, share_kw.tolist(), kwh.tolist(), strict=True))
    return tuple(lender for lender in lenders if lender.kwh > 0)


def _lendable(
    plant: Plant, day: Day, config: BatteryConfig, at: IntArray, last: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A bus' share in power [kW] and energy [kWh], and what its load takes back after a step [kWh], all (bus,)."""
    units, share = plant.batteries, config.alpha_a_pct / 100
    whole_kwh = (units.stored_max_kwh - units.stored_min_kwh) / units.efficiency_charge
    round_trip = plant.battery_share * units.efficiency_charge * units.efficiency_discharge
    of_battery = np.stack([units.charge_max_kw, whole_kwh, units.discharge_max_kw, round_trip])
    charge_kw, kwh, discharge_kw, round_trip = plant.by_bus(of_battery)[:, at]
    takes_kw = np.clip(
        config.reverse_limit_kw - plant.surplus_kw(day)[last + 1 :, at], 0.0, discharge_kw
    )
    return share * charge_kw, share * kwh, takes_kw.sum(axis=0) * day.hours / round_trip


def _need(
    plant: Plant,
    day: Day,
    config: BatteryConfig,
    found: tuple[RegionAtRisk, ...],
    room_kwh: FloatArray,
) -> Region:
    """What the buses of all regions have to absorb while their region is at risk."""
    at = plant.positions(tuple(bus for region in found for bus in region.buses))
    excess = np.maximum(plant.surplus_kw(day)[:, at] - config.reverse_limit_kw, 0.0)
    for region in found:
        mine = np.isin(at, plant.positions(region.buses))
        excess[:, mine] *= region.at_risk[:, None]
    own_kw = plant.by_bus(plant.batteries.charge_max_kw[None, :])[0, at]
    return Region(excess, own_kw, room_kwh[at], np.zeros(len(excess)), day.hours)
