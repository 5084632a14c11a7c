"""Inputs of a solve that compiled code must never see are named at its door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.errors import InputError, ShapeError, TielineError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.outcome import Outcome

NETWORK = Network.from_feeder(load_feeder("ieee13"))

BAD: list[tuple[dict[str, Any], type[TielineError], str]] = [
    (
        {"taps": [17, 0, 0]},
        InputError,
        "taps of regulator 'reg1' is 17 .scenario 0.; give a whole number from -16 to 16",
    ),
    ({"taps": [0.5, 0, 0]}, InputError, "taps of regulator 'reg1' is 0.5"),
    (
        {"taps": [[0, 0, 0], [0, 0, -99]]},
        InputError,
        "taps of regulator 'reg3' is -99 .scenario 1.",
    ),
    ({"taps": [0, 0]}, ShapeError, "taps has shape"),
    (
        {"line_closed": 2},
        InputError,
        "line_closed of line '650632' is 2 .scenario 0.; give a whole number from 0 to 1",
    ),
    ({"line_closed": 0.5}, InputError, "line_closed of line '650632' is 0.5"),
    (
        {"capacitor_steps": [1, 2]},
        InputError,
        "capacitor_steps of capacitor 'cap2' is 2",
    ),
    (
        {"capacitor_steps": [-1, 0]},
        InputError,
        "capacitor_steps of capacitor 'cap1' is -1",
    ),
    ({"source_pu": 0.0}, InputError, "source_pu holds 0; a source voltage is above 0"),
    ({"source_pu": [[1.0], [-1.0]]}, InputError, "source_pu holds -1"),
    ({"load_scale": "all"}, InputError, "load_scale is no array of numbers"),
    (
        {"load_scale": 1j},
        InputError,
        "load_scale is no array of numbers .it is complex.",
    ),
    (
        {"load_kw": [[1, 2], [3]], "load_kvar": 0},
        InputError,
        "load_kw is no array of numbers",
    ),
    (
        {"load_scale": np.ones((3, 1)), "source_pu": [1.0, 1.0]},
        ShapeError,
        "load_scale: 3, source_pu: 2",
    ),
    (
        {"load_scale": [0.5, 1.0, 1.25]},
        ShapeError,
        r"3 numbers for 15 loads.*give a column, such as \[\[0.5\]",
    ),
    ({"start_pu": np.ones(3)}, ShapeError, "start_pu has shape"),
    ({"tolerance": float("nan")}, InputError, "tolerance must be a finite number"),
    ({"tolerance": float("inf")}, InputError, "tolerance must be a finite number"),
    ({"max_iterations": 2.5}, InputError, "max_iterations must be a whole number"),
]


@pytest.mark.parametrize(("inputs", "error", "message"), BAD)
def test_what_does_not_fit_is_named(
    inputs: dict[str, Any], error: type[TielineError], message: str
) -> None:
    with pytest.raises(error, match=message):
        solve(NETWORK, **inputs)


@pytest.mark.parametrize(
    "inputs",
    [
        {"load_scale": [[1.0], [np.nan]]},
        {"source_pu": [1.0, np.nan]},
        {"taps": [[0] * 3, [np.nan] * 3]},
    ],
)
def test_a_scenario_with_nan_has_no_answer_and_the_other_one_has(
    inputs: dict[str, Any],
) -> None:
    solution = solve(NETWORK, **inputs)
    assert solution.outcome.tolist() == [Outcome.CONVERGED, Outcome.BAD_INPUT]
    assert np.isnan(solution.v_pu[1]).all()


def test_steps_may_miss_a_whole_number_by_rounding() -> None:
    steps = np.array([1 / 3 * 3 - 1e-16, 1.0])
    assert solve(NETWORK, capacitor_steps=steps).converged.all()


def test_a_feeder_or_its_name_is_solved_as_its_network() -> None:
    feeder = load_feeder("ieee13")
    v_pu = solve(NETWORK).v_pu
    for value in (feeder, "ieee13", Path("ieee13")):
        assert (solve(value).v_pu == v_pu).all()
    assert (feeder.solve(load_scale=1.0).v_pu == v_pu).all()
    # its network is made once
    assert solve(feeder).network is feeder.network
    assert feeder.replace(loads=()).network is not feeder.network


def test_what_is_no_network_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        InputError, match=r"solve takes a Network, a Feeder, or the name"
    ):
        solve(None)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match=r"Unknown feeder 'ieee133'. Did you mean"):
        solve("ieee133")
