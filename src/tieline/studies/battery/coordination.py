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

import time
from dataclasses import dataclass

import numpy as np

from tieline.agents.assisting import AssistingConfig, Candidates, exhaustive_ranking, find_candidates, learned_ranking
from tieline.agents.lending import Lender, Loan, Region, arrange_loan
from tieline.agents.tree_search import Learned, SearchConfig
from tieline.errors import InputError
from tieline.network.topology import regions
from tieline.powerflow import Solution
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.days import Day
from tieline.studies.battery.influence import fall_by_battery
from tieline.studies.battery.plant import Plant
from tieline.typing import BoolArray, FloatArray, IntArray

NOTICED_PU = 1e-6
"""How far past the limit counts as a violation [pu]: well above the accuracy of the power flow."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Who could assist a region: the candidates, as tree search ranks them (`learned`) and as a scan does (`exact`), and the time
    both took [s].
    """

    candidates: Candidates
    learned: Learned
    exact: IntArray
    seconds: float

    @property
    def buses(self) -> list[str]:
        """Names of the candidates, best first as learned."""
        return [self.candidates.tree.states[state] for state in self.learned.ranking]


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


def coordinate(plant: Plant, day: Day, without: Solution, config: BatteryConfig) -> Coordination:
    """Decide who lends what on a day.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        without: power flow of the day with idle batteries.
        config: limits, shares and search.
    """
    critical = critical_steps(plant, without, config)
    names = [bus.name for bus in plant.own.buses]
    found = regions(plant.own, [names[k] for k in np.flatnonzero(critical.any(axis=0))]) if critical.any() else ()
    at_risk = tuple(
        RegionAtRisk(
            buses,
            np.asarray(critical[:, positions(plant, buses)].any(axis=1)),
            _ranking(plant, day, without, config, buses, set().union(*found)),
        )
        for buses in found
    )
    need, offers = _need(plant, day, config, at_risk), _offers(plant, day, config, at_risk)
    return lend(plant, at_risk, need, offers)


def lend(plant: Plant, at_risk: tuple[RegionAtRisk, ...], need: Region, offers: tuple[Lender, ...]) -> Coordination:
    """Cover a need as far as the offers go."""
    loan = arrange_loan(need, offers)
    own, lent, borrowed = (np.zeros((len(need.excess_kw), plant.n_buses)) for _ in range(3))
    at = positions(plant, tuple(bus for region in at_risk for bus in region.buses))
    own[:, at], borrowed[:, at] = loan.own_kw, loan.borrowed_kw
    lent[:, positions(plant, tuple(lender.bus for lender in loan.lenders))] = loan.lent_kw
    of_battery = lent[:, plant.battery_bus] * plant.battery_share
    reserved = own[:, plant.battery_bus] * plant.battery_share + of_battery
    return Coordination(at_risk, need, offers, loan, reserved, of_battery, borrowed)


def _ranking(
    plant: Plant, day: Day, without: Solution, config: BatteryConfig, region: tuple[str, ...], critical: set[str]
) -> Ranking | None:
    """Candidates at the region's worst step and their ranking; None if no bus can assist. Critical buses are not asked."""
    began = time.perf_counter()
    worst, point = _worst(plant, without, region)
    capacity_kw = _helpful_kw(plant, day, worst, point)
    offered = {bus.name: float(kw) for bus, kw in zip(plant.own.buses, capacity_kw, strict=True) if bus.name not in critical}
    settings = AssistingConfig(kappa=config.kappa, limit_pu=config.critical_pu)
    try:
        candidates = find_candidates(without, region[0], offered, settings, region, scenario=worst)
    except InputError:  # no bus with a battery is below the limit: a remark says so
        return None
    learned = learned_ranking(candidates, SearchConfig(episodes=config.episodes), config.seed)
    return Ranking(candidates, learned, exhaustive_ranking(candidates), time.perf_counter() - began)


