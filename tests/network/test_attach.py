"""Generators attached at named places, and PV beside every load."""

from __future__ import annotations

import pytest

from builders import cut_off, two_bus
from tieline import Network, load_feeder, solve
from tieline.errors import InputError
from tieline.feeders.placing import find_sites
from tieline.network.attach import (
    site_loads,
    with_generators_at,
    with_loads_at,
    with_pv_sites,
)
from tieline.settings.short_texts import parse_ders
from tieline.units import SQRT3


def test_places_become_nodes() -> None:
    units = with_generators_at(
        load_feeder("ieee34"), ("844", "890", "822.1", "834.3.1"), [1.0, 2.0, 3.0, 4.0]
    ).generators
    assert [unit.nodes for unit in units] == [
        (1, 2, 3, 0),
        (1, 2, 3, 0),
        (1, 0),
        (3, 1, 0),
    ]
    assert [unit.rated_kva for unit in units] == [1.0, 2.0, 3.0, 4.0]
    assert [unit.name for unit in units] == ["der_1", "der_2", "der_3", "der_4"]
    assert units[1].kv == pytest.approx(4.16 / SQRT3)


def test_without_ground_a_generator_stands_between_phases() -> None:
    (unit,) = with_generators_at(load_feeder("ieee37"), ("701",), [1.0]).generators
    assert (unit.nodes, unit.connection, unit.kv) == ((1, 2, 3), "delta", 4.8)


def test_a_single_phase_equivalent_has_one_node() -> None:
    (unit,) = with_generators_at(load_feeder("ieee33"), ("18",), [1.0]).generators
    assert (unit.nodes, unit.kv) == ((1, 0), 12.66)


def test_every_place_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError) as caught:
        with_generators_at(
            load_feeder("ieee34"), ("844", "8444", "822.2", "844.1.1"), [1.0] * 4
        )
    message = str(caught.value)
    assert "  Unknown bus '8444' of feeder 'ieee34'. Did you mean" in message
    assert "  Bus '822' has phases 1, not 2. Choose" in message
    assert "  Place '844.1.1' names a phase twice. Name each once." in message
    # the place that can be used is no problem, and no bus is told twice in a line
    assert len(message.splitlines()) == 1 + 3


def test_one_colon_too_many_is_answered_with_the_form() -> None:
    (spec,) = parse_ders("18:600:3")
    with pytest.raises(InputError, match=r"'18:600'.*\n.*PLACE:KW/KVA.*last colon"):
        find_sites(load_feeder("ieee33"), [spec.place])


def test_a_number_is_no_place() -> None:
    with pytest.raises(InputError, match="named by text; got 18"):
        with_generators_at(load_feeder("ieee33"), (18,), [1.0])  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="named by text; got 18"):
        load_feeder("ieee33").bus(18)  # pyright: ignore[reportArgumentType]


def test_one_phase_without_ground_is_refused() -> None:
    with pytest.raises(InputError, match="no ground"):
        with_generators_at(load_feeder("ieee37"), ("701.1",), [1.0])


@pytest.mark.parametrize(
    ("feeder_name", "bus", "expected"),
    [
        ("ieee33", "18", ((1, 0), "wye", 12.66)),
        ("ieee13", "671", ((1, 2, 3, 0), "wye", 4.16 / 3**0.5)),
        ("ieee13", "611", ((3, 0), "wye", 4.16 / 3**0.5)),
        ("ieee37", "725", ((1, 2, 3), "delta", 4.8)),
    ],
)
def test_a_device_uses_all_phases_of_its_bus(
    feeder_name: str, bus: str, expected: tuple
) -> None:
    (site,) = find_sites(load_feeder(feeder_name), [bus])
    assert (site.nodes, site.connection) == expected[:2]
    assert site.kv == pytest.approx(expected[2])


def test_a_place_without_voltage_is_refused() -> None:
    """A device there would count as placed and do nothing."""
    feeder = cut_off(load_feeder("ieee33"), "18")
    with pytest.raises(InputError, match="  Bus '18' has no voltage"):
        find_sites(feeder, ["17", "18"])


def test_a_site_is_connected_as_its_load_and_empty() -> None:
    feeder = load_feeder("ieee13")
    sites = with_pv_sites(feeder).pvs[len(feeder.pvs) :]
    ends = [(load.bus, load.nodes, load.connection, load.kv) for load in feeder.loads]
    assert [(pv.bus, pv.nodes, pv.connection, pv.kv) for pv in sites] == ends
    assert {(pv.rated_kw, pv.inverter_kva) for pv in sites} == {(0.0, 0.0)}


def test_a_feeder_without_load_has_no_site() -> None:
    with pytest.raises(InputError, match="no load that takes power"):
        with_pv_sites(two_bus().replace(loads=()))


def test_a_load_without_voltage_is_no_site() -> None:
    feeder = cut_off(load_feeder("ieee33"), "18")
    assert "18" not in {load.bus for load in site_loads(feeder)}
    assert len(with_pv_sites(feeder).pvs) == len(site_loads(feeder)) == 31


def test_loads_at_places_stand_behind_the_feeders_own_and_take_what_they_are_given():
    feeder = load_feeder("ieee33")
    larger = with_loads_at(feeder, ["18", "33"], [40.0, 10.0], [5.0, 0.0])
    extra = larger.loads[len(feeder.loads) :]
    assert [load.name for load in extra] == ["extra_18", "extra_33"]
    assert larger.peak_load_kw == pytest.approx(feeder.peak_load_kw + 50.0)
    taken_kw = float(solve(Network.from_feeder(larger)).source_kva[0].real)
    before_kw = float(solve(Network.from_feeder(feeder)).source_kva[0].real)
    # the loads themselves, and what they lose on the way
    assert 50.0 < taken_kw - before_kw < 60.0
    with pytest.raises(InputError, match=r"several loads called extra_18"):
        with_loads_at(larger, ["18"], [1.0], [0.0])
