"""A state in, safe set-points out."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tieline.service.api.bodies.base import Body
from tieline.service.api.bodies.examples import DECISION
from tieline.service.api.bodies.runs import MOST_FIELDS, FieldName


class StateAsked(Body):
    """What is known now, and for which configuration of the study a decision is asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION]})

    state: dict[FieldName, Any] = Field(
        max_length=MOST_FIELDS, description="What is known now; fields of the study."
    )
    configuration: dict[FieldName, Any] = Field(
        default_factory=dict,
        max_length=MOST_FIELDS,
        description="Of the study, as for a run; its published case if not given.",
    )


class Decision(BaseModel):
    """Set-points that keep all limits, and who decided."""

    study: str
    decision: dict[str, Any]
