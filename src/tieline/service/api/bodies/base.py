"""`Body`: what every body refuses, and the types that bodies and paths share.

A body is read strictly: a number is no text, an unknown field is a slip, NaN and infinity are no quantities. Names may be written
with hyphens. A moment needs its zone, because "10:00" of two places are two moments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

MOST_KW = 1e6
"""Largest power of a bid or measurement [kW]: a gigawatt, of which no distribution feeder carries a hundredth."""

MOST_PER_KWH = 1e6
"""Largest price [currency/kWh]: no market caps higher in any currency; beyond it sums would lose cents."""

MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)"
)


class Body(BaseModel):
    """Base of every body that a caller sends."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _with_underscores(cls, values: Any) -> Any:
        """Field names as the model has them, also where they were written with hyphens."""
        if not isinstance(values, Mapping):
            return values
        names = {name: str(name).replace("-", "_") for name in values}
        if len(set(names.values())) < len(names):
            raise ValueError("a field is given twice, with hyphens and underscores")
        return {names[name]: value for name, value in values.items()}


def read_moment(value: Any) -> Any:
    """A moment from its text; its zone has to be given."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValueError(
            "a moment is written in ISO 8601 with its zone, like 2026-06-01T10:00:00Z"
        )
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("no calendar has this moment in UTC") from None


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "examples": ["2026-06-01T10:00:00Z"],
        }
    ),
]
"""A moment; ISO 8601 with zone on the way in, UTC inside and on the way out."""

PowerKw = Annotated[float, Field(ge=0, le=MOST_KW)]
PricePerKwh = Annotated[float, Field(ge=-MOST_PER_KWH, le=MOST_PER_KWH)]
