"""How the functions of the kernel are compiled."""

from typing import Any

from numba import njit

_njit: Any = njit  # its stubs do not know all options

leaf = _njit(cache=True, error_model="numpy", _nrt=False)
"""For functions that make no arrays and call none that does. Numba then counts no references to the arrays in the tuples they
are given, which took a third of the time of an iteration."""

inlined = _njit(cache=True, error_model="numpy", inline="always")
"""For a few lines without branches or loops, on lanes or numbers."""
