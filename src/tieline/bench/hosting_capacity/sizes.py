"""The same question of feeders of three sizes, each with the limits that fit it: what fits, how voltages spread, time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tieline.reports.headline import Headline
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.headline import headline
from tieline.studies.hosting_capacity.judging.buses import most_affected
from tieline.studies.hosting_capacity.judging.levels import shown_level
from tieline.studies.result import Result
from tieline.studies.shell import run_study

BUNDLED = ("ieee33", "ieee123")


@dataclass(frozen=True)
class FeederAnswer:
    """What the study says of one feeder.

    Attributes:
        feeder, buses: its name and number of buses.
        tiles: the summary of the report, by its words.
        limits: the profile, and what was judged.
        level_pct: the level at which voltages are told [% of peak load].
        bus: the most affected bus there; its voltage has `mean_pu` and `std_pu` over the deployments.
        mean_pu, std_pu: see `bus`.
        impacted, critical: buses that are so in at least one deployment.
        n_power_flows, wall_s: of the whole study.
    """

    feeder: str
    buses: int
    tiles: tuple[tuple[str, str], ...]
    limits: str
    level_pct: float
    bus: str
    mean_pu: float
    std_pu: float
    impacted: int
    critical: int
    n_power_flows: int
    wall_s: float


def answer_sizes(
    ieee8500: Path | None, tell: Callable[[str], None]
) -> tuple[FeederAnswer, ...]:
    """Ask every feeder; the 8500-node one only if its master file is given."""
    feeders = [*BUNDLED]
    if ieee8500 is not None:
        feeders.append(str(ieee8500))
    answers = []
    for feeder in feeders:
        tell(f"all defaults on {Path(feeder).name}")
        answers.append(
            _answer(run_study("hosting-capacity", feeder=feeder, what_if="off"))
        )
    return tuple(answers)


def _answer(result: Result) -> FeederAnswer:
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    tables = result.tables
    level_pct = shown_level(tables["levels"], config.risk_pct / 100)
    affected = most_affected(tables["buses"], level_pct)
    first = affected.iloc[0]
    return FeederAnswer(
        feeder=result.feeder.name,
        buses=len(result.feeder.buses),
        tiles=_tiles(headline(result)),
        limits=f"{config.limits}: {config.limit_numbers.words}",
        level_pct=level_pct,
        bus=str(first["bus"]),
        mean_pu=float(first["v_mean_pu"]),
        std_pu=float(first["v_std_pu"]),
        impacted=int((affected["impacted_share"] > 0).sum()),
        critical=int((affected["critical_share"] > 0).sum()),
        n_power_flows=int(result.number("n_power_flows")),
        wall_s=result.wall_s,
    )


def _tiles(head: Headline) -> tuple[tuple[str, str], ...]:
    return tuple((words, str(value)) for words, value in head.summary)
