"""One thread for products and factors of small dense matrices.

NumPy and SciPy bring a BLAS each, with as many threads as there are cores, and each waits at full speed for the next product.
Where both are called in turn, their threads wait for one another: a step with 300 limits took 8 s with one thread each on two
busy cores, and 140 s with two.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[object]:
    """Within it BLAS computes in the thread that calls; after it as before."""
    return _libraries().limit(limits=1, user_api="blas")


# looking for the libraries takes longer than a small step
@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
