"""Command-line flags made from a configuration model: name, type, help and default are written once, in the model."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cyclopts import Parameter
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tieline.studies.config import StudyConfig

FLAGS = "Parameters"
"""Heading of flags in the help, as the command line has it for arguments."""


def config_flags(model: type[StudyConfig], without: Collection[str] = (), group: str = FLAGS) -> list[inspect.Parameter]:
    """One keyword-only parameter per field that fits on a command line; None means not given.

    Tables of values (tuples, models within the model) are left to the configuration file. Values are checked by the model, not
    here.

    Args:
        model: the configuration.
        without: fields that get no flag.
        group: heading of the flags in the help.
    """
    hints = get_type_hints(model)
    fields = {name: info for name, info in model.model_fields.items() if name not in without and not _is_table(hints[name])}
    return [_flag(name, hints[name], info, group) for name, info in fields.items()]


def _is_table(hint: Any) -> bool:
    return get_origin(hint) is tuple or (isinstance(hint, type) and issubclass(hint, BaseModel))


def _flag(name: str, hint: Any, info: FieldInfo, group: str) -> inspect.Parameter:
    optional = hint if type(None) in get_args(hint) else hint | None
    shown = "" if info.default is None else f" [default: {info.default}]"
    annotation = Annotated[optional, Parameter(help=f"{info.description}{shown}", show_default=False, negative="", group=group)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
