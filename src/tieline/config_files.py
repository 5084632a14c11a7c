"""A configuration from a TOML file and flags: read, checked, and what cannot be used named in one message.

Shared by studies, benches and the composition of feeders: whatever a person writes down for tieline to read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from tieline.errors import InputError, reason_of
from tieline.settings import Settings
from tieline.wording import FieldProblem, as_flag, explain_fields

Config = TypeVar("Config", bound=Settings)

WITHIN = ", "
"""Between a field and what is within it."""


def make_config(
    model: type[Config],
    values: dict[str, Any],
    flags: Collection[str] = (),
    what: str = "The configuration",
) -> Config:
    """A configuration from plain values.

    Args:
        model: the configuration.
        values: by field.
        flags: fields that were given as flags, which messages name as such.
        what: whose values these are, for messages.

    Raises:
        InputError: naming every value that cannot be used.
    """
    config, problems = check_config(model, values, flags)
    if config is not None:
        return config
    lines = [f"  {problem.text}" for problem in problems]
    raise InputError("\n".join([f"{what} is not valid:", *lines]))


def check_config(
    model: type[Config], values: Mapping[str, Any], flags: Collection[str] = ()
) -> tuple[Config | None, list[FieldProblem]]:
    """A configuration and what is wrong with its values: None where anything is, one problem for each value; arguments as those
    of `make_config`.
    """
    show = partial(_shown, values=values, flags=flags)
    problems = []
    for name, loose in _loose_values(model, values):
        field = name.partition(WITHIN)[0]
        problems.append(FieldProblem(field, f"{show(name)} must be {loose}."))
    try:
        config = model(**values)
    except ValidationError as error:
        problems += explain_fields(error, model, show)
    else:
        if not problems:
            return config, []
    return None, list(dict.fromkeys(problems))


def read_config_file(path: Path) -> dict[str, Any]:
    """Values of a TOML file; raises `InputError` if it is missing or malformed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            f"Configuration file '{path}' does not exist. Check the path."
        ) from None
    except IsADirectoryError:
        raise InputError(
            f"'{path}' is a folder. Give the file in it: that of a run is '{path / 'config.toml'}'."
        ) from None
    except RecursionError:
        raise InputError(
            f"Configuration file '{path}' is nested deeper than any setting needs. Correct it."
        ) from None
    except OSError as error:
        raise InputError(
            f"Configuration file '{path}' cannot be read ({reason_of(error)}). Check the path."
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            f"Configuration file '{path}' is not UTF-8 text. Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"Configuration file '{path}' is not TOML: {error}. Correct it."
        ) from None


def _shown(name: str, values: Collection[str], flags: Collection[str]) -> str:
    """A field as the user knows it: a flag, unless a file gave it or nobody gave any flag."""
    is_from_file = name in values and name not in flags
    if is_from_file or not flags:
        return name
    return as_flag(name)


def _loose_values(
    model: type[BaseModel], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Values that pydantic would take for something that nobody meant: a number for a day, half a letter."""
    for name, value in values.items():
        kinds = (
            _kinds(model.model_fields[name].annotation)
            if name in model.model_fields
            else set()
        )
        if date in kinds and _is_number(value):
            yield name, f"a date like 2025-06-21; got {value!r}"
        elif isinstance(value, str) and _is_broken(value):
            yield (
                name,
                f"text in UTF-8, without a zero byte; got {value!r}. Rename the file or folder",
            )
        elif isinstance(value, Mapping):
            models = [
                kind
                for kind in kinds
                if isinstance(kind, type) and issubclass(kind, BaseModel)
            ]
            for inner in models[:1]:
                for within, loose in _loose_values(inner, value):
                    yield f"{name}{WITHIN}{within}", loose


def _is_number(value: Any) -> bool:
    """Whether a value is a number or the text of one, which pydantic takes for seconds since 1970."""
    if isinstance(value, str):
        return value.strip().lstrip("+-").replace(".", "", 1).isdecimal()
    return isinstance(value, int | float)


def _kinds(hint: Any) -> set[Any]:
    """A type, or all members of a union."""
    members = get_args(hint)
    if not members:
        return {hint}
    return set().union(*map(_kinds, members))


def _is_broken(text: str) -> bool:
    """Whether a text holds bytes that are no UTF-8, as file names may, or a zero byte, which no file name has."""
    return any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in text)
