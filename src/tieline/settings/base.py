"""`Settings`: what every model of a configuration refuses: unknown names, NaN and infinity, and true or false for a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Settings(BaseModel):
    """Base of every model of a configuration; frozen."""

    INSTEAD: ClassVar[Mapping[str, str]] = {}
    """For a shared word that this model does not have: what to give in its place, as a sentence; see `unknown`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Python counts true as 1: `deployments = true` would draw one deployment."""
        assert info.field_name is not None  # of a field validator
        hint = cls.model_fields[info.field_name].annotation
        if _holds_truth(value) and not _may_be_true(hint):
            raise ValueError(
                f"{_as_written(value)} is no number and no text. Give one."
            )
        return value

    def _problems(self) -> Iterator[str]:
        """Everything that does not fit together; each part of a configuration adds what it knows, and one of them asks."""
        yield from ()


def _holds_truth(value: Any) -> bool:
    """Whether a value is true or false, or a list with one of them."""
    parts = value
    if not isinstance(value, list | tuple):
        parts = (value,)
    return any(isinstance(part, bool) for part in parts)


def _may_be_true(hint: Any) -> bool:
    """Whether a type, or one that it is made of, is that of true and false."""
    return hint is bool or any(_may_be_true(part) for part in get_args(hint))


def _as_written(value: Any) -> str:
    """The value as a TOML file has it."""
    return str(value).lower()
