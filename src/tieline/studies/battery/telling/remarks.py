"""What a battery result must say about itself: what is missing, what broke, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.bound import Bound
from tieline.studies.battery.ways.cases import Played, above_limit
from tieline.studies.battery.ways.loan_decision import Coordination
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.unsolved import tell_unsolved
from tieline.studies.feeder_ders import tell_bright_sun
from tieline.studies.load_model import tell_load_model
from tieline.studies.result import Metric
from tieline.studies.unjudged import known

SMALL_BILL = 0.2
"""A bill below this share of what the load alone would cost makes percentages of it look large."""

NOTICED_KWH = 0.05
"""Energy below which nothing is said to be missing: it shows as 0."""


def remarks(
    plant: Plant, played: list[Played], metrics: dict[str, Metric], config: BatteryConfig
) -> list[str]:
    """One sentence each."""
    found = [
        text
        for k, one in enumerate(played)
        for text in _of_day(plant, one, config, _label(k, played))
    ]
    found += tell_bright_sun(played[0].day.sun_pu)
    without = played[0].cases["none"].solution
    loads = tell_load_model(
        without, config.load_model, "Without batteries, in the step with most of them"
    )
    return [
        *dict.fromkeys([*found, *_of_bill(metrics), *_of_model(plant, metrics, config), *loads])
    ]


def _label(k: int, played: list[Played]) -> str:
    return f"Day {k + 1}: " if len(played) > 1 else ""


def _of_day(plant: Plant, one: Played, config: BatteryConfig, label: str) -> Iterator[str]:
    solutions = {name: case.solution for name, case in one.cases.items()}
    yield from (f"{label}{text}" for text in tell_unsolved(one.day, solutions))
    yield from _of_prices(one, label)
    plans = one.cooperation.plans
    if not any(plan.regions for plan in plans):
        yield label + _of_nobody(one, config)
    for plan in plans:
        yield from (f"{label}{text}" for text in _of_plan(plan, config))
    if broken := int(above_limit(one.cases["csocc"], config).sum()):
        v_pu = one.cases["csocc"].v_pu
        step, bus = divmod(int(np.nanargmax(v_pu)), plant.n_buses)
        yield (
            f"{label}With CSOCC {broken} bus-steps stay above {config.critical_pu:g} pu, the highest {v_pu[step, bus]:.4f} pu at "
            f"bus {plant.own.buses[bus].name}, {one.day.times[step]:%H:%M}."
        )
    owed, charged = one.cooperation.reserved_kw, one.cases["csocc"].schedule.charge_kw
    if (unkept := one.day.hours * float(np.maximum(owed - charged, 0.0).sum())) > NOTICED_KWH:
        yield (
            f"{label}Batteries did not charge {unkept:.1f} kWh of what was reserved, since they were full by then: they look "
            f"{config.horizon_h:g} h ahead, and forecasts may err."
        )
    if isinstance(one.bound, str):
        yield f"{label}There is no bound: {one.bound}"
    elif one.bound is not None:
        yield label + _of_bound(one, config)


def _of_nobody(one: Played, config: BatteryConfig) -> str:
    """Why nobody cooperated, as far as the day was judged."""
    without = one.cases["none"]
    judged, steps = int(without.solution.converged.sum()), len(without.cost)
    where = "" if judged == steps else f"In the {judged} of {steps} steps that were solved "
    foreseen = "was foreseen to pass" if above_limit(without, config).any() else "passes"
    return f"{where}{'no' if where else 'No'} bus {foreseen} {config.critical_pu:g} pu without batteries: nobody cooperated."


def _of_plan(plan: Coordination, config: BatteryConfig) -> Iterator[str]:
    """Who cannot assist, and what is missing."""
    for region in plan.regions:
        if region.ranking is None:
            yield (
                f"Nobody can assist the region at bus {region.buses[0]}: no bus with a battery that would lower its voltage is "
                f"below {config.critical_pu:g} pu when it is at its worst."
            )
    loan = plan.loan
    if loan.missing_kwh > NOTICED_KWH:
        yield (
            f"The answer is partial: to keep voltages, and {config.reverse_limit_kw:g} kW of reverse power at critical buses in "
            f"the hours at risk, takes {loan.required_kwh:.1f} kWh more than their own batteries hold; all {len(loan.lenders)} "
            f"assisting buses at their limit lend {loan.required_kwh - loan.missing_kwh:.1f} kWh; {loan.missing_kwh:.1f} kWh are "
            "missing. Raise --alpha-a-pct, --battery-pct or --battery-hours, or allow more reverse power."
        )


def _of_bound(one: Played, config: BatteryConfig) -> str:
    """What the bound proves."""
    assert isinstance(one.bound, Bound)
    if one.bound.lowest_cost is None:
        return "The bound is the optimum of a network linearised anew until AC agrees; it is no proof that nothing costs less."
    on_ac = known(float(one.cases["bound"].cost.sum()))
    its_cost = (
        "was not solved in every step on AC" if on_ac is None else f"costs {on_ac:.2f} USD on AC"
    )
    return (
        f"The bound is proven: no schedule with voltages up to {config.critical_pu:g} pu costs less than "
        f"{one.bound.lowest_cost:.2f} USD; the optimum's own schedule {its_cost}."
    )


def _of_bill(metrics: dict[str, Metric]) -> Iterator[str]:
    bill, together, load = (
        metrics[name] for name in ("cost_usd_conventional", "cost_usd_csocc", "load_bill_usd")
    )
    if not (isinstance(bill, float) and isinstance(together, float) and isinstance(load, float)):
        return  # a cost that is not known has no share
    if abs(bill) < SMALL_BILL * load:
        saved = bill - together
        yield (
            f"PV feeds back nearly as much as the load costs: the bill is {bill:.0f} of {load:.0f} USD. Percentages of it "
            f"look large; in money CSOCC saves {saved:.2f} USD against the conventional rule, "
            f"{100 * saved / load:.1f} % of the load's cost."
        )


def _of_prices(one: Played, label: str) -> Iterator[str]:
    """Prices below zero are common in markets, and often a slip of the sign."""
    if count := int((one.day.price < 0).sum()):
        lowest = 1000 * float(one.day.price.min())
        yield (
            f"{label}The price is below zero in {count} steps, the lowest {lowest:g} per MWh: who takes energy is paid then. "
            "Batteries charge and never discharge in these steps."
        )


def _of_forecast(config: BatteryConfig) -> str:
    """What is known ahead."""
    if config.forecast == "perfect":
        return (
            "Load, sun and price of the day are known ahead; --forecast drawn makes them uncertain."
        )
    far = config.forecasts
    return (
        f"Loans are decided every {config.coordinate_every_h:g} h for the rest of the day, batteries plan anew in each step; "
        "figures of loans are those of the decision with the largest need. Far ahead forecasts err by "
        f"{far.load_spread:.0%} of each load, {far.sun_spread:.0%} of the sun and {far.price_spread:.0%} of the price (standard "
        "deviation). The conventional rule and the bound know the day."
    )


def _of_model(plant: Plant, metrics: dict[str, Metric], config: BatteryConfig) -> Iterator[str]:
    yield _of_forecast(config)
    yield "Lent energy is an account: what a critical bus feeds back is charged elsewhere; voltages are those of AC."
    if not config.wants_bound(len(plant.battery_bus)):
        yield "There is no bound beside the cases: it was not asked for (--bound lp), or there are too many batteries."
    if plant.own.regulators or plant.own.capacitor_controls:
        where = (
            "rest under the highest sun with idle batteries"
            if config.controls == "hold"
            else "are stated"
        )
        yield f"Regulators and capacitors are held where they {where}, in all cases and all day."
    together, without = (_pu(metrics[f"v_min_pu_{name}"]) for name in ("csocc", "none"))
    where = " in the steps that were solved" if metrics["cases_unjudged"] else ""
    lowest = f"the lowest voltage{where} is {together} with CSOCC, {without} without batteries"
    yield f"Low voltage and loading are not kept: {lowest}."


def _pu(value: Metric) -> str:
    return f"{value:.4f} pu" if isinstance(value, float) else "not known"
