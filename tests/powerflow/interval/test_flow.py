"""Interval bounds: by hand on one line, and against AC solutions drawn inside, at the corners and on other feeders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Solution
from tieline.powerflow.interval import flow as module
from tieline.powerflow.interval.flow import Bounds, IntervalFlow, interval_power_flow

R_OHM, KV = 0.5, 12.66


def by_hand(p_kw: float) -> float:
    """Voltage at the end of a line of resistance only: v (1 - v) = r p, the upper root [pu]."""
    return (1 + math.sqrt(1 - 4 * R_OHM * p_kw / 1000 / KV**2)) / 2


def contained(flow: IntervalFlow, drawn: Solution) -> bool:
    """Whether all voltages, currents and losses of some solutions lie within the bounds (to the tolerance of a solve)."""
    pairs = (
        (flow.voltage, flow.points.magnitude_pu(drawn.v_pu), 1e-7),
        (flow.current, drawn.terminal_current_a[:, flow.terminals], 1e-4),
        (flow.loss, drawn.loss_kw[:, None], 1e-4),
    )
    return all(
        ((v >= b.low - room) & (v <= b.high + room)).all() for b, v, room in pairs
    )


def test_one_line_by_hand() -> None:
    network = Network.from_feeder(
        two_bus(p_kw=4000.0, q_kvar=0.0, r_ohm=R_OHM, x_ohm=0.0)
    )
    flow = interval_power_flow(network, load_pct=20.0)
    end = flow.points.names.index("b.1")
    low, high = by_hand(4800.0), by_hand(3200.0)
    assert flow.voltage.attained_low[end] == pytest.approx(low, abs=1e-8)
    assert flow.voltage.attained_high[end] == pytest.approx(high, abs=1e-8)
    # to the tolerance of a solve
    assert low - 1e-5 < flow.voltage.low[end] <= low + 1e-8
    assert high - 1e-8 <= flow.voltage.high[end] < high + 1e-5
    amps = [
        p_kw / (v * KV) / math.sqrt(3) for p_kw, v in ((3200.0, high), (4800.0, low))
    ]
    assert amps[0] * 0.999 < flow.current.low[0] <= amps[0] + 1e-3
    assert amps[1] - 1e-3 <= flow.current.high[0] < amps[1] * 1.001
    assert flow.loss.high[0] == pytest.approx(3 * R_OHM * amps[1] ** 2 / 1000, rel=1e-3)


@pytest.mark.parametrize("spread_pct", [10.0, 20.0])
@pytest.mark.parametrize("order", [1, 2])
def test_33_bus_bounds_contain_ten_thousand_draws(
    spread_pct: float, order: module.Order
) -> None:
    """Half of them inside, half at corners, of which half have all loads high or low together but for one in ten."""
    flow = interval_power_flow(
        Network.from_feeder(load_feeder("ieee33")), load_pct=spread_pct, order=order
    )
    count = flow.uncertain.n_variables
    random = np.random.default_rng(11)
    inside = random.uniform(-1, 1, (5000, count))
    corners = random.choice([-1.0, 1.0], (2500, count))
    together = random.choice([-1.0, 1.0], (2500, 1)) * np.where(
        random.random((2500, count)) < 0.1, -1.0, 1.0
    )
    drawn = flow.uncertain.solve(np.vstack([inside, corners, together]))
    assert drawn.converged.all()
    assert contained(flow, drawn)


@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee37"])
def test_bounds_contain_draws_on_multi_phase_feeders(name: str) -> None:
    flow = interval_power_flow(Network.from_feeder(load_feeder(name)), load_pct=20.0)
    random = np.random.default_rng(5)
    size = (400, flow.uncertain.n_variables)
    drawn = flow.uncertain.solve(
        np.vstack([random.uniform(-1, 1, size), random.choice([-1.0, 1.0], size)])
    )
    assert contained(flow, drawn)


def test_second_order_bounds_are_nearly_attained() -> None:
    """At +-20 % the true range is known to within 0.2 % of the bounds; first order leaves a tenth of the currents open."""
    network = Network.from_feeder(load_feeder("ieee33"))

    def attained(bounds: Bounds) -> float:
        return float(
            (bounds.attained_high - bounds.attained_low).sum() / bounds.width.sum()
        )

    second, first = (
        interval_power_flow(network, load_pct=20.0, order=order) for order in (2, 1)
    )
    for of_second in (second.voltage, second.current, second.loss):
        assert 0.998 < attained(of_second) <= 1.0
    assert attained(first.current) < 0.9


def test_no_spread_of_loads_leaves_a_der_to_vary() -> None:
    """PV alone: the bounds come from its two ends."""
    from tieline.feeders.elements import Pv

    pv = Pv(
        "pv", "b", (1, 0), "wye", KV, p_kw=500.0, rated_kw=500.0, inverter_kva=500.0
    )
    network = Network.from_feeder(two_bus(q_kvar=0.0, x_ohm=0.0).replace(pvs=(pv,)))
    flow = interval_power_flow(network, load_pct=0.0, der_pct=40.0)
    end = flow.points.names.index("b.1")
    assert flow.voltage.attained_low[end] == pytest.approx(by_hand(700.0), abs=1e-8)
    assert flow.voltage.attained_high[end] == pytest.approx(by_hand(300.0), abs=1e-8)


def test_corner_without_solution_has_no_bounds() -> None:
    """The load has an answer, but not with half more: no bound is made up."""
    network = Network.from_feeder(
        two_bus(p_kw=60_000.0, q_kvar=0.0, r_ohm=R_OHM, x_ohm=0.0)
    )
    flow = interval_power_flow(network, load_pct=50.0)
    assert np.isnan(flow.voltage.low[flow.points.names.index("b.1")])


def test_too_many_variables_for_the_second_order_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_VARIABLES", 1)
    network = Network.from_feeder(two_bus())
    with pytest.raises(InputError, match="Use order 1"):
        interval_power_flow(network, load_pct=10.0)
    assert interval_power_flow(network, load_pct=10.0, order=1).voltage.width.max() > 0
