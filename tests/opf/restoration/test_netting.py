"""Netting keeps the injection, never leaves less stored than planned, and never more than fits."""

from __future__ import annotations

import numpy as np
import pytest
from restoration_cases import HOURS, small_plant

from tieline.opf.restoration.netting import netted
from tieline.typing import FloatArray


def net(
    stored_kwh: FloatArray,
    charge_kw: FloatArray,
    discharge_kw: FloatArray,
    sun_kw: float,
):
    batteries = small_plant().batteries
    sun = np.full((len(stored_kwh), 1), sun_kw)
    net = netted(batteries, stored_kwh, charge_kw, discharge_kw, sun, HOURS)
    planned_kwh = batteries.next_stored_kwh(stored_kwh, charge_kw, discharge_kw, HOURS)
    charged_kw = np.maximum(-net.battery_kw, 0)
    discharged_kw = np.maximum(net.battery_kw, 0)
    after_kwh = batteries.next_stored_kwh(stored_kwh, charged_kw, discharged_kw, HOURS)
    return net, planned_kwh, after_kwh


def test_overlap_within_the_limits() -> None:
    """60 kW in and 20 kW out at once are 40 kW in; the round trip of 20 kW is saved: 20 h (1 / 0.9 - 0.9) kWh."""
    net_, planned_kwh, after_kwh = net(
        np.array([[100.0]]), np.array([[60.0]]), np.array([[20.0]]), 100.0
    )
    assert net_.battery_kw[0, 0] == pytest.approx(-40.0)
    assert net_.renewable_kw[0, 0] == 100.0
    assert after_kwh[0, 0] - planned_kwh[0, 0] == pytest.approx(
        20 * HOURS * (1 / 0.9 - 0.9)
    )


def test_a_full_battery_charges_less_and_sun_gives_way() -> None:
    """Full at 200 kWh: a plan that stays there by overlap would pass it."""
    stored_kwh = np.array([[199.0]])
    charge_kw = np.array([[60.0]])
    discharge_kw = np.array([[50.0]])
    net_, planned_kwh, after_kwh = net(stored_kwh, charge_kw, discharge_kw, 100.0)
    assert planned_kwh[0, 0] < 200.0
    assert after_kwh[0, 0] == pytest.approx(200.0)
    charged_kw = 1.0 / (HOURS * 0.9)
    assert net_.battery_kw[0, 0] == pytest.approx(-charged_kw)
    # what is not charged is not taken from the sun
    assert net_.renewable_kw[0, 0] == pytest.approx(100.0 - (10.0 - charged_kw))
    assert net(stored_kwh, charge_kw, discharge_kw, 2.0)[0].renewable_kw[
        0, 0
    ] == pytest.approx(0.0, abs=1e-6)


def test_never_less_than_planned_never_more_than_fits() -> None:
    generator = np.random.default_rng(1)
    stored_kwh = generator.uniform(0, 200, (200, 1))
    charge_kw = generator.uniform(0, 100, (200, 1))
    discharge_kw = generator.uniform(0, 100, (200, 1)) * (1 - charge_kw / 100)
    _, planned_kwh, after_kwh = net(stored_kwh, charge_kw, discharge_kw, 50.0)
    keeps_limits = (planned_kwh >= 0) & (planned_kwh <= 200)
    assert keeps_limits.sum() > 100
    assert np.all(after_kwh[keeps_limits] >= planned_kwh[keeps_limits] - 1e-9)
    assert np.all(after_kwh[keeps_limits] <= 200 + 1e-9)
