"""The report of a run over time; its figures and tables are in `telling.sections`."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.result import Result
from tieline.studies.time_series.config import TimeSeriesConfig
from tieline.studies.time_series.headline import headline
from tieline.studies.time_series.telling.sections import (
    assumed,
    controls,
    limits,
    loadings,
    power,
    voltages,
    where,
)


def report(result: Result) -> Report:
    """What the page about a run over time says."""
    config = result.config
    assert isinstance(config, TimeSeriesConfig)
    feeder = result.feeder
    sections = [
        where(result, config, feeder),
        limits(result),
        power(result),
        voltages(result, config, feeder),
        controls(result, feeder),
        loadings(result),
        assumed(config, feeder),
    ]
    return Report(headline(result), [part for part in sections if part is not None])
