"""The battery report: who is at risk, who assists, what it costs, and what is missing."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports.html import Report
from tieline.reports.numbers import format_number
from tieline.studies.answer import Metric
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections import (
    assumed,
    costs,
    energy,
    ranking,
    regions,
    sweep,
    voltages,
)
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a battery result says."""
    config = result.config
    assert isinstance(config, BatteryConfig)
    feeder = result.feeder
    return Report(
        title=_title(result, feeder),
        question=_question(feeder, config),
        summary=_summary(result),
        sections=[
            regions(result, feeder, config),
            voltages(result, config),
            energy(result, config),
            *ranking(result),
            costs(result),
            *sweep(result),
            assumed(config, feeder),
        ],
    )


def _title(result: Result, feeder: Feeder) -> str:
    without, alone, together = (_violations(result, name) for name in ("none", "mpc", "csocc"))
    unjudged = " in the steps that were solved" if result.metrics["cases_unjudged"] else ""
    return (
        f"Batteries of {feeder.name}: {without} violations without, {alone} with batteries alone, {together} with "
        f"cooperation{unjudged}"
    )


def _violations(result: Result, name: str) -> str:
    """How many there are, as far as was judged."""
    count = result.metrics[f"violations_{name}"]
    return "unknown" if count is None else str(count)


def _unjudged(metrics: dict[str, Metric]) -> str:
    """Steps without a power-flow solution, without and with cooperation."""
    without, together = metrics["steps_unjudged_none"], metrics["steps_unjudged_csocc"]
    return (
        f"{without} without, {together} with cooperation" if metrics["cases_unjudged"] else "none"
    )


def _question(feeder: Feeder, config: BatteryConfig) -> str:
    batteries = (
        f"batteries of {config.battery_pct:g} % of it for {config.battery_hours:g} h"
        if config.battery_pct
        else "its own batteries"
    )
    return (
        f"PV of {config.pv_pct:g} % of the load at every bus of {feeder.name} ({format_number(feeder.peak_load_kw)} kW) and "
        f"{batteries}: can regions share their capacity so that no bus passes {config.critical_pu:g} pu, at the lowest bill?"
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics

    def shown(name: str, unit: str) -> str:
        value = metrics.get(name)
        if value is None or pd.isna(value):
            return "-"
        return f"{value:.2f} {unit}" if unit == "%" else f"{format_number(value, unit)} {unit}"

    return [
        ("Highest voltage with CSOCC", shown("v_max_pu_csocc", "pu")),
        ("Violations left", _violations(result, "csocc")),
        ("Steps not judged", _unjudged(metrics)),
        ("Energy to borrow", shown("required_energy_kwh", "kWh")),
        ("Lent", shown("lent_energy_kwh", "kWh")),
        ("Assisting buses", metrics["assisting_buses"]),
        ("Cost", shown("cost_usd_csocc", "USD")),
        ("Over the bound", shown("gap_to_bound_pct", "%")),
    ]
