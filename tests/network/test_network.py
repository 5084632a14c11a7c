"""Which conductors belong to what, on two buses by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, FeederError, load_feeder
from tieline.feeders.elements import Bus, Load, Pv, Source
from tieline.network import Network
from tieline.powerflow import solve


def test_conductors_by_kind() -> None:
    network = Network.from_feeder(two_bus())
    assert network.is_kind("line").tolist() == [True, True]
    assert network.is_kind("source", "transformer").tolist() == [False, False]
    assert network.first_ends.tolist() == [0]
    assert network.held_nodes.tolist() == [0]


def test_admittances_of_all_kinds_add_up() -> None:
    network = Network.from_feeder(random_feeder(0, 8))
    state = network.states.as_feeder
    lines, rest = (
        network.nodal_admittance_of(state, "line"),
        network.nodal_admittance_of(state, "source", "capacitor"),
    )
    assert (lines + rest).toarray() == pytest.approx(
        network.nodal_admittance(state).toarray()
    )
    assert np.abs(lines.toarray()).max() > 0
    assert len(network.held_nodes) == 0  # its source stands behind an impedance


def with_moved_load(bus: str) -> Feeder:
    """IEEE 13 with the three-phase load of bus 671 at another bus."""
    feeder = load_feeder("ieee13")
    loads = tuple(
        replace(load, bus=bus) if load.name == "671" else load for load in feeder.loads
    )
    return feeder.replace(loads=loads)


def test_a_load_at_an_unknown_bus_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(
        FeederError,
        match=r"Load '671' is on bus '67l'\. Unknown bus '67l'\. Did you mean '67\d' or",
    ):
        Network.from_feeder(with_moved_load("67l"))
    with pytest.raises(FeederError, match=r"Unknown bus 'nowhere'\. Known: 611, 632, "):
        Network.from_feeder(with_moved_load("nowhere"))


def test_a_load_on_phases_that_its_bus_lacks_is_refused() -> None:
    with pytest.raises(
        FeederError, match="uses phases 1 and 2, but bus '611' has phase 3"
    ):
        Network.from_feeder(with_moved_load("611"))


def test_pv_on_a_missing_phase_and_at_an_unknown_bus_are_named_together() -> None:
    ders = (
        Pv("roof", "85", (1, 2, 3, 0), "wye", 2.4, 9.0, 9.0),
        Pv("barn", "999", (1, 2, 3, 0), "wye", 2.4, 9.0, 9.0),
    )
    with pytest.raises(FeederError) as raised:
        Network.from_feeder(load_feeder("ieee123").replace(pvs=ders))
    assert {finding.code for finding in raised.value.findings} == {
        "PV.PHASE_MISSING",
        "PV.BUS_UNKNOWN",
    }


def test_notes_found_on_the_way_go_with_the_feeder() -> None:
    feeder = two_bus()
    odd = feeder.replace(loads=(replace(feeder.loads[0], kv=7.3),))
    assert [note.code for note in Network.from_feeder(odd).feeder.notes] == [
        "LOAD.KV_MISMATCH"
    ]


def test_what_is_no_feeder_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"A str is no Feeder\. Read it first: load_feeder\('ieee13'\)"
    ):
        Network.from_feeder("ieee13")  # type: ignore[arg-type]


@pytest.mark.parametrize("x1_ohm", [0.0, 0.1])
def test_one_bus_and_a_load_at_the_source(x1_ohm: float) -> None:
    bus, source = (
        Bus("a", (1, 2, 3), 4.16),
        Source("grid", "a", (1, 2, 3), 4.16, x1_ohm=x1_ohm, x0_ohm=x1_ohm),
    )
    feeder = Feeder(
        "dot",
        (bus,),
        (source,),
        loads=(Load("load", "a", (1, 2, 3, 0), "wye", 2.4, 90.0, 30.0),),
    )
    solution = solve(Network.from_feeder(feeder))
    assert solution.source_kva[0] == pytest.approx(90 + 30j)
    assert np.isnan(solution.loading_pct).all()
    assert np.isnan(solution.loading_kva_pct).all()
    assert solution.branch_table().empty


def test_one_bus_and_nothing_else() -> None:
    feeder = Feeder("dot", (Bus("a", (1,), 4.16),), (Source("grid", "a", (1,), 4.16),))
    assert solve(Network.from_feeder(feeder)).v_pu[0].tolist() == [1.0]


def test_two_circuits_in_one_line_halve_its_impedance() -> None:
    """Both conductors end at one node on either side."""
    feeder = two_bus()
    line = feeder.lines[0]
    r, x = line.code.r_ohm_per_km[0][0], line.code.x_ohm_per_km[0][0]
    resistance = ((r, 0.0), (0.0, r))
    reactance = ((x, 0.0), (0.0, x))
    code = replace(
        line.code,
        r_ohm_per_km=resistance,
        x_ohm_per_km=reactance,
        c_nf_per_km=((0.0, 0.0), (0.0, 0.0)),
    )
    double = feeder.replace(
        lines=(replace(line, from_nodes=(1, 1), to_nodes=(1, 1), code=code),)
    )
    halved = two_bus(r_ohm=r / 2, x_ohm=x / 2)
    assert solve(Network.from_feeder(double)).v_pu == pytest.approx(
        solve(Network.from_feeder(halved)).v_pu, abs=1e-9
    )
