"""Branches of a single-phase equivalent: impedances, ratios and shunts by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders.elements import Bus, Capacitor, Transformer, Winding
from tieline.linear.equivalent import incidence, make_equivalent
from tieline.linear.setting import make_setting
from tieline.network import Network


def network() -> Network:
    """Source behind 0.1 + 0.4j ohm, a line of 0.5 + 0.3j ohm, a 5 MVA unit of 1 + 6j % at tap 1.05, a 300 kvar bank."""
    feeder = two_bus()
    windings = (
        Winding("b", (1, 0), "wye", 12.66, 5000.0, 0.5, tap=1.05),
        Winding("c", (1, 0), "wye", 4.16, 5000.0, 0.5),
    )
    return Network.from_feeder(
        feeder.replace(
            buses=(*feeder.buses, Bus("c", (1,), 4.16)),
            sources=(replace(feeder.source, r1_ohm=0.1, x1_ohm=0.4),),
            transformers=(Transformer("unit", 1, windings, (6.0,), shift_deg=30.0),),
            capacitors=(Capacitor("bank", "c", (1, 0), "wye", 300.0, 4.16),),
        )
    )


def test_every_branch_by_hand() -> None:
    net = network()
    e = make_equivalent(net, make_setting(net, source_pu=1.02), "lpf")
    assert e.names == ("line 'ab'", "transformer 'unit'", "source")
    assert e.n_listed == 2
    base_ohm = 12.66**2  # on 1 MVA
    expected = [(0.5 + 0.3j) / base_ohm, (0.01 + 0.06j) / 5, (0.1 + 0.4j) / base_ohm]
    np.testing.assert_allclose(e.z_pu, expected, rtol=1e-12)
    np.testing.assert_allclose(e.ratio_start, [1.0, 1.05, 1.0], rtol=1e-12)
    np.testing.assert_allclose(e.ratio_end, [1.0, 1.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(e.shift_rad, [0.0, np.pi / 6, 0.0], rtol=1e-12)
    np.testing.assert_allclose(e.shunt_pu, [0, 0, 0.3j, 0], atol=1e-10)
    assert (e.slack, e.slack_pu) == (3, pytest.approx(1.02))


def test_open_line_keeps_its_impedance_and_carries_nothing() -> None:
    net = network()
    setting = make_setting(net)
    state = setting.state.copy()
    state[net.states.lines] = 0.0
    e = make_equivalent(net, replace(setting, state=state), "lpf")
    assert e.y_pu[0] == 0
    assert e.z_pu[0] != 0
    assert abs(e.shunt_pu[0]) < 1e-10


def test_incidence_weighs_both_ends() -> None:
    net = network()
    e = make_equivalent(net, make_setting(net), "lpf")
    expected = [[2.0, -3.0, 0.0, 0.0], [0.0, 2.0, -3.0, 0.0], [-3.0, 0.0, 0.0, 2.0]]
    np.testing.assert_allclose(incidence(e, 2.0, 3.0).toarray(), expected)
