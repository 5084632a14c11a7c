"""Tables of a solution hold its arrays, each row at the element that it names."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.powerflow import solve

FEEDER = load_feeder("ieee13").with_pv("671", 300, kvar=30)
# the third has no answer
SOLUTION = solve(FEEDER, load_kw={"671": [100, 500, 1e8]})


def test_voltages_by_name() -> None:
    table = SOLUTION.voltages()
    assert list(table.columns) == [
        "scenario",
        "node",
        "bus",
        "phase",
        "v_pu",
        "angle_deg",
        "v_kv",
    ]
    assert len(table) == 3 * SOLUTION.network.n_nodes
    row = table[(table.scenario == 1) & (table.node == "634.2")].iloc[0]
    (node,) = SOLUTION.network.nodes("634.2")
    assert (row.bus, row.phase) == ("634", 2)
    assert row.v_pu * np.exp(1j * np.radians(row.angle_deg)) == pytest.approx(
        SOLUTION.v_pu[1, node]
    )
    assert row.v_kv == pytest.approx(row.v_pu * 0.48 / 3**0.5)
    assert table[table.scenario == 2].v_pu.isna().all()


def test_wide_voltages_are_the_long_ones() -> None:
    wide = SOLUTION.voltages(wide=True)
    long = SOLUTION.voltages().pivot(index="scenario", columns="node", values="v_pu")
    assert (wide.columns == long.columns).all()
    np.testing.assert_array_equal(wide.to_numpy(), long.to_numpy())


def test_one_scenario_of_the_branches_is_its_branch_table() -> None:
    table = SOLUTION.branches()
    second = table[table.scenario == 1].drop(columns="scenario").reset_index(drop=True)
    # a loss is a small difference of powers of thousands of kVA
    np.testing.assert_allclose(
        second.drop(columns=["kind", "name"]).to_numpy(float),
        SOLUTION.branch_table(1).drop(columns=["kind", "name"]).to_numpy(float),
        atol=1e-6,
    )
    assert table[table.scenario == 0].loss_kw.sum() == pytest.approx(
        SOLUTION.loss_kw[0]
    )


def test_devices_with_the_power_that_they_have() -> None:
    loads = SOLUTION.loads()
    row = loads[(loads.scenario == 1) & (loads.name == "671")]
    assert row.p_kw.item() == pytest.approx(500)
    ders = SOLUTION.ders()
    assert list(ders.columns) == ["scenario", "kind", "name", "bus", "p_kw", "q_kvar"]
    assert ders[ders.scenario == 0].iloc[0].tolist() == [
        0,
        "pv",
        "pv_671",
        "671",
        pytest.approx(300),
        pytest.approx(30),
    ]


def test_totals_balance() -> None:
    totals = SOLUTION.totals()
    assert totals.outcome.tolist() == ["converged", "converged", "diverged"]
    solved = totals[:2]
    supply_kw = solved.source_kw + solved.der_kw
    assert supply_kw.tolist() == pytest.approx(
        (solved.load_kw + solved.loss_kw).tolist(), abs=1e-2
    )
    assert totals.v_min_pu[0] == SOLUTION.vm_pu[0].min()
    assert totals.drop(columns=["scenario", "outcome"])[2:].isna().all(axis=None)


def test_dead_nodes_have_no_lowest_voltage() -> None:
    (switch,) = FEEDER.switches
    totals = FEEDER.with_switch(switch.name, closed=False).solve().totals()
    assert totals.v_min_pu[0] > 0.9


def test_feeder_without_devices_has_empty_tables() -> None:
    solution = load_feeder("ieee33").replace(loads=()).solve()
    assert solution.loads().empty
    assert solution.ders().empty
    assert solution.totals().load_kw.item() == 0


def test_notebook_shows_totals() -> None:
    page = SOLUTION._repr_html_()
    assert "3 scenarios: 2 converged, 1 diverged" in page
    assert page.count("<tr") == 1 + 3


def test_scenario_that_does_not_exist() -> None:
    with pytest.raises(InputError, match=r"Scenario 3 does not exist; .*0 to 2"):
        SOLUTION.branch_table(3)
