"""What AC went past its limits is taken off them before the next program, and vanishes with the step."""

from __future__ import annotations

import numpy as np
import pytest

from minute_cases import line_between
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import BranchLimit
from tieline.opf.balancing.corrections import Corrections
from tieline.opf.make_problem import network_limits
from tieline.opf.problem import NetworkLimits


def line_limit() -> NetworkLimits:
    """100 kW on line 135-35 of the 123-node feeder, voltages 0.95 to 1.058 pu."""
    network = Network.from_feeder(load_feeder("ieee123"))
    name = line_between(network.feeder, "135", "35")
    limit = BranchLimit("line", name, forward_kw=100.0)
    return network_limits(network, 0.95, 1.058, [limit])


def test_a_miss_is_taken_off_and_vanishes_with_the_step() -> None:
    limits = line_limit()
    kept_pu = np.ones(len(limits.points.names))
    first = Corrections.none(limits).after(limits, kept_pu, np.array([100.5]))
    assert first.flow == pytest.approx([0.5])
    assert not first.high_pu.any()
    assert first.off(limits).flows.limit == pytest.approx([99.5])
    # 0.1 kW past the corrected limit: that is what a step as long as this one would miss
    second = first.after(limits, kept_pu, np.array([99.6]))
    assert second.flow == pytest.approx([0.1])
    # well inside: nothing is held back
    third = second.after(limits, kept_pu, np.array([90.0]))
    assert not third.flow.any()


def test_low_voltages_lift_their_limit() -> None:
    limits = line_limit()
    low_pu = limits.v_min_pu - 0.01
    corrections = Corrections.none(limits).after(limits, low_pu, np.zeros(1))
    assert corrections.off(limits).v_min_pu == pytest.approx(limits.v_min_pu + 0.01)
    assert not corrections.high_pu.any()
