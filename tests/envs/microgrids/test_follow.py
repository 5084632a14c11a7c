"""What devices follow, and how far a wish is beyond what they can do."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import WindowStart


def wish_of(plant: Plant, battery_kw: float, generator_kw: list[float]) -> SetPoints:
    """The same in every microgrid, Q of 1000 kvar."""
    shape = (1, len(generator_kw), 15)
    der_kw = np.zeros(shape)
    der_kw[..., plant.battery_ders] = battery_kw
    der_kw[..., plant.generator_ders] = np.array(generator_kw)[:, None]
    return SetPoints(der_kw, np.full(shape, 1000.0))


def start_at(stored_kwh: float, last_kw: float) -> WindowStart:
    """All batteries and generators alike."""
    return WindowStart(
        np.full((1, 5), stored_kwh), np.full((1, 5), last_kw), np.ones((1, 5))
    )


def test_by_hand(plant: Plant) -> None:
    limits = DeviceLimits.of(plant, 0.25)
    wish = wish_of(plant, -120.0, [400.0, 400.0, 0.0])
    start = start_at(330.0, 100.0)

    done = followed(limits, wish, start)

    # ramps of 150 kW, at most 300 kW
    generator_kw = done.der_kw[0, :, plant.generator_ders[0]]
    assert generator_kw == pytest.approx([250, 300, 150])
    # 100 kW for a quarter of an hour put 23.75 kWh in; the room is 30 kWh
    battery_kw = done.der_kw[0, :, plant.battery_ders[0]]
    assert battery_kw == pytest.approx([-100, -6.25 / 0.25 / 0.95, 0])
    # of 360.6 kVA beside 250 kW there would be 259.8 kvar; the feeder states 200. Of 220 kVA of PV by night all
    assert done.der_kvar[0, 0, plant.generator_ders[0]] == pytest.approx(200.0)
    assert done.der_kvar[0, 0, plant.pv_ders[0]] == pytest.approx(220.0)
    assert done.der_kvar[0, 0, plant.battery_ders[0]] == pytest.approx(100.0)


def test_what_devices_follow_is_never_beyond_their_limits(plant: Plant) -> None:
    limits = DeviceLimits.of(plant, 0.25)
    random = np.random.default_rng(0)
    shape = (50, 4, 15)
    wish = SetPoints(random.normal(0, 300, shape), random.normal(0, 300, shape))
    wish.der_kw[..., plant.pv_ders] = random.uniform(0, 190, (50, 4, 5))
    start = WindowStart(
        random.uniform(40, 360, (50, 5)),
        random.uniform(0, 300, (50, 5)),
        np.ones((50, 5)),
    )

    done = followed(limits, wish, start)

    before = limits.excess(wish.der_kw, wish.der_kvar, start.stored_kwh, start.last_kw)
    after = limits.excess(done.der_kw, done.der_kvar, start.stored_kwh, start.last_kw)
    assert before.max() > 1.0
    assert after.max() < 1e-9


def test_excess_by_hand(plant: Plant) -> None:
    limits = DeviceLimits.of(plant, 0.25)
    wish = wish_of(plant, -120.0, [400.0, 400.0])
    wish.der_kvar[:] = 0.0

    excess = limits.excess(wish.der_kw, wish.der_kvar, *_state(start_at(355.0, 100.0)))

    # 400 kW after 100 passes a ramp of 150 by 150 kW, then 300 kW by 100, each of a rating of 300 kW
    assert excess[0, :, plant.generator_ders[0]] == pytest.approx([0.5, 1 / 3])
    # 28.5 kWh a step on 355 of at most 360 kWh: 23.5 too much in a quarter of an hour are 94 kW of 100, then 208 kW
    assert excess[0, :, plant.battery_ders[0]] == pytest.approx([0.94, 2.08])


def _state(start: WindowStart) -> tuple[np.ndarray, np.ndarray]:
    return start.stored_kwh, start.last_kw
