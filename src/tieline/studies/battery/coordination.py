"""CSOCC for one day: find the regions at risk, rank who could assist, arrange loans, and let every battery's MPC keep them.

    1  the power flow without batteries says which buses are critical and when; neighbours form a region, entered at its first bus
    2  at the region's worst step tree search ranks the assisting buses (`agents.assisting`)
    3  they lend in that order until what the region cannot absorb is covered (`agents.lending`)
    4  own and lent charge is reserved in the MPC of each battery (`opf.battery_mpc`), which is free with the rest

A bus lends to one region, the largest first. What it lends is `alpha_a` of the power and energy of its batteries, but not more
than its own load takes back after the hours at risk without reverse power above the limit (theta_a).

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
from tieline.studies.battery.plant import Plant
from tieline.typing import BoolArray, FloatArray, IntArray

NOTICED_PU = 1e-4
"""How far past the limit counts as a violation [pu]: the accuracy to which the bound's linear program keeps it."""


@dataclass(frozen=True, eq=False)
class Help:
    """One region and its loan.

    Attributes:
        buses: names, the entry first.
        at_risk: steps in which a bus of the region is above the limit without batteries, (step,).
        candidates, learned, exact: who could assist, as tree search ranks them and as a scan does; None if nobody can.
        loan: who lends what.
        search_s: time of the tree search [s].
    """

    buses: tuple[str, ...]
    at_risk: BoolArray
    candidates: Candidates | None
    learned: Learned | None
    exact: IntArray
    loan: Loan
    search_s: float

    @property
    def ranked(self) -> list[str]:
        """Names of the candidates, best first."""
        if self.candidates is None or self.learned is None:
            return []
        return [self.candidates.tree.states[state] for state in self.learned.ranking]


@dataclass(frozen=True, eq=False)
class Coordination:
    """What the central controller decided for a day.

    Attributes:
        helps: one per region, largest first.
        reserved_kw: charge that each battery owes to its region or to another, (step, battery) [kW].
        lent_kw: the part of it that is lent, (step, battery) [kW].
        borrowed_kw: charge that others take over for each bus, (step, bus) [kW].
        seconds: time of all of it [s].
    """

    helps: tuple[Help, ...]
    reserved_kw: FloatArray
    lent_kw: FloatArray
    borrowed_kw: FloatArray
    seconds: float


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
    began = time.perf_counter()
    critical = critical_steps(plant, without, config)
    names = [bus.name for bus in plant.own.buses]
    found = regions(plant.own, [names[k] for k in np.flatnonzero(critical.any(axis=0))]) if critical.any() else ()
    helps: list[Help] = []
    taken = {bus for region in found for bus in region}
    for region in found:
        one = _help(plant, day, without, config, region, critical, taken)
        taken |= {lender.bus for lender in one.loan.lenders}
        helps.append(one)
    reserved, lent, borrowed = _reservations(plant, helps, len(day.sun_pu))
    return Coordination(tuple(helps), reserved, lent, borrowed, time.perf_counter() - began)


def _help(
    plant: Plant,
    day: Day,
    without: Solution,
    config: BatteryConfig,
    region: tuple[str, ...],
    critical: BoolArray,
    taken: set[str],
) -> Help:
    """Rank and recruit for one region; buses in `taken` are not asked."""
    at = _positions(plant, region)
    at_risk = critical[:, at].any(axis=1)
    worst = int(plant.bus_voltage_pu(without)[:, at].max(axis=1).argmax())
    began = time.perf_counter()
    candidates, learned = _ranking(plant, without, config, region, worst, taken)
    search_s = time.perf_counter() - began
    ranked = [] if learned is None or candidates is None else [candidates.tree.states[state] for state in learned.ranking]
    lenders = [lender for bus in ranked if (lender := _lender(plant, day, config, bus, at_risk)).kwh > 0]
    exact = np.empty(0, dtype=np.int64) if candidates is None else exhaustive_ranking(candidates)
    loan = arrange_loan(_need(plant, day, config, at, at_risk), lenders)
    return Help(region, at_risk, candidates, learned, exact, loan, search_s)


def _ranking(
    plant: Plant, without: Solution, config: BatteryConfig, region: tuple[str, ...], worst: int, taken: set[str]
) -> tuple[Candidates | None, Learned | None]:
    """Candidates at the worst step and their learned ranking; None if no bus can assist."""
    capacity_kw = plant.by_bus(plant.batteries.charge_max_kw[None, :])[0]
    offered = {bus.name: float(kw) for bus, kw in zip(plant.own.buses, capacity_kw, strict=True) if bus.name not in taken and kw > 0}
    settings = AssistingConfig(kappa=config.kappa, limit_pu=config.critical_pu)
    try:
        candidates = find_candidates(without, region[0], offered, settings, region, scenario=worst)
    except InputError:  # no bus with a battery is below the limit: a remark says so
        return None, None
    return candidates, learned_ranking(candidates, SearchConfig(episodes=config.episodes), config.seed)


def _need(plant: Plant, day: Day, config: BatteryConfig, at: IntArray, at_risk: BoolArray) -> Region:
    """What the buses at positions `at` have to absorb while they are at risk."""
    excess = np.maximum(plant.surplus_kw(day)[:, at] - config.reverse_limit_kw, 0.0) * at_risk[:, None]
    units = plant.batteries
    room = (units.stored_max_kwh - units.stored_min_kwh) / units.efficiency_charge
    own_kw, own_kwh = (plant.by_bus(of[None, :])[0, at] for of in (units.charge_max_kw, room))
    return Region(excess, own_kw, own_kwh, day.hours)


def _lender(plant: Plant, day: Day, config: BatteryConfig, bus: str, at_risk: BoolArray) -> Lender:
    """What a bus can lend: its share, as far as its load takes it back after the hours at risk."""
    at, units, share = _positions(plant, (bus,))[0], plant.batteries, config.alpha_a_pct / 100
    mine = plant.battery_bus == at
    room_kwh = float(((units.stored_max_kwh - units.stored_min_kwh) / units.efficiency_charge)[mine].sum())
    round_trip = float(np.mean((units.efficiency_charge * units.efficiency_discharge)[mine]))
    after = np.arange(len(at_risk)) > np.flatnonzero(at_risk)[-1]
    takes_kw = np.clip(config.reverse_limit_kw - plant.surplus_kw(day)[after, at], 0.0, units.discharge_max_kw[mine].sum())
    back_kwh = float(takes_kw.sum()) * day.hours / round_trip
    return Lender(bus, share * float(units.charge_max_kw[mine].sum()), min(share * room_kwh, back_kwh))


def _positions(plant: Plant, buses: tuple[str, ...]) -> IntArray:
    index = {bus.name: k for k, bus in enumerate(plant.own.buses)}
    return np.array([index[bus] for bus in buses], dtype=np.int64)


def _reservations(plant: Plant, helps: list[Help], steps: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Loans of all regions, by battery and by bus."""
    own, lent, borrowed = (np.zeros((steps, plant.n_buses)) for _ in range(3))
    for one in helps:
        at = _positions(plant, one.buses)
        own[:, at], borrowed[:, at] = one.loan.own_kw, one.loan.borrowed_kw
        lent[:, _positions(plant, tuple(lender.bus for lender in one.loan.lenders))] += one.loan.lent_kw
    share = plant.battery_share
    return (own + lent)[:, plant.battery_bus] * share, lent[:, plant.battery_bus] * share, borrowed
