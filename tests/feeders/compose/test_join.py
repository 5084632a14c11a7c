"""One feeder of several: it solves as its parts do, each with what the others do at its border held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from villages import lateral, village

from tieline import Network, load_feeder, solve
from tieline.feeders import load_tables, save_tables
from tieline.feeders.compose import Composition, join_parts
from tieline.feeders.elements import CurrentSource, Load
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.powerflow import Solution

KVA_400 = {"kva": 400.0, "r_pct": 1.2, "x_pct": 4.0}


def composition(*parts: dict, **values: object) -> Composition:
    """A composition of an unread host; what a part does not state is a village at bus 47."""
    usual = {"feeder": "unread", "host_bus": "47"}
    stated = {"transformer": KVA_400} | values
    return Composition(host="unread", part=[usual | part for part in parts], **stated)  # type: ignore[arg-type]


def three_villages() -> tuple[Feeder, Feeder]:
    """IEEE 123 with a village at each of three buses, and the village."""
    feeder = village()
    asked = composition(
        {"name": "north"},
        {"name": "west", "host_bus": "76"},
        {
            "name": "south",
            "host_bus": "300",
            "transformer": KVA_400 | {"connection": "delta-wye"},
        },
        name="villages",
    )
    return join_parts(load_feeder("ieee123"), [feeder] * 3, asked), feeder


def voltages(solution: Solution, bus: str) -> np.ndarray:
    """Phasors at the nodes of a bus [pu]."""
    names = solution.network.node_names
    nodes = [k for k, name in enumerate(names) if name.rpartition(".")[0] == bus]
    return solution.v_pu[0, nodes]


def power_into(solution: Solution, transformer: str) -> np.ndarray:
    """Power into each conductor of a transformer's first terminal [kVA]."""
    network = solution.network
    element = network.elements.index(("transformer", transformer))
    terminals = network.terminals
    is_first = (terminals.element == element) & (terminals.side == 1)
    return solution.terminal_kva[0, is_first]


@pytest.mark.parametrize("name", ["north", "south"])
def test_part_alone_at_the_voltage_of_its_border_has_the_same_voltages(name: str):
    composed, feeder = three_villages()
    whole = solve(Network.from_feeder(composed))
    border = voltages(whole, f"{name}_station")
    source = feeder.source
    held = feeder.replace(
        sources=(type(source)(source.name, source.bus, source.nodes, source.kv_ll),)
    )
    turned = border * np.exp(2j * np.pi / 3 * np.arange(3))
    alone = solve(Network.from_feeder(held), source_pu=turned[None])
    for bus in ("end", "roof"):
        joined = voltages(whole, f"{name}_{bus}")
        np.testing.assert_allclose(voltages(alone, bus), joined, atol=1e-9)


def test_host_alone_with_the_power_of_its_border_has_the_same_voltages():
    composed, _ = three_villages()
    whole = solve(Network.from_feeder(composed), controls="off")
    host = load_feeder("ieee123")
    kv_ln = host.bus("47").kv_ll / 3**0.5
    loads = []
    for name, bus in (("north", "47"), ("west", "76")):
        for phase, kva in enumerate(power_into(whole, f"{name}_pcc"), start=1):
            load = Load(
                f"{name}{phase}", bus, (phase, 0), "wye", kv_ln, kva.real, kva.imag
            )
            loads.append(load)
    asked = composition(
        {
            "name": "south",
            "host_bus": "300",
            "transformer": KVA_400 | {"connection": "delta-wye"},
        }
    )
    rest = join_parts(host.replace(loads=(*host.loads, *loads)), [village()], asked)
    alone = solve(Network.from_feeder(rest), controls="off")
    for bus in ("47", "76", "149", "south_end"):
        np.testing.assert_allclose(
            voltages(alone, bus), voltages(whole, bus), atol=1e-9
        )


def test_power_balances():
    composed, _ = three_villages()
    solution = solve(Network.from_feeder(composed))
    bought = solution.source_kva.sum()
    used = solution.load_kva.sum() - solution.der_kva.sum()
    lost = solution.loss_kw[0] + 1j * solution.loss_kvar[0]
    assert bought.real == pytest.approx((used + lost).real, abs=1e-5)
    assert composed.peak_load_kw == pytest.approx(3490.0 + 3 * 19.0)


