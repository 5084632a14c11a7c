"""What DERs inject when some of them are set and the others stay at their snapshot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders.elements import Generator, Pv, Storage
from tieline.network import Network
from tieline.network.devices import DeviceTable, der_rows


def devices() -> DeviceTable:
    """A PV system that gives 3 kW and 1 kvar, a storage that charges 2 kW, a generator that gives 5 kW."""
    feeder = two_bus()
    end = ("b", feeder.loads[0].nodes, "wye", feeder.loads[0].kv)
    pv = Pv("pv", *end, rated_kw=4.0, inverter_kva=4.0, p_kw=3.0, q_kvar=1.0)
    storage = Storage("storage", *end, rated_kw=4.0, energy_kwh=8.0, inverter_kva=4.0)
    charging = replace(storage, p_charge_kw=2.0, stored_kwh=4.0)
    generator = Generator("generator", *end, rated_kva=6.0, p_kw=5.0)
    with_ders = feeder.replace(pvs=(pv,), storages=(charging,), generators=(generator,))
    return Network.from_feeder(with_ders).devices


def test_injection_in_the_snapshot_is_that_of_pv_storages_and_generators() -> None:
    assert devices().der_kw == pytest.approx([3.0, -2.0, 5.0])
    assert devices().der_kvar == pytest.approx([1.0, 0.0, 0.0])


def test_set_columns_are_replaced_and_the_others_stay() -> None:
    rows = der_rows(devices().der_kw, slice(0, 1), np.array([[0.0], [1.0]]))
    assert rows == pytest.approx(np.array([[0.0, -2.0, 5.0], [1.0, -2.0, 5.0]]))


def test_rows_of_every_scenario_are_not_changed_in_place() -> None:
    before = np.arange(6.0).reshape(2, 3)
    rows = der_rows(before, np.array([2]), np.array([[9.0], [9.0]]))
    assert rows == pytest.approx(np.array([[0.0, 1.0, 9.0], [3.0, 4.0, 9.0]]))
    assert before[0, 2] == 2.0
