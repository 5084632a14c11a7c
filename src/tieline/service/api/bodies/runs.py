"""A question to a study, and what is told of its run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tieline.service.api.bodies.base import Body, Moment
from tieline.service.api.bodies.examples import RUN_QUESTION
from tieline.service.web.problems import Finding
from tieline.studies.config import LARGEST_SEED

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]

FieldName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=100)
]

MOST_FIELDS = 200
"""Fields of a configuration; the largest study has half as many."""


BESIDE = ("feeder", "seed")
"""Fields of every configuration that may stand beside it."""


class RunQuestion(Body):
    """Which study is asked what of which feeder. `configuration` has the fields of the study's configuration file."""

    study: Word = Field(description="Name of the study, as `tieline run` has it.")
    feeder: Word | None = Field(
        default=None,
        description="Bundled feeder, or file in the folder that the service reads; the study's own if not given.",
    )
    seed: int | None = Field(
        default=None, ge=0, le=LARGEST_SEED, description="Seed of every random draw."
    )
    configuration: dict[FieldName, Any] = Field(
        default_factory=dict,
        max_length=MOST_FIELDS,
        description="Fields of the study's configuration.",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [RUN_QUESTION]})

    @property
    def values(self) -> dict[str, Any]:
        """Values of the configuration by field, with those that stand beside it."""
        values = {
            name.replace("-", "_"): value for name, value in self.configuration.items()
        }
        for name in BESIDE:
            value = getattr(self, name)
            if value is not None:
                values[name] = value
        return values

    @property
    def findings(self) -> list[Finding]:
        """Fields that stand in the configuration and beside it, and differ."""
        findings = []
        for name in BESIDE:
            value = getattr(self, name)
            if value is not None and self.configuration.get(name, value) != value:
                message = f"'{name}' stands in the configuration and beside it, and differs. Give it once."
                findings.append(Finding(where=f"/{name}", message=message))
        return findings


class RunShown(BaseModel):
    """A run: what was asked, and how far it is."""

    run: str = Field(
        description="Digest of study, configuration, feeder, version and seed: the same question is the same run."
    )
    study: str
    feeder: str
    seed: int
    status: str = Field(
        description="waiting, running, done, failed, cancelled or gave_up."
    )
    reason: str | None = Field(default=None, description="Why it has no answer.")
    asked_at: Moment
    began_at: Moment | None = None
    ended_at: Moment | None = None
    links: dict[str, str] = Field(
        default_factory=dict, description="Where its result, report and tables are."
    )


class Runs(BaseModel):
    """Runs, the latest first."""

    runs: list[RunShown]
