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


entry = compiler(
    pipeline_class=EntryCompiler, nogil=True, no_cfunc_wrapper=True, _nrt=False
)
"""For functions called from Python, by several threads at once if they like. They write into arrays that Python has
made: what makes arrays, and counts who still uses them, would be compiled for longer than what computes."""

leaf = _compiler_of_leaves(_nrt=False)
"""For functions called by compiled ones."""

inlined = _compiler_of_leaves(_nrt=False, forceinline=True)
"""For a few lines without branches or loops, on lanes or numbers. LLVM puts them into their caller: done by Numba, every use went
through all of its steps again."""
