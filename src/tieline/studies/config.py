"""`StudyConfig`: what every study's configuration has, and how one is made from a TOML file and flags.

A configuration is a frozen model; each field carries its sentence and unit, from which the command line is made. This file
imports nothing heavy: the command line needs it to print help.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from tieline.errors import InputError
from tieline.settings import LOAD_MODEL, LoadModelAsked, Settings


class StudyConfig(Settings):
    """Fields that every study has."""

    feeder: str = Field(
        default="ieee33", description="Bundled feeder name, or path of an OpenDSS, MATPOWER, pandapower or tieline feeder."
    )
    load_model: LoadModelAsked = LOAD_MODEL
    seed: int = Field(default=0, ge=0, description="Seed of every random draw; the same seed gives the same answer.")


Config = TypeVar("Config", bound=StudyConfig)


def make_config(model: type[Config], values: dict[str, Any]) -> Config:
    """A configuration from plain values; raises `InputError` naming every field that is wrong."""
    try:
        return model(**values)
    except ValidationError as error:
        raise InputError(_explain(error)) from None


def read_config_file(path: Path) -> dict[str, Any]:
    """Values of a TOML file; raises `InputError` if it is missing or malformed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"Configuration file '{path}' does not exist. Check the path.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"Configuration file '{path}' cannot be read: {error}.") from None


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "configuration"
        given = f" (got {problem['input']!r})" if problem["type"] not in ("missing", "value_error") else ""
        lines.append(f"{where}: {problem['msg'].removeprefix('Value error, ')}{given}")
    return "The configuration is not valid:\n" + "\n".join(f"  {line}" for line in lines)
