"""Arrays made by compiled functions are those that NumPy makes."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from numba.core.runtime import (
    _nrt_python,  # type: ignore[attr-defined] - compiled, without stubs
    rtsys,
)

from tieline.powerflow.controls.memory import MEMORY
from tieline.powerflow.kernel.arrays import CACHE_LINE, empty, item, zeros
from tieline.powerflow.kernel.compiled import entry


@entry
def make(rows, columns):
    """One array of each kind."""
    return (
        empty((rows, columns), np.float64),
        zeros((rows, columns), np.float64),
        zeros((rows,), np.int64),
        zeros((rows,), np.bool_),
        zeros((rows, columns), MEMORY),
    )


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_lengths_strides_types_and_zeros(rows: int) -> None:
    uninitialised, *zero_arrays = make(rows, 3)
    expected = [
        np.zeros((rows, 3)),
        np.zeros(rows, dtype=np.int64),
        np.zeros(rows, dtype=bool),
        np.zeros((rows, 3), dtype=MEMORY),
    ]
    uninitialised[:] = 2.0
    assert uninitialised.shape == (rows, 3)
    assert uninitialised.sum() == pytest.approx(6.0 * rows)
    for array, other in zip(zero_arrays, expected, strict=True):
        assert array.dtype == other.dtype
        assert array.nbytes == other.nbytes
        assert array.flags.c_contiguous
        assert array.tobytes() == other.tobytes()


@pytest.mark.parametrize("rows", [1, 7, 33])
def test_arrays_begin_at_a_cache_line(rows: int) -> None:
    held = [make(rows, 3) for _ in range(8)]  # so that memory differs from call to call
    for arrays in held:
        assert {array.ctypes.data % CACHE_LINE for array in arrays} == {0}


@entry
def number_at(array, place):
    """The item of an array."""
    return item(array, place)


def test_an_item_is_the_number_at_its_place() -> None:
    numbers = np.array([3, 1, 4], dtype=np.int64)
    assert [number_at(numbers, place) for place in range(3)] == [3, 1, 4]


def test_memory_is_given_back() -> None:
    make(5, 3)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    arrays = make(5, 3)
    del arrays
    gc.collect()
    after = rtsys.get_allocation_stats()
    _nrt_python.memsys_disable_stats()
    assert after.alloc - before.alloc == 5
    assert after.free - before.free == after.alloc - before.alloc
