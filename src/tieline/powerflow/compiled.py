"""How the functions of the kernel are compiled. What Numba wraps around a function for other callers takes a third of the time of
compiling it, so that each says who calls it.
"""

from typing import Any

from numba import njit

_njit: Any = njit  # its stubs do not know all options

entry = _njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
"""For functions called from Python, by several threads at once if they like."""

maker = _njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that make arrays for compiled ones."""

leaf = _njit(cache=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions called by compiled ones that make no arrays and call none that does. Numba then counts no references to the
arrays in the tuples they are given, which took a third of the time of an iteration."""

inlined = _njit(cache=True, error_model="numpy", inline="always")
"""For a few lines without branches or loops, on lanes or numbers."""
