"""Cooperative battery control: five ways to use the same batteries on the same days, judged by the same AC power flow.

Cases: `none` (batteries idle), `conventional` (charge from the first surplus, discharge at the evening's highest load), `mpc`
(each battery against price and reverse power of its own bus), `csocc` (the same, with capacity lent to the regions at risk) and
`bound` (one central optimum).
The metrics stand in `telling.metrics`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pandas as pd

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.feeders import Feeder
from tieline.feeders.asked import asked_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.metrics import make_metrics
from tieline.studies.battery.telling.remarks import make_remarks
from tieline.studies.battery.telling.tables import make_tables
from tieline.studies.battery.ways.cases import CASES, DayAnswer, play
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.result import Result

MINUTES_A_DAY = 24 * 60
NUMBERS_A_BUS = 4
"""Kept of every bus in every step and case: a complex voltage, the highest magnitude, reverse power."""

REMEDY = "Lower scenarios or days, or raise step_minutes."

Progress = Callable[[int, int, str], None]

SWEPT = ("violations", "v_max_pu", "reverse_kwh_critical", "cost_usd")
BORROWED = ("required_energy_kwh", "lent_energy_kwh", "missing_energy_kwh")
"""Quantities by case, and others, that a sweep over battery energies shows."""


def run(config: BatteryConfig, progress: Progress | None = None) -> Result:
    """Play the days of a configuration.

    Returns:
        Metrics as above; tables `ranking`, `regions`, `buses`, `steps`, `voltages`, `schedules` of the first day, `days`, and
        `sweep` if asked for.

    Raises:
        InputError, FeederError: if feeder, tables or numbers cannot be used; there is no battery; the horizon is longer than the
            data.
        NotConvergedError: if no step of a day has a power-flow solution without batteries.
        NoAnswerError: if a schedule has no optimum.
    """
    began = time.perf_counter()
    own = asked_feeder(config.feeder, config.load_model)
    require_size(own, config)
    answers = _play(own, config, progress)
    metrics = make_metrics(answers)
    warnings = (*(str(note) for note in own.notes), *make_remarks(answers, metrics))
    tables = make_tables(answers)
    if config.swept_hours:
        tables["sweep"] = _sweep(own, config, progress)
    return Result(
        "battery", config, metrics, tables, warnings=warnings, wall_s=time.perf_counter() - began
    )


def _play(feeder: Feeder, config: BatteryConfig, progress: Progress | None) -> list[DayAnswer]:
    """Every day in all cases."""
    plant = make_plant(feeder, config)
    answers = []
    for k, day in enumerate(make_days(feeder, config)):
        tell = _teller(progress, k, config.scenarios)
        answers.append(play(plant, day, config, k, tell))
    return answers


def _teller(progress: Progress | None, day: int, days: int) -> Callable[[str], None]:
    of = f"day {day + 1} of {days}: " if days > 1 else ""
    return lambda text: progress(day, days, of + text) if progress is not None else None


def _sweep(own: Feeder, config: BatteryConfig, progress: Progress | None) -> pd.DataFrame:
    """One row per battery energy: what each case breaks and costs, and what is missing."""
    names = [
        f"{quantity}_{case}"
        for quantity in SWEPT
        for case in CASES
        if case not in ("none", "bound")
    ]
    rows = []
    for hours in config.swept_hours:
        smaller = config.model_copy(
            update={"battery_hours": hours, "bound": "off", "sweep_hours": None}
        )
        metrics = make_metrics(_play(own, smaller, progress))
        rows.append(
            {"battery_hours": hours, **{name: metrics[name] for name in (*names, *BORROWED)}}
        )
    return pd.DataFrame(rows)


def require_size(feeder: Feeder, config: BatteryConfig) -> None:
    """Refuse a run that is too large; raises `InputError` saying how much was asked and what the limit is."""
    profiles = config.drawn_profiles
    steps = profiles.days * MINUTES_A_DAY // profiles.step_minutes
    asked = f"{config.scenarios:,} scenarios of {steps:,} time steps"
    flows = config.scenarios * steps * len(CASES)
    require_power_flows(asked, flows, REMEDY)
    require_memory(asked, flows * len(feeder.buses) * NUMBERS_A_BUS * BYTES, REMEDY)
