"""The studies there are: for each its name, its question and where its configuration, its run and its report live.

Nothing heavy is imported here; the parts of a study are loaded when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError, unknown_name_message
from tieline.studies.config import StudyConfig

if TYPE_CHECKING:
    from tieline.studies.checkpoint import Checkpoint
    from tieline.studies.result import Result


@dataclass(frozen=True)
class Study:
    """One study: `package` holds `config.<config_name>`, `study.run(config, progress)` and `report.write_report(result,
    path)`. One that `can_resume` takes a `Checkpoint` as third argument of `run`; its configuration fields in `how` say how to
    compute and not what. `printed` names the tables that the command line shows below the metrics.
    """

    name: str
    question: str
    package: str
    config_name: str
    can_resume: bool = False
    how: frozenset[str] = frozenset()
    printed: tuple[str, ...] = ()

    @property
    def config_model(self) -> type[StudyConfig]:
        """The class of its configuration."""
        return getattr(import_module(f"{self.package}.config"), self.config_name)

    def run(
        self, config: StudyConfig, progress: Any = None, checkpoint: Checkpoint | None = None
    ) -> Result:
        """Answer the question that `config` asks.

        Args:
            config: the question.
            progress: called with (done, all, text).
            checkpoint: where a study that can resume keeps its finished parts.
        """
        from tieline.feeders import load_feeder
        from tieline.studies.provenance import fingerprint

        feeder_sha256 = fingerprint(load_feeder(config.feeder))
        run = import_module(f"{self.package}.study").run
        result = run(config, progress, checkpoint) if checkpoint else run(config, progress)
        return replace(result, feeder_sha256=feeder_sha256)

    def write_report(self, result: Result, path: Path) -> None:
        """Write the self-contained HTML report of a result."""
        import_module(f"{self.package}.report").write_report(result, path)

    def require_same_feeder(self, result: Result) -> None:
        """Raise `InputError` if the feeder is not, or cannot be read as, the one that a saved result was asked of."""
        from tieline.feeders import load_feeder
        from tieline.studies.provenance import fingerprint

        if fingerprint(load_feeder(result.config.feeder)) != result.feeder_sha256:
            raise InputError(
                f"Feeder '{result.config.feeder}' is not the one that the run was asked of, or this version of tieline reads it "
                "differently: old numbers beside a new feeder would mislead. Run the study again, or put the feeder back."
            )


STUDIES = {
    study.name: study
    for study in (
        Study(
            "hosting-capacity",
            "How much PV fits on this feeder, where does it break first, and how sure are we?",
            "tieline.studies.hosting_capacity",
            "HostingCapacityConfig",
            can_resume=True,
            how=frozenset({"engine", "ray_address"}),
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
            printed=("set_points", "prices", "limits", "violations"),
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
    )
}

TRAININGS = {
    "reserve": Study(
        "reserve-training",
        "Train policies that split a reserve request, several seeds side by side.",
        "tieline.studies.reserve_training",
        "ReserveTrainingConfig",
    ),
}
"""Trainings by the study whose policies they make."""


def find_study(name: str) -> Study:
    """The study of that name; raises `InputError` with the nearest names."""
    known = STUDIES | {training.name: training for training in TRAININGS.values()}
    if name not in known:
        raise InputError(unknown_name_message("study", name, known))
    return known[name]
