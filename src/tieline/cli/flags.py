"""Command-line flags made from a configuration model: name, type, help and default are written once, in the model."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Annotated, Any, get_args, get_type_hints

from cyclopts import Group, Parameter
from pydantic.fields import FieldInfo

from tieline.settings import Settings
from tieline.settings.field_kinds import (
    choices,
    default_text,
    is_list,
    is_number,
    is_table,
)
from tieline.settings.groups import HEADINGS, heading_of
from tieline.settings.unknown import hidden_names
from tieline.studies.config import StudyConfig

_GROUPS = {name: Group(name, sort_key=place) for place, name in enumerate(HEADINGS)}


def heading_group(heading: str) -> Group:
    """A heading of the help, at its place among the others."""
    return _GROUPS[heading]


def config_flags(
    model: type[StudyConfig],
    left_out: Collection[str] = (),
    group: Group | str | None = None,
) -> list[inspect.Parameter]:
    """The flags of a study: those of `field_flags`, and for names of other studies a flag that no help shows."""
    hidden = [name for name in hidden_names(model) if name not in left_out]
    return field_flags(model, left_out, group) + [_hidden_flag(name) for name in hidden]


def field_flags(
    model: type[Settings],
    left_out: Collection[str] = (),
    group: Group | str | None = None,
) -> list[inspect.Parameter]:
    """One keyword-only parameter per field that fits on a command line; None means not given.

    Numbers come as text. Lists of plain values are one text with commas; tables (models within the model) are left to the
    configuration file. Values are checked by the model, not here.

    Args:
        model: the configuration.
        left_out: fields that get no flag.
        group: heading of the flags in the help; if not given each stands under that of `settings.groups`.
    """
    hints = get_type_hints(model)
    flags = []
    for name, info in model.model_fields.items():
        if name not in left_out and not is_table(hints[name]):
            heading = group or heading_group(heading_of(name))
            flags.append(_flag(name, hints[name], info, heading))
    return flags


def _flag(
    name: str, hint: Any, info: FieldInfo, group: Group | str
) -> inspect.Parameter:
    kind = _flag_type(hint)
    optional = kind
    if type(None) not in get_args(kind):
        optional = kind | None
    words = str(info.description)
    words_taken = choices(hint)
    if words_taken:
        words += f" [choices: {', '.join(map(str, words_taken))}]"
    if info.default is not None:
        words += f" [default: {default_text(info.default)}]"
    # what is on unless it is switched off needs the flag that does so: --no-cold-start
    negative = None if info.default is True else ""
    parameter = Parameter(
        help=words,
        show_default=False,
        negative=negative,
        group=group,
        metavar=_placeholder(hint),
    )
    annotation = Annotated[optional, parameter]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _flag_type(hint: Any) -> Any:
    """What the command line itself makes of the text of a flag."""
    words_taken = choices(hint)
    if (
        words_taken
    ):  # the model refuses another word: it knows what it was called before
        return type(words_taken[0])
    # the command line itself would round 1.5 to 2 where a whole number is asked for
    if is_list(hint) or is_number(hint):
        return str
    return hint


def _placeholder(hint: Any) -> str | None:
    """What the help writes behind a flag for its value; None leaves it to the command line."""
    if choices(hint):
        return "CHOICE"
    if is_list(hint):
        return "LIST"
    if str in (hint, *get_args(hint)):
        return "TEXT"
    if not is_number(hint):
        return None
    if float in (hint, *get_args(hint)):
        return "NUMBER"
    return "INTEGER"


def _hidden_flag(name: str) -> inspect.Parameter:
    """A flag that the configuration does not have: taken, so that its refusal can say what to write in its place."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, Parameter(show=False)],
    )
