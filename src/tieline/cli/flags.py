"""Command-line flags made from a configuration model: name, type, help and default are written once, in the model."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cyclopts import Parameter
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tieline.studies.config import StudyConfig


def config_flags(model: type[StudyConfig]) -> list[inspect.Parameter]:
    """One keyword-only parameter per field that fits on a command line; None means not given.

    Tables of values (tuples, models within the model) are left to the configuration file. Values are checked by the model, not
    here.
    """
    hints = get_type_hints(model)
    return [_flag(name, hints[name], info) for name, info in model.model_fields.items() if not _is_table(hints[name])]


def _is_table(hint: Any) -> bool:
    return get_origin(hint) is tuple or (isinstance(hint, type) and issubclass(hint, BaseModel))


def _flag(name: str, hint: Any, info: FieldInfo) -> inspect.Parameter:
    optional = hint if type(None) in get_args(hint) else hint | None
    shown = "" if info.default is None else f" [default: {info.default}]"
    annotation = Annotated[optional, Parameter(help=f"{info.description}{shown}", show_default=False, negative="")]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
