"""What a field of a configuration takes, read from its type: for flags of the command line and for forms of pages."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel


def is_table(hint: Any) -> bool:
    """A model, or a list of models, perhaps optional: only a configuration file can give it."""
    kinds = [kind for kind in (hint, *_kinds_within(hint)) if isinstance(kind, type)]
    return any(issubclass(kind, BaseModel) for kind in kinds)


def _kinds_within(hint: Any) -> list[Any]:
    """What unions and lists are made of."""
    kinds: list[Any] = []
    for kind in get_args(hint):
        kinds += [kind, *_kinds_within(kind)]
    return kinds


def is_list(hint: Any) -> bool:
    """Plain values, written as one text with commas."""
    return any(get_origin(kind) is tuple for kind in (hint, *get_args(hint)))


def is_number(hint: Any) -> bool:
    """A number, perhaps with a word instead."""
    return bool({int, float} & {hint, *get_args(hint)})


def choices(hint: Any) -> list[Any]:
    """The words, or whole numbers, that a field takes and nothing else; empty if it takes more."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    if any(get_origin(kind) is not Literal for kind in kinds):
        return []
    return [choice for kind in kinds for choice in get_args(kind)]


def default_text(default: Any) -> str:
    """A default as a person writes the value."""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return str(default)
