"""Positions in a drawing: coordinates kept in shape, unknown ones between their neighbours, buses at one point pulled apart."""

from __future__ import annotations

import dataclasses
import math

import pytest

from builders import random_feeder, single_code, two_bus
from tieline.feeders import library_names, load_feeder
from tieline.feeders.elements import Bus, Line, Source, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.reports.layout import drawing_tree, lay_out


def chain(
    *points: tuple[float, float] | None, switch_after: int | None = None
) -> Feeder:
    """Buses b0, b1, ... in a row of lines, at the points given."""
    buses = [
        Bus(f"b{k}", (1,), 10.0, *(point or (None, None)))
        for k, point in enumerate(points)
    ]
    code = single_code(0.1, 0.1)
    lines = [
        Line(
            f"l{k}", f"b{k}", f"b{k + 1}", (1,), (1,), code, is_switch=k == switch_after
        )
        for k in range(len(points) - 1)
    ]
    source = Source("grid", "b0", (1,), 10.0)
    return Feeder(
        "chain", tuple(buses), (source,), tuple(lines), single_phase_equivalent=True
    )


def test_coordinates_keep_their_shape_and_y_points_up():
    layout = lay_out(chain((0, 0), (30, 0), (30, 20)), width=900)
    assert not layout.is_schematic
    assert layout.points["b0"] == pytest.approx((0, 600))
    assert layout.points["b1"] == pytest.approx((900, 600))
    assert layout.points["b2"] == pytest.approx((900, 0))


def test_tall_feeder_is_shrunk_and_centred():
    layout = lay_out(chain((0, 0), (10, 0), (10, 100)), width=1000)
    assert layout.height == 800
    assert layout.points["b0"] == pytest.approx((460, 800))
    assert layout.points["b2"] == pytest.approx((540, 0))


def test_unknown_buses_are_spaced_evenly_between_known_ones():
    layout = lay_out(chain((0, 0), None, None, (30, 0), (30, 15), (15, 15)), width=900)
    assert layout.points["b1"] == pytest.approx((300, layout.points["b0"][1]))
    assert layout.points["b2"] == pytest.approx((600, layout.points["b0"][1]))


def test_unknown_part_without_any_known_bus_stands_in_the_middle():
    feeder = chain((0, 0), (30, 0), (30, 20))
    feeder = feeder.replace(buses=(*feeder.buses, Bus("lost", (1,), 10.0)))
    x, y = lay_out(feeder, width=900).points["lost"]
    assert 0 < x < 900
    assert 0 < y < 600


def test_few_coordinates_are_not_used():
    layout = lay_out(chain((0, 0), (5, 9), None, None, None), width=1000)
    assert layout.is_schematic
    assert {bus: x for bus, (x, _) in layout.points.items()} == pytest.approx(
        {f"b{k}": 250.0 * k for k in range(5)}
    )
    assert {y for _, y in layout.points.values()} == {0.0}


def test_all_buses_at_one_point_give_a_schematic():
    assert lay_out(chain((3, 3), (3, 3), (3, 3))).is_schematic


def test_bus_at_the_point_of_its_parent_moves_towards_what_it_feeds():
    layout = lay_out(
        chain((0, 0), (50, 0), (50, 0), (100, 0), (100, 40), switch_after=1), width=1000
    )
    (x1, y1), (x2, y2) = layout.points["b1"], layout.points["b2"]
    assert x1 == pytest.approx(500)
    assert 20 < x2 - x1 < 30
    assert y2 == pytest.approx(y1)


def test_ends_at_the_point_of_their_parent_fan_out():
    feeder = chain((0, 0), (50, 0), (50, 30))
    code = single_code(0.1, 0.1)
    extra = [Bus(f"e{k}", (1,), 10.0, 50, 0) for k in range(3)]
    lines = [Line(f"e{k}", "b1", f"e{k}", (1,), (1,), code) for k in range(3)]
    layout = lay_out(
        feeder.replace(buses=(*feeder.buses, *extra), lines=(*feeder.lines, *lines))
    )
    points = [layout.points[name] for name in ("b1", "e0", "e1", "e2")]
    assert all(0 <= x <= 1000 for x, _ in layout.points.values())
    assert all(math.dist(a, b) > 5 for k, a in enumerate(points) for b in points[:k])


def test_open_tie_is_not_part_of_the_tree():
    feeder = chain((0, 0), (1, 0), (2, 0), (3, 1))
    tie = Line("tie", "b0", "b3", (1,), (1,), single_code(0.1, 0.1), closed=False)
    assert drawing_tree(feeder.replace(lines=(*feeder.lines, tie)))["b3"] == "b2"


def test_part_behind_an_open_line_hangs_off_it_and_a_cut_off_part_has_its_own_root():
    feeder = chain((0, 0), (1, 0), (2, 0))
    opened = tuple(dataclasses.replace(line, closed=False) for line in feeder.lines)
    feeder = feeder.replace(
        lines=opened, buses=(*feeder.buses, Bus("lost", (1,), 10.0))
    )
    assert drawing_tree(feeder) == {"b0": None, "b1": "b0", "b2": "b1", "lost": None}


def test_smallest_feeders():
    feeder = two_bus()
    assert set(lay_out(feeder).points) == {"a", "b"}
    assert set(
        lay_out(feeder.replace(buses=feeder.buses[:1], lines=(), loads=())).points
    ) == {"a"}


@pytest.mark.parametrize("name", library_names())
def test_every_bus_of_a_bundled_feeder_has_its_own_place_inside(name: str):
    feeder = load_feeder(name)
    layout = lay_out(feeder, width=1000)
    assert set(layout.points) == {bus.name for bus in feeder.buses}
    assert len({(round(x, 1), round(y, 1)) for x, y in layout.points.values()}) == len(
        feeder.buses
    )
    assert all(
        -1e-6 <= x <= 1000 + 1e-6 and -1e-6 <= y <= layout.height + 1e-6
        for x, y in layout.points.values()
    )


@pytest.mark.parametrize("seed", range(3))
def test_meshed_feeder_is_laid_out(seed: int):
    feeder = random_feeder(seed, 50, n_loops=5)
    layout = lay_out(feeder)
    assert layout.is_schematic
    assert len(set(layout.points.values())) == 50


def test_transformer_between_buses_at_nearly_one_point_gets_room():
    feeder = chain((0, 0), (50, 0), (50.01, 0), (100, 30))
    windings = tuple(Winding(bus, (1, 0), "wye", 10.0, 100.0) for bus in ("b1", "b2"))
    transformer = Transformer("t", 1, windings, (4.0,))
    with_line, with_device = (
        feeder,
        feeder.replace(
            lines=(feeder.lines[0], feeder.lines[2]), transformers=(transformer,)
        ),
    )
    near, apart = (
        math.dist(layout.points["b1"], layout.points["b2"])
        for layout in (lay_out(with_line), lay_out(with_device))
    )
    assert near < 1 < 20 < apart
