"""A storage that follows a wish: energy is kept, limits hold, and idling costs what the file states."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.devices.storage_course import storage_course
from tieline.feeders.elements import Storage

BATTERY = Storage(
    "s",
    "b",
    (1, 0),
    "wye",
    2.4,
    rated_kw=50.0,
    energy_kwh=100.0,
    inverter_kva=50.0,
    stored_kwh=60.0,
    reserve_kwh=20.0,
    efficiency_charge=0.9,
    efficiency_discharge=0.8,
    idling_kw=1.0,
)


def test_idle_takes_its_loss_from_the_grid_and_keeps_its_energy() -> None:
    course = storage_course(BATTERY, np.zeros(3), 0.5)
    assert course.p_kw.tolist() == [-1.0] * 3
    assert course.stored_kwh.tolist() == [60.0] * 3


def test_terminals_show_the_wish_and_the_loss_comes_out_of_the_store() -> None:
    course = storage_course(BATTERY, np.array([7.0, -10.0]), 1.0)
    np.testing.assert_allclose(course.p_kw, [7.0, -10.0])
    after_discharge = 60.0 - (7.0 + 1.0) / 0.8
    after_charge = after_discharge + (10.0 - 1.0) * 0.9
    np.testing.assert_allclose(course.stored_kwh, [after_discharge, after_charge])


def test_an_empty_one_gives_what_is_left_and_then_idles() -> None:
    course = storage_course(BATTERY, np.full(3, 50.0), 0.5)
    # 40 kWh above the reserve are 32 kWh at its terminals, the loss of an hour among them
    assert course.stored_kwh.tolist() == pytest.approx([28.125, 20.0, 20.0])
    given_kwh = 0.5 * (course.p_kw[:2] + 1.0).sum()
    assert given_kwh == pytest.approx(40.0 * 0.8)
    assert course.p_kw[2] == -1.0


def test_a_full_one_takes_no_more_than_it_holds() -> None:
    course = storage_course(BATTERY, np.full(4, -200.0), 1.0)
    assert course.p_kw[0] == -50.0 or course.stored_kwh[0] == 100.0
    assert course.stored_kwh[-1] == pytest.approx(100.0)
    assert course.p_kw[-1] == -1.0
