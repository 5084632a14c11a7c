"""The battery report: who is at risk, who assists, what it costs, and what is missing."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.headline import headline
from tieline.studies.battery.telling.sections.assumed import assumed
from tieline.studies.battery.telling.sections.at_risk import regions, voltages
from tieline.studies.battery.telling.sections.costs import costs
from tieline.studies.battery.telling.sections.energy import energy
from tieline.studies.battery.telling.sections.plans import plans
from tieline.studies.battery.telling.sections.ranking import ranking
from tieline.studies.battery.telling.sections.sweep import sweep
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a battery result says."""
    config = result.config
    assert isinstance(config, BatteryConfig)
    feeder = result.feeder
    return Report(
        headline(result),
        sections=[
            regions(result, feeder, config),
            voltages(result, config),
            energy(result, config),
            *ranking(result),
            costs(result, config),
            *plans(result, config),
            *sweep(result),
            assumed(config, feeder),
        ],
    )
