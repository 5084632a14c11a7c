"""Rounding to single precision, and an iteration in it, against what the number formats promise."""

from __future__ import annotations

import numpy as np

from builders import two_bus
from tieline.bench.powerflow.precision import (
    errors_from_answer,
    measure_single_precision,
)
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve

HALF_A_PLACE = 2.0**-24
"""Largest relative error of rounding to float32."""


def test_stored_voltages_are_off_by_at_most_half_a_last_place() -> None:
    error = measure_single_precision(
        Network.from_feeder(load_feeder("ieee33"))
    ).stored_pu
    assert 0 < error <= HALF_A_PLACE * np.sqrt(2)


def test_the_same_iteration_in_double_precision_stays_at_the_answer() -> None:
    for feeder in (two_bus(), load_feeder("ieee33"), load_feeder("ieee34")):
        network = Network.from_feeder(feeder)
        answer = solve(
            network, load_scale=[[1.0]], controls="off", tolerance=1e-12
        ).v_pu[0]
        assert max(errors_from_answer(network, answer, np.complex128)) < 1e-10


def test_an_iteration_in_single_precision_does_not_reach_the_tolerance() -> None:
    assert (
        measure_single_precision(Network.from_feeder(load_feeder("ieee33"))).iterated_pu
        > 1e-7
    )
