"""Types: every field holds what the dataclass says it holds, as tables and readers always give and Python code may not.

The form of a field is read off its type hint, once per class. A number may be an int or any real number of NumPy, but no truth
value; a list is no tuple, because a feeder must never change. The other checks trust what was found here.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, Union

from tieline.feeders.checks.common import KINDS, error
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

LONGEST_SHOWN = 60
"""Characters of a wrong value that a message shows."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a field may hold: `fits` decides, `words` completes "must be ..."."""

    fits: Callable[[Any], bool]
    words: str


def check_types(feeder: Feeder) -> Iterator[Finding]:
    """Every field of the feeder and of its elements holds a value of its type."""
    for name, form in _forms(Feeder).items():
        if not form.fits(getattr(feeder, name)):
            yield _wrong("feeder", feeder.name, name, getattr(feeder, name), form)
    for field, kind in KINDS.items():
        elements = getattr(feeder, field)
        # what is no tuple has been reported above, and cannot be walked
        for element in elements if isinstance(elements, tuple) else ():
            yield from _wrong_fields(kind, element)


def _wrong_fields(kind: str, element: Any) -> Iterator[Finding]:
    """The fields of one element; what is no element at all was found among the fields of the feeder."""
    if type(element) not in LISTED:
        return
    for name, form in _forms(type(element)).items():
        value = getattr(element, name)
        if not form.fits(value):
            yield _wrong(kind, element.name, name, value, form)


def _wrong(kind: str, name: Any, field: str, value: Any, form: Form) -> Finding:
    words = f"{_excerpt(value)}, a {type(value).__name__}"
    message = f"{kind} '{name}' has {field} {words}; it must be {form.words}."
    return error(kind, str(name), "TYPE", message, f"Correct {field}.")


def _excerpt(value: Any) -> str:
    """The beginning of what a value looks like."""
    text = _text_of(value)
    if len(text) <= LONGEST_SHOWN:
        return text
    return f"{text[:LONGEST_SHOWN]}..."


def _text_of(value: Any) -> str:
    """The value as Python writes it, as far as it can be written."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  an object of the user's may raise anything, a whole number of too many digits ValueError
        return "that cannot be shown"


@cache
def _forms(cls: type) -> dict[str, Form]:
    """The form of each field of a dataclass."""
    hints = typing.get_type_hints(cls)
    return {field.name: _form(hints[field.name]) for field in fields(cls)}


def _form(hint: Any) -> Form:
    if hint in PLAIN:
        return PLAIN[hint]
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is Literal:
        words = " or ".join(map(repr, arguments))
        return Form(lambda value: isinstance(value, str) and value in arguments, words)
    if origin in (Union, UnionType):
        inner = _form(next(part for part in arguments if part is not NoneType))
        return Form(
            lambda value: value is None or inner.fits(value), f"{inner.words}, or None"
        )
    if origin is tuple:
        return _tuple_form(arguments)
    return Form(lambda value: _is_sound_part(value, hint), f"a {hint.__name__}")


def _tuple_form(arguments: tuple[Any, ...]) -> Form:
    """A tuple of any length (`tuple[X, ...]`) or of a given one (`tuple[X, X, X]`)."""
    inner = _form(arguments[0])
    count = None if arguments[-1] is Ellipsis else len(arguments)

    def fits(value: Any) -> bool:
        has_length = isinstance(value, tuple) and (count is None or len(value) == count)
        return has_length and all(map(inner.fits, value))

    length = "" if count is None else f" of {count}"
    return Form(fits, f"a tuple{length}, each part {inner.words}")


def _is_sound_part(value: Any, cls: type) -> bool:
    """Whether a value is of a class; a part without a list of its own, such as a winding or a line code, with all its fields."""
    if not isinstance(value, cls):
        return False
    if cls in LISTED:
        return True
    return all(form.fits(getattr(value, name)) for name, form in _forms(cls).items())


def _is_number(value: Any) -> bool:
    # floats first, since nearly all are: to ask an abstract class takes longer
    return type(value) is float or (
        isinstance(value, Real) and not isinstance(value, bool) and _has_float(value)
    )


def _is_whole_number(value: Any) -> bool:
    is_whole = type(value) is int or (
        isinstance(value, Integral) and not isinstance(value, bool)
    )
    return is_whole and _has_float(value)


def _has_float(value: Any) -> bool:
    """Whether a number, which in Python may have any number of digits, can be taken for a float."""
    try:
        float(value)
    except OverflowError:
        return False
    return True


PLAIN = {
    str: Form(lambda value: isinstance(value, str), "text"),
    float: Form(_is_number, "a number"),
    int: Form(_is_whole_number, "a whole number"),
    bool: Form(lambda value: isinstance(value, bool), "True or False"),
}


def _listed() -> frozenset[type]:
    """The classes that have a list of their own in the feeder, whose elements are looked at one by one."""
    hints = typing.get_type_hints(Feeder)
    return frozenset(typing.get_args(hints[field])[0] for field in KINDS)


LISTED = _listed()
