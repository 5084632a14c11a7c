"""Policies by hand: what they add to the plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import WindowPolicies
from tieline.envs.microgrids.windows import Windows

Constant = Callable[[float], WindowPolicies]


def test_a_departure_is_counted_in_ratings_and_not_clipped(
    eyes: Eyes, peak: Windows, constant: Constant
) -> None:
    points = constant(0.1).wish(eyes, peak)
    plant = eyes.plant
    # 300 kW by merit order and a tenth of 300 more; the battery gives its 100 kW and a tenth of that
    second = points.der_kw[0, 1]
    assert second[plant.generator_ders] == pytest.approx([330.0] * 5)
    assert second[plant.battery_ders] == pytest.approx([110.0] * 5)
    # a tenth of 220 kVA of PV, of 141.4 and of 360.6 kVA
    kvar = points.der_kvar[0, 1]
    assert kvar[plant.pv_ders] == pytest.approx([22.0] * 5)
    assert kvar[plant.battery_ders] == pytest.approx([14.142] * 5, abs=1e-3)
    assert kvar[plant.generator_ders] == pytest.approx([36.056] * 5, abs=1e-3)


def test_without_a_departure_the_plan_stands(
    eyes: Eyes, peak: Windows, constant: Constant
) -> None:
    points = constant(0.0).wish(eyes, peak)
    base = eyes.see(peak).base
    np.testing.assert_array_equal(points.der_kw, base.der_kw)
    assert not points.der_kvar.any()
