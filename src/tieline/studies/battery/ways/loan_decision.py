"""The loan of one day: find the regions at risk, rank who could assist, and cover what a region cannot absorb.

    1  the power flow without batteries says which buses are critical and when; neighbours form a region, entered at its first bus
    2  at the region's worst step tree search ranks the assisting buses (`ranking`, `assisting`)
    3  they lend in that order until what the region cannot absorb is covered (`lending`)
    4  own and lent charge is reserved in the MPC of each battery (`local_control`), which is free with the rest
    5  where the AC power flow still finds a voltage above the limit, lenders are asked for more (`feedback`)

Steps 1 to 3 are decided here. Several regions share one pool at one level; a bus stands in it by its best value for any of them.
What it lends is `alpha_a` of the power and energy of its batteries, but not more than its own load takes back after the hours at
risk without reverse power above the limit (theta_a).

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.3 and figure 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.topology import regions
from tieline.powerflow import Solution
from tieline.studies.battery.ways.lending import Lender, Loan, Need, arrange_loan
from tieline.studies.battery.ways.ranking import Ranking, rank_assisting
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.question import Question
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LendingState:
    """Where batteries stand when loans are decided: stored energy, (battery,), and what buses have lent so far, (bus,) [kWh]."""

    stored_kwh: FloatArray
    lent_kwh: FloatArray

    @classmethod
    def at_start(cls, plant: Plant) -> LendingState:
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
class LoanDecision:
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
    need: Need
    offers: tuple[Lender, ...]
    loan: Loan
    reserved_kw: FloatArray
    lent_kw: FloatArray
    borrowed_kw: FloatArray

    @property
    def critical_buses(self) -> list[str]:
        """Buses of the regions, in the order of `need`."""
        return [bus for region in self.regions for bus in region.buses]

    @property
    def uncovered_kw(self) -> FloatArray:
        """What each critical bus has to absorb beyond what its own batteries take, (step, critical bus) [kW]."""
        return self.need.excess_kw - self.loan.own_kw


def decide_loan(
    question: Question, solution_without_batteries: Solution, state: LendingState
) -> LoanDecision:
    """Decide who lends what on a day, or on the rest of one.

    Args:
        question: plant, day and limits.
        solution_without_batteries: power flow of the day with idle batteries.
        state: where the batteries stand at its first step.
    """
    at_risk = _regions_at_risk(question, solution_without_batteries)
    room_kwh = _room_kwh(question, at_risk, state)
    need = _need(question, at_risk, room_kwh)
    offers = _offers(question, at_risk, room_kwh, state)
    return cover(question.plant, at_risk, need, offers)


def cover(
    plant: Plant,
    at_risk: tuple[RegionAtRisk, ...],
    need: Need,
    offers: tuple[Lender, ...],
) -> LoanDecision:
    """Cover a need as far as the offers go."""
    loan = arrange_loan(need, offers)
    shape = len(need.excess_kw), plant.n_buses
    critical = _positions(plant, at_risk)
    own_kw = np.zeros(shape)
    own_kw[:, critical] = loan.own_kw
    borrowed_kw = np.zeros(shape)
    borrowed_kw[:, critical] = loan.borrowed_kw
    lent_kw = np.zeros(shape)
    lent_kw[:, plant.positions([lender.bus for lender in loan.lenders])] = loan.lent_kw
    battery_lent_kw = plant.by_battery(lent_kw)
    return LoanDecision(
        regions=at_risk,
        need=need,
        offers=offers,
        loan=loan,
        reserved_kw=plant.by_battery(own_kw) + battery_lent_kw,
        lent_kw=battery_lent_kw,
        borrowed_kw=borrowed_kw,
    )


def _regions_at_risk(
    question: Question, solution: Solution
) -> tuple[RegionAtRisk, ...]:
    """Neighbouring buses above the limit, largest region first."""
    plant = question.plant
    too_high = question.too_high(solution)
    critical = [plant.bus_names[k] for k in np.flatnonzero(too_high.any(axis=0))]
    if not critical:
        return ()
    at_risk = []
    for buses in regions(plant.feeder, critical):
        in_steps = np.asarray(too_high[:, plant.positions(buses)].any(axis=1))
        ranking = rank_assisting(question, solution, buses, set(critical))
        at_risk.append(RegionAtRisk(buses, in_steps, ranking))
    return tuple(at_risk)


def _positions(plant: Plant, at_risk: tuple[RegionAtRisk, ...]) -> IntArray:
    """Where the buses of all regions stand among the plant's, (bus at risk,)."""
    return plant.positions([bus for region in at_risk for bus in region.buses])


def _steps_at_risk(at_risk: tuple[RegionAtRisk, ...]) -> IntArray:
    """In which any region is at risk, (step at risk,)."""
    if not at_risk:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.any([region.at_risk for region in at_risk], axis=0))