def _worst(plant: Plant, without: Solution, region: tuple[str, ...]) -> tuple[int, int]:
    """Step and voltage point of a region's highest voltage; steps without a solution have none."""
    mine = np.flatnonzero(np.isin(plant.points.bus, positions(plant, region)))
    v_pu = np.nan_to_num(plant.points.magnitude_pu(without.v_pu)[:, mine])
    step, at = np.unravel_index(v_pu.argmax(), v_pu.shape)
    return int(step), int(mine[at])


def _helpful_kw(plant: Plant, day: Day, step: int, point: int) -> FloatArray:
    """Rated power of the batteries at each bus, 0 where their charge would not lower the voltage at a point, (bus,) [kW]."""
    here = plant.replay(day.only(np.array([step])), np.zeros((1, len(plant.battery_bus))))
    fall = fall_by_battery(plant, here, point) * plant.battery_share
    of_bus = plant.by_bus(np.stack([fall, plant.batteries.charge_max_kw]))
    return np.where(of_bus[0] > 0, of_bus[1], 0.0)


def _offers(plant: Plant, day: Day, config: BatteryConfig, found: tuple[RegionAtRisk, ...]) -> tuple[Lender, ...]:
    """What every bus that could assist a region would lend, in the order of its best learned value for any of them."""
    value: dict[str, float] = {}
    for ranking in (region.ranking for region in found if region.ranking is not None):
        for bus, worth in zip(ranking.buses, ranking.learned.value[ranking.learned.ranking], strict=True):
            value[bus] = max(float(worth), value.get(bus, -np.inf))
    steps = np.any([region.at_risk for region in found], axis=0) if found else np.zeros(len(day.sun_pu), dtype=bool)
    lenders = [_lender(plant, day, config, bus, steps) for bus in sorted(value, key=lambda bus: -value[bus])]
    return tuple(lender for lender in lenders if lender.kwh > 0)


def _need(plant: Plant, day: Day, config: BatteryConfig, found: tuple[RegionAtRisk, ...]) -> Region:
    """What the buses of all regions have to absorb while their region is at risk."""
    at = positions(plant, tuple(bus for region in found for bus in region.buses))
    excess = np.maximum(plant.surplus_kw(day)[:, at] - config.reverse_limit_kw, 0.0)
    for region in found:
        mine = np.isin(at, positions(plant, region.buses))
        excess[:, mine] *= region.at_risk[:, None]
    units = plant.batteries
    room = (units.stored_max_kwh - units.stored_min_kwh) / units.efficiency_charge
    own_kw, own_kwh = (plant.by_bus(of[None, :])[0, at] for of in (units.charge_max_kw, room))
    return Region(excess, own_kw, own_kwh, np.zeros(len(excess)), day.hours)


def _lender(plant: Plant, day: Day, config: BatteryConfig, bus: str, at_risk: BoolArray) -> Lender:
    """What a bus can lend: its share, as far as its load takes it back after the hours at risk."""
    at, units, share = positions(plant, (bus,))[0], plant.batteries, config.alpha_a_pct / 100
    mine = plant.battery_bus == at
    room_kwh = float(((units.stored_max_kwh - units.stored_min_kwh) / units.efficiency_charge)[mine].sum())
    round_trip = float(np.mean((units.efficiency_charge * units.efficiency_discharge)[mine]))
    after = np.arange(len(at_risk)) > np.flatnonzero(at_risk)[-1]
    takes_kw = np.clip(config.reverse_limit_kw - plant.surplus_kw(day)[after, at], 0.0, units.discharge_max_kw[mine].sum())
    back_kwh = float(takes_kw.sum()) * day.hours / round_trip
    return Lender(bus, share * float(units.charge_max_kw[mine].sum()), min(share * room_kwh, back_kwh))


def positions(plant: Plant, buses: tuple[str, ...]) -> IntArray:
    """Where buses stand among the feeder's, (bus,)."""
    index = {bus.name: k for k, bus in enumerate(plant.own.buses)}
    return np.array([index[bus] for bus in buses], dtype=np.int64)
