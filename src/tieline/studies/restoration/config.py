"""What a run of the study of load restoration can be asked, beyond its world (`envs.restoration.config`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, ClassVar

from pydantic import Field, field_validator

from tieline.comma_lists import Texts
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.scenarios import TESTED
from tieline.errors import unknown_name_message
from tieline.settings.fields import feeder_field
from tieline.studies.config import StudyConfig
from tieline.studies.restoration.deciders import DECIDERS, LEARNED

OWN = "own"
"""The scenario of a table of one's own."""

SCENARIOS = (*TESTED, OWN)


class RestorationConfig(RestorationWorldConfig, StudyConfig):
    """Load restoration in an island: what sun and wind do, and who decides."""

    ASKS_ISLANDS: ClassVar[bool] = True
    INPUT_TABLES: ClassVar[tuple[str, ...]] = ("available_table",)
    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ("policy",)

    feeder: str = feeder_field(
        "ieee36",
        "Of this study: a bundled island (ieee36, ieee36-ample, ieee36-priority, ieee36-weak, case141), or the path of an island "
        "file (.toml).",
    )
    scenarios: Texts = Field(
        default=TESTED,
        description=f"What sun and wind make of the forecast, separated by commas: {', '.join(SCENARIOS)}.",
    )
    draws: int = Field(
        default=5, ge=1, le=10_000, description="Draws of scenario random."
    )
    available_table: str | None = Field(
        default=None,
        description="Scenario own: CSV or Parquet file with a column of available power for each renewable [kW].",
    )
    deciders: Texts | None = Field(
        default=None,
        description=f"Who decides, separated by commas: {', '.join(DECIDERS)}; left out, the usual ones.",
    )
    policy: str | None = Field(
        default=None,
        description="Folder of `tieline train restoration`, or a policy file of it; the shipped policies if they fit.",
    )

    @field_validator("deciders")
    @classmethod
    def _deciders_exist(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        # None asks the usual ones; an empty list is a slip that would ask nobody
        if names == ():
            raise ValueError("name one decider at least, or leave the list out")
        _require_names("decider", names or (), DECIDERS)
        return names

    @field_validator("scenarios")
    @classmethod
    def _scenarios_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError("name one scenario at least")
        _require_names("scenario", names, SCENARIOS)
        # a scenario that is named twice would count twice in every mean
        return tuple(dict.fromkeys(names))

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        asks_own = OWN in self.scenarios
        if asks_own and self.available_table is None:
            yield "scenario own needs a table: give available_table"
        if self.available_table is not None and not asks_own:
            yield "available_table: only scenario own reads it. Add own to scenarios, or leave the table out"
        # the usual deciders have learned ones among them
        asks_policies = self.deciders is None or set(LEARNED) & set(self.deciders)
        if self.policy is not None and not asks_policies:
            names = ", ".join(LEARNED)
            yield f"policy: only {names} ask policies. Add one of them to deciders, or leave policy out"


def _require_names(kind: str, names: Collection[str], known_names: Any) -> None:
    """Refuse names that are not known, all together."""
    unknown = [name for name in names if name not in known_names]
    if unknown:
        messages = [unknown_name_message(kind, name, known_names) for name in unknown]
        raise ValueError(" ".join(messages))
