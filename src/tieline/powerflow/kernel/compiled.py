"""How the functions of the kernel are compiled. What Numba wraps around a function for other callers takes a third of the time of
compiling it; each function therefore says who calls it. All are kept on disk (see `kernel_cache`).
"""

from collections.abc import Callable
from typing import Any

from numba import njit

from tieline.powerflow.kernel.kernel_cache import kept

Decorator = Callable[[Callable[..., Any]], Any]


def compiler(**options: Any) -> Decorator:
    """A decorator that compiles with NumPy's rules for numbers and these options of Numba."""
    decorate: Any = njit(error_model="numpy", **options)
    return lambda function: kept(decorate(function))


entry = compiler(nogil=True, no_cfunc_wrapper=True)
"""For functions called from Python, by several threads at once if they like."""

maker = compiler(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that make arrays for compiled ones."""

leaf = compiler(_nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions called by compiled ones that make no arrays and call none that does. Numba then counts no references to the
arrays in the tuples they are given, which took a third of the time of an iteration."""

inlined = compiler(inline="always")
"""For a few lines without branches or loops, on lanes or numbers."""
