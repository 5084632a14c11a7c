"""Command-line flags made from a configuration model: name, type, help and default are written once, in the model."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cyclopts import Parameter
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tieline.settings.unknown import hidden_names
from tieline.studies.config import StudyConfig

FLAGS = "Parameters"
"""Heading of flags in the help, as the command line has it for arguments."""


def config_flags(
    model: type[StudyConfig], without: Collection[str] = (), group: str = FLAGS
) -> list[inspect.Parameter]:
    """One keyword-only parameter per field that fits on a command line; None means not given.

    Numbers come as text. Lists of plain values are one text with commas; tables (models within the model) are left to the
    configuration file. Values are checked by the model, not here. Names of other studies get a flag that no help shows.

    Args:
        model: the configuration.
        without: fields that get no flag.
        group: heading of the flags in the help.
    """
    hints = get_type_hints(model)
    fields = {
        name: info
        for name, info in model.model_fields.items()
        if name not in without and not _is_table(hints[name])
    }
    flags = [_flag(name, hints[name], info, group) for name, info in fields.items()]
    return flags + [_hidden_flag(name) for name in hidden_names(model) if name not in without]


def _is_table(hint: Any) -> bool:
    """A model, or a list of models, perhaps optional."""
    return any(
        isinstance(kind, type) and issubclass(kind, BaseModel)
        for kind in (hint, *_kinds_within(hint))
    )


def _kinds_within(hint: Any) -> list[Any]:
    """What unions and lists are made of."""
    return [inner for kind in get_args(hint) for inner in (kind, *_kinds_within(kind))]


def _is_list(hint: Any) -> bool:
    return any(get_origin(kind) is tuple for kind in (hint, *get_args(hint)))


def _is_number(hint: Any) -> bool:
    """A number, perhaps with a word instead; the command line itself would round 1.5 to 2 where a whole number is asked for."""
    return bool({int, float} & {hint, *get_args(hint)})


def _flag(name: str, hint: Any, info: FieldInfo, group: str) -> inspect.Parameter:
    kind = str if _is_list(hint) or _is_number(hint) else hint
    optional = kind if type(None) in get_args(kind) else kind | None
    shown = "" if info.default is None else f" [default: {_as_text(info.default)}]"
    annotation = Annotated[
        optional,
        Parameter(help=f"{info.description}{shown}", show_default=False, negative="", group=group),
    ]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _hidden_flag(name: str) -> inspect.Parameter:
    """A flag that the configuration does not have: taken, so that its refusal can say what to write in its place."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, Parameter(show=False)],
    )


def _as_text(default: Any) -> str:
    return ",".join(str(part) for part in default) if isinstance(default, tuple) else str(default)
