"""Whether what a caller of a public function gave is of the kind that it takes, and what to give in its place.

A configuration is checked by its model and a feeder by its checks. These are the few rules for other arguments: paths, whole
numbers, what another function returns, and classes that a function makes and no user by hand.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
import os
from collections.abc import Callable
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

from tieline.errors import InputError

Part = TypeVar("Part")


def path_of(value: object, caller: str) -> Path:
    """The path that a caller gave as text or as a `Path`; raises `InputError` for anything else.

    Args:
        value: as it was given.
        caller: the public function that takes it, such as "load_run".
    """
    if isinstance(value, str | os.PathLike):
        return Path(value)
    raise InputError(
        f"{caller} takes a path, as text or as pathlib.Path, not {in_words(value)}. Give one, for example 'runs/first'."
    )


def whole_number_of(name: str, value: object) -> int:
    """The whole number that was given, a NumPy one as well; raises `InputError` for anything else, true and false too."""
    if isinstance(value, bool):
        raise InputError(f"{name} must be a whole number; got {value}.")
    try:
        return operator.index(value)  # type: ignore[arg-type] - whether it has one is the question
    except TypeError:
        raise InputError(
            f"{name} must be a whole number, not {in_words(value)}. Give one, for example 1."
        ) from None


def number_of(name: str, value: object) -> float:
    """The finite number that was given; raises `InputError` for anything else, true and false too."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number:
        raise InputError(f"{name} must be a number, not {in_words(value)}. Give one.")
    number = float(value)  # type: ignore[arg-type] - it is one
    if not math.isfinite(number):
        raise InputError(f"{name} must be a finite number; got {number}. Give one.")
    return number


def list_of(name: str, values: object, kind: type[Part]) -> tuple[Part, ...]:
    """What a list holds; raises `InputError` for what is no list or tuple, or has a part of another kind."""
    if not isinstance(values, list | tuple):
        raise InputError(
            f"{name} must be a list of {kind.__name__}, not {in_words(values)}. Give one, an empty list for none."
        )
    for part in values:
        require_kind(part, kind, f"The list {name}", f"{kind.__name__}(...)")
    return tuple(values)


def require_kind(value: object, kind: type, caller: str, maker: str) -> None:
    """Raise `InputError` for what is not of the class that a function takes.

    Args:
        value: as it was given.
        kind: the class.
        caller: the public function.
        maker: how one comes to an object of it, such as "make_problem(network, price=0.1)".
    """
    if not isinstance(value, kind):
        raise InputError(
            f"{caller} takes a {kind.__name__}, not {in_words(value)}. Make one: {maker}."
        )


def in_words(value: object) -> str:
    """The kind of a value for a message, with its article: "a Feeder", "an int"; None is "None"."""
    if value is None:
        return "None"
    name = type(value).__name__
    article = "an" if name[0].lower() in "aeiou" else "a"
    return f"{article} {name}"


def name_maker(cls: type, maker: str) -> None:
    """Let a class that a function makes name this function when it is called with arguments that do not fit.

    A call of its own below the class, and no decorator: type checkers then see the class as it is.

    Args:
        cls: the class; its `__init__` is wrapped.
        maker: a sentence, such as "Make one of a feeder: Network.from_feeder(feeder)."
    """
    make: Callable[..., None] = cls.__init__
    signature = inspect.signature(make)

    @functools.wraps(make)
    def make_or_explain(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            make(self, *args, **kwargs)
        except TypeError:
            misfit = _misfit(signature, self, *args, **kwargs)
            if misfit is None:
                raise  # from within
            raise InputError(f"{cls.__name__}: {misfit}. {maker}") from None

    cls.__init__ = make_or_explain  # type: ignore[misc] - a class of any kind


def _misfit(signature: inspect.Signature, *args: Any, **kwargs: Any) -> str | None:
    """What does not fit a call to a signature, in Python's words; None where it fits."""
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        return str(error)
    return None
