"""The bill of a step by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import small_plant

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.step.bill import Bill
from tieline.opf.restoration.state import first_state


def test_parts_of_the_objective() -> None:
    """All loads at half after 60 %: 10 % went off, 8 % beyond what is free; 150 kW were burnt for a quarter of an hour."""
    plant = small_plant()
    empty = first_state(plant, 1)
    before = replace(empty, served=np.full_like(empty.served, 0.6))
    after = replace(
        empty,
        served=np.full_like(empty.served, 0.5),
        last_kw=np.array([[100.0]]),
        unit_last_kw=np.array([[50.0]]),
    )
    bill = Bill.of_step(plant, RestorationWorldConfig(), before, after)
    load_kwh = 0.25 * plant.load_kw.sum()
    worth = 0.25 * plant.load_kw @ plant.load_weight
    assert worth > 1.5 * load_kwh
    assert bill.restored_kwh == pytest.approx(0.5 * load_kwh)
    assert bill.dropped_kwh == pytest.approx(0.1 * load_kwh)
    assert bill.shed_kwh == pytest.approx(0.08 * load_kwh)
    assert bill.generated_kwh == pytest.approx(37.5)
    expected = 0.5 * worth - 0.05 * 37.5 - 2 * 0.08 * worth
    assert bill.objective == pytest.approx(expected)
