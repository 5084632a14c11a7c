"""The headline of a battery result: violations without and with cooperation, and what was lent for it."""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.reports.headline import Headline
from tieline.reports.numbers import brief, with_unit
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections.costs import cost_table
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a battery result sees first."""
    config = result.config
    assert isinstance(config, BatteryConfig)
    feeder = result.feeder
    return Headline(
        title=_title(result, feeder),
        question=_question(feeder, config),
        summary=_summary(result, config),
        table=cost_table(result, config),
    )


def _title(result: Result, feeder: Feeder) -> str:
    idle = _violations(result, "none")
    alone = _violations(result, "mpc")
    csocc = _violations(result, "csocc")
    scope = " in the steps that were solved" if result.metrics["cases_unjudged"] else ""
    return (
        f"Batteries of {feeder.name}: {idle} violations without, {alone} with batteries alone, {csocc} with "
        f"cooperation{scope}"
    )


def _violations(result: Result, name: str) -> str:
    """How many there are, as far as was judged."""
    count = result.metrics[f"violations_{name}"]
    return "unknown" if count is None else str(count)


def _unjudged(metrics: dict[str, Metric]) -> str:
    """Steps without a power-flow solution, without and with cooperation."""
    if not metrics["cases_unjudged"]:
        return "none"
    idle = metrics["steps_unjudged_none"]
    csocc = metrics["steps_unjudged_csocc"]
    return f"{idle} without, {csocc} with cooperation"


def _question(feeder: Feeder, config: BatteryConfig) -> str:
    batteries = "its own batteries"
    if config.battery_pct:
        batteries = f"batteries of {config.battery_pct:g} % of it for {config.battery_hours:g} h"
    return (
        f"PV of {config.pv_pct:g} % of the load at every bus of {feeder.name} ({brief(feeder.peak_load_kw)} kW) and "
        f"{batteries}: can regions share their capacity so that no bus passes {config.critical_pu:g} pu, at the lowest bill?"
    )


def _summary(result: Result, config: BatteryConfig) -> list[tuple[str, object]]:
    metrics = result.metrics
    cost = metrics[f"{in_currency('cost', config.currency)}_csocc"]
    return [
        (
            "Highest voltage with cooperation",
            with_unit(metrics["v_max_pu_csocc"], "pu"),
        ),
        ("Violations left", _violations(result, "csocc")),
        ("Steps not judged", _unjudged(metrics)),
        ("Energy to borrow", with_unit(metrics["required_energy_kwh"], "kWh")),
        ("Lent", with_unit(metrics["lent_energy_kwh"], "kWh")),
        ("Assisting buses", metrics["assisting_buses"]),
        ("Cost", with_unit(cost, config.currency)),
        ("Over the bound", with_unit(metrics["gap_to_bound_pct"], "%")),
    ]
