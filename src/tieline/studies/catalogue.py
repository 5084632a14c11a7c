"""The studies there are: for each its name, its question and where its configuration, its answer and its report live.

Nothing heavy is imported here; the parts of a study are loaded when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from tieline.errors import InputError, require_text, unknown_name_message
from tieline.studies.config import StudyConfig

if TYPE_CHECKING:
    from tieline.feeders import Feeder
    from tieline.reports.headline import Headline
    from tieline.reports.html import Report
    from tieline.studies.answer import Answer, Tell
    from tieline.studies.result import Result


@dataclass(frozen=True)
class Study:
    """One study: `package` holds `config.<config_name>`, `study.answer(feeder, config, tell)`, `headline.headline(result)` and
    `report.report(result)`; see `answer`. One that `can_resume` keeps finished parts with `tell`; its configuration fields in
    `how` say how to compute and not what. One that `is_power_flow` is a power flow itself: generators hold their voltages in it,
    and a feeder may have several sources.
    """

    name: str
    question: str
    package: str
    config_name: str
    can_resume: bool = False
    how: frozenset[str] = frozenset()
    is_power_flow: bool = False

    @property
    def config_model(self) -> type[StudyConfig]:
        """The class of its configuration."""
        return getattr(import_module(f"{self.package}.config"), self.config_name)

    def answer(self, feeder: Feeder, config: StudyConfig, tell: Tell) -> Answer:
        """What the study says to a question; asked through `shell`, which does the rest."""
        return import_module(f"{self.package}.study").answer(feeder, config, tell)

    def headline(self, result: Result) -> Headline:
        """The short answer, for page and screen; nothing is drawn."""
        return import_module(f"{self.package}.headline").headline(result)

    def report(self, result: Result) -> Report:
        """What the page about a result says."""
        return import_module(f"{self.package}.report").report(result)


STUDIES = {
    study.name: study
    for study in (
        Study(
            "power-flow",
            "What are voltages, loadings and losses of this feeder as it stands, and which limits are broken?",
            "tieline.studies.power_flow",
            "PowerFlowConfig",
            is_power_flow=True,
        ),
        Study(
            "hosting-capacity",
            "How much PV fits on this feeder, where does it break first, and how sure are we?",
            "tieline.studies.hosting_capacity",
            "HostingCapacityConfig",
            can_resume=True,
            how=frozenset({"engine", "ray_address"}),
        ),
        Study(
            "hosting-capacity-map",
            "How large a plant can each bus take by itself, and which limit stops it there?",
            "tieline.studies.hosting_capacity_map",
            "HostingCapacityMapConfig",
        ),
        Study(
            "connect",
            "May this plant be connected at this bus, what breaks first, how much fits, and what would cure it?",
            "tieline.studies.connect",
            "ConnectConfig",
        ),
        Study(
            "time-series",
            "What do voltages, losses, regulators and capacitors do over a day or a year, and when do limits break?",
            "tieline.studies.time_series",
            "TimeSeriesConfig",
        ),
        Study(
            "battery",
            "How do batteries of several regions share their capacity at the lowest bill without breaking a voltage limit?",
            "tieline.studies.battery",
            "BatteryConfig",
        ),
        Study(
            "interval",
            "Between which bounds do voltages, currents and losses lie when powers are known up to a share?",
            "tieline.studies.interval",
            "IntervalConfig",
        ),
        Study(
            "optimal-power-flow",
            "What should the DERs do in this hour, at least cost within all limits, and what is energy worth at each node?",
            "tieline.studies.optimal_power_flow",
            "OptimalPowerFlowConfig",
        ),
        Study(
            "transfer-capability",
            "How much more power can be sent from these buses to those, and which element stops it?",
            "tieline.studies.transfer_capability",
            "TransferCapabilityConfig",
        ),
        Study(
            "reserve",
            "How is a requested reserve split among DERs at least cost, loss and voltage deviation?",
            "tieline.studies.reserve",
            "ReserveConfig",
        ),
        Study(
            "market",
            "Minute by minute: which DERs supply which load at what nodal price, in microgrids that form, merge and split?",
            "tieline.studies.market",
            "MarketConfig",
        ),
        Study(
            "microgrids",
            "How do privately owned microgrids on one feeder run their devices at least cost within all limits, each by itself?",
            "tieline.studies.microgrids",
            "MicrogridsConfig",
            can_resume=True,
            how=frozenset({"engine", "ray_address"}),
        ),
        Study(
            "restoration",
            "After islanding: which load is picked up when, with fuel, storage, droop and forecast errors?",
            "tieline.studies.restoration",
            "RestorationConfig",
            can_resume=True,
        ),
    )
}

TRAININGS = {
    "reserve": Study(
        "reserve-training",
        "Train policies that split a reserve request, several seeds side by side.",
        "tieline.studies.reserve.training",
        "ReserveTrainingConfig",
    ),
    "market": Study(
        "market-training",
        "Train policies that choose DERs for the microgrids of a feeder, all regions and several seeds side by side.",
        "tieline.studies.market.training",
        "MarketTrainingConfig",
    ),
    "microgrids": Study(
        "microgrids-training",
        "Train safe policies that dispatch networked microgrids, several seeds.",
        "tieline.studies.microgrids.training",
        "MicrogridsTrainingConfig",
    ),
    "restoration": Study(
        "restoration-training",
        "Train policies that restore the load of an island, several seeds by several methods.",
        "tieline.studies.restoration.training",
        "RestorationTrainingConfig",
    ),
}
"""Trainings by the study whose policies they make."""


def find_study(name: str) -> Study:
    """The study of that name; raises `InputError` with the nearest names."""
    by_name = STUDIES | {training.name: training for training in TRAININGS.values()}
    require_text("study", name)
    if name not in by_name:
        raise InputError(unknown_name_message("study", name, by_name))
    return by_name[name]