def _room_kwh(
    question: Question, at_risk: tuple[RegionAtRisk, ...], state: LendingState
) -> FloatArray:
    """What the batteries of each bus can take at their terminals from the first step at risk on, (bus,) [kWh].

    That is what they have room for at present and what their load can take out of them before.
    """
    batteries = question.plant.batteries
    steps = _steps_at_risk(at_risk)
    before = slice(0, steps[0] if len(steps) else 0)
    load_takes_kw = question.discharge_room_kw[before].sum(axis=0)
    emptied_kwh = load_takes_kw * question.day.hours / batteries.efficiency_discharge
    # a load may want more than is stored, but an empty battery has room for no more than its capacity
    room_kwh = np.minimum(
        batteries.stored_max_kwh - state.stored_kwh + emptied_kwh,
        batteries.stored_max_kwh - batteries.stored_min_kwh,
    )
    return question.plant.bus_total(room_kwh / batteries.efficiency_charge)


def _need(
    question: Question, at_risk: tuple[RegionAtRisk, ...], room_kwh: FloatArray
) -> Need:
    """What the buses of all regions have to absorb while their region is at risk."""
    plant = question.plant
    critical = _positions(plant, at_risk)
    limit_kw = plant.reverse_limit_kw[critical]
    excess_kw = np.maximum(question.surplus_kw[:, critical] - limit_kw, 0.0)
    # regions are at risk at different times; outside of them their surplus is nobody's concern
    for region in at_risk:
        in_region = np.isin(critical, plant.positions(region.buses))
        excess_kw[:, in_region] *= region.at_risk[:, None]
    return Need(
        excess_kw=excess_kw,
        own_kw=plant.bus_battery_kw[critical],
        own_kwh=room_kwh[critical],
        # what voltages need beyond it only a replay tells
        least_kw=np.zeros(len(excess_kw)),
        hours=question.day.hours,
    )


def _offers(
    question: Question,
    at_risk: tuple[RegionAtRisk, ...],
    room_kwh: FloatArray,
    state: LendingState,
) -> tuple[Lender, ...]:
    """What every bus that could assist a region would lend, in the order of its best learned value for any of them."""
    value_kw = _best_values_kw(at_risk)
    if not value_kw:
        return ()
    buses = sorted(value_kw, key=lambda bus: -value_kw[bus])
    at = question.plant.positions(buses)
    last_step = int(_steps_at_risk(at_risk)[-1])
    share_kw, share_kwh = _shares(question, at)
    returned_kwh = _returned_kwh(question, at, last_step)
    # what was lent today already is part of the share and of what the load takes back
    lendable_kwh = np.minimum(share_kwh, returned_kwh) - state.lent_kwh[at]
    offer_kwh = np.minimum(room_kwh[at], lendable_kwh)
    lenders = map(Lender, buses, share_kw.tolist(), offer_kwh.tolist())
    return tuple(lender for lender in lenders if lender.kwh > 0)


def _best_values_kw(at_risk: tuple[RegionAtRisk, ...]) -> dict[str, float]:
    """What each bus that could assist is worth to the region that values it most [kW]."""
    best_kw: dict[str, float] = {}
    # one bus may be near to several regions, and its battery can be lent only once
    for region in at_risk:
        if region.ranking is None:
            continue
        for bus, kw in zip(region.ranking.buses, region.ranking.values_kw, strict=True):
            best_kw[bus] = max(kw, best_kw.get(bus, -np.inf))
    return best_kw


def _shares(question: Question, buses: IntArray) -> tuple[FloatArray, FloatArray]:
    """What buses lend of their batteries at most: power [kW] and energy at the terminals [kWh], (bus,) each."""
    plant = question.plant
    batteries = plant.batteries
    battery_kwh = batteries.stored_max_kwh - batteries.stored_min_kwh
    terminal_kwh = plant.bus_total(battery_kwh / batteries.efficiency_charge)
    alpha_a = question.config.alpha_a_pct / 100
    share_kw = alpha_a * plant.bus_battery_kw[buses]
    share_kwh = alpha_a * terminal_kwh[buses]
    return share_kw, share_kwh


def _returned_kwh(question: Question, buses: IntArray, last_step: int) -> FloatArray:
    """What buses can charge at most and give back to their own load after a step, at the terminals, (bus,) [kWh].

    What is lent stays in a battery until its load takes it, and may not go on as reverse power.
    """
    plant = question.plant
    batteries = plant.batteries
    round_trip = (
        plant.battery_share
        * batteries.efficiency_charge
        * batteries.efficiency_discharge
    )
    bus_round_trip = plant.bus_total(round_trip)
    discharge_max_kw = plant.bus_total(batteries.discharge_max_kw)
    later_surplus_kw = question.surplus_kw[last_step + 1 :, buses]
    room_kw = plant.reverse_limit_kw[buses] - later_surplus_kw
    load_takes_kw = np.clip(room_kw, 0.0, discharge_max_kw[buses])
    taken_kwh = load_takes_kw.sum(axis=0) * question.day.hours
    return taken_kwh / bus_round_trip[buses]
