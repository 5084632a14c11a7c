"""Kernels that are called without a look at types are given the types that they were compiled for, whatever comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np
import pytest
from numba import njit, typeof
from numba.core import types

from builders import random_feeder, two_bus, two_bus_holding, two_wire
from tieline import Feeder, Network, load_feeder
from tieline.feeders import describe_library
from tieline.powerflow import solve
from tieline.powerflow.check.residuals import judge_groups
from tieline.powerflow.controls.loop import fill_inner, solve_acting
from tieline.powerflow.kernel import machine_code as module
from tieline.powerflow.kernel.chord import solve_by_chord
from tieline.powerflow.kernel.machine_code import in_rows, laid_out, machine_code
from tieline.powerflow.kernel.matrix import _factors_with_slopes
from tieline.powerflow.kernel.newton import solve_by_newton
from tieline.powerflow.losses import _sum_losses
from tieline.powerflow.options import Controls
from tieline.typing import FloatArray, IntArray

KERNELS = (
    solve_by_chord,
    solve_by_newton,
    _factors_with_slopes,
    judge_groups,
    solve_acting,
    fill_inner,
    _sum_losses,
)
COUNT = 20
"""More than a block, so that slopes are taken at an operating point."""


def layout(kind: Any) -> Any:
    """What machine code relies on of a type: whether an array may be written to is no part of it."""
    if isinstance(kind, types.Array):
        return (kind.dtype, kind.ndim, kind.layout)
    parts = getattr(kind, "types", None)  # of a tuple
    if parts is None:
        return kind
    return [layout(part) for part in parts]


def checked(kernel: Any, calls: list[Any]) -> Callable[..., None]:
    """The kernel, asked by Numba's own way, which looks at types; notes what it is called with."""

    def call(*arguments: Any) -> Any:
        kinds = [typeof(argument) for argument in arguments]
        answer = kernel(*arguments)
        (signature,) = {str([layout(kind) for kind in s]) for s in kernel.signatures}
        assert str([layout(kind) for kind in kinds]) == signature
        calls.append(kernel)
        return answer

    return call


def powers(network: Network) -> dict[str, Any]:
    """Loads of `COUNT` scenarios, in the row order of memory."""
    devices = network.devices
    scale = np.linspace(0.5, 1.0, COUNT)[:, None]
    n_loads = devices.n_loads
    return {
        "load_kw": scale * devices.p_kw[:n_loads],
        "load_kvar": scale * devices.q_kvar[:n_loads],
    }


def forms_of_inputs(network: Network) -> list[dict[str, Any]]:
    """The same question in the forms in which arrays come, and others that change what a system is made of."""
    rows = powers(network)
    by_columns = {name: np.asfortranarray(array) for name, array in rows.items()}
    every_second = {
        name: np.repeat(array, 2, axis=1)[:, ::2] for name, array in rows.items()
    }
    one_for_all = {
        name: np.broadcast_to(array[0], array.shape) for name, array in rows.items()
    }
    single = {name: array.astype(np.float32) for name, array in rows.items()}
    source = {"source_pu": np.full((COUNT, 1), 1.0 + 0.01j)}
    start = {"start_pu": np.ones((network.n_nodes, COUNT)).T}
    lines = {"line_closed": np.ones((COUNT, len(network.feeder.lines)))}
    collapsed = {"load_scale": np.full((COUNT, 1), 40.0)}
    return [
        rows,
        by_columns,
        every_second,
        one_for_all,
        single,
        rows | source,
        rows | start,
        rows | lines,
        collapsed,
        {},
    ]


