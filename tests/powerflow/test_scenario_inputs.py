"""The inputs of scenarios are known by their names, and no other is passed over in silence."""

from __future__ import annotations

import pytest

from builders import two_bus
from tieline.linear import lpf
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.scenario_inputs import ScenarioInputs

NETWORK = Network.from_feeder(two_bus())


def test_every_input_of_a_solve_is_named_in_its_docstring() -> None:
    assert solve.__doc__ is not None
    assert len(ScenarioInputs.__annotations__) == 11
    for name in ScenarioInputs.__annotations__:
        assert name in solve.__doc__, name


def test_an_input_by_another_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        TypeError, match=r"Unknown input 'loads_kw'\. Did you mean 'load_kw'"
    ):
        solve(NETWORK, loads_kw=[1.0])  # type: ignore[call-arg]


def test_a_linear_model_takes_powers_where_it_stands_and_positions_where_it_is_built() -> (
    None
):
    with pytest.raises(TypeError, match="Unknown input 'taps'"):
        lpf(NETWORK).evaluate(taps=[1])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Unknown input 'load_kw'"):
        lpf(NETWORK, load_kw=[1.0])  # type: ignore[call-arg]
