"""The papers' form of the price: printed, against differences; corrected, with the signs that the papers have."""

from __future__ import annotations

import numpy as np
import pytest

from minute_cases import ieee69_minute
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf.balancing import clear
from tieline.opf.make_problem import network_limits
from tieline.opf.sensitivity_prices import from_sensitivities
from tieline.powerflow import solve

pytest.importorskip("highspy")


def test_printed_form_against_differences() -> None:
    """At each load of the 33-bus feeder, each sum differenced numerically."""
    network = Network.from_feeder(load_feeder("ieee33"))
    base, reactive, step = network.devices.p_kw, network.devices.q_kvar, 1.0
    prices = from_sensitivities(
        solve(network, load_scale=[[1.0]], tolerance=1e-13),
        0.2,
        network_limits(network, 0.9, 1.05, ()),
        voltage_dual=np.zeros(1),
        flow_dual=np.zeros(0),
        form="printed",
    )
    less, more = (
        solve(
            network,
            load_kw=base + change * np.eye(len(base)),
            load_kvar=reactive,
            tolerance=1e-13,
        )
        for change in (-step, step)
    )
    node = network.devices.plus
    is_line = network.is_kind("line") & (network.terminals.side == 1)

    def injected(low: np.ndarray, high: np.ndarray) -> np.ndarray:
        return 0.2 * (low - high) / (2 * step)

    assert prices.loss[0, node] == pytest.approx(
        injected(less.loss_kw, more.loss_kw), rel=1e-4
    )
    assert prices.voltage[0, node] == pytest.approx(
        injected(less.vm_pu.sum(axis=1), more.vm_pu.sum(axis=1)), rel=1e-4
    )
    flow_less, flow_more = (
        solution.terminal_kva[:, is_line].real.sum(axis=1) for solution in (less, more)
    )
    assert prices.congestion[0, node] == pytest.approx(
        injected(flow_less, flow_more), rel=1e-4
    )


def test_signs_of_the_corrected_form_on_the_69_bus_feeder() -> None:
    """Loss part -0.016 at bus 61, the published sign; congestion only behind the line, and none while nothing binds."""
    for room_kw, congestion in ((40.2, 0.0019), (None, 0.0)):
        clearing = clear(ieee69_minute(45, 5, room_kw))
        prices = from_sensitivities(
            clearing.solution,
            0.1,
            clearing.minute.limits,
            voltage_dual=clearing.prices.voltage,
            flow_dual=clearing.prices.flow,
        )
        node_61, node_67, node_53 = clearing.minute.network.nodes(
            "61.1", "67.1", "53.1"
        )
        assert prices.energy[0, node_61] == 0.1
        assert prices.loss[0, node_61] == pytest.approx(-0.016, abs=5e-4)
        assert prices.congestion[0, node_67] == pytest.approx(congestion, abs=1e-4)
        assert prices.congestion[0, node_53] == pytest.approx(0.0, abs=1e-4)
        assert (prices.voltage == 0).all()


def test_printed_form_takes_the_reference_price_off_for_every_line() -> None:
    """Nearly without load a bus behind k lines has (1 - k) l0; at nominal load losses add up to a tenth."""
    network = Network.from_feeder(load_feeder("ieee69"))
    limits = network_limits(network, 0.9, 1.05, ())
    # Paths to the source: 1 to 9, then 53 to 56; and 1 to 27.
    lines = {"6": 5, "10": 9, "56": 12, "27": 26}
    nodes = [network.nodes(f"{bus}.1")[0] for bus in lines]
    count = np.array(list(lines.values()))
    for load_scale, relative in ((1e-6, 1e-3), (1.0, 0.1)):
        prices = from_sensitivities(
            solve(network, load_scale=[[load_scale]]),
            0.1,
            limits,
            voltage_dual=np.zeros(1),
            flow_dual=np.zeros(0),
            form="printed",
        )
        total = prices.total[0, nodes]
        assert total == pytest.approx(0.1 * (1 - count), rel=relative, abs=1e-2)
    assert total == pytest.approx([-0.410, -0.835, -1.157, -2.577], abs=1e-3)
