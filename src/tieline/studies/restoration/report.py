"""The page about a run: in short, who decides how well, what is restored when and for whom, where the energy comes from, what
binds, what models miss, how long it takes, what was assumed.
"""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.headline import headline
from tieline.studies.restoration.telling.sections.assumed import assumed
from tieline.studies.restoration.telling.sections.binding import binding
from tieline.studies.restoration.telling.sections.energy import energy
from tieline.studies.restoration.telling.sections.gaps import gaps
from tieline.studies.restoration.telling.sections.in_short import in_short
from tieline.studies.restoration.telling.sections.learning import learning
from tieline.studies.restoration.telling.sections.restored import restored
from tieline.studies.restoration.telling.sections.served import served
from tieline.studies.restoration.telling.sections.standing import standing
from tieline.studies.restoration.telling.sections.times import times
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a run says."""
    config = result.config
    assert isinstance(config, RestorationConfig)
    return Report(
        headline(result),
        sections=[
            in_short(result),
            standing(result),
            *restored(result),
            *served(result),
            *energy(result),
            *binding(result),
            *gaps(result),
            *times(result),
            *learning(result),
            assumed(config),
        ],
    )
