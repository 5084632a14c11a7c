"""Leaves: no machine code of their own, the same numbers inside of their callers, and kept on disk as what they are."""

from __future__ import annotations

import gc
from typing import Any

import numba
import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock

from tieline.powerflow.kernel.compiled import compiler
from tieline.powerflow.kernel.lanes import LANES, load, spread, store
from tieline.powerflow.kernel.leaves import (
    EntryCompiler,
    LeafCacheImpl,
    LeafCompiler,
    LeafLibrary,
)

njit: Any = numba.njit


def make_leaf():
    @njit(pipeline_class=LeafCompiler, _nrt=False, no_cpython_wrapper=True)
    def two_x_minus_three(rows, k):
        return spread(2.0) * load(rows, k) - spread(3.0)

    return two_x_minus_three


def test_a_leaf_has_no_machine_code_and_computes_in_its_caller() -> None:
    leaf = make_leaf()

    @njit(pipeline_class=EntryCompiler)
    def fill(rows):
        for k in range(len(rows)):
            store(rows, k, leaf(rows, k))

    rows = np.arange(2.0 * LANES).reshape(2, LANES)
    expected = 2.0 * rows - 3.0
    fill(rows)
    assert rows == pytest.approx(expected)
    (result,) = leaf.overloads.values()
    assert isinstance(result.library, LeafLibrary)
    assert result.library.get_pointer_to_function(result.fndesc.llvm_func_name) == 0


def test_a_kept_leaf_comes_back_as_one() -> None:
    leaf = make_leaf()
    leaf.compile((numba.float64[:, ::1], numba.int64))
    (result,) = leaf.overloads.values()
    cache = LeafCacheImpl(leaf.py_func)
    with global_compiler_lock:
        again = cache.rebuild(result.target_context, cache.reduce(result))
    assert isinstance(again.library, LeafLibrary)
    functions = {f.name for f in result.library.get_defined_functions()}
    assert {f.name for f in again.library.get_defined_functions()} == functions


def test_garbage_is_collected_again_after_compiling() -> None:
    @compiler(pipeline_class=EntryCompiler)
    def one(x):
        return x + 1

    assert gc.isenabled()
    assert one(1) == 2
    assert gc.isenabled()
