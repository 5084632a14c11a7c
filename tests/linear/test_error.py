"""The measured error of a model: two buses by hand, and what cannot be compared."""

from __future__ import annotations

import math

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.linear import dc, lindistflow, lpf, measure_error
from tieline.network import Network
from tieline.powerflow import Outcome, solve


def test_two_buses_by_hand() -> None:
    """AC: V^4 - (1 - 2 (rP + xQ)) V^2 + (r^2 + x^2)(P^2 + Q^2) = 0. DC knows neither the drop nor Q."""
    network = Network.from_feeder(two_bus())
    scale = [[0.5], [1.0]]
    error = measure_error(
        dc(network), solve(network, load_scale=scale, tolerance=1e-12)
    )
    r, x = 0.5 / 12.66**2, 0.3 / 12.66**2
    drops, losses, missing = [], [], []
    for (s,) in scale:
        p, q = s * 1.0, s * 0.5
        b = 1 - 2 * (r * p + x * q)
        square = (b + math.sqrt(b * b - 4 * (r * r + x * x) * (p * p + q * q))) / 2
        drops.append(1 - math.sqrt(square))
        losses.append(1e3 * r * (p * p + q * q) / square)
        missing.append(losses[-1] - 1e3 * r * p * p)
    assert error.max_voltage_pu == pytest.approx(drops[1], abs=1e-9)
    # bus a has none
    assert error.rms_voltage_pu == pytest.approx(
        math.sqrt((drops[0] ** 2 + drops[1] ** 2) / 4), abs=1e-9
    )
    assert error.max_flow_kw == pytest.approx(losses[1], abs=1e-6)
    assert error.max_loss_kw == pytest.approx(missing[1], abs=1e-6)
    assert error.rms_loss_kw == pytest.approx(
        math.hypot(*missing) / math.sqrt(2), abs=1e-6
    )
    assert error.n_scenarios == 2


def test_scenarios_without_an_answer_are_left_out() -> None:
    network = Network.from_feeder(two_bus())
    solution = solve(network, load_scale=[[1.0], [1000.0]], tolerance=1e-13)
    assert solution.outcome[1] != Outcome.CONVERGED
    alone = measure_error(
        lpf(network), solve(network, load_scale=[[1.0]], tolerance=1e-13)
    )
    both = measure_error(lpf(network), solution)
    assert both.n_scenarios == 1
    assert both.max_voltage_pu == pytest.approx(alone.max_voltage_pu, rel=1e-5)
    with pytest.raises(InputError, match="nothing to compare"):
        measure_error(lpf(network), solve(network, load_scale=[[1000.0]]))


def test_other_network_or_positions_are_refused() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    model = lindistflow(network, taps=[1, 2, 3])
    with pytest.raises(InputError, match="another network"):
        measure_error(model, solve(Network.from_feeder(load_feeder("ieee13"))))
    with pytest.raises(InputError, match="other taps, line positions"):
        measure_error(model, solve(network, taps=[1, 2, 4], controls="off"))
    same = measure_error(model, solve(network, taps=[1, 2, 3], controls="off"))
    assert np.isfinite(same.max_voltage_pu)
