"""The exact program keeps what the cone program relaxes, and ends a little below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from restoration_cases import TERMS, small_plant

from tieline.opf.restoration.exact import ExactProgram
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import first_state


def test_equalities_hold_and_the_cone_program_is_a_bound() -> None:
    plant = small_plant()
    window = WindowProgram(plant, TERMS, 3)
    state = replace(first_state(plant, 1), unit_fuel_kwh=np.array([[150.0]]))
    available_kw = np.full((3, 1), 100.0)
    relaxed = window.solve(state, available_kw)
    exact = ExactProgram(window).solve(state, available_kw)
    assert np.abs(exact.gaps.branch_flow).max() < 1e-7
    assert np.abs(exact.gaps.droop_pu).max() < 1e-8
    assert exact.gaps.overlap_kw.max() < 0.11
    assert relaxed.objective_kwh - 0.5 < exact.objective_kwh
    assert exact.objective_kwh < relaxed.objective_kwh + 1e-3
