"""The conventional rule by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.devices import Batteries
from tieline.studies.battery.ways.conventional import conventional

ONE = Batteries(
    ("b",), *(np.array([value]) for value in (10.0, 10.0, 10.0, 4.0, 18.0, 0.9, 0.9))
)


def test_charges_from_the_first_surplus_and_serves_the_highest_loads_after_it() -> None:
    surplus = np.array([-5.0, 3.0, 20.0, 20.0, -2.0, -8.0, -6.0])[:, None]
    done = conventional(ONE, np.array([4.0]), surplus, np.zeros(7, dtype=np.int64), 1.0)
    # 14 kWh of room take 15.56 at the terminal: 3, 10 and the rest; 12.6 kWh come back: 8 and 4.6 at the two highest loads
    assert done.charge_kw[:, 0] == pytest.approx([0, 3, 10, 14 / 0.9 - 13, 0, 0, 0])
    assert done.discharge_kw[:, 0] == pytest.approx([0, 0, 0, 0, 0, 8, 14 * 0.9 - 8])
    assert done.stored_kwh[-1, 0] == pytest.approx(4.0)


def test_every_day_begins_anew() -> None:
    surplus = np.tile([20.0, -50.0], 2)[:, None]
    done = conventional(ONE, np.array([4.0]), surplus, np.array([0, 0, 1, 1]), 1.0)
    assert done.charge_kw[:, 0] == pytest.approx([10.0, 0.0, 10.0, 0.0])
    assert done.discharge_kw[:, 0] == pytest.approx([0.0, 8.1, 0.0, 8.1])
