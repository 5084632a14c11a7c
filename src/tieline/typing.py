"""Aliases used in signatures: arrays, whose shape and unit the docstring of each function gives, and `Progress`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
ComplexArray: TypeAlias = NDArray[np.complex128]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
StrArray: TypeAlias = NDArray[np.str_]

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with (done, all, text) while something long is at work."""
