"""The page about a run: who spends how much, what devices do, where limits bind, how quick it is, what was assumed."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.headline import headline
from tieline.studies.microgrids.telling.sections.agreement import agreement
from tieline.studies.microgrids.telling.sections.assumed import assumed
from tieline.studies.microgrids.telling.sections.costs import costs
from tieline.studies.microgrids.telling.sections.devices import batteries, devices
from tieline.studies.microgrids.telling.sections.learning import learning
from tieline.studies.microgrids.telling.sections.lessons import lessons
from tieline.studies.microgrids.telling.sections.limits import limits
from tieline.studies.microgrids.telling.sections.overview import overview
from tieline.studies.microgrids.telling.sections.peak import peak
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a run says."""
    config = result.config
    assert isinstance(config, MicrogridsConfig)
    return Report(
        headline(result),
        sections=[
            overview(result, config),
            costs(result, config),
            *lessons(result, config),
            *peak(result, config),
            devices(result, config),
            *batteries(result),
            limits(result, config),
            *agreement(result, config),
            *learning(result),
            assumed(config),
        ],
    )
