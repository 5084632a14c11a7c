"""Estimates on one line, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.ways.estimate import (
    dc_estimates,
    tangent_estimates,
)
from tieline.studies.transfer_capability.world.cases import make_cases
from tieline.studies.transfer_capability.world.transfer import make_transfer

R_OHM, KV, P_KW = 0.5, 12.66, 1000.0
CONFIG = TransferCapabilityConfig(limits="en50160", to_buses="b", line_rating_a=100.0)


def test_tangent_of_one_line_by_hand() -> None:
    """v (1 - v) = r p: dv/dp = r / (1 - 2 v), a straight line to 0.9 pu and, with p / v, to the current at 100 A."""
    feeder = with_line_ratings(
        two_bus(p_kw=P_KW, q_kvar=0.0, r_ohm=R_OHM, x_ohm=0.0), 100.0
    )
    cases = make_cases(make_transfer(feeder, CONFIG), CONFIG)
    r = R_OHM / KV**2 / 1000
    v = (1 + math.sqrt(1 - 4 * r * P_KW)) / 2
    slope = r / (1 - 2 * v)
    _, low, line = tangent_estimates(cases)
    assert low[1] == pytest.approx((0.9 - v) / slope, rel=1e-6)
    assert math.isinf(low[0])
    amps_per_pu = KV * 1000 / math.sqrt(3) / R_OHM
    assert line[0] == pytest.approx((100 / amps_per_pu - (1 - v)) / -slope, rel=1e-6)


def test_dc_factors_of_one_line_by_hand() -> None:
    """All of the transfer goes through the line: its rating at rated voltage less what it carries."""
    feeder = with_line_ratings(two_bus(p_kw=P_KW), 100.0)
    cases = make_cases(make_transfer(feeder, CONFIG), CONFIG)
    line = [gauge.kind.name for gauge in cases.gauges].index("line-loading")
    assert dc_estimates(cases, line) == pytest.approx([math.sqrt(3) * KV * 100 - P_KW])


def test_no_dc_model_of_a_feeder_with_phases() -> None:
    feeder = with_line_ratings(random_feeder(1, 6), 1000.0)
    config = TransferCapabilityConfig(
        limits="en50160", to_buses="b2", lowest_pu="off", highest_pu="off"
    )
    cases = make_cases(make_transfer(feeder, config), config)
    assert np.isfinite(tangent_estimates(cases)[0]).any()
    with pytest.raises(InputError, match="single-phase"):
        dc_estimates(cases, 0)
