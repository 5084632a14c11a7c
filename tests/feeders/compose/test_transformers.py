"""The joining transformer, against a circuit worked out by hand."""

from __future__ import annotations

import pytest

from builders import two_bus
from tieline import Network, solve
from tieline.feeders.compose import Composition, join_parts
from tieline.feeders.elements import Bus, Load, Source
from tieline.feeders.feeder import Feeder


def behind_transformer(**transformer: object) -> Feeder:
    """One load of 200 kW and 60 kvar at 0.48 kV, its transformer at an ideal source of 12.66 kV."""
    part = Feeder(
        name="point",
        buses=(Bus("p", (1,), 0.48),),
        sources=(Source("grid", "p", (1,), 0.48),),
        loads=(Load("load", "p", (1, 0), "wye", 0.48, 200.0, 60.0),),
        single_phase_equivalent=True,
    )
    asked = Composition(
        host="unread",
        part=({"name": "mg", "feeder": "unread", "host_bus": "a"},),  # type: ignore[arg-type]
        transformer={"kva": 315.0, "r_pct": 1.1, "x_pct": 5.0} | transformer,  # type: ignore[arg-type]
    )
    return join_parts(two_bus(p_kw=0.0, q_kvar=0.0), [part], asked)


@pytest.mark.parametrize("tap", [1.0, 1.05, 0.85])
def test_voltage_behind_it(tap: float):
    solution = solve(Network.from_feeder(behind_transformer(tap=tap)))
    # per unit of 315 kVA and of the voltage behind the tap: v = 1 / tap - z i with i = conj(s / v)
    v = solution.v_pu[0, -1]
    current = ((200 + 60j) / 315 / v).conjugate()
    assert v == pytest.approx(1 / tap - (0.011 + 0.05j) * current, abs=1e-8)
    loss_kw = abs(current) ** 2 * 0.011 * 315
    assert solution.loss_kw[0] == pytest.approx(loss_kw, rel=1e-6)


def test_loading_is_measured_against_its_rating():
    composed = behind_transformer(rating_kva=250.0)
    table = solve(Network.from_feeder(composed)).branch_table().set_index("name")
    loading_pct = table.loc["mg_pcc", "loading_kva_pct"]
    assert loading_pct == pytest.approx(abs(200 + 60j) / 250 * 100, rel=0.03)
