"""Kernels called straight away.

At every call Numba looks at the type of every array of every argument. For the sixty arrays of a `System` that takes twice as
long as handing them over, and longer than solving sixteen scenarios of a small feeder. A kernel that is always given arrays of
the same types has one compiled form, and is called there directly.

Nothing looks at types any more then: what is made once for many calls is brought to them by `laid_out`, what comes in with a
call by `in_rows`, and `tests/powerflow/kernel/test_machine_code.py` has Numba look once more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

Part = TypeVar("Part", bound=NamedTuple)

_DTYPES = {
    FloatArray: np.float64,
    ComplexArray: np.complex128,
    IntArray: np.int64,
    BoolArray: np.bool_,
}
"""By the annotation of a field."""

_FORMS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What runs for each kernel that was called; asking Numba each time would take as long again."""


def machine_code(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """What a call of a kernel runs; the kernel itself while it is not compiled or loaded yet, or is a plain function.

    Args:
        kernel: an `entry` of whose arguments each has one type always.
    """
    if kernel in _FORMS:
        return _FORMS[kernel]
    compiled = getattr(kernel, "overloads", {})
    if len(compiled) != 1:
        return kernel
    (form,) = compiled.values()
    _FORMS[kernel] = form.entry_point
    return _FORMS[kernel]


def in_rows(array: Any) -> FloatArray:
    """An array of real numbers as kernels take them, row after row in double precision; the same one if it is so already."""
    return np.ascontiguousarray(array, dtype=np.float64)


def laid_out(part: Part) -> Part:
    """A tuple of arrays as its class says they are: each of the type of its annotation, row after row in memory.

    A column of a table has the same numbers and another layout, which compiled code would read as other numbers.
    """
    fields = {}
    for name, kind in _kinds(type(part)).items():
        value = getattr(part, name)
        if isinstance(value, np.ndarray):
            fields[name] = np.ascontiguousarray(value, dtype=_DTYPES.get(kind))
        elif isinstance(value, tuple):
            fields[name] = laid_out(value)  # type: ignore[type-var] - a named tuple too
    return part._replace(**fields)


@cache
def _kinds(noun: type) -> dict[str, Any]:
    """The annotation of each field of a named tuple."""
    return get_type_hints(noun)