def test_composed_feeder_is_kept_as_tables(tmp_path: Path):
    composed, _ = three_villages()
    save_tables(composed, tmp_path / "kept")
    assert load_tables(tmp_path / "kept") == composed
    assert load_feeder(tmp_path / "kept") == composed


def test_each_bus_keeps_its_voltage_base_and_a_delta_turns_the_phases():
    composed, _ = three_villages()
    assert composed.bus("47").kv_ll == 4.16
    assert composed.bus("north_roof").kv_ll == 0.4
    solution = solve(Network.from_feeder(composed), load_scale=0.0)
    straight = voltages(solution, "north_station") / voltages(solution, "47")
    turned = voltages(solution, "south_station") / voltages(solution, "300")
    # wye to wye keeps the angle; from delta to a wye of lower voltage it lags by 30 degrees
    assert np.degrees(np.angle(straight)) == pytest.approx([0.0] * 3, abs=0.3)
    assert np.degrees(np.angle(turned)) == pytest.approx([-30.0] * 3, abs=0.5)


def test_regulators_of_host_and_part_go_on_regulating():
    """IEEE 13 behind a transformer of its own at a bus of IEEE 123."""
    host, part = load_feeder("ieee123"), load_feeder("ieee13")
    asked = composition(
        {
            "name": "town",
            "host_bus": "149",
            "transformer": {"kva": 5000.0, "r_pct": 1.0, "x_pct": 6.0},
        }
    )
    composed = join_parts(host, [part], asked)
    names = [regulator.name for regulator in composed.regulators]
    assert names[-3:] == ["town_reg1", "town_reg2", "town_reg3"]
    assert composed.regulators[-1].transformer == "town_reg3"
    network = Network.from_feeder(composed)
    free = solve(network)
    held = solve(network, controls="off")
    assert (free.taps[0, -3:] != held.taps[0, -3:]).all()
    assert free.converged.all()


def test_part_joins_a_part():
    asked = composition(
        {"name": "town"}, {"name": "farm", "host_bus": "town_end", "feeder": "x"}
    )
    composed = join_parts(load_feeder("ieee123"), [village(), village()], asked)
    farm = next(one for one in composed.transformers if one.name == "farm_pcc")
    assert [winding.bus for winding in farm.windings] == ["town_end", "farm_station"]


@pytest.mark.parametrize(("phases", "units"), [((2,), 1), ((3, 1), 2)])
def test_parts_of_one_and_two_phases(phases: tuple[int, ...], units: int):
    asked = composition({"name": "row", "transformer": {"kva": 50.0}})
    composed = join_parts(load_feeder("ieee123"), [lateral(phases)], asked)
    added = [one for one in composed.transformers if one.name.startswith("row_")]
    assert [one.windings[0].kva for one in added] == [50.0 / units] * units
    solution = solve(Network.from_feeder(composed))
    drawn = sum(power_into(solution, one.name).sum() for one in added)
    assert drawn.real == pytest.approx(5.0 * units, rel=0.02)


def test_phase_of_the_host_may_have_another_number():
    asked = composition({"name": "row", "host_phases": (3,), "host_bus": "5"})
    composed = join_parts(load_feeder("ieee123"), [lateral((1,))], asked)
    first, second = composed.transformers[-1].windings
    assert (first.bus, first.nodes) == ("5", (3, 0))
    assert (second.bus, second.nodes) == ("row_a", (1, 0))


def test_load_is_scaled_with_its_power_factors():
    asked = composition({"name": "town", "load_kw": 38.0})
    composed = join_parts(load_feeder("ieee123"), [village()], asked)
    loads = {load.name: load for load in composed.loads}
    assert loads["town_house1"].p_kw == pytest.approx(18.0)
    assert loads["town_house3"].q_kvar == pytest.approx(3.6)
    assert loads["s1a"] in load_feeder("ieee123").loads


