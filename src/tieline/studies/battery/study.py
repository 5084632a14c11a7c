"""Cooperative battery control: five ways to use the same batteries on the same days, judged by the same AC power flow.

Cases: `none` (batteries idle), `conventional` (charge from the first surplus, discharge at the evening's highest load), `mpc`
(each battery against price and reverse power of its own bus), `csocc` (the same, with capacity lent to the regions at risk) and
`bound` (one central optimum). On forecasts cooperation with the day known ahead stands beside it, and beside a chance-constrained
plan the expected one. What is measured of each stands in `telling.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.feeders import Feeder
from tieline.settings.currency import in_currency
from tieline.studies.answer import Answer, Tell
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.metrics import make_metrics
from tieline.studies.battery.telling.remarks import make_remarks
from tieline.studies.battery.telling.tables import make_tables
from tieline.studies.battery.ways.cases import BESIDE, CASES, DayAnswer, play
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.plant import make_plant

SWEPT = ("violations", "v_max_pu", "reverse_kwh_critical")
BORROWED = ("required_energy_kwh", "lent_energy_kwh", "missing_energy_kwh")
"""Quantities by case, beside the cost, and others that a sweep over battery energies shows."""

NOT_SWEPT = ("none", "bound")
"""Cases that a sweep leaves out: idle batteries do the same at every energy, and the bound takes long."""

MINUTES_A_DAY = 24 * 60
NUMBERS_A_BUS = 4
"""Kept of every bus in every step and case: a complex voltage, the highest magnitude, reverse power."""

REMEDY = "Lower scenarios or days, or raise step_minutes."


def answer(feeder: Feeder, config: BatteryConfig, tell: Tell) -> Answer:
    """Play the days of a configuration on a feeder.

    Returns:
        Metrics of `telling.metrics`; tables `ranking`, `regions`, `buses`, `steps`, `voltages`, `schedules` of the first day,
        `days`, and `sweep` if asked for.

    Raises:
        InputError, FeederError: if tables or numbers cannot be used on the feeder; there is no battery; the horizon is longer
            than the data.
        NotConvergedError: if no step of a day has a power-flow solution without batteries.
        NoAnswerError: if a schedule has no optimum.
    """
    require_size(feeder, config)
    days = _play_days(feeder, config, tell)
    metrics = make_metrics(days)
    tables = make_tables(days)
    if config.swept_hours:
        tables["sweep"] = _sweep(feeder, config, tell)
    return Answer(metrics, tables, make_remarks(days, metrics))


def require_size(feeder: Feeder, config: BatteryConfig) -> None:
    """Refuse a run that would not end or fit into memory; raises `InputError` saying how much it is and what the limit is."""
    profiles = config.drawn_profiles
    n_steps = profiles.days * MINUTES_A_DAY // profiles.step_minutes
    size = f"{config.scenarios:,} scenarios of {n_steps:,} time steps"
    n_flows = config.scenarios * n_steps * len((*CASES, *BESIDE))
    require_power_flows(size, n_flows, REMEDY)
    n_numbers = n_flows * len(feeder.buses) * NUMBERS_A_BUS
    require_memory(size, n_numbers * BYTES, REMEDY)


def _play_days(feeder: Feeder, config: BatteryConfig, tell: Tell) -> list[DayAnswer]:
    """Every day in all cases."""
    plant = make_plant(feeder, config)
    answers = []
    for k, day in enumerate(make_days(feeder, config)):
        tell_day = _tell_day(tell, k, config.scenarios)
        answers.append(play(plant, day, config, k, tell_day))
    return answers


def _tell_day(tell: Tell, day: int, n_days: int) -> Callable[[str], None]:
    """Says what is being worked on, and of which day."""
    label = ""
    if n_days > 1:
        label = f"day {day + 1} of {n_days}: "
    return lambda text: tell(day, n_days, label + text)


def _sweep(feeder: Feeder, config: BatteryConfig, tell: Tell) -> pd.DataFrame:
    """One row per battery energy: what each case breaks and costs, and what is missing."""
    cases = [case for case in CASES if case not in NOT_SWEPT]
    quantities = (*SWEPT, in_currency("cost", config.currency))
    names = [f"{quantity}_{case}" for quantity in quantities for case in cases]
    rows = []
    for hours in config.swept_hours:
        changes = {"battery_hours": hours, "bound": "off", "sweep_hours": None}
        metrics = make_metrics(
            _play_days(feeder, config.model_copy(update=changes), tell)
        )
        columns = {name: metrics[name] for name in (*names, *BORROWED)}
        rows.append({"battery_hours": hours, **columns})
    return pd.DataFrame(rows)