def watched_calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Kernels that are called from here on, every call checked."""
    calls: list[Any] = []
    for kernel in KERNELS:
        monkeypatch.setitem(module._FORMS, kernel, checked(kernel, calls))
    return calls


@pytest.mark.parametrize("controls", ["feeder", "off"])
@pytest.mark.parametrize("name", ["ieee13", "ieee33"])
def test_kernels_are_given_the_types_they_were_compiled_for(
    name: str, controls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = watched_calls(monkeypatch)
    network = load_feeder(name).network
    for inputs in forms_of_inputs(network):
        solution = solve(network, controls=controls, **inputs)
        assert np.isfinite(solution.loss_kw[solution.converged]).all()
    acts = controls == "feeder" and network.feeder.has_controls
    solving = {solve_acting, fill_inner} if acts else {solve_by_chord}
    every_call = {solve_by_newton, _factors_with_slopes, judge_groups, _sum_losses}
    assert set(calls) == solving | every_call


def exponential(name: str) -> Feeder:
    """A feeder of the library whose loads follow the voltage by exponents."""
    feeder = load_feeder(name)
    loads = [replace(load, exponents=(0.8, 3.0)) for load in feeder.loads]
    return feeder.replace(loads=tuple(loads))


KINDS: dict[str, Callable[[], Feeder]] = {
    **{entry.name: partial(load_feeder, entry.name) for entry in describe_library()},
    "exponents, one load": lambda: two_bus(exponents=(0.8, 3.0)),
    "exponents, many": lambda: exponential("ieee13"),
    "impedances": lambda: two_bus(zip_p=(1.0, 0.0, 0.0), zip_q=(1.0, 0.0, 0.0)),
    "generator that holds a voltage": two_bus_holding,
    "neutral": two_wire,
    "loops": lambda: random_feeder(3, 12, n_loops=3),
    "no load": lambda: two_bus().replace(loads=()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_feeder_has(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few of a kind have the layout of many: a column of one row lies like a row."""
    calls = watched_calls(monkeypatch)
    network = Network.from_feeder(KINDS[kind]())
    for count in (1, COUNT):
        for controls in get_args(Controls):
            solution = solve(network, load_scale=np.ones((count, 1)), controls=controls)
            assert np.isfinite(solution.loss_kw).all()
    assert judge_groups in calls


def test_what_is_kept_is_laid_out_as_its_class_says() -> None:
    table = np.arange(8.0).reshape(4, 2)
    places: Any = np.arange(4, dtype=np.int32)
    part = Columns(table[:, 1], places, 3)
    tidy = laid_out(part)
    assert tidy.value.flags.c_contiguous
    assert tidy.place.dtype == np.int64
    np.testing.assert_array_equal(tidy.value, [1, 3, 5, 7])
    assert tidy.count == 3


class Columns(NamedTuple):
    """Arrays as tables give them."""

    value: FloatArray
    place: IntArray
    count: int


@pytest.mark.parametrize("form", range(5))
def test_the_form_of_an_array_changes_no_answer(form: int) -> None:
    network = load_feeder("ieee13").network
    inputs = forms_of_inputs(network)[form]
    rows: dict[str, Any] = {
        name: np.array(array, order="C") for name, array in inputs.items()
    }
    one = solve(network, **inputs)
    other = solve(network, **rows)
    np.testing.assert_array_equal(one.v_pu, other.v_pu)


def test_a_kernel_of_two_forms_is_asked_by_numbas_own_way() -> None:
    @njit
    def double(x: Any) -> Any:
        return 2 * x

    assert machine_code(double) is double
    double(1)
    double(0.5)
    assert machine_code(double) is double
    assert machine_code(double)(0.25) == 0.5


def test_a_plain_function_is_itself() -> None:
    assert machine_code(layout) is layout


def test_rows_in_double_precision_are_handed_on_as_they_are() -> None:
    rows = np.ones((3, 2))
    assert in_rows(rows) is rows
    columns = in_rows(np.asfortranarray(np.arange(6, dtype=np.float32).reshape(3, 2)))
    assert columns.flags.c_contiguous
    np.testing.assert_array_equal(columns, [[0, 1], [2, 3], [4, 5]])