def test_source_voltage_is_set_and_dropped_sources_are_named():
    asked = composition({"name": "town"}, source_v_pu=1.02)
    composed = join_parts(load_feeder("ieee123"), [village()], asked)
    assert composed.source.v_pu == 1.02
    (note,) = [one for one in composed.notes if one.code == "COMPOSE.SOURCE_DROPPED"]
    assert "source 'grid' of feeder 'village' (0.4 kV, 1 pu, behind 0.01" in str(note)
    assert "transformer 'town_pcc' feeds bus 'station'" in str(note)


FAULTS = [
    (
        {"host_bus": "4711"},
        "HOST_BUS_UNKNOWN",
        "Unknown bus '4711' of feeder 'ieee123'",
    ),
    ({"bus": "centre"}, "BUS_UNKNOWN", "Unknown bus 'centre' of feeder 'village'"),
    ({"host_bus": "2"}, "PHASE_MISSING", "bus '2' has phase 2, .* phases 1 and 3"),
    ({"host_phases": (1, 2)}, "PHASES", "host_phases are 1 and 2, for phases 1, 2"),
    ({"host_phases": (1, 2, 2)}, "PHASES", "each once"),
    ({"frequency_hz": 50.0}, "FREQUENCY", "ohms at 50 Hz, those of the host .* 60 Hz"),
]


@pytest.mark.parametrize(("values", "code", "message"), FAULTS)
def test_what_cannot_be_joined_is_named(values: dict, code: str, message: str):
    asked = composition({"name": "town"} | values)
    with pytest.raises(FeederError, match=message) as caught:
        join_parts(load_feeder("ieee123"), [village()], asked)
    assert [one.code for one in caught.value.findings] == [f"COMPOSE.{code}"]


def test_all_that_cannot_be_joined_is_named_at_once():
    delta = {"kva": 50.0, "connection": "delta-wye"}
    asked = composition(
        {"name": "town", "host_bus": "4711"},
        {"name": "farm", "host_bus": "town_end"},  # hangs on what is refused
        {"name": "row", "host_bus": "2", "transformer": delta},
        {"name": "town"},
        {"name": "hill", "load_kw": 5.0},
        transformer=None,
    )
    idle = village().replace(loads=())
    feeders = [village(), village(), lateral((2,)), village(), idle]
    with pytest.raises(FeederError) as caught:
        join_parts(load_feeder("ieee123"), feeders, asked)
    codes = [(one.component, one.code[8:]) for one in caught.value.findings]
    assert codes == [
        ("part town", "NAME_TWICE"),
        ("part town", "TRANSFORMER_MISSING"),
        ("part town", "HOST_BUS_UNKNOWN"),
        ("part row", "CONNECTION"),
        ("part hill", "TRANSFORMER_MISSING"),
        ("part hill", "NO_LOAD"),
    ]


def test_single_phase_equivalent_and_three_phases_do_not_mix():
    asked = composition({"name": "town", "host_bus": "12", "frequency_hz": 50.0})
    with pytest.raises(FeederError, match="'ieee33' is a single-phase equivalent"):
        join_parts(load_feeder("ieee33"), [village()], asked)


def test_names_that_meet_are_refused():
    host = load_feeder("ieee123")
    last = host.buses[-1]
    meeting = type(last)("town_end", last.phases, last.kv_ll)
    asked = composition({"name": "town"})
    with pytest.raises(FeederError, match="bus town_end of the part would have"):
        join_parts(host.replace(buses=(*host.buses, meeting)), [village()], asked)


def test_other_load_model_is_noted():
    part = village().replace(load_model="opendss-band")
    composed = join_parts(load_feeder("ieee123"), [part], composition({"name": "town"}))
    assert "COMPOSE.LOAD_MODEL" in [note.code for note in composed.notes]


def test_a_current_source_of_a_part_is_noted():
    """Its angle counted from the part's own source, which is dropped."""
    bus = village().source.bus
    part = village().replace(current_sources=(CurrentSource("k", bus, (1,), 5.0),))
    composed = join_parts(load_feeder("ieee123"), [part], composition({"name": "town"}))
    assert "COMPOSE.CURRENT_ANGLES" in [note.code for note in composed.notes]
    (source,) = composed.current_sources
    assert (source.name, source.bus) == ("town_k", f"town_{bus}")
