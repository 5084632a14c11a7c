"""The report of a power flow: where voltages and loadings are, what is broken, where power goes."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.studies.power_flow.telling import sections
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a power flow says."""
    config = result.config
    assert isinstance(config, PowerFlowConfig)
    limits = config.limit_numbers
    return Report(
        result.headline,
        sections=[
            sections.voltages(result, limits),
            sections.loadings(result, limits),
            sections.broken_limits(result),
            sections.powers(result),
            *sections.controls(result),
            sections.assumed(result),
        ],
        unused=("seed",),
    )
