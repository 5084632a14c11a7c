"""Work counted by hand on a feeder of two buses, and laws on others."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.bench.powerflow.work import count_work, executed_iterations
from tieline.feeders import load_feeder
from tieline.network import Network


def test_two_buses_by_hand() -> None:
    work = count_work(Network.from_feeder(two_bus()))
    # Node b, then the ideal source a. Beside the diagonal: U(b, a) and L(a, b). One point of constant power, from b to ground.
    assert work.iteration_flops == 2 * 8 + 2 * 11 + 2 + (13 + 3) + 2
    # entries, nodes, the point: its voltage and its power
    rows = 2 * 2 + 2 * 8 + (2 + 2)
    shared = 4 * (2 + 2 + 1) / 16  # entries, diagonals and one slope serve 16 scenarios
    assert work.iteration_bytes == 8 * (rows + shared)
    assert work.once_flops == 4  # one device, P and Q
    # P and Q in, term, pair; first voltages of two nodes, their voltages out; two weights serve 16
    assert work.once_bytes == 8 * (4 + 2 + 2 + 2 * 2 + 2 * 4 + 2 / 16)
    # P and Q in; two voltages, error, iterations out, counted twice
    assert work.memory_bytes == 8 * (2 + 2 * (2 * 2 + 2))
    assert work.workspace_bytes == 8 * (16 * (4 * 2 + 2) + 4 * (4 + 1))


def test_a_zip_load_costs_seven_more_and_four_more_rows() -> None:
    shares = (0.3, 0.3, 0.4)
    plain, of_zip = (
        count_work(Network.from_feeder(f))
        for f in (two_bus(), two_bus(zip_p=shares, zip_q=shares))
    )
    assert of_zip.iteration_flops - plain.iteration_flops == 10 - 3
    assert of_zip.iteration_bytes - plain.iteration_bytes == 8 * 4


def test_iterations_multiply_only_what_they_repeat() -> None:
    work = count_work(Network.from_feeder(load_feeder("ieee13")))
    assert work.flops(3) - work.flops(2) == pytest.approx(work.iteration_flops)
    assert work.cache_bytes(0) == work.once_bytes


def test_a_block_goes_on_until_its_slowest_lane_rests() -> None:
    iterations = np.full(40, 3)
    # in the first block of 16, and in the last, which holds 8
    iterations[[0, 39]] = (
        5,
        4,
    )
    assert executed_iterations(iterations) == pytest.approx(
        (16 * 5 + 16 * 3 + 8 * 4) / 40
    )
