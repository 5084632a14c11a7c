"""The local controllers on a day: every battery's MPC, with or without a reservation of charge."""

from __future__ import annotations

from tieline.opf.battery_mpc import Outlook, Schedule, run_mpc, run_mpc_on_forecasts
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray


def outlook_on(plant: Plant, day: Day, config: BatteryConfig) -> Outlook:
    """What batteries expect of a day, nothing reserved."""
    own_kw = plant.surplus_kw(day)[:, plant.battery_bus] * plant.battery_share
    return Outlook.at_price(day.price, own_kw, config.reverse_limit_kw * plant.battery_share)


def control(
    plant: Plant,
    known: Foresight,
    config: BatteryConfig,
    reserved_kw: FloatArray | None = None,
    stored_kwh: FloatArray | None = None,
    steps: int | None = None,
) -> Schedule:
    """What every battery does, receding through a day or its first steps.

    Args:
        plant: what every case shares; what it has stored at the start is due at the end.
        known: what is believed of the day.
        config: horizon and reverse-power limit.
        reserved_kw: charge that is owed, (step, battery) [kW].
        stored_kwh: at the start, (battery,), if not the plant's [kWh].
        steps: how many to go through; all if left out.
    """
    hours = known.day.hours
    window = max(round(config.horizon_h / hours), 1)
    if known.first > 0:
        window = min(window, len(known.day.price))
    stored = plant.stored_kwh if stored_kwh is None else stored_kwh

    def outlook(step: int) -> Outlook:
        seen = outlook_on(plant, known.at(step), config)
        return seen if reserved_kw is None else seen.replace(reserved_kw=reserved_kw[step:])

    if known.is_perfect and steps is None:
        return run_mpc(plant.batteries, stored, plant.stored_kwh, outlook(0), hours, window)
    return run_mpc_on_forecasts(
        plant.batteries, stored, plant.stored_kwh, outlook, hours, window, steps
    )
