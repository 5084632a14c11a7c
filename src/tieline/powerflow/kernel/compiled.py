"""How the functions of the kernel are compiled. What Numba wraps around a function for other callers takes a third of the time of
compiling it; each function therefore says who calls it. All are kept on disk (see `kernel_cache`).
"""

from collections.abc import Callable
from typing import Any

from numba import njit

from tieline.powerflow.kernel.kernel_cache import KernelCache, LeafCache, kept
from tieline.powerflow.kernel.leaves import EntryCompiler, LeafCompiler

Decorator = Callable[[Callable[..., Any]], Any]


def compiler(cache: type[KernelCache] = KernelCache, **options: Any) -> Decorator:
    """A decorator that compiles with NumPy's rules for numbers and these options of Numba; `cache` keeps what comes of it."""
    decorate: Any = njit(error_model="numpy", **options)
    return lambda function: kept(decorate(function), cache)


def _compiler_of_leaves(**options: Any) -> Decorator:
    return compiler(
        LeafCache,
        pipeline_class=LeafCompiler,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        **options,
    )


entry = compiler(pipeline_class=EntryCompiler, nogil=True, no_cfunc_wrapper=True)
"""For functions called from Python, by several threads at once if they like."""

maker = _compiler_of_leaves()
"""For functions that make arrays for compiled ones."""

leaf = _compiler_of_leaves(_nrt=False)
"""For functions called by compiled ones that make no arrays and call none that does. Numba then counts no references to the
arrays in the tuples they are given, which took a third of the time of an iteration."""

inlined = _compiler_of_leaves(_nrt=False, forceinline=True)
"""For a few lines without branches or loops, on lanes or numbers. LLVM puts them into their caller: done by Numba, every use went
through all of its steps again."""
